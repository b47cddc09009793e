using System.Globalization;

namespace Emulator.Host.Tracing;

/// <summary>A trace as text: a column for each lane, a line for each event and for each moment at which a store became visible.</summary>
internal static class TraceTable
{
    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="picture">The trace.</param>
    public static void Write(TextWriter output, TracePicture picture)
    {
        var header = picture.Header;
        var counts = $"{Count(picture.Events.Length + picture.LeftOut, "event")}, {Count(picture.AllViolations, "violation")}";
        output.WriteLine($"memory model {header.Model}, schedule {header.Schedule}, seed {header.Seed.ToString(CultureInfo.InvariantCulture)}: {counts}");
        if (picture.Events.IsEmpty)
        {
            output.WriteLine("The trace is empty: it has no events.");
            return;
        }

        var rows = Rows(picture).ToList();
        var lanes = rows.Select(r => r.Lane).Distinct().Order().ToList();
        var widths = rows.GroupBy(r => r.Lane).ToDictionary(g => g.Key, g => Math.Max(g.Max(r => r.Text.Length), picture.Lanes[g.Key].Name.Length));
        WriteLine(output, " ", "seq", "time/ns", string.Join("  ", lanes.Select(l => picture.Lanes[l].Name.PadRight(widths[l]))), "");
        var before = rows.TakeWhile(r => r.Place < picture.Gap).Count();
        for (var i = 0; i <= rows.Count; i++)
        {
            if (i == before && picture.LeftOut > 0)
            {
                output.WriteLine($"  … {Count(picture.LeftOut, "event")} …");
            }

            if (i < rows.Count)
            {
                var row = rows[i];
                var cells = lanes.Select(l => (l == row.Lane ? row.Text : "").PadRight(widths[l]));
                WriteLine(output, row.IsViolation ? "!" : " ", row.Sequence, row.Time, string.Join("  ", cells), row.Site);
            }
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
