using System.Globalization;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>A result as herd and litmus7 print theirs, with what is this program's own added.</summary>
internal static class LitmusText
{
    /// <summary>Writes it.</summary>
    /// <param name="output">Takes lines.</param>
    /// <param name="result">The result.</param>
    public static void Write(TextWriter output, LitmusResult result)
    {
        var sample = result.Sample;
        var test = sample.Test;
        var negative = sample.Executions - sample.Positive;
        output.WriteLine($"Test {test.Name} {Asks(test.Quantifier)}");
        output.WriteLine($"Ordering {DmaOrderings.Name(sample.Ordering)}, model {MemoryModels.Name(sample.Model)}, {Extent(result)}");
        output.WriteLine(Invariant($"States {result.Outcomes.Count}"));
        var width = result.Outcomes.Count == 0 ? 0 : result.Outcomes.Max(o => Invariant($"{o.Count}").Length);
        foreach (var (state, count, holds) in result.Outcomes)
        {
            output.WriteLine($"{Invariant($"{count}").PadLeft(width)} {(holds ? '*' : ':')}>{state.Format(result.Variables)}");
        }

        var isValidated = IsValidated(sample);
        output.WriteLine(isValidated ? "Ok" : "No");
        output.WriteLine("Witnesses");
        output.WriteLine(Invariant($"Positive: {sample.Positive}, Negative: {negative}"));
        output.WriteLine($"Condition {Condition(test)} is {(isValidated ? "validated" : "NOT validated")}");
        output.WriteLine(Invariant($"Observation {test.Name} {sample.Observation} {sample.Positive} {negative}"));
        output.WriteLine(Invariant($"Time {test.Name} {sample.Time.TotalSeconds:0.00}"));
        if (result.Expected is { } expected)
        {
            var verdict = expected == sample.Observation ? "met"
                : result.IsInterrupted ? "not known, it was interrupted"
                : result.IsTooShort ? "not known of one execution"
                : "NOT met";
            output.WriteLine($"Expected {expected} under {DmaOrderings.Name(sample.Ordering)} {MemoryModels.Name(sample.Model)}: {verdict}");
        }

        if (result.Disagreement.Length > 0)
        {
            output.Write(result.Disagreement);
        }

        if (Again(sample) is { } again)
        {
            output.WriteLine($"Again: {again}");
        }

        output.WriteLine();
    }

    /// <summary>The command that shows the condition met again, by its seed; null if there is none.</summary>
    public static string? Again(LitmusSample sample) => sample.Seed is { } seed ? Invariant($"{Command(sample)} --runs 1 --seed {seed}") : null;

    /// <summary>The command for the test under this ordering in this model.</summary>
    public static string Command(LitmusSample sample) =>
        $"emulator litmus {Word(sample.Test)} -dma-ordering {DmaOrderings.Name(sample.Ordering)} -memory-model {MemoryModels.Name(sample.Model)}";

    /// <summary><c>exists (…)</c>.</summary>
    public static string Condition(LitmusTest test) => $"{Quantifier(test.Quantifier)} ({test.Condition})";

    /// <summary>How the executions were come by.</summary>
    public static string Extent(LitmusResult result) => result.Sample switch
    {
        var sample when result.IsExplored => Invariant($"explored: {sample.Executions} executions, {(sample.IsComplete ? "complete" : "NOT complete")}"),
        { Model: MemoryModel.Host } => "run freely",
        { Executions: <= 1 } => Invariant($"seed {result.FirstSeed}"),
        var sample => Invariant($"seeds {result.FirstSeed} to {result.FirstSeed + (ulong)(sample.Executions - 1)}"),
    };

    // Another file may have a test of the same name.
    private static string Word(LitmusTest test)
    {
        var isOfLibrary = LitmusLibrary.Folder is { } folder && Path.GetFullPath(test.Path) == Path.Combine(folder, test.Name + ".litmus");
        var word = isOfLibrary ? test.Name : test.Path;
        return word.Any(c => !char.IsLetterOrDigit(c) && !"+-._/".Contains(c, StringComparison.Ordinal))
            ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : word;
    }

    private static string Quantifier(LitmusQuantifier quantifier) => quantifier switch
    {
        LitmusQuantifier.Exists => "exists",
        LitmusQuantifier.NotExists => "~exists",
        _ => "forall",
    };

    private static string Asks(LitmusQuantifier quantifier) => quantifier switch
    {
        LitmusQuantifier.Exists => "Allowed",
        LitmusQuantifier.NotExists => "Forbidden",
        _ => "Required",
    };

    private static bool IsValidated(LitmusSample sample) => sample.Test.Quantifier switch
    {
        LitmusQuantifier.Exists => sample.Positive > 0,
        LitmusQuantifier.NotExists => sample.Positive == 0,
        _ => sample.Positive == sample.Executions,
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
