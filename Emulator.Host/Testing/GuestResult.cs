using System.Text;

namespace Emulator.Host.Testing;

/// <summary>What became of a guest.</summary>
internal enum GuestVerdict
{
    /// <summary>As it should be.</summary>
    Passed,

    /// <summary>Not as it should be.</summary>
    Failed,

    /// <summary>Not run, for a reason.</summary>
    Skipped,
}

/// <summary>A guest's result.</summary>
/// <param name="Image">The guest.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Why">What is wrong, or why it was skipped; empty if it passed.</param>
/// <param name="Duration">Wall time of our run.</param>
/// <param name="Output">What it wrote on COM1, as text.</param>
internal sealed record GuestResult(GuestImage Image, GuestVerdict Verdict, string Why, TimeSpan Duration, string Output)
{
    /// <summary>Judges a run by the manifest.</summary>
    public static GuestResult Judge(GuestImage image, ChildRun run)
    {
        var output = Encoding.UTF8.GetString(run.Output);
        var why = FindFault(image, run, output);
        return new GuestResult(image, why is null ? GuestVerdict.Passed : GuestVerdict.Failed, why ?? "", run.Duration, output);
    }

    /// <summary>Judges our run against QEMU's.</summary>
    public static GuestResult Compare(GuestImage image, ChildRun ours, ChildRun theirs)
    {
        var result = Judge(image, ours);
        if (result.Verdict != GuestVerdict.Passed)
        {
            return result;
        }

        var why = ours.ExitStatus != theirs.ExitStatus ? $"exit status {ours.ExitStatus}, QEMU's {Status(theirs)}"
            : image.CompareOutput ? OutputComparison.FindDifference(ours.Output, theirs.Output, image.Varies)
            : null;
        return why is null ? result : result with { Verdict = GuestVerdict.Failed, Why = why };
    }

    private static string? FindFault(GuestImage image, ChildRun run, string output)
    {
        var hint = output.Split('\n').FirstOrDefault(l => l.StartsWith("FAIL ", StringComparison.Ordinal))?.TrimEnd() ?? FirstLine(run.Error);
        hint = hint.Length > 0 ? $"; {hint}" : "";
        if (run.ExitStatus is null or ExitStatus.Timeout && image.ExpectStatus != ExitStatus.Timeout)
        {
            return $"not done after {image.TimeoutSeconds:0.#} s{hint}";
        }

        if (run.ExitStatus != image.ExpectStatus)
        {
            return $"exit status {run.ExitStatus}, expected {image.ExpectStatus}{hint}";
        }

        foreach (var expected in image.ExpectOutput)
        {
            if (!output.Contains(expected, StringComparison.Ordinal))
            {
                return $"'{expected}' is not in the output";
            }
        }

        return null;
    }

    private static string Status(ChildRun run) => run.ExitStatus is { } status ? $"{status}" : "run was killed";

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
