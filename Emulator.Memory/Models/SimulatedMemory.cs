namespace Emulator.Memory;

/// <summary>RAM as several initiators see it under a memory model: the stores that wait, and what was there before those that do not.</summary>
/// <remarks>
/// There is one memory: a store becomes visible to all others at once (multi-copy atomicity), by a choice at some moment
/// between the store and the next fence that asks for it. All of it is under one lock, the gate, behind every other lock
/// but those that a message and a write to decoded code take.
/// </remarks>
public sealed unsafe class SimulatedMemory
{
    private readonly GuestMemory _memory;
    private readonly List<Initiator> _initiators = [];
    private ulong _first;
    private ulong _last = ulong.MaxValue;

    /// <summary>Simulates a model over RAM.</summary>
    /// <param name="memory">The RAM.</param>
    /// <param name="model">What may happen; under host every store is visible at once, and all there is to it are switch points and the observer.</param>
    /// <param name="choices">Decide what does.</param>
    public SimulatedMemory(GuestMemory memory, MemoryModel model, IChoices choices) =>
        (_memory, Model, Choices) = (memory, model, choices);

    /// <summary>The model.</summary>
    public MemoryModel Model { get; }

    /// <summary>True where a schedule chooses when stores become visible, at its switch points; unless it steps, it happens at accesses too.</summary>
    public bool IsScheduled { get; init; }

    /// <summary>
    /// True if every load that is simulated is a switch point, and under host every store, so that all orders can come up; with
    /// <see cref="IsScheduled"/>.
    /// </summary>
    public bool IsStepped { get; init; }

    /// <summary>Called where a function's access begins in a schedule that does not step: it takes time. Set before anybody runs.</summary>
    public Action? AccessBegins { get; set; }

    /// <summary>Sees every word. Set before anybody runs.</summary>
    public ISimulationObserver? Observer { get; set; }

    /// <summary>How many waiting stores could become visible now. Any thread; exact while nobody else accesses memory.</summary>
    public int Ready
    {
        get
        {
            var count = 0;
            foreach (var initiator in _initiators)
            {
                count += initiator.Ready;
            }

            return count;
        }
    }

    internal IChoices Choices { get; }

    /// <summary>Takes note of what is touched, where somebody explores.</summary>
    internal Footprint? Footprint { get; set; }

    internal Lock Gate { get; } = new();

    internal History History { get; } = new();

    internal long Time { get; private set; }

    internal long Tickets { get; set; }

    /// <summary>Adds a function's side, or a processor's, which is TSO in every model but host. Before anybody runs.</summary>
    /// <param name="name">For traces.</param>
    /// <param name="isProcessor">True for a vCPU.</param>
    public Initiator Add(string name, bool isProcessor)
    {
        var initiator = new Initiator(this, name, isProcessor);
        _initiators.Add(initiator);
        return initiator;
    }

    /// <summary>Simulates this range only; the rest of RAM is reached as ever. Before anybody runs.</summary>
    /// <param name="first">Guest-physical, on a page.</param>
    /// <param name="last">The last byte of a page.</param>
    public void Cover(ulong first, ulong last) => (_first, _last) = (first, last);

    /// <summary>Simulates no RAM: what is left are a function's switch points. Before anybody runs.</summary>
    public void CoverNothing() => (_first, _last) = (ulong.MaxValue, 0);

    /// <summary>True if accesses there are simulated.</summary>
    public bool Covers(ulong physical) => physical >= _first && physical <= _last;

    /// <summary>Makes one of the <see cref="Ready"/> stores visible. Any thread.</summary>
    public void MakeVisible(int index)
    {
        lock (Gate)
        {
            foreach (var initiator in _initiators)
            {
                var ready = initiator.Ready;
                if (index < ready)
                {
                    initiator.MakeVisible(index);
                    return;
                }

                index -= ready;
            }
        }
    }

    /// <summary>A name for one of the <see cref="Ready"/> stores that it has in every order of the steps before it.</summary>
    internal long NameOfReady(int index)
    {
        lock (Gate)
        {
            for (var i = 0; ; i++)
            {
                var ready = _initiators[i].Ready;
                if (index < ready)
                {
                    return ((i + 1L) << 32) + _initiators[i].NumberOfReady(index);
                }

                index -= ready;
            }
        }
    }

    /// <summary>Makes everything visible: before somebody reads RAM who is no initiator. Any thread.</summary>
    public void Settle()
    {
        foreach (var initiator in _initiators)
        {
            initiator.Drain();
        }
    }

    /// <summary>Forgets the past, when nobody runs and nothing waits: every load finds the newest value.</summary>
    public void Forget()
    {
        lock (Gate)
        {
            History.Clear();
            Time = 0;
            foreach (var initiator in _initiators)
            {
                initiator.Forget();
            }
        }
    }

    // Under the gate. Without a schedule, stores become visible while others access memory.
    internal void Drift()
    {
        if (IsStepped)
        {
            return;
        }

        for (int ready, choice; (ready = Ready) > 0 && (choice = Choices.Next(1, ready)) > 0;)
        {
            foreach (var initiator in _initiators)
            {
                if (choice <= initiator.Ready)
                {
                    initiator.MakeVisible(choice - 1);
                    break;
                }

                choice -= initiator.Ready;
            }
        }
    }

    // Under the gate: a store reaches memory.
    internal long Perform(in WaitingStore store)
    {
        var time = ++Time;
        if (store.Target is { } target)
        {
            Footprint?.Everything();
            target.Message(store.Physical, (uint)store.Value);
            return time;
        }

        Footprint?.Write(store.Host, store.Size);

        if (Model == MemoryModel.Weak)
        {
            History.Note(store.Host, store.Size, time);
        }

        GuestWords.Store(store.Host, store.Size, store.Value);
        if (Volatile.Read(ref *store.PageByte) != 0)
        {
            _memory.NotifyWritten(store.PageByte, store.Physical);
        }

        return time;
    }

    // Under the gate, before an atomic operation in place.
    internal long NoteUpdate(byte* host, int size)
    {
        var time = ++Time;
        Footprint?.Write(host, size);
        if (Model == MemoryModel.Weak)
        {
            for (var at = 0; at < size; at += 8)
            {
                History.Note(host + at, Math.Min(size - at, 8), time);
            }
        }

        return time;
    }
}
