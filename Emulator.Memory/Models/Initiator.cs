using System.Runtime.CompilerServices;

namespace Emulator.Memory;

/// <summary>One initiator's side of a simulated memory: its store buffer, and what it knows already.</summary>
/// <remarks>
/// Accesses and fences belong to one thread at a time, a message apart; <see cref="Drain"/> is for anybody. The words are
/// found by their host addresses, so that RAM which shows at two places is one.
/// </remarks>
public sealed unsafe class Initiator
{
    /// <summary>As many as the larger processors' store buffers hold; with so many waiting, one of them must become visible first.</summary>
    private const int Capacity = 56;

    private readonly SimulatedMemory _memory;
    private readonly WaitingStore[] _waiting = new WaitingStore[Capacity];
    private readonly Sightings _seen = new();
    private readonly bool _isInOrder;
    private readonly bool _hasBuffer;
    private int _count;
    private int _stored;
    private long _epoch;
    private bool _holdsGate;

    internal Initiator(SimulatedMemory memory, string name, bool isProcessor)
    {
        (_memory, Name, IsProcessor) = (memory, name, isProcessor);
        _isInOrder = isProcessor || memory.Model != MemoryModel.Weak;
        _hasBuffer = memory.Model != MemoryModel.Host;
    }

    /// <summary>For traces.</summary>
    public string Name { get; }

    /// <summary>True for a vCPU.</summary>
    public bool IsProcessor { get; }

    /// <summary>The memory.</summary>
    public SimulatedMemory Memory => _memory;

    /// <summary>True if nothing waits to become visible.</summary>
    public bool IsEmpty => Volatile.Read(ref _count) == 0;

    // How many could become visible now.
    internal int Ready
    {
        get
        {
            if (_isInOrder)
            {
                return Math.Min(_count, 1);
            }

            var ready = 0;
            for (var i = 0; i < _count && _waiting[i].Epoch == _waiting[0].Epoch; i++)
            {
                ready += _waiting[i].Behind == 0 ? 1 : 0;
            }

            return ready;
        }
    }

    /// <summary>Loads a word.</summary>
    /// <param name="host">Where it is.</param>
    /// <param name="physical">Guest-physical, for the observer.</param>
    /// <param name="size">1, 2, 4 or 8 bytes inside a page; aligned, it is one value that memory had at one moment.</param>
    public ulong Load(byte* host, ulong physical, int size)
    {
        if (_memory.IsStepped)
        {
            Turn.SwitchPoint();
        }

        lock (_memory.Gate)
        {
            _memory.Drift();
            _memory.Footprint?.Read(host, size);
            var value = GuestWords.Load(host, size);
            var stamp = _memory.Time;
            var isOwn = Forward(host, size, ref value);
            if (!_isInOrder)
            {
                if (!isOwn && _memory.History.CountSince(host, size, _seen.FloorOf(host, size)) is > 0 and var stores
                    && _memory.Choices.Version(stores + 1) is > 0 and var back)
                {
                    stamp = _memory.History.TakeBack(host, size, back, ref value);
                }

                _seen.Note(host, size, stamp);
            }

            _memory.Observer?.Loaded(this, physical, size, value, stamp, isOwn);
            return value;
        }
    }

    /// <summary>Stores a word: it waits, until a choice or a fence makes it visible.</summary>
    /// <param name="host">Where.</param>
    /// <param name="pageByte">The page's byte in <see cref="RamBlock.CodeMap"/>.</param>
    /// <param name="physical">Guest-physical.</param>
    /// <param name="size">1, 2, 4 or 8 bytes inside a page.</param>
    /// <param name="value">The word.</param>
    public void Store(byte* host, byte* pageByte, ulong physical, int size, ulong value)
    {
        if (_memory.IsStepped && !_hasBuffer)
        {
            // It waits for no choice of its own.
            Turn.SwitchPoint();
        }

        lock (_memory.Gate)
        {
            _memory.Drift();
            Append(new WaitingStore { Host = host, PageByte = pageByte, Physical = physical, Size = size, Value = value });
        }
    }

    /// <summary>Sends a message: it waits like a store. Any thread; from outside a schedule, which may have nobody to go on, it is there at once.</summary>
    internal void Send(IMessageTarget target, ulong physical, uint data)
    {
        lock (_memory.Gate)
        {
            Append(new WaitingStore { Target = target, Physical = physical, Size = sizeof(uint), Value = data });
        }

        if (_memory.IsScheduled && Turn.Current is null)
        {
            Drain();
        }
    }

    /// <summary>A fence. One that is full waits, in a schedule, until the stores before it have become visible one by one.</summary>
    public void Fence(DmaFence fence)
    {
        if (fence == DmaFence.None)
        {
            return;
        }

        if (fence == DmaFence.Full)
        {
            Empty(mayWait: true);
        }

        lock (_memory.Gate)
        {
            // Reads stay before later writes by themselves, so that a release is a fence between stores.
            _epoch += fence is DmaFence.LoadLoad or DmaFence.LoadStore ? 0 : 1;
            if (fence is DmaFence.LoadLoad or DmaFence.Full)
            {
                SeeAll();
            }
        }
    }

    /// <summary>Makes all that waits visible, in an order that its fences allow. Any thread; does not wait for other turns.</summary>
    public void Drain() => Empty(mayWait: false);

    /// <summary>Before an atomic operation in place: all stores are visible, and until <see cref="EndUpdate"/> nobody else touches memory.</summary>
    /// <param name="host">Where.</param>
    /// <param name="size">1, 2, 4, 8 or 16 bytes inside a page.</param>
    /// <returns>The moment.</returns>
    public long BeginUpdate(byte* host, int size)
    {
        Fence(DmaFence.Full);
        if (_memory.IsStepped)
        {
            Turn.SwitchPoint();
        }

        _memory.Gate.Enter();
        _holdsGate = true;
        var time = _memory.NoteUpdate(host, size);

        // Others may have run since the fence; and what it changed itself it does not see older.
        SeeAll();
        return time;
    }

