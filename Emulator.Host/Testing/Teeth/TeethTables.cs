using Emulator.Host.Console;
using Emulator.Memory;
using Spectre.Console;

namespace Emulator.Host.Testing.Teeth;

/// <summary>What came of all trials, as tables: on the console, and as a page of the documentation.</summary>
internal static class TeethTables
{
    private static readonly DmaOrdering[] s_orderings = Enum.GetValues<DmaOrdering>();

    // What the columns of broken sites show.
    private static readonly (string Head, Func<TeethTrial, bool> Shows)[] s_columns =
    [
        ("dropped: relaxed, weak", t => t is { Mutation: SiteMutation.Dropped, Ordering: DmaOrdering.Relaxed, Model: MemoryModel.Weak }),
        ("full, weak", t => t is { Mutation: SiteMutation.Dropped, Ordering: DmaOrdering.Full }),
        ("relaxed, tso", t => t is { Mutation: SiteMutation.Dropped, Model: MemoryModel.Tso }),
        ("relaxed, host", t => t is { Mutation: SiteMutation.Dropped, Model: MemoryModel.Host }),
        .. s_orderings.Select(o => ((string, Func<TeethTrial, bool>))(
            o == DmaOrdering.Full ? "swapped: full" : DmaOrderings.Name(o),
            t => t.Mutation == SiteMutation.Swapped && t.Ordering == o)),
    ];

    /// <summary>Both tables on the console.</summary>
    public static void Show(IReadOnlyList<TeethResult> results, TextWriter output)
    {
        foreach (var (heads, rows) in new[] { Unbroken(results), Broken(results) })
        {
            if (rows.Count == 0)
            {
                continue;
            }

            var table = Tables.New([.. heads]);
            foreach (var row in rows)
            {
                table.AddRow([.. row.Select(Markup.Escape)]);
            }

            Tables.Write(table, output);
        }
    }

    /// <summary>The page.</summary>
    public static void WriteMarkdown(IReadOnlyList<TeethResult> results, TeethRequest request, TextWriter output)
    {
        var leftOut = request.SimulatedOnly ? "\nThe long runs on the host's own memory were left out (`--simulated`)." : "";
        output.WriteLine($"""
            # Teeth: every ordering site, broken on purpose

            Made by `make teeth`; what is broken and what must be seen then is explained in [ordering.md](ordering.md). A trial is a machine with one
            site's fence left out, or its pair of accesses swapped, whose guest looks at what the order of that site promises. In the models
            tso and weak a trial is made again by its seed: `-schedule deterministic -seed N`. At most {request.Seeds} seeds were tried for each
            broken site, and {request.UnbrokenSeeds} passed wherever nothing may be seen. A dash: there is nothing to try. Cells that are not as they must be are **bold**.{leftOut}

            ## Nothing broken

            """);
        Write(Unbroken(results), output);
        output.WriteLine();
        output.WriteLine("## Broken");
        output.WriteLine();
        Write(Broken(results), output);
    }

    private static void Write((List<string> Heads, List<List<string>> Rows) table, TextWriter output)
    {
        output.WriteLine($"| {string.Join(" | ", table.Heads)} |");
        output.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", table.Heads.Count))}");
        foreach (var row in table.Rows)
        {
            output.WriteLine($"| {string.Join(" | ", row)} |");
        }
    }

    private static (List<string> Heads, List<List<string>> Rows) Unbroken(IReadOnlyList<TeethResult> results)
    {
        var rows = results.Where(r => r.Trial.Site is null)
            .GroupBy(r => (r.Trial.Guest, r.Trial.Model))
            .Select(row => new List<string>([row.Key.Guest.Name, MemoryModels.Name(row.Key.Model), .. s_orderings.Select(o => Cell(row, t => t.Ordering == o))]));
        return (["guest", "model", .. s_orderings.Select(DmaOrderings.Name)], [.. rows]);
    }

    private static (List<string> Heads, List<List<string>> Rows) Broken(IReadOnlyList<TeethResult> results)
    {
        var rows = results.Where(r => r.Trial.Site is not null)
            .GroupBy(r => (r.Trial.Guest, Site: r.Trial.Site!))
            .Select(row => new List<string>([$"`{row.Key.Site.Name}`", row.Key.Site.Shape, row.Key.Guest.Name, .. s_columns.Select(c => Cell(row, c.Shows))]));
        return (["site", "shape", "guest", .. s_columns.Select(c => c.Head)], [.. rows]);
    }

    private static string Cell(IEnumerable<TeethResult> row, Func<TeethTrial, bool> shows) =>
        row.FirstOrDefault(r => shows(r.Trial)) is not { } result ? "—" : result.AsExpected ? result.Text : $"**{result.Text}**";
}
