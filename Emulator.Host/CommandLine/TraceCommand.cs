using System.CommandLine;
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
        return new Command("trace", "Looks at a trace of DMA.") { check };
    }
}