    /// <summary>After it.</summary>
    public void EndUpdate(byte* host, ulong physical, int size)
    {
        if (!_holdsGate)
        {
            return;
        }

        _holdsGate = false;
        if (_memory.Observer is { } observer)
        {
            for (var at = 0; at < size; at += 8)
            {
                var part = Math.Min(size - at, 8);
                observer.Updated(this, physical + (ulong)at, part, GuestWords.Load(host + at, part), _memory.Time);
            }
        }

        _memory.Gate.Exit();
    }

    /// <summary>A fence before or behind a message. Whoever sends may hold locks, so that nobody is waited for.</summary>
    internal void FenceOfMessage(DmaFence fence)
    {
        if (fence == DmaFence.Full)
        {
            Drain();
        }

        Fence(fence);
    }

    /// <summary>Where a DMA access is a switch point of a schedule that does not step through the words.</summary>
    internal void BeginAccess()
    {
        if (_memory.IsScheduled && !_memory.IsStepped)
        {
            _memory.AccessBegins?.Invoke();
            Turn.SwitchPoint();
        }
    }

    // Bytes, by the aligned words that GuestWords would move them in.
    internal void Read(byte* host, ulong physical, Span<byte> data)
    {
        for (var at = 0; at < data.Length;)
        {
            var size = GuestWords.WordAt(host + at, data.Length - at);
            var word = Load(host + at, physical + (ulong)at, size);
            for (var i = 0; i < size; i++)
            {
                data[at + i] = (byte)(word >> (i * 8));
            }

            at += size;
        }
    }

    internal void Write(byte* host, byte* pageByte, ulong physical, ReadOnlySpan<byte> data)
    {
        for (var at = 0; at < data.Length;)
        {
            var size = GuestWords.WordAt(host + at, data.Length - at);
            ulong word = 0;
            for (var i = 0; i < size; i++)
            {
                word |= (ulong)data[at + i] << (i * 8);
            }

            Store(host + at, pageByte, physical + (ulong)at, size, word);
            at += size;
        }
    }

    // Under the gate.
    internal void MakeVisible(int index)
    {
        var at = _isInOrder ? 0 : Find(index);
        var store = _waiting[at];
        for (var i = at + 1; i < _count; i++)
        {
            _waiting[i].Behind -= store.Target is null && _waiting[i].Overlaps(store.Host, store.Size) ? 1 : 0;
        }

        Array.Copy(_waiting, at + 1, _waiting, at, _count - at - 1);
        Volatile.Write(ref _count, _count - 1);
        Perform(in store);
    }

    // Under the gate, with nothing waiting.
    internal void Forget()
    {
        _seen.Clear();
        _stored = 0;
    }

    // Under the gate.
    internal int NumberOfReady(int index) => _waiting[_isInOrder ? 0 : Find(index)].Number;

    private void Empty(bool mayWait)
    {
        if (mayWait && _memory.IsScheduled && Turn.Current is { } turn && !IsEmpty)
        {
            turn.PassUntilDrained(this);
        }

        lock (_memory.Gate)
        {
            while (_count > 0)
            {
                MakeOneVisible();
            }
        }
    }

    // Under the gate: no later load is older than now.
    private void SeeAll()
    {
        _seen.Raise(_memory.Time);
        if (!_isInOrder)
        {
            _memory.Footprint?.ReadAll();
        }
    }

    private void MakeOneVisible()
    {
        // In a schedule nobody looks between these, so that their order shows nowhere.
        MakeVisible(_memory.IsScheduled ? 0 : _memory.Choices.Next(0, Ready));
    }

    private void Append(WaitingStore store)
    {
        (store.Ticket, store.Number) = (++_memory.Tickets, _stored++);
        _memory.Observer?.Stored(this, store.Physical, store.Size, store.Value, store.Ticket);
        if (!_hasBuffer)
        {
            Perform(in store);
            return;
        }

        if (_count == Capacity)
        {
            MakeOneVisible();
        }

        store.Epoch = _epoch;
        for (var i = 0; i < _count; i++)
        {
            store.Behind += store.Target is null && _waiting[i].Overlaps(store.Host, store.Size) ? 1 : 0;
        }

        _waiting[_count] = store;
        Volatile.Write(ref _count, _count + 1);
    }

    private void Perform(in WaitingStore store)
    {
        var time = _memory.Perform(in store);
        if (!_isInOrder && store.Target is null)
        {
            _seen.Note(store.Host, store.Size, time);
        }

        _memory.Observer?.Visible(this, store.Ticket, time);
    }

    private int Find(int index)
    {
        var at = 0;
        while (_waiting[at].Behind != 0 || index-- > 0)
        {
            at++;
        }

        return at;
    }

    // Puts the bytes of its own waiting stores over what memory has.
    private bool Forward(byte* host, int size, ref ulong value)
    {
        var bytes = (byte*)Unsafe.AsPointer(ref value);
        var any = false;
        for (var i = 0; i < _count; i++)
        {
            ref readonly var store = ref _waiting[i];
            if (!store.Overlaps(host, size))
            {
                continue;
            }

            any = true;
            for (var b = 0; b < store.Size; b++)
            {
                var offset = store.Host + b - host;
                if (offset >= 0 && offset < size)
                {
                    bytes[offset] = (byte)(store.Value >> (b * 8));
                }
            }
        }

        return any;
    }
}
