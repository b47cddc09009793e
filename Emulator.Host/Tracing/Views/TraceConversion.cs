namespace Emulator.Host.Tracing;

/// <summary>The files of <c>trace show</c> and <c>trace export</c>, and what is said if they are wrong.</summary>
internal static class TraceConversion
{
    /// <summary>Reads and checks a trace.</summary>
    /// <param name="file">The trace.</param>
    /// <param name="first">How many events from the start; null for no such limit.</param>
    /// <param name="last">How many up to the end; null for no such limit.</param>
    public static Result<TracePicture> Read(string file, int? first = null, int? last = null) => TraceReader.Read(file).Get(out var trace, out var mistake)
        ? new TracePicture(trace, TraceChecker.Check(trace.Header, trace.Events), first, last)
        : new Failure(mistake);

    /// <summary>Writes what was made of a trace.</summary>
    /// <param name="file">The trace, which is not written over.</param>
    /// <param name="path">Where to.</param>
    /// <param name="error">The one line of a mistake.</param>
    /// <param name="write">Writes it.</param>
    /// <returns>The exit status.</returns>
    public static int Write(string file, string path, TextWriter error, Action<Stream> write)
    {
        if (path.Length == 0)
        {
            return Refuse(error, "the name of the file to write is empty");
        }

        if (Path.GetFullPath(path) == Path.GetFullPath(file))
        {
            return Refuse(error, $"{path}: that is the trace itself; give the output another name");
        }

        try
        {
            using var stream = File.Create(path);
            write(stream);
            return ExitStatus.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse(error, $"{path}: {e.Message}");
        }
    }

    /// <summary>Says what is wrong.</summary>
    /// <returns>The exit status.</returns>
    public static int Refuse(TextWriter error, string mistake)
    {
        error.WriteLine($"emulator: {mistake}");
        return ExitStatus.BadCommandLine;
    }
}
