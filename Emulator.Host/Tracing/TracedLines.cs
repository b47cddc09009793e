namespace Emulator.Host.Tracing;

/// <summary>A word of an event's stores.</summary>
internal sealed class TracedStore(OpenEvent of, ulong address, int size)
{
    public OpenEvent Of => of;

    public ulong Address => address;

    public int Size => size;

    /// <summary>When it became visible; 0 while it waits.</summary>
    public long Moment { get; set; }
}

/// <summary>
/// The cache lines that DMA has to do with, the last stores to each, and those that vCPUs made elsewhere of late, should DMA
/// read them after all.
/// </summary>
internal sealed class TracedLines
{
    private const int LineShift = 6;
    private const int MostTouched = 1 << 16;
    private const int MostOthers = 1 << 12;
    private const int MostStores = 16;

    private readonly Dictionary<ulong, Line> _lines = [];
    private readonly Queue<ulong> _others = [];
    private int _touched;

    /// <summary>True if DMA has touched any of these bytes' lines.</summary>
    public bool IsTouched(ulong address, int size)
    {
        for (var line = address >> LineShift; line <= LastLine(address, size); line++)
        {
            if (_lines.TryGetValue(line, out var known) && known.IsTouched)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>DMA touches these bytes.</summary>
    /// <param name="address">Guest-physical.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="wanted">Told of each event that is wanted only now.</param>
    public void Touch(ulong address, int size, Action<OpenEvent> wanted)
    {
        for (var line = address >> LineShift; line <= LastLine(address, size); line++)
        {
            if (_touched == MostTouched)
            {
                return;
            }

            var known = Get(line);
            if (known.IsTouched)
            {
                continue;
            }

            known.IsTouched = true;
            _touched++;
            foreach (var store in known.Stores.Where(s => !s.Of.IsWanted))
            {
                store.Of.IsWanted = true;
                wanted(store.Of);
            }
        }
    }

    /// <summary>Remembers a store that has begun.</summary>
    public void Add(TracedStore store)
    {
        for (var line = store.Address >> LineShift; line <= LastLine(store.Address, store.Size); line++)
        {
            if (!_lines.ContainsKey(line))
            {
                MakeRoom();
                _others.Enqueue(line);
            }

            var stores = Get(line).Stores;
            if (stores.Count == MostStores)
            {
                stores.RemoveAt(0);
            }

            stores.Add(store);
        }
    }

    /// <summary>Adds the numbers of the stores that a load saw to its event.</summary>
    /// <param name="load">The load's event.</param>
    /// <param name="address">The word.</param>
    /// <param name="size">1 to 8 bytes.</param>
    /// <param name="moment">The moment whose value it is.</param>
    /// <param name="isOwn">True if stores of its own that wait are seen.</param>
    public void FindSources(OpenEvent load, ulong address, int size, long moment, bool isOwn)
    {
        for (var i = 0; i < size; i++)
        {
            var at = address + (ulong)i;
            if (_lines.TryGetValue(at >> LineShift, out var line) && SourceOf(line, load.Lane, at, moment, isOwn) is { Of.IsWanted: true } source)
            {
                load.Saw(source.Of.Sequence);
            }
        }
    }

    private static TracedStore? SourceOf(Line line, TraceLane lane, ulong address, long moment, bool isOwn)
    {
        TracedStore? best = null;
        foreach (var store in line.Stores)
        {
            if (address - store.Address >= (ulong)store.Size)
            {
                continue;
            }

            if (store.Moment == 0)
            {
                // The last of its own that wait hides all that is visible.
                best = isOwn && store.Of.Lane == lane ? store : best;
            }
            else if (store.Moment <= moment && (best is null || (best.Moment > 0 && store.Moment >= best.Moment)))
            {
                best = store;
            }
        }

        return best;
    }

    private static ulong LastLine(ulong address, int size) => (address + (ulong)Math.Max(size, 1) - 1) >> LineShift;

    private Line Get(ulong line)
    {
        if (!_lines.TryGetValue(line, out var known))
        {
            _lines.Add(line, known = new Line());
        }

        return known;
    }

    private void MakeRoom()
    {
        while (_others.Count >= MostOthers)
        {
            var oldest = _others.Dequeue();
            if (_lines.TryGetValue(oldest, out var line) && !line.IsTouched)
            {
                _ = _lines.Remove(oldest);
            }
        }
    }

    private sealed class Line
    {
        public bool IsTouched { get; set; }

        public List<TracedStore> Stores { get; } = [];
    }
}
