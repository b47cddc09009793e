using System.Globalization;
using System.Text;

namespace Emulator.Host.Tracing;

/// <summary><c>emulator trace check</c>.</summary>
internal static class TraceCheck
{
    private const int MostShown = 100;

    /// <summary>Checks a file and prints what it finds.</summary>
    /// <returns>0 if nothing broke a rule, 1 if something did, 2 if the file cannot be read.</returns>
    public static int Run(string path, TextWriter output, TextWriter error)
    {
        if (!TraceReader.Read(path).Get(out var trace, out var mistake))
        {
            error.WriteLine($"emulator: {mistake}");
            return ExitStatus.BadCommandLine;
        }

        var verdict = TraceChecker.Examine(trace.Header, trace.Events);
        var events = new Dictionary<long, TraceEvent>();
        foreach (var line in trace.Events)
        {
            events[line.Sequence] = line;
        }

        foreach (var violation in verdict.Violations.Take(MostShown))
        {
            output.WriteLine(violation.Rule);
            output.WriteLine("  " + Describe(events[violation.Earlier]));
            output.WriteLine("  " + Describe(events[violation.Later]));
        }

        if (verdict.Violations.Count > MostShown)
        {
            output.WriteLine($"… and {verdict.Violations.Count - MostShown} more");
        }

        var lost = trace.Events.Where(e => e.Kind == TraceKind.Lost).ToArray();
        if (lost.Length > 0)
        {
            output.WriteLine($"{lost.Sum(e => (long)(e.Value ?? 0))} events were not recorded, the first of them #{lost[0].Sequence}");
        }

        output.WriteLine($"{verdict.Accesses} accesses, {verdict.Pairs} pairs checked, {verdict.Violations.Count} violations");
        return verdict.Violations.Count == 0 ? ExitStatus.Success : 1;
    }

    /// <summary>An event in a line.</summary>
    private static string Describe(TraceEvent line)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"#{line.Sequence} {line.Lane} {TraceNames.Of(line.Kind)}{(line.Relaxed ? ".relaxed" : "")}");
        if (line.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" of {line.Length} at 0x{line.Address:x}");
        }

        if (line.Value is { } value)
        {
            text.Append(CultureInfo.InvariantCulture, $", 0x{value:x}");
        }

        if (line.Visible is { } visible)
        {
            text.Append(line.Kind == TraceKind.Read ? ", as of " : ", visible at ");
            text.Append(CultureInfo.InvariantCulture, $"{visible.First}");
            text.Append(visible.Last > visible.First ? string.Create(CultureInfo.InvariantCulture, $" to {visible.Last}") : "");
        }
        else if (line.Status == TraceEvent.Waiting)
        {
            text.Append(", not visible by the end");
        }

        if (line.Fences.Length > 0)
        {
            text.Append(", behind ").AppendJoin(" and ", line.Fences);
        }

        if (line.Site is { } site)
        {
            text.Append(", ").Append(site).Append(line.Mutation is { } mutation ? $" ({mutation})" : "");
        }

        return text.ToString();
    }
}
