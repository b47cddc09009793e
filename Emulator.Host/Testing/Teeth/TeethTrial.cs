using System.Globalization;
using Emulator.Memory;

namespace Emulator.Host.Testing.Teeth;

/// <summary>One machine with one thing broken, or nothing: how it is started, and what must come of it.</summary>
/// <param name="Guest">The ordering guest.</param>
/// <param name="Site">What is broken; null for nothing.</param>
/// <param name="Mutation">How.</param>
/// <param name="Ordering">The bus's.</param>
/// <param name="Model">What initiators see of each other's stores.</param>
internal sealed record TeethTrial(GuestImage Guest, OrderingSite? Site, SiteMutation Mutation, DmaOrdering Ordering, MemoryModel Model)
{
    private const int GuestFailed = 3;

    /// <summary>True if the guest must say that something is wrong, by some seed.</summary>
    public bool MustBeCaught => Mutation == SiteMutation.Swapped || (Mutation == SiteMutation.Dropped && (Ordering == DmaOrdering.Relaxed || Site!.IsRelaxed));

    /// <summary>True if each seed is a run of its own: in a simulated memory, under the deterministic schedule.</summary>
    public bool HasSeeds => Model != MemoryModel.Host;

    /// <summary>The words behind <c>emulator run</c>, in the manifest's folder.</summary>
    /// <param name="seed">The seed, if it has any.</param>
    public IReadOnlyList<string> CommandLine(int seed)
    {
        var teeth = Guest.Teeth!;
        var ordering = DmaOrderings.Name(Ordering);
        var model = MemoryModels.Name(Model);
        var append = string.Join(' ', new[] { HasSeeds ? teeth.Simulated : teeth.Host, $"ordering={ordering}", $"model={model}" }.Where(w => !string.IsNullOrEmpty(w)));
        List<string> words = [.. GuestCommandLine.Build(Guest with { Append = append }, GuestCommandLine.InFolder), "-dma-ordering", ordering, "-memory-model", model];
        if (HasSeeds)
        {
            words.AddRange(["-schedule", "deterministic", "-seed", seed.ToString(CultureInfo.InvariantCulture)]);
        }

        if (Site is not null && Mutation != SiteMutation.None)
        {
            words.AddRange(["-mutate", Mutation == SiteMutation.Swapped ? $"{Site.Name}:swap" : Site.Name]);
        }

        return words;
    }

    /// <summary>Seconds of wall time that one run may take.</summary>
    public double Seconds => HasSeeds ? Guest.TimeoutSeconds : Guest.Teeth!.HostSeconds;

    /// <summary>What a run's exit status says.</summary>
    /// <param name="status">The status; null if it was killed.</param>
    public TeethSight Judge(int? status) => status == Guest.ExpectStatus ? TeethSight.Passed : status == GuestFailed ? TeethSight.Caught : TeethSight.Broken;
}

/// <summary>How a run ended.</summary>
internal enum TeethSight
{
    /// <summary>The guest found nothing wrong.</summary>
    Passed,

    /// <summary>The guest found something wrong and said so.</summary>
    Caught,

    /// <summary>It did not end by itself, or by something else.</summary>
    Broken,
}

/// <summary>What came of a trial.</summary>
/// <param name="Trial">The trial.</param>
/// <param name="AsExpected">True if it is what must be.</param>
/// <param name="Seed">The seed that caught it, or that it failed by; null if none did or it has none.</param>
/// <param name="Runs">How many machines ran.</param>
/// <param name="Text">A word or two for the table.</param>
internal sealed record TeethResult(TeethTrial Trial, bool AsExpected, int? Seed, int Runs, string Text);
