using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>The events of a test under an ordering, and what is the same in all its executions.</summary>
internal sealed class EventGraph
{
    /// <summary>What fits into a row of a <see cref="BitRelation"/>.</summary>
    public const int MostEvents = 64;

    /// <summary>Makes the events.</summary>
    public EventGraph(LitmusTest test, DmaOrdering ordering)
    {
        Test = test;
        (Events, Steps) = EventBuilder.Build(test, ordering);
        ProgramOrder = Relate((a, b) => a.Column == b.Column && a.Id < b.Id);
        SameColumn = Relate((a, b) => a.Column == b.Column);
        SameLocation = Relate((a, b) => a.Location >= 0 && a.Location == b.Location);
        ReadModifyWrite = Relate((a, b) =>
            a.Id + 1 == b.Id && a.Column == b.Column && a.Line == b.Line && a.Is(EventKinds.Locked) && a.Is(EventKinds.Read) && b.Is(EventKinds.Locked));
        Interrupts = Relate((a, b) => a.Is(EventKinds.Pin) && b.Is(EventKinds.Interrupted) && a.Target == b.Column);
        Messages = Relate((a, b) => a.Is(EventKinds.Message) && b.Is(EventKinds.Interrupted) && a.Target == b.Column);
        Starts = Relate((a, b) => a.Is(EventKinds.Doorbell) && b.Is(EventKinds.Start) && a.Target == b.Column);
    }

    /// <summary>The test.</summary>
    public LitmusTest Test { get; }

    /// <summary>By column, then in program order.</summary>
    public LitmusEvent[] Events { get; }

    /// <summary>For each column, which cell made which events.</summary>
    public List<LitmusStep>[] Steps { get; }

    /// <summary>po.</summary>
    public ulong[] ProgramOrder { get; }

    /// <summary>int, and with each itself.</summary>
    public ulong[] SameColumn { get; }

    /// <summary>loc.</summary>
    public ulong[] SameLocation { get; }

    /// <summary>rmw.</summary>
    public ulong[] ReadModifyWrite { get; }

    /// <summary>irq: from a pin to who takes the interrupt.</summary>
    public ulong[] Interrupts { get; }

    /// <summary>From a message to who takes it: these pairs of rf are there in every execution, for the processor waits for them.</summary>
    public ulong[] Messages { get; }

    /// <summary>start: from a doorbell to its function.</summary>
    public ulong[] Starts { get; }

    /// <summary>The events for which something is true.</summary>
    public ulong Where(Func<LitmusEvent, bool> belongs)
    {
        var set = 0UL;
        foreach (var e in Events)
        {
            set |= belongs(e) ? 1UL << e.Id : 0;
        }

        return set;
    }

    private ulong[] Relate(Func<LitmusEvent, LitmusEvent, bool> related) =>
        [.. Events.Select(a => Where(b => related(a, b)))];
}
