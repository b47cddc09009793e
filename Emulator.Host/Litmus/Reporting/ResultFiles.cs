namespace Emulator.Host.Litmus;

/// <summary>The files that results go to besides the console; open before anything runs, so that nobody waits in vain.</summary>
internal sealed class ResultFiles : IDisposable
{
    private readonly FileStream? _json;
    private readonly FileStream? _html;

    private ResultFiles(FileStream? json, FileStream? html, FileStream? trace) => (_json, _html, Trace) = (json, html, trace);

    /// <summary>Where the trace goes, if one is asked for.</summary>
    public FileStream? Trace { get; }

    /// <summary>Opens them.</summary>
    /// <param name="json">A path, or null.</param>
    /// <param name="html">A path, or null.</param>
    /// <param name="trace">A path, or null.</param>
    public static Result<ResultFiles> Open(string? json, string? html, string? trace)
    {
        if (!Create("--json", json).Get(out var jsonFile, out var mistake)
            || !Create("--html", html).Get(out var htmlFile, out mistake)
            || !Create("--trace", trace).Get(out var traceFile, out mistake))
        {
            return new Failure(mistake);
        }

        return new ResultFiles(jsonFile.Stream, htmlFile.Stream, traceFile.Stream);
    }

    /// <summary>Writes the results into those that were asked for; returns what went wrong, or null.</summary>
    public string? Write(IReadOnlyList<LitmusResult> results) =>
        Write("--json", _json, results, LitmusJson.Write) ?? Write("--html", _html, results, LitmusPage.Write);

    /// <inheritdoc/>
    public void Dispose()
    {
        _json?.Dispose();
        _html?.Dispose();
        Trace?.Dispose();
    }

    private static string? Write(
        string option, FileStream? file, IReadOnlyList<LitmusResult> results, Action<Stream, IReadOnlyList<LitmusResult>> write)
    {
        try
        {
            if (file is not null)
            {
                write(file, results);
                file.Flush();
            }

            return null;
        }
        catch (IOException e)
        {
            return $"{option} {file!.Name}: {e.Message.ReplaceLineEndings(" ")}";
        }
    }

    private static Result<(FileStream? Stream, bool)> Create(string option, string? path)
    {
        try
        {
            return (path is null ? null : File.Create(path), true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new Failure($"{option} {path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}
