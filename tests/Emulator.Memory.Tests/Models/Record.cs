namespace Emulator.Memory.Tests.Models;

/// <summary>Writes down what an observer of a simulated memory is told, and holds each event against what is always kept.</summary>
/// <remarks>
/// It knows what the whole of memory was at each moment, what each initiator has waiting and what it has seen; the fences it
/// is told of by whoever issues them. The first breach is kept, as an observer must not throw.
/// </remarks>
internal sealed class Record(MemoryModel model, int bytes) : ISimulationObserver
{
    private readonly Lock _lock = new();
    private readonly List<byte[]> _moments = [new byte[bytes]];
    private readonly Dictionary<Initiator, Side> _sides = [];

    /// <summary>The first thing that was wrong.</summary>
    public string? Breach { get; private set; }

    /// <summary>How many loads took a value that was not the newest, a store of their own, or overtook an older store.</summary>
    public (int Stale, int Own, int Overtaking) Seen { get; private set; }

    /// <summary>Every message that arrived, by its data.</summary>
    public List<ulong> Messages { get; } = [];

    /// <summary>The moment.</summary>
    public long Now
    {
        get
        {
            lock (_lock)
            {
                return _moments.Count - 1;
            }
        }
    }

    /// <summary>What is visible.</summary>
    public ReadOnlySpan<byte> Memory => _moments[^1];

    /// <summary>How many stores of all wait.</summary>
    public int Waiting => _sides.Values.Sum(side => side.Waiting.Count);

    /// <summary>A fence has been issued.</summary>
    /// <param name="who">By whom.</param>
    /// <param name="fence">Which.</param>
    /// <param name="began">The moment at which it was called.</param>
    public void Fenced(Initiator who, DmaFence fence, long began)
    {
        lock (_lock)
        {
            var side = Of(who);
            side.Epoch += fence is DmaFence.StoreStore or DmaFence.Release or DmaFence.Full ? 1 : 0;
            side.Floor = fence is DmaFence.LoadLoad or DmaFence.Full ? Math.Max(side.Floor, began) : side.Floor;
            Hold(fence != DmaFence.Full || side.Waiting.Count == 0, "stores wait behind a full fence", who);
        }
    }

    public void Loaded(Initiator initiator, ulong physical, int size, ulong value, long stamp, bool isOwn)
    {
        lock (_lock)
        {
            var side = Of(initiator);
            if (!Hold(stamp >= 0 && stamp < _moments.Count, $"a load from moment {stamp}, which is not past", initiator))
            {
                return;
            }

            var at = (int)physical;
            var seen = Word(_moments[(int)stamp], at, size);
            var own = false;
            foreach (var store in side.Waiting.Where(w => !w.IsMessage && w.At < at + size && at < w.At + w.Size))
            {
                own = true;
                Put(ref seen, at, size, store);
            }

            Hold(own == isOwn, $"a load of {size} bytes at {at} says {isOwn} of having seen own stores", initiator);
            Hold(value == seen, $"a load of {size} bytes at {at} took {value:X}, and at moment {stamp} there was {seen:X}", initiator);
            Hold(stamp >= side.Floor, $"a load at {at} from moment {stamp}, behind a read fence at {side.Floor}", initiator);
            Hold(!side.IsInOrder(model) || stamp == _moments.Count - 1, $"a stale load at {at} by one whose loads are in order", initiator);
            for (var i = at; i < at + size; i++)
            {
                Hold(stamp >= side.Known[i], $"byte {i} went back from moment {side.Known[i]} to {stamp}", initiator);
                side.Known[i] = stamp;
            }

            var stale = Word(_moments[^1], at, size) != Word(_moments[(int)stamp], at, size);
            var overtaking = side.Waiting.Count > 0 && !own;
            Seen = (Seen.Stale + (stale ? 1 : 0), Seen.Own + (own ? 1 : 0), Seen.Overtaking + (overtaking ? 1 : 0));
        }
    }

