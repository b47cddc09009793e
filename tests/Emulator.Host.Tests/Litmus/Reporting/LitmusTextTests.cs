using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Reporting;

public sealed class LitmusTextTests
{
    [Fact]
    public void A_sample_reads_as_herd_s_and_litmus7_s_and_ends_with_the_command_that_shows_it_again()
    {
        var result = Results.Of(DmaOrdering.Relaxed, MemoryModel.Weak, 40, (0, 0), (1, 1), (1, 0), (0, 0), (1, 0));
        Assert.Equal(
            """
            Test MP Allowed
            Ordering relaxed, model weak, seeds 40 to 44
            States 3
            2 :>P0:eax=0; P0:ebx=0;
            2 *>P0:eax=1; P0:ebx=0;
            1 :>P0:eax=1; P0:ebx=1;
            Ok
            Witnesses
            Positive: 2, Negative: 3
            Condition exists (P0:eax=1 /\ P0:ebx=0) is validated
            Observation MP Sometimes 2 3
            Time MP 0.00
            Expected Sometimes under relaxed weak: met
            Again: emulator litmus 'my tests/mp.litmus' -dma-ordering relaxed -memory-model weak --runs 1 --seed 42


            """,
            Write(result));
    }

    [Fact]
    public void An_exploration_says_whether_it_is_complete()
    {
        var result = Results.Of(DmaOrdering.Full, MemoryModel.Tso, null, (0, 0), (0, 1), (1, 1));
        Assert.Equal(
            """
            Test MP Allowed
            Ordering full, model tso, explored: 3 executions, complete
            States 3
            1 :>P0:eax=0; P0:ebx=0;
            1 :>P0:eax=0; P0:ebx=1;
            1 :>P0:eax=1; P0:ebx=1;
            No
            Witnesses
            Positive: 0, Negative: 3
            Condition exists (P0:eax=1 /\ P0:ebx=0) is NOT validated
            Observation MP Never 0 3
            Time MP 0.00
            Expected Never under full tso: met


            """,
            Write(result));
        var cut = result with { Sample = result.Sample with { IsComplete = false } };
        Assert.Contains("explored: 3 executions, NOT complete", Write(cut), StringComparison.Ordinal);
    }

    [Fact]
    public void An_expectation_is_met_or_not_or_nobody_knows()
    {
        var result = Results.Of(DmaOrdering.Full, MemoryModel.Host, null, (1, 0), (1, 1));
        Assert.False(result.IsMet);
        Assert.Contains("\nOrdering full, model host, run freely\n", Write(result), StringComparison.Ordinal);
        Assert.Contains("\nExpected Never under full host: NOT met\n", Write(result), StringComparison.Ordinal);
        var unseen = Results.Of(DmaOrdering.Relaxed, MemoryModel.Weak, 1, (1, 1), (0, 0));
        Assert.Contains("\nExpected Sometimes under relaxed weak: NOT met\n", Write(unseen), StringComparison.Ordinal);
        Assert.Contains(
            "\nExpected Sometimes under relaxed weak: not known, it was interrupted\n", Write(unseen with { IsInterrupted = true }), StringComparison.Ordinal);
        var one = Results.Of(DmaOrdering.Relaxed, MemoryModel.Weak, 1, (1, 0));
        Assert.True(one.IsMet);
        Assert.Contains("\nExpected Sometimes under relaxed weak: not known of one execution\n", Write(one), StringComparison.Ordinal);
        Assert.DoesNotContain("Expected", Write(Results.Of(DmaOrdering.Pci, MemoryModel.Tso, 1, (1, 1))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exists", "Allowed", "Ok", "is validated")]
    [InlineData("~exists", "Forbidden", "No", "is NOT validated")]
    [InlineData("forall", "Required", "No", "is NOT validated")]
    public void The_quantifier_decides_what_is_validated(string quantifier, string asks, string verdict, string validated)
    {
        var test = LitmusFiles.Parse($"DMA Q \"q\" {{ x=0; }}\n D0 dma ;\n write x,1 ;\n{quantifier} x=1");
        var sample = new LitmusSample(test, DmaOrdering.Full, MemoryModel.Weak, IsComplete: false);
        sample.Add([1], 7);
        sample.Add([0], 8);
        var text = Write(new LitmusResult(sample, 7));
        Assert.StartsWith($"Test Q {asks}\n", text, StringComparison.Ordinal);
        Assert.Contains($"\n{verdict}\nWitnesses\nPositive: 1, Negative: 1\nCondition {quantifier} (x=1) {validated}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_matrix_marks_what_was_seen_and_what_should_not_have_been()
    {
        LitmusResult[] results =
        [
            Results.Of(DmaOrdering.Full, MemoryModel.Host, null, (1, 0), (0, 0)),
            Results.Of(DmaOrdering.Full, MemoryModel.Weak, null, (0, 0)),
            Results.Of(DmaOrdering.Pci, MemoryModel.Weak, null, (1, 0)),
            Results.Of(DmaOrdering.Relaxed, MemoryModel.Weak, null, (0, 0), (1, 0)),
        ];
        var shared = results[0].Sample.Test;
        using var output = new StringWriter { NewLine = "\n" };
        Host.Console.Tables.WritePlain(
            LitmusMatrix.Table([.. results.Select(r => r with { Sample = Copy(r.Sample, shared) })]), output);
        Assert.Equal(
            ["test host weak", "f p r f p r", "MP S! - A S"],
            output.ToString().Split('\n').Where(l => l.Any(char.IsLetter)).Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    private static LitmusSample Copy(LitmusSample sample, LitmusTest test)
    {
        var copy = new LitmusSample(test, sample.Ordering, sample.Model, sample.IsComplete);
        foreach (var (state, count) in sample.States)
        {
            for (var i = 0; i < count; i++)
            {
                copy.Add(state.Values, null);
            }
        }

        return copy;
    }

    private static string Write(LitmusResult result)
    {
        using var output = new StringWriter { NewLine = "\n" };
        LitmusText.Write(output, result);
        return output.ToString();
    }
}
