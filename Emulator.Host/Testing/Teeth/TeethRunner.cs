using Emulator.Host.CommandLine;
using Emulator.Host.Console;

namespace Emulator.Host.Testing.Teeth;

/// <summary>Breaks each ordering site on purpose and looks whether the guest that owns it notices.</summary>
internal sealed class TeethRunner(TextWriter output, TextWriter error)
{
    /// <summary>Runs what is asked for; returns the exit status.</summary>
    public async Task<int> RunAsync(TeethRequest request, CancellationToken cancellation)
    {
        if (!Manifest.Load(request.Manifest).Get(out var manifest, out var mistake))
        {
            return Refuse(mistake);
        }

        if (!Plan(manifest, request).Get(out var trials, out mistake))
        {
            return Refuse(mistake);
        }

        var results = new TeethResult[trials.Count];
        var progress = new ProgressLine(error);
        var ended = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = request.Jobs, CancellationToken = cancellation };
        await Parallel.ForAsync(0, trials.Count, options, async (i, token) =>
        {
            results[i] = await RunAsync(trials[i], manifest.Folder, request, token).ConfigureAwait(false);
            lock (progress)
            {
                progress.Show($"{++ended} of {trials.Count}: {results[i].Trial.Site?.Name ?? results[i].Trial.Guest.Name}: {results[i].Text}");
            }
        }).ConfigureAwait(false);
        progress.Clear();

        TeethTables.Show(results, output);
        if (request.MarkdownFile is { } path && WriteMarkdown(path, results, request) is { } problem)
        {
            return Refuse(problem);
        }

        var failed = results.Count(r => !r.AsExpected);
        output.WriteLine($"{results.Length - failed} passed, {failed} failed");
        return failed == 0 ? ExitStatus.Success : ExitStatus.TestsFailed;
    }

    private static Result<IReadOnlyList<TeethTrial>> Plan(Manifest manifest, TeethRequest request)
    {
        var sites = MutationList.SitesOf(DeviceCatalog.Models).ToDictionary(site => site.Name);
        var trials = new List<TeethTrial>();
        foreach (var guest in manifest.OrderingGuests)
        {
            if (guest.Teeth!.Sites.FirstOrDefault(name => !sites.ContainsKey(name)) is { } unknown)
            {
                return new Failure($"'{guest.Name}': teeth: there is no ordering site '{unknown}'{Suggestion.For(unknown, sites.Keys)}");
            }

            var isWanted = IsWanted(guest.Name, request.Filter);
            if (isWanted)
            {
                trials.AddRange(TeethPlan.Unbroken(guest, request.SimulatedOnly));
            }

            trials.AddRange(guest.Teeth.Sites
                .Where(name => isWanted || IsWanted(name, request.Filter))
                .SelectMany(name => TeethPlan.Broken(guest, sites[name], request.SimulatedOnly)));
        }

        return trials.Count > 0
            ? trials
            : new Failure($"teeth {request.Filter}: no ordering guest and no site of that name{Suggestion.For(request.Filter ?? "", manifest.OrderingGuests.SelectMany(g => g.Teeth!.Sites))}");
    }

    private static bool IsWanted(string name, string? filter) => string.IsNullOrEmpty(filter) || name.Contains(filter, StringComparison.OrdinalIgnoreCase);

    private static async Task<TeethResult> RunAsync(TeethTrial trial, string folder, TeethRequest request, CancellationToken cancellation)
    {
        var seeds = trial.MustBeCaught ? request.Seeds : trial.HasSeeds ? request.UnbrokenSeeds : 1;
        for (var seed = 1; seed <= seeds; seed++)
        {
            var run = await EmulatorProcess.RunAsync(trial.CommandLine(seed), folder, trial.Seconds, "", cancellation).ConfigureAwait(false);
            var sight = trial.Judge(run.ExitStatus);
            int? named = trial.HasSeeds ? seed : null;
            switch (sight)
            {
                case TeethSight.Broken:
                    return new TeethResult(trial, AsExpected: false, named, seed, $"ended with {run.ExitStatus?.ToString() ?? "nothing"}");
                case TeethSight.Caught:
                    return new TeethResult(trial, trial.MustBeCaught, named, seed, trial.HasSeeds ? $"caught, seed {seed}" : $"caught, try {seed}");
                default:
                    break;
            }
        }

        var text = trial.MustBeCaught ? $"not caught in {seeds}" : !trial.HasSeeds ? "passes" : seeds == 1 ? "passes, seed 1" : $"passes, seeds 1 to {seeds}";
        return new TeethResult(trial, !trial.MustBeCaught, null, seeds, text);
    }

    private static string? WriteMarkdown(string path, IReadOnlyList<TeethResult> results, TeethRequest request)
    {
        try
        {
            using var file = new StreamWriter(path);
            TeethTables.WriteMarkdown(results, request, file);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"--markdown {path}: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    private int Refuse(string mistake)
    {
        error.WriteLine($"emulator: {mistake}");
        return ExitStatus.BadCommandLine;
    }
}
