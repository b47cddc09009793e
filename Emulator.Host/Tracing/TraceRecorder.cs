using System.Diagnostics;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Host.Tracing;

/// <summary>Makes the events of a trace from what the parts of a machine tell (docs/traces.md).</summary>
/// <remarks>
/// An event is handed on when its last part is visible. Everything is under one lock, which comes behind every other:
/// what it is told, it is told under a memory's gate or a pin's lock.
/// </remarks>
internal sealed class TraceRecorder : ISimulationObserver
{
    private readonly Lock _lock = new();
    private readonly Action<TraceEvent> _sink;
    private readonly List<TraceLane> _lanes = [];
    private readonly Dictionary<string, TraceLane> _byThread = [];
    private readonly Dictionary<long, TracedStore> _waiting = [];
    private readonly TracedLines _lines = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _sequence;
    private long _moment;
    private bool _isFinished;

    /// <summary>Makes a recorder.</summary>
    /// <param name="sink">Takes the events; under the recorder's lock, by whichever thread completes one.</param>
    /// <param name="memory">The simulated memory, whose observer the recorder becomes; null if it is the host's.</param>
    public TraceRecorder(Action<TraceEvent> sink, SimulatedMemory? memory)
    {
        _sink = sink;
        IsSimulated = memory is not null;
        memory?.Observer = this;
    }

    /// <summary>True if memory is simulated, so that there are moments at which stores become visible.</summary>
    public bool IsSimulated { get; }

    /// <summary>The machine's time in nanoseconds.</summary>
    public Func<long> Clock { get; init; } = () => 0;

    /// <summary>True if the host's time is recorded too; not where the same seed is to give the same trace.</summary>
    public bool HasHostTime { get; init; } = true;

    /// <summary>True if vCPUs' accesses to lines that DMA has to do with are recorded, where memory is simulated.</summary>
    public bool HasProcessors { get; init; } = true;

    /// <summary>The addresses whose accesses are recorded; null for all.</summary>
    public Func<ulong, bool>? Covers { get; init; }

    /// <summary>False while nothing is to be recorded of registers, pins and interrupts: the machine is being prepared.</summary>
    public bool IsRecording { get; set; } = true;

    /// <summary>Who may appear, in the order they were added.</summary>
    public IReadOnlyList<TraceLane> Lanes => _lanes;

    /// <summary>Adds a vCPU. Before anybody runs.</summary>
    /// <param name="name">Its lane; as its initiator is called, if memory is simulated.</param>
    /// <param name="thread">The name of its thread.</param>
    /// <returns>Takes the vectors of the interrupts it takes.</returns>
    public Action<byte> AddProcessor(string name, string thread)
    {
        var lane = new TraceLane(name, IsProcessor: true);
        _lanes.Add(lane);
        _byThread[thread] = lane;
        return vector => Record(new OpenEvent(lane) { Kind = TraceKind.Interrupt, Value = vector });
    }

    /// <summary>Adds a function, on its bus, and attaches to it. Before anybody runs.</summary>
    public void Add(PciFunction function)
    {
        var trace = Add(function.Name, function.Dma);
        function.ObserveDma(trace);
        function.Observer = trace;
    }

    /// <summary>Adds whoever does DMA. Before anybody runs.</summary>
    /// <param name="name">Its lane; as its initiator is called, if memory is simulated.</param>
    /// <param name="dma">Its context.</param>
    /// <returns>To be attached to the context.</returns>
    public FunctionTrace Add(string name, DmaContext dma)
    {
        var lane = new TraceLane(name, IsProcessor: false);
        _lanes.Add(lane);
        return new FunctionTrace(this, lane, dma);
    }

    /// <summary>Hands on what has not become visible by the end, and nothing from then on. Any thread.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            foreach (var open in _waiting.Values.Select(s => s.Of).Distinct().Where(o => o.IsWanted && o.HasEnded).OrderBy(o => o.Sequence))
            {
                _sink(open.ToEvent());
            }