    public void Stored(Initiator initiator, ulong physical, int size, ulong value, long ticket)
    {
        lock (_lock)
        {
            var side = Of(initiator);
            Hold(model == MemoryModel.Host || side.Waiting.Count <= 56, "more stores wait than there is room for", initiator);
            side.Waiting.Add(new Store(ticket, physical, size, value, side.Epoch, physical >= (ulong)bytes));
        }
    }

    public void Updated(Initiator initiator, ulong physical, int size, ulong value, long stamp)
    {
        lock (_lock)
        {
            var side = Of(initiator);
            Hold(side.Waiting.Count == 0, "an update in place while stores wait", initiator);
            Happen(initiator, side, new Store(0, physical, size, value, 0, IsMessage: false), stamp);
            side.Epoch++;
            side.Floor = stamp;
        }
    }

    public void Visible(Initiator initiator, long ticket, long stamp)
    {
        lock (_lock)
        {
            var side = Of(initiator);
            var index = side.Waiting.FindIndex(w => w.Ticket == ticket);
            if (!Hold(index >= 0, $"store {ticket} became visible and does not wait", initiator))
            {
                return;
            }

            var store = side.Waiting[index];
            foreach (var earlier in side.Waiting.Take(index))
            {
                Hold(earlier.Epoch == store.Epoch, $"store {ticket} overtook {earlier.Ticket} and a fence", initiator);
                Hold(!side.IsInOrder(model), $"store {ticket} overtook {earlier.Ticket} in a buffer that is in order", initiator);
                Hold(!earlier.Meets(store), $"store {ticket} overtook {earlier.Ticket} to the same bytes", initiator);
            }

            side.Waiting.RemoveAt(index);
            Happen(initiator, side, store, stamp);
        }
    }

    private void Happen(Initiator initiator, Side side, Store store, long stamp)
    {
        Hold(stamp == _moments.Count, $"moment {stamp} follows {_moments.Count - 1}", initiator);
        var memory = (byte[])_moments[^1].Clone();
        if (store.IsMessage)
        {
            Messages.Add(store.Value);
        }
        else
        {
            for (var i = 0; i < store.Size; i++)
            {
                memory[store.At + i] = (byte)(store.Value >> (8 * i));
                side.Known[store.At + i] = stamp;
            }
        }

        _moments.Add(memory);
    }

    private Side Of(Initiator who)
    {
        if (!_sides.TryGetValue(who, out var side))
        {
            _sides[who] = side = new Side(who.IsProcessor, bytes);
        }

        return side;
    }

    private bool Hold(bool kept, string breach, Initiator who)
    {
        Breach ??= kept ? null : $"{who.Name} at moment {_moments.Count - 1}: {breach}";
        return kept;
    }

    private static ulong Word(byte[] memory, int at, int size)
    {
        ulong word = 0;
        for (var i = 0; i < size; i++)
        {
            word |= (ulong)memory[at + i] << (8 * i);
        }

        return word;
    }

    private static void Put(ref ulong word, int at, int size, Store store)
    {
        for (var i = 0; i < store.Size; i++)
        {
            var offset = store.At + i - at;
            if (offset >= 0 && offset < size)
            {
                word = (word & ~(0xFFUL << (8 * offset))) | (((store.Value >> (8 * i)) & 0xFF) << (8 * offset));
            }
        }
    }

    private readonly record struct Store(long Ticket, ulong Physical, int Size, ulong Value, int Epoch, bool IsMessage)
    {
        public int At => (int)Physical;

        public bool Meets(Store other) => !IsMessage && !other.IsMessage && At < other.At + other.Size && other.At < At + Size;
    }

    private sealed class Side(bool isProcessor, int bytes)
    {
        public List<Store> Waiting { get; } = [];

        // As of when it knows each byte.
        public long[] Known { get; } = new long[bytes];

        public long Floor { get; set; }

        public int Epoch { get; set; }

        public bool IsInOrder(MemoryModel model) => isProcessor || model != MemoryModel.Weak;
    }
}
