using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.CommandLine;

public sealed class LitmusCommandTests
{
    [Theory]
    [InlineData("-")]
    [InlineData("--")]
    public void Every_option_has_two_spellings(string dashes)
    {
        var words = "litmus MP+dma *.litmus DASHdma-ordering pci DASHmemory-model weak DASHruns 7 DASHseed 0x10 DASHjson j DASHhtml h DASHlist";
        var traced = Ask($"litmus MP+dma -dma-ordering pci -memory-model weak {dashes}trace t");
        var request = Ask(words.Replace("DASH", dashes, StringComparison.Ordinal));
        Assert.Equal(["MP+dma", "*.litmus"], request.Files);
        Assert.Equal((DmaOrdering.Pci, MemoryModel.Weak), (request.Ordering, request.Model));
        Assert.Equal((7L, 16UL), (request.Runs, request.Seed));
        Assert.Equal(("j", "h"), (request.JsonFile, request.HtmlFile));
        Assert.Equal((null, "t"), (request.TraceFile, traced.TraceFile));
        Assert.True(request.ListOnly);
        Assert.False(request.Explore);
        Assert.True(Ask($"litmus {dashes}explore").Explore);
    }

    [Fact]
    public void Without_anything_the_whole_library_is_asked_for()
    {
        var request = Ask("litmus");
        Assert.True(request.IsMatrix);
        Assert.Equal((null, null, null, null), (request.Ordering, request.Model, request.Runs, request.Seed));
    }

    [Fact]
    public void A_seed_may_have_64_bits() => Assert.Equal(ulong.MaxValue, Ask("litmus --seed 18446744073709551615").Seed);

    [Theory]
    [InlineData("-memory-model arm", "-memory-model arm: unknown memory model 'arm'; valid: host, tso, weak")]
    [InlineData("--dma-ordering fulll", "-dma-ordering fulll: unknown DMA ordering 'fulll'; valid: full, tracked, split, pci, relaxed")]
    [InlineData("--runs 0", "--runs 0: not a number from 1")]
    [InlineData("--runs many", "--runs many: not a number from 1")]
    [InlineData("--runs", "--runs: a value is missing: --runs N")]
    [InlineData("--seed -1", "--seed -1: not a number from 0")]
    [InlineData("--json", "--json: a value is missing: --json FILE")]
    [InlineData("--sed 1", "--sed: unknown option; did you mean '--seed'?")]
    [InlineData("-explore -memory-model host", "--explore: what the host's own processor does cannot be chosen; give -memory-model tso or weak")]
    [InlineData("--explore --runs 5", "--explore: every execution is made, so --runs has no meaning beside it")]
    [InlineData("MP+dma --trace t", "--trace: one execution is recorded, so give one FILE, -dma-ordering and -memory-model, and not --explore")]
    [InlineData("--dma-ordering pci -memory-model weak --trace t", "--trace: one execution is recorded, so give one FILE, -dma-ordering and -memory-model, and not --explore")]
    [InlineData("a b -dma-ordering pci -memory-model weak --trace t", "--trace: one execution is recorded, so give one FILE, -dma-ordering and -memory-model, and not --explore")]
    [InlineData("a -dma-ordering pci -memory-model weak --explore --trace t", "--trace: one execution is recorded, so give one FILE, -dma-ordering and -memory-model, and not --explore")]
    [InlineData("a -dma-ordering pci -memory-model host --trace t", "--trace: the host's own processor does not make an execution again; give -memory-model tso or weak")]
    [InlineData("--trace", "--trace: a value is missing: --trace FILE")]
    [InlineData("--explore -memory-model", "-memory-model: a value is missing: -memory-model NAME")]
    [InlineData("--explore --runs", "--runs: a value is missing: --runs N")]
    [InlineData("--explore --runs 0", "--runs 0: not a number from 1")]
    [InlineData("a --trace t -memory-model arm", "-memory-model arm: unknown memory model 'arm'; valid: host, tso, weak")]
    public void A_mistake_is_one_line(string words, string mistake)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(2, harness.Invoke(["litmus", .. words.Split(' ')]));
        Assert.Equal(("", $"emulator: {mistake}\n"), (harness.Output, harness.Error));
        Assert.Null(harness.Litmus);
    }

    [Fact]
    public void The_help_names_the_verb_and_its_options()
    {
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("--help"));
        Assert.Contains("litmus", harness.Output, StringComparison.Ordinal);
        Assert.Equal(0, harness.Invoke("litmus", "--help"));
        Assert.All(
            ["-dma-ordering", "-memory-model", "-runs", "-seed", "-explore", "-json", "-html", "-trace", "-list"],
            (string option) => Assert.Contains(option, harness.Output, StringComparison.Ordinal));
    }

    private static LitmusRequest Ask(string words)
    {
        var harness = new CommandLineHarness();
        Assert.Equal((0, ""), (harness.Invoke(words.Split(' ')), harness.Error));
        return harness.Litmus!;
    }
}
