using System.ComponentModel;
using System.Diagnostics;

namespace Emulator.Host.Tests.Disks;

/// <summary>A block device whose bytes are a file's, where this process may make one.</summary>
internal sealed class LoopDevice : IDisposable
{
    private readonly string _said;

    public LoopDevice(string file) => _said = Run("--find", "--show", file);

    /// <summary>Why there is none, or null.</summary>
    public string? WhyNot => _said.StartsWith("/dev/loop", StringComparison.Ordinal) ? null : $"no loop device: {_said}";

    public string Path => _said;

    public void Dispose()
    {
        if (WhyNot is null)
        {
            Run("--detach", Path);
        }
    }

    private static string Run(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("losetup", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return said.Trim();
        }
        catch (Win32Exception e)
        {
            return e.Message;
        }
    }
}
