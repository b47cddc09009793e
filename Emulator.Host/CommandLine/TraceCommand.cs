using System.CommandLine;
using System.Globalization;
using Emulator.Host.Tracing;

namespace Emulator.Host.CommandLine;

/// <summary><c>emulator trace</c>: what can be done with the file that <c>-trace</c> has written.</summary>
internal static class TraceCommand
{
    /// <summary>The verb with its subcommands.</summary>
    /// <param name="output">What they print.</param>
    /// <param name="error">The one line of a mistake.</param>
    public static Command Create(TextWriter output, TextWriter error)
    {
        var file = new Argument<string>("FILE") { Description = "the trace" };
        var check = new Command("check", "Finds accesses that became visible in an order which their ordering forbids.") { file };
        check.SetAction(parsed => TraceCheck.Run(parsed.GetValue(file)!, output, error));
        return new Command("trace", "Looks at a trace of DMA.") { check, Show(output, error), Export(error) };
    }

    private static Command Show(TextWriter output, TextWriter error)
    {
        var file = new Argument<string>("FILE") { Description = "the trace" };
        var html = new Option<string?>("--html", "-html") { Description = "writes a page for a browser instead of a table", HelpName = "FILE" };
        var first = Count("first", "that many events from the start");
        var last = Count("last", "that many events up to the end");
        var command = new Command("show", "Shows a trace, as a table or as a page.") { file, html, first, last };
        command.SetAction(parsed => TraceShow.Run(parsed.GetValue(file)!, parsed.GetValue(html), parsed.GetValue(first), parsed.GetValue(last), output, error));
        return command;
    }

    private static Option<int?> Count(string name, string meaning) => new("--" + name, "-" + name)
    {
        Description = meaning,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
            {
                return count;
            }

            result.AddError($"--{name} {result.Tokens[0].Value}: not a number from 1");
            return null;
        },
    };

    private static Command Export(TextWriter error)
    {
        var file = new Argument<string>("FILE") { Description = "the trace" };
        var pcap = new Option<string?>("--pcap", "-pcap") { Description = "writes a capture for Wireshark", HelpName = "FILE" };
        var perfetto = new Option<string?>("--perfetto", "-perfetto") { Description = "writes JSON for ui.perfetto.dev and chrome://tracing", HelpName = "FILE" };
        var command = new Command("export", "Writes a trace in another program's format.") { file, pcap, perfetto };
        command.SetAction(parsed => TraceExport.Run(parsed.GetValue(file)!, parsed.GetValue(pcap), parsed.GetValue(perfetto), error));
        return command;
    }
}
