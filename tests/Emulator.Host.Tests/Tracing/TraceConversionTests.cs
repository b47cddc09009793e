using Emulator.Host.Tracing;
using static Emulator.Host.Tests.Tracing.SampleTraces;

namespace Emulator.Host.Tests.Tracing;

public sealed class TraceConversionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Show_writes_the_page_or_the_table()
    {
        var trace = Write(_folder, MessagePassing);
        Assert.Equal(0, TraceShow.Run(trace, _folder.File("a.html"), null, null, _output, _error));
        Assert.Equal("", _output.ToString());
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_folder.File("a.html")), StringComparison.Ordinal);
        Assert.Contains("<title>sample.trace</title>", File.ReadAllText(_folder.File("a.html")), StringComparison.Ordinal);
        Assert.Equal(0, TraceShow.Run(trace, null, 1, null, _output, _error));
        Assert.Contains("… 8 events …", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void Export_writes_the_format_that_is_asked_for()
    {
        var trace = Write(_folder, MessagePassing);
        Assert.Equal(0, TraceExport.Run(trace, _folder.File("a.pcap"), null, _error));
        Assert.Equal(0, TraceExport.Run(trace, null, _folder.File("a.json"), _error));
        Assert.Equal(0x4D, File.ReadAllBytes(_folder.File("a.pcap"))[0]);
        Assert.StartsWith("{\"displayTimeUnit\"", File.ReadAllText(_folder.File("a.json")), StringComparison.Ordinal);
        Assert.Equal("", _error.ToString());
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("a", "b")]
    public void Export_is_to_one_format(string? pcap, string? perfetto) =>
        Refuses("trace export: give one of --pcap FILE and --perfetto FILE", TraceExport.Run("none", pcap, perfetto, _error));

    [Fact]
    public void A_bad_line_is_named()
    {
        var trace = Write(_folder, MessagePassing);
        File.AppendAllText(trace, "{\n");
        Refuses($"{trace}:11: not a JSON object of a trace's fields", TraceShow.Run(trace, null, null, null, _output, _error));
    }

    [Fact]
    public void A_file_that_cannot_be_read_or_written_is_one_line()
    {
        var trace = Write(_folder, MessagePassing);
        var missing = _folder.File("none/out");
        Refuses($"{missing}: Could not find a part of the path '{missing}'.", TraceShow.Run(missing, null, null, null, _output, _error));
        Refuses($"{missing}: Could not find a part of the path '{missing}'.", TraceShow.Run(trace, missing, null, null, _output, _error));
        Refuses($"{missing}: Could not find a part of the path '{missing}'.", TraceExport.Run(trace, missing, null, _error));
        Refuses("the name of the file to write is empty", TraceExport.Run(trace, null, "", _error));
    }

    [Fact]
    public void A_trace_is_not_written_over()
    {
        var trace = Write(_folder, MessagePassing);
        Refuses($"{trace}: that is the trace itself; give the output another name", TraceShow.Run(trace, trace, null, null, _output, _error));
        Assert.True(TraceReader.Read(trace).IsOk);
    }

    private void Refuses(string mistake, int status)
    {
        Assert.Equal((2, $"emulator: {mistake}\n"), (status, _error.ToString()));
        _ = _error.GetStringBuilder().Clear();
    }
}
