namespace Emulator.Host.Tracing;

/// <summary><c>emulator trace show</c>: a trace to look at, as a page or on the console.</summary>
internal static class TraceShow
{
    /// <summary>Shows a trace.</summary>
    /// <param name="file">The trace.</param>
    /// <param name="html">The page to write; null for the console.</param>
    /// <param name="first">How many events from the start; null for no such limit.</param>
    /// <param name="last">How many up to the end; null for no such limit. With both, those between are left out.</param>
    /// <param name="output">The console.</param>
    /// <param name="error">The one line of a mistake.</param>
    /// <returns>The exit status.</returns>
    public static int Run(string file, string? html, int? first, int? last, TextWriter output, TextWriter error)
    {
        if (!TraceConversion.Read(file, first, last).Get(out var picture, out var mistake))
        {
            return TraceConversion.Refuse(error, mistake);
        }

        if (html is not null)
        {
            return TraceConversion.Write(file, html, error, stream => TracePage.Write(stream, Path.GetFileName(file), picture));
        }

        TraceTable.Write(output, picture);
        return ExitStatus.Success;
    }
}
