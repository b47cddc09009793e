using System.Globalization;
using Emulator.Host.Console;
using Emulator.Memory;
using Spectre.Console;

namespace Emulator.Host.Litmus;

/// <summary>Tests against orderings and models, a mark a cell.</summary>
internal static class LitmusMatrix
{
    /// <summary>Writes it, with a legend and a line that counts.</summary>
    /// <param name="output">Takes lines.</param>
    /// <param name="results">All of them; a test's stand together.</param>
    public static void Write(TextWriter output, IReadOnlyList<LitmusResult> results)
    {
        Tables.Write(Table(results), output);
        output.WriteLine();
        output.WriteLine(
            $"{string.Join(", ", Orderings(results).Select(o => $"{Letter(o)} {DmaOrderings.Name(o)}"))}.  - never, S sometimes, A always, ! not as expected");
        var notMet = results.Count(r => !r.IsMet);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{results.DistinctBy(r => r.Sample.Test).Count()} tests, {results.Count} cells, {notMet} not as expected"));
    }

    /// <summary>The table alone.</summary>
    public static Table Table(IReadOnlyList<LitmusResult> results)
    {
        MemoryModel[] models = [.. results.Select(r => r.Sample.Model).Distinct().Order()];
        var orderings = Orderings(results);
        var table = Tables.New(["test", .. models.Select(m => $"{MemoryModels.Name(m)}\n{Marks(orderings, o => $"{Letter(o)} ")}")]);
        foreach (var test in results.GroupBy(r => r.Sample.Test))
        {
            var cells = test.ToDictionary(r => (r.Sample.Model, r.Sample.Ordering));
            table.AddRow(
            [
                Markup.Escape(test.Key.Name),
                .. models.Select(m => Marks(orderings, o => cells.TryGetValue((m, o), out var result) ? Mark(result) : "  ")),
            ]);
        }

        return table;
    }

    private static DmaOrdering[] Orderings(IEnumerable<LitmusResult> results) => [.. results.Select(r => r.Sample.Ordering).Distinct().Order()];

    private static string Marks(IEnumerable<DmaOrdering> orderings, Func<DmaOrdering, string> mark) => string.Concat(orderings.Select(mark));

    // Its first letter is an ordering's own.
    private static char Letter(DmaOrdering ordering) => DmaOrderings.Name(ordering)[0];

    private static string Mark(LitmusResult result)
    {
        var mark = result.Sample.Observation switch
        {
            Observation.Never => '-',
            Observation.Sometimes => 'S',
            _ => 'A',
        };
        return result.IsMet ? mark == '-' ? "- " : $"[yellow]{mark}[/] " : $"[red]{mark}![/]";
    }
}
