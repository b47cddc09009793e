namespace Emulator.Host.Tracing;

/// <summary><c>emulator trace export</c>: a trace for other programs to look at.</summary>
internal static class TraceExport
{
    /// <summary>Writes a trace in another format.</summary>
    /// <param name="file">The trace.</param>
    /// <param name="pcap">What Wireshark opens; null for none.</param>
    /// <param name="perfetto">What ui.perfetto.dev and chrome://tracing open; null for none.</param>
    /// <param name="error">The one line of a mistake.</param>
    /// <returns>The exit status.</returns>
    public static int Run(string file, string? pcap, string? perfetto, TextWriter error)
    {
        if (pcap is null == perfetto is null)
        {
            return TraceConversion.Refuse(error, "trace export: give one of --pcap FILE and --perfetto FILE");
        }

        return !TraceConversion.Read(file).Get(out var picture, out var mistake) ? TraceConversion.Refuse(error, mistake)
            : pcap is not null ? TraceConversion.Write(file, pcap, error, stream => PcapTrace.Write(stream, picture))
            : TraceConversion.Write(file, perfetto!, error, stream => PerfettoTrace.Write(stream, picture));
    }
}
