using System.Diagnostics;

namespace Emulator.Host.Testing;

/// <summary>What a run gave.</summary>
/// <param name="ExitStatus">The process's exit status; null if it had to be killed.</param>
/// <param name="Output">Standard output's bytes.</param>
/// <param name="Error">Standard error's text.</param>
/// <param name="Duration">Wall time.</param>
internal sealed record ChildRun(int? ExitStatus, byte[] Output, string Error, TimeSpan Duration)
{
    /// <summary>Runs a program in a process of its own.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its words.</param>
    /// <param name="input">Its standard input.</param>
    /// <param name="limit">It is killed after this long.</param>
    /// <param name="cancellation">Kills it at once.</param>
    /// <param name="folder">What its words' paths are relative to; this process's own if null.</param>
    public static async Task<ChildRun> StartAsync(
        string program, IEnumerable<string> arguments, string input, TimeSpan limit, CancellationToken cancellation, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(limit);
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var killed = false;
        try
        {
            await FeedAsync(process, input).ConfigureAwait(false);
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            killed = true;
            process.Kill(entireProcessTree: true);
        }

        await reading.ConfigureAwait(false);
        var text = await errors.ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return new ChildRun(killed ? null : process.ExitCode, output.ToArray(), text, clock.Elapsed);
    }

    private static async Task FeedAsync(Process process, string input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended without reading all of it.
        }
    }
}
