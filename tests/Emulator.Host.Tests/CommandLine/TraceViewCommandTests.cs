using Emulator.Host.Tests.Tracing;

namespace Emulator.Host.Tests.CommandLine;

public sealed class TraceViewCommandTests
{
    [Fact]
    public void Show_and_export_reach_their_files()
    {
        using var folder = new TemporaryFolder();
        var trace = SampleTraces.Write(folder, SampleTraces.MessagePassing);
        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("trace", "show", trace, "--first", "1", "--last", "2"));
        Assert.Contains("… 6 events …", harness.Output, StringComparison.Ordinal);
        Assert.Equal(0, harness.Invoke("trace", "show", trace, "--html", folder.File("a.html")));
        Assert.Equal(0, harness.Invoke("trace", "export", trace, "--pcap", folder.File("a.pcap")));
        Assert.Equal(0, harness.Invoke("trace", "export", "-perfetto", folder.File("a.json"), trace));
        Assert.Equal("", harness.Error);
        Assert.All(["a.html", "a.pcap", "a.json"], (string file) => Assert.True(new FileInfo(folder.File(file)).Length > 0));
    }

    [Theory]
    [InlineData("show none --first 0", "--first 0: not a number from 1")]
    [InlineData("show none --last 1e3", "--last 1e3: not a number from 1")]
    [InlineData("show none --last", "--last: a value is missing: --last N")]
    [InlineData("show none --htlm a", "--htlm: unknown option; did you mean '--html'?")]
    [InlineData("export none", "trace export: give one of --pcap FILE and --perfetto FILE")]
    [InlineData("export none --pcap a --perfetto b", "trace export: give one of --pcap FILE and --perfetto FILE")]
    [InlineData("export none --pcap", "--pcap: a value is missing: --pcap FILE")]
    public void A_mistake_is_one_line(string words, string mistake)
    {
        var harness = new CommandLineHarness();
        Assert.Equal(2, harness.Invoke(["trace", .. words.Split(' ')]));
        Assert.Equal(("", $"emulator: {mistake}\n"), (harness.Output, harness.Error));
    }
}
