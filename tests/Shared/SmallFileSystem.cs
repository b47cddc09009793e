using System.Diagnostics;

namespace Emulator.Tests;

/// <summary>A file system of 1 MiB, in a name space of its own that anybody may make; this process looks into it by way of another's root.</summary>
internal sealed class SmallFileSystem : IDisposable
{
    private const string Script = "mount -t tmpfs -o size=1m none /mnt && echo ready && cat";

    private readonly Process? _holder;

    public SmallFileSystem()
    {
        try
        {
            _holder = Process.Start(new ProcessStartInfo("unshare", ["-rm", "sh", "-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            WhyNot = _holder.StandardOutput.ReadLine() == "ready" ? null : $"no mount of its own: {_holder.StandardError.ReadToEnd()}";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            WhyNot = $"no name space of its own: {e.Message}";
        }
    }

    /// <summary>Why there is none, or null.</summary>
    public string? WhyNot { get; }

    /// <summary>A path in it.</summary>
    public string File(string name) => $"/proc/{_holder!.Id}/root/mnt/{name}";

    public void Dispose()
    {
        if (_holder is not null)
        {
            _holder.StandardInput.Close();
            _holder.WaitForExit(TimeSpan.FromSeconds(10));
            _holder.Dispose();
        }
    }
}
