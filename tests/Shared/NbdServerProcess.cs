using System.Diagnostics;
using System.Net.Sockets;

namespace Emulator.Tests;

/// <summary>Somebody else's NBD server, on a Unix socket.</summary>
internal sealed class NbdServerProcess : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private NbdServerProcess(Process process) => _process = process;

    /// <summary>True if there is such a program; a test that needs it is skipped otherwise.</summary>
    public static bool IsInstalled(string program) => Find(program) is not null;

    /// <summary>Skips a test without the program.</summary>
    public static void Need(string program) => Assert.SkipUnless(IsInstalled(program), $"{program} is not installed");

    /// <summary>Serves an image by qemu-nbd, to one client after another.</summary>
    /// <param name="socket">Where.</param>
    /// <param name="image">A file.</param>
    /// <param name="format">Of the file.</param>
    /// <param name="more">More words.</param>
    public static NbdServerProcess StartQemu(string socket, string image, string format = "raw", params string[] more) =>
        Start("qemu-nbd", socket, ["--persistent", "--shared", "4", "--format", format, "--cache", "writeback", "--discard", "unmap", "--socket", socket, .. more, image]);

    /// <summary>Starts nbdkit.</summary>
    /// <param name="socket">Where.</param>
    /// <param name="words">A plugin, filters, and what they take.</param>
    public static NbdServerProcess StartKit(string socket, params string[] words) =>
        Start("nbdkit", socket, ["--foreground", "--exit-with-parent", "--newstyle", "--unix", socket, .. words]);

    /// <summary>Kills it as a loss of power would.</summary>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static NbdServerProcess Start(string program, string socket, string[] words)
    {
        File.Delete(socket);
        var process = Process.Start(new ProcessStartInfo(Find(program)!, words) { RedirectStandardError = true })!;
        var begin = Stopwatch.GetTimestamp();
        while (!Listens(socket))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(begin) > s_patience)
            {
                process.Kill();
                Assert.Fail($"{program} does not listen: {process.StandardError.ReadToEnd()}");
            }

            Thread.Yield();
        }

        process.BeginErrorReadLine();
        return new NbdServerProcess(process);
    }

    private static bool Listens(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
