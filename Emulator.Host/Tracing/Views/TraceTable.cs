using System.Globalization;

namespace Emulator.Host.Tracing;

/// <summary>A trace as text: a column for each lane, a line for each event and for each moment at which a store became visible.</summary>
internal static class TraceTable
{
    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="picture">The trace.</param>
    /// <param name="first">How many events from the start; null for no such limit.</param>
    /// <param name="last">How many up to the end; null for no such limit.</param>
    public static void Write(TextWriter output, TracePicture picture, int? first, int? last)
    {
        var header = picture.Header;
        output.WriteLine($"memory model {header.Model}, schedule {header.Schedule}, seed {header.Seed.ToString(CultureInfo.InvariantCulture)}: {Count(picture.Events.Length, "event")}, {Count(picture.Violations.Length, "violation")}");
        if (picture.Events.IsEmpty)
        {
            output.WriteLine("The trace is empty: it has no events.");
            return;
        }

        var count = picture.Events.Length;
        var (head, tail) = first is null && last is null ? (count, 0) : (Math.Min(first ?? 0, count), Math.Min(last ?? 0, count));
        var from = Math.Max(head, count - tail);
        var rows = Rows(picture).Where(r => r.Place < head || r.Place >= from).ToList();
        var lanes = rows.Select(r => r.Lane).Distinct().Order().ToList();
        var widths = lanes.ToDictionary(l => l, l => rows.Where(r => r.Lane == l).Max(r => r.Text.Length));
        foreach (var lane in lanes)
        {
            widths[lane] = Math.Max(widths[lane], picture.Lanes[lane].Name.Length);
        }

        WriteLine(output, " ", "seq", "time/ns", string.Join("  ", lanes.Select(l => picture.Lanes[l].Name.PadRight(widths[l]))), "");
        var hasGap = from > head;
        foreach (var row in rows)
        {
            if (hasGap && row.Place >= from)
            {
                output.WriteLine($"  … {Count(from - head, "event")} …");
                hasGap = false;
            }

            var cells = lanes.Select(l => (l == row.Lane ? row.Text : "").PadRight(widths[l]));
            WriteLine(output, row.IsViolation ? "!" : " ", row.Sequence, row.Time, string.Join("  ", cells), row.Site);
        }

        if (hasGap)
        {
            output.WriteLine($"  … {Count(from - head, "event")} …");
        }

        foreach (var violation in picture.Violations)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"! {violation.Earlier} → {violation.Later}: {violation.Rule}"));
        }
    }

    private static string Count(int number, string what) => $"{number.ToString(CultureInfo.InvariantCulture)} {what}{(number == 1 ? "" : "s")}";

    private static void WriteLine(TextWriter output, string mark, string sequence, string time, string cells, string site) =>
        output.WriteLine($"{mark} {sequence,7} {time,12}  {cells}  {site}".TrimEnd());

    private static IEnumerable<Row> Rows(TracePicture picture)
    {
        var offenders = picture.Violations.SelectMany(v => new[] { v.Earlier, v.Later }).ToHashSet();
        var rows = new List<Row>();
        for (var i = 0; i < picture.Events.Length; i++)
        {
            var e = picture.Events[i];
            var text = string.Concat(e.Kind == TraceKind.Fence ? [] : e.Fences.Select(fence => $"‖{fence} ")) + TraceWords.Of(e)
                + (e.From.IsEmpty ? "" : " ← " + string.Join(' ', e.From));
            var site = string.Join(' ', new[] { e.Site, e.Mutation, e.Relaxed ? "relaxed" : null, e.Status }.OfType<string>());
            rows.Add(new Row(i, picture.LaneOf[i], Number(e.Sequence), Number(e.Time), text, site, offenders.Contains(e.Sequence)));
            if (picture.Stores[i] is { } store && e.Visible is { } visible)
            {
                rows.Add(new Row(store.Last, picture.LaneOf[i], "", "", $"• {Number(e.Sequence)} visible @{Number(visible.Last)}", "", IsViolation: false));
            }
        }

        return rows.OrderBy(r => r.Place);
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Row(double Place, int Lane, string Sequence, string Time, string Text, string Site, bool IsViolation);
}
