namespace Emulator.Host.Tests.CommandLine;

public sealed class TeethCommandTests
{
    [Theory]
    [InlineData("-")]
    [InlineData("--")]
    public void Every_option_has_two_spellings(string dashes)
    {
        var harness = new CommandLineHarness();
        var words = "teeth e1000 DASHseeds 7 DASHunbroken-seeds 0x10 DASHjobs 2 DASHsimulated DASHmarkdown m DASHimages i";
        Assert.Equal((0, ""), (harness.Invoke(words.Replace("DASH", dashes, StringComparison.Ordinal).Split(' ')), harness.Error));
        var request = harness.Teeth!;
        Assert.Equal(("e1000", 7, 16, 2, true, "m", "i"), (request.Filter, request.Seeds, request.UnbrokenSeeds, request.Jobs, request.SimulatedOnly, request.MarkdownFile, request.Manifest));
    }

    [Theory]
    [InlineData("--seeds 0", "--seeds 0: not a number from 1 to 100000")]
    [InlineData("--jobs many", "--jobs many: not a number from 1 to 256")]
    [InlineData("--seed 1", "--seed: unknown option; did you mean '--seeds'?")]
    public void A_mistake_is_one_line_that_says_what_would_be_right(string words, string expected)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(2, harness.Invoke(["teeth", .. words.Split(' ')]));
        Assert.Equal($"emulator: {expected}\n", harness.Error);
    }
}
