namespace Emulator.Host.Tracing;

/// <summary>Two events of one function that became visible in an order which their ordering forbids.</summary>
/// <param name="Earlier">The sequence number of the one that is earlier in program order.</param>
/// <param name="Later">The sequence number of the other.</param>
/// <param name="Rule">Which rule it broke, in one line.</param>
internal sealed record TraceViolation(long Earlier, long Later, string Rule);

/// <summary>What a check has come to.</summary>
/// <param name="Accesses">How many accesses of functions there were.</param>
/// <param name="Pairs">How many pairs had to be in order, counting for each access the last one that binds it.</param>
/// <param name="Violations">Those that were not.</param>
internal sealed record TraceVerdict(long Accesses, long Pairs, IReadOnlyList<TraceViolation> Violations);

/// <summary>Finds what became visible in an order that was forbidden.</summary>
/// <remarks>
/// What was owed is worked out anew, from the ordering, the kind of the accesses and the sites; what the trace says was
/// issued counts only where memory was not simulated and there are no moments to go by.
/// </remarks>
internal static class TraceChecker
{
    /// <summary>Checks a trace.</summary>
    /// <param name="header">Its first line.</param>
    /// <param name="events">The others, by sequence number.</param>
    /// <returns>The pairs that broke a rule, by the later one's number.</returns>
    public static IReadOnlyList<TraceViolation> Check(TraceHeader header, IReadOnlyList<TraceEvent> events) => Examine(header, events).Violations;

    /// <summary>Checks a trace, and counts. One pass.</summary>
    public static TraceVerdict Examine(TraceHeader header, IReadOnlyList<TraceEvent> events)
    {
        var processors = header.Lanes.Where(l => l.IsProcessor).Select(l => l.Name).ToHashSet();
        var isSimulated = events.Any(e => e.Visible is not null || e.Status == TraceEvent.Waiting);
        var found = new PairsFound();
        var lanes = new Dictionary<string, ProgramOrder>();
        var last = 0L;
        foreach (var line in events)
        {
            if (!isSimulated && line.Sequence != last + 1)
            {
                // Events were lost, and their fences with them.
                lanes.Clear();
            }

            last = line.Sequence;
            if (line.Kind is TraceKind.RegisterRead or TraceKind.RegisterWrite)
            {
                if (line is { Kind: TraceKind.RegisterRead, Function: { } function })
                {
                    Of(function).Flush(line);
                }
            }
            else if (line.Kind is not (TraceKind.Raise or TraceKind.Lower or TraceKind.Interrupt or TraceKind.Lost) && !processors.Contains(line.Lane))
            {
                Of(line.Lane).Take(line);
            }
        }

        return new TraceVerdict(found.Accesses, found.Pairs, found.Violations);

        ProgramOrder Of(string lane)
        {
            if (!lanes.TryGetValue(lane, out var order))
            {
                var check = isSimulated ? (IOrderCheck)new VisibleOrder(found, header.Schedule == TraceNames.Deterministic) : new IssuedFences(found);
                lanes.Add(lane, order = new ProgramOrder(check, found));
            }

            return order;
        }
    }
}
