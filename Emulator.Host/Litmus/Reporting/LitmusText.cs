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
            output.WriteLine($"Expected {expected}: {(expected == sample.Observation ? "met" : "NOT met")}");
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
    public static string? Again(LitmusSample sample) => sample.Seed is { } seed
        ? Invariant($"{Case(sample)} --runs 1 --seed {seed}")
        : null;

    /// <summary>The command that makes the same sample, or one like it.</summary>
    public static string Command(LitmusSample sample) => sample.IsComplete ? $"{Case(sample)} --explore" : Case(sample);

    /// <summary><c>exists (…)</c>.</summary>
    public static string Condition(LitmusTest test) => $"{Quantifier(test.Quantifier)} ({test.Condition})";

    private static string Case(LitmusSample sample) =>
        $"emulator litmus {Word(sample.Test)} -dma-ordering {DmaOrderings.Name(sample.Ordering)} -memory-model {MemoryModels.Name(sample.Model)}";

    private static string Word(LitmusTest test) => LitmusLibrary.Names.Contains(test.Name) ? test.Name : test.Path;

    private static string Extent(LitmusResult result) => result.Sample switch
    {
        { IsComplete: true } sample => Invariant($"explored: {sample.Executions} executions, complete"),
        { Model: MemoryModel.Host } => "run freely",
        var sample => Invariant($"seeds {result.FirstSeed} to {result.FirstSeed + (ulong)Math.Max(sample.Executions - 1, 0)}"),
    };

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
