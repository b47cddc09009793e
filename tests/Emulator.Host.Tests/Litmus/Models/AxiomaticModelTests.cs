using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Models;

public sealed class AxiomaticModelTests
{
    [Fact]
    public void Store_buffering_has_four_outcomes_and_three_with_the_fences()
    {
        Assert.Equal(["0 0", "0 1", "1 0", "1 1"], Registers("SB+dma+mfence", "tso", DmaOrdering.Relaxed));
        Assert.Equal(["0 1", "1 0", "1 1"], Registers("SB+dma+mfence", "tso", DmaOrdering.Full));
    }

    [Fact]
    public void Message_passing_has_the_fourth_outcome_only_in_weak()
    {
        Assert.Equal(["0 0", "0 1", "1 1"], Registers("MP+dma", "tso", DmaOrdering.Relaxed));
        Assert.Equal(["0 0", "0 1", "1 0", "1 1"], Registers("MP+dma", "weak", DmaOrdering.Relaxed));
    }

    [Fact]
    public void Values_follow_the_program()
    {
        var test = LitmusFiles.Parse("""
            DMA values
            "two locked additions of what was read, and an exchange"
            { x=1; y=0; }
             P0 vcpu           | P1 vcpu           ;
             mov eax,[x]       | mov eax,0x10      ;
             lock xadd [x],eax | lock add [x],eax  ;
             mov ebx,eax       | mov ebx,7         ;
                               | xchg [y],ebx      ;
            exists x=2
            """);
        var outcomes = LitmusFiles.Model("tso").Enumerate(test, DmaOrdering.Full).Outcomes.Keys.Select(o => o.Format(test.Variables)).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "P0:eax=17; P0:ebx=17; P1:eax=16; P1:ebx=0; x=18; y=7;",
                "P0:eax=17; P0:ebx=17; P1:eax=16; P1:ebx=0; x=34; y=7;",
                "P0:eax=1; P0:ebx=1; P1:eax=16; P1:ebx=0; x=18; y=7;",
            ],
            outcomes);
    }

    [Fact]
    public void To_leave_out_what_one_location_alone_forbids_changes_no_outcome()
    {
        foreach (var name in new[] { "tso", "weak" })
        {
            var model = LitmusFiles.Model(name);
            foreach (var test in LitmusFiles.Library)
            {
                var pruned = model.Enumerate(test, DmaOrdering.Split);
                var all = model.Enumerate(test, DmaOrdering.Split, coherentOnly: false);
                Assert.True(pruned.Outcomes.Keys.SequenceEqual(all.Outcomes.Keys), $"{test.Name} in {name}");
                Assert.True(pruned.Candidates <= all.Candidates && pruned.Consistent == all.Consistent, $"{test.Name} in {name}");
            }
        }
    }

    [Fact]
    public void A_flush_may_come_between_two_writes()
    {
        var test = LitmusFiles.Parse("""
            DMA between
            "where the device can be when its register is read"
            { x=0; y=0; }
             P0 vcpu     | D0 dma    ;
             flush D0    | write x,1 ;
             mov eax,[x] | write y,1 ;
             mov ebx,[y] |           ;
            exists (P0:eax=0 /\ P0:ebx=1)
            """);
        var weak = LitmusFiles.Model("weak").Enumerate(test, DmaOrdering.Relaxed);
        Assert.Equal(4, weak.Outcomes.Count);
        Assert.Equal(3, weak.Outcomes.Keys.Select(o => o.Shown(test)).Count(o => o.Values is not [0, 1]));
    }

    [Fact]
    public void A_forbidden_outcome_is_explained_by_the_axiom_and_the_cycle()
    {
        var test = Test("MP+dma");
        var explanation = LitmusFiles.Model("weak").Explain(test, DmaOrdering.Full, new LitmusState([1, 0, 1, 1]));
        Assert.StartsWith("P0:eax=1; P0:ebx=0; x=1; y=1; is forbidden", explanation, StringComparison.Ordinal);
        Assert.Contains("breaks 'order' a: R y=1 -> b: R x=0 -> d: W x=1 -> ", explanation, StringComparison.Ordinal);
        Assert.Contains("co", LitmusFiles.Model("tso").Explain(Test("CoWW+dma"), DmaOrdering.Full, new LitmusState([0, 0, 1])), StringComparison.Ordinal);
        Assert.Contains("breaks 'coherence'", LitmusFiles.Model("tso").Explain(Test("CoWW+dma"), DmaOrdering.Full, new LitmusState([0, 0, 1])), StringComparison.Ordinal);
    }

    [Fact]
    public void An_allowed_outcome_is_explained_by_an_execution()
    {
        var explanation = LitmusFiles.Model("weak").Explain(Test("MP+dma"), DmaOrdering.Relaxed, new LitmusState([1, 0, 1, 1]));
        Assert.Contains("is allowed", explanation, StringComparison.Ordinal);
        Assert.Contains("R y=1", explanation, StringComparison.Ordinal);
        Assert.Contains("rf: d->a", explanation, StringComparison.Ordinal);
        Assert.Contains("no execution has these values", LitmusFiles.Model("weak").Explain(Test("MP+dma"), DmaOrdering.Relaxed, new LitmusState([9, 0, 1, 1])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_not_there_is_answered_with_its_name()
    {
        Assert.False(AxiomaticModel.Load("no/such.cat").Get(out _, out var error));
        Assert.StartsWith("no/such.cat: ", error, StringComparison.Ordinal);
    }

    private static LitmusTest Test(string name) => LitmusFiles.Library.Single(t => t.Name == name);

    private static IEnumerable<string> Registers(string name, string model, DmaOrdering ordering) =>
        LitmusFiles.Model(model).Enumerate(Test(name), ordering).Outcomes.Keys
            .Select(outcome => $"{outcome.Values[0]} {outcome.Values[1]}").Order(StringComparer.Ordinal);
}