            _waiting.Clear();
            _isFinished = true;
        }
    }

    /// <inheritdoc/>
    public void Loaded(Initiator initiator, ulong physical, int size, ulong value, long stamp, bool isOwn)
    {
        lock (_lock)
        {
            if (!initiator.IsProcessor)
            {
                _lines.Touch(physical, size, HandOn);
            }
            else if (!_lines.IsTouched(physical, size))
            {
                return;
            }

            var open = initiator.IsProcessor ? OfProcessor(initiator, TraceKind.Read, physical, size, value) : OfFunction(initiator);
            if (open is null)
            {
                return;
            }

            Begin(open);
            open.Loaded(stamp);
            _lines.FindSources(open, physical, size, stamp, isOwn);
            HandOn(open);
        }
    }

    /// <inheritdoc/>
    public void Stored(Initiator initiator, ulong physical, int size, ulong value, long ticket)
    {
        lock (_lock)
        {
            var open = initiator.IsProcessor ? OfProcessor(initiator, TraceKind.Write, physical, size, value) : OfFunction(initiator);
            if (open is not null)
            {
                open.Waiting++;
                _waiting.Add(ticket, BeginStore(open, physical, size));
            }
        }
    }

    /// <inheritdoc/>
    public void Updated(Initiator initiator, ulong physical, int size, ulong value, long stamp)
    {
        lock (_lock)
        {
            _moment = stamp;
            var open = initiator.IsProcessor ? OfProcessor(initiator, TraceKind.Update, physical, size, value) : OfFunction(initiator);
            if (open is not null)
            {
                BeginStore(open, physical, size).Moment = stamp;
                open.Stored(stamp);
                HandOn(open);
            }
        }
    }

    /// <inheritdoc/>
    public void Visible(Initiator initiator, long ticket, long stamp)
    {
        lock (_lock)
        {
            _moment = stamp;
            if (_waiting.Remove(ticket, out var store))
            {
                store.Moment = stamp;
                store.Of.Stored(stamp);
                store.Of.Waiting--;
                HandOn(store.Of);
            }
        }
    }

    /// <summary>Numbers an event, unless it is numbered: it begins now.</summary>
    public void Begin(OpenEvent open)
    {
        lock (_lock)
        {
            if (open.Sequence == 0)
            {
                open.Sequence = ++_sequence;
                open.Time = Clock();
                open.HostTime = HasHostTime ? (long)Stopwatch.GetElapsedTime(_started).TotalNanoseconds : 0;
                open.Thread = Thread.CurrentThread.Name ?? "";
            }
        }
    }

    /// <summary>Ends an event: what of it waits now is all that it waits for.</summary>
    public void End(OpenEvent open)
    {
        lock (_lock)
        {
            Begin(open);
            open.HasEnded = true;
            HandOn(open);
        }
    }

    /// <summary>An event of a moment.</summary>
    public void Record(OpenEvent open)
    {
        if (IsRecording)
        {
            End(open);
        }
    }

    /// <summary>Notes that everything which is visible now was so when a read of a register returned.</summary>
    public void Flushed(OpenEvent read)
    {
        lock (_lock)
        {
            if (IsSimulated)
            {
                read.Loaded(_moment);
            }
        }
    }

    /// <summary>The lane of the vCPU whose thread calls; one of the thread's own if there is none.</summary>
    public TraceLane Caller()
    {
        var thread = Thread.CurrentThread.Name ?? "host";
        lock (_lock)
        {
            return _byThread.TryGetValue(thread, out var lane) ? lane : _byThread[thread] = new TraceLane(thread, IsProcessor: false);
        }
    }

    private void HandOn(OpenEvent open)
    {
        if (open is { IsComplete: true, IsWanted: true } && !_isFinished)
        {
            _sink(open.ToEvent());
        }
    }

    private TracedStore BeginStore(OpenEvent open, ulong physical, int size)
    {
        var isMessage = open.Kind == TraceKind.Message;
        var isProcessors = open.Lane.IsProcessor;
        open.IsWanted = !isProcessors || _lines.IsTouched(physical, size);
        if (!isProcessors && !isMessage)
        {
            _lines.Touch(physical, size, HandOn);
        }

        Begin(open);
        var store = new TracedStore(open, physical, size);
        if (!isMessage)
        {
            _lines.Add(store);
        }

        return store;
    }

    private static OpenEvent? OfFunction(Initiator initiator) => FunctionTrace.Current is { } open && open.Lane.Name == initiator.Name ? open : null;

    private OpenEvent? OfProcessor(Initiator initiator, TraceKind kind, ulong physical, int size, ulong value) =>
        HasProcessors && _lanes.Find(l => l.IsProcessor && l.Name == initiator.Name) is { } lane
            ? new OpenEvent(lane) { Kind = kind, Address = physical, Length = size, Value = value, HasEnded = true }
            : null;
}
