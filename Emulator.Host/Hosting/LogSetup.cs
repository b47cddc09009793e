using System.Globalization;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Emulator.Host.Hosting;

/// <summary>The log: Serilog, to standard error or a file.</summary>
internal static class LogSetup
{
    /// <summary>Opens the log.</summary>
    /// <param name="level">What is written.</param>
    /// <param name="output">Where to.</param>
    public static Logger Open(LogLevel level, TextWriter output) => new LoggerConfiguration()
        .MinimumLevel.Is(level switch
        {
            LogLevel.Trace => LogEventLevel.Verbose,
            LogLevel.Debug => LogEventLevel.Debug,
            LogLevel.Information => LogEventLevel.Information,
            LogLevel.Warning => LogEventLevel.Warning,
            LogLevel.Error => LogEventLevel.Error,
            _ => LogEventLevel.Fatal + 1,
        })
        .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
        .WriteTo.Sink(new WriterSink(output))
        .CreateLogger();

    /// <summary>One line an event; the console is not touched (see <see cref="StandardStreams"/>).</summary>
    private sealed class WriterSink(TextWriter output) : ILogEventSink
    {
        private readonly MessageTemplateTextFormatter _format =
            new("emulator: {Level:w}: {SourceContext}: {Message:l}{NewLine}{Exception}", CultureInfo.InvariantCulture);

        public void Emit(LogEvent logEvent)
        {
            using var line = new StringWriter(CultureInfo.InvariantCulture);
            _format.Format(logEvent, line);
            output.Write(line.ToString());
        }
    }
}
