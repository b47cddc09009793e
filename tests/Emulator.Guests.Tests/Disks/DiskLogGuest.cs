using System.Diagnostics;
using System.Globalization;
using Emulator.Host.Testing;

namespace Emulator.Guests.Tests.Disks;

/// <summary>An emulator that runs <c>disk-log</c>.</summary>
internal sealed class DiskLogGuest : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly Thread _reader;
    private readonly object _gate = new();
    private bool _hasEnded;

    private DiskLogGuest(Process process)
    {
        _process = process;
        _reader = new Thread(Read) { IsBackground = true };
        _reader.Start();
        process.ErrorDataReceived += (_, line) => Errors += line.Data is { } text ? $"{text}\n" : "";
        process.BeginErrorReadLine();
    }

    /// <summary>Up to which number the guest has said that all is stable.</summary>
    public int Stable { get; private set; }

    /// <summary>What else it said.</summary>
    public string Output { get; private set; } = "";

    /// <summary>What the emulator said.</summary>
    public string Errors { get; private set; } = "";

    /// <summary>Starts one.</summary>
    /// <param name="seed">The guest's.</param>
    /// <param name="writes">How many writes it makes.</param>
    /// <param name="controller">Words for the controller, and what is on it, which takes drive <c>d</c>.</param>
    /// <param name="drive">Words for the drive.</param>
    public static DiskLogGuest Start(uint seed, int writes, string controller, string drive)
    {
        Assert.True(Manifest.Load(null).Get(out var manifest, out var mistake), mistake);
        var image = new GuestImage { Name = "disk-log", File = "build/disk-log.elf", Append = $"seed={seed} writes={writes}" };
        string[] words =
        [
            "run", .. GuestCommandLine.Build(image, manifest.Folder), .. controller.Split(' '), "-drive", $"if=none,id=d,format=raw,{drive}", "--timeout", "120",
        ];
        return new DiskLogGuest(Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "emulator"), words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>Waits until that many writes are stable.</summary>
    public void WaitFor(int stable)
    {
        var begin = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (Stable < stable)
            {
                Assert.False(_hasEnded, $"the guest has ended:\n{Output}{Errors}");
                Assert.True(Monitor.Wait(_gate, s_patience - Stopwatch.GetElapsedTime(begin)), $"only {Stable} writes are stable:\n{Output}{Errors}");
            }
        }
    }

    /// <summary>Kills it with signal 9, and reads the rest of what it had said.</summary>
    public void Kill()
    {
        _process.Kill();
        Assert.True(_reader.Join(s_patience), "the emulator cannot be killed");
    }

    /// <summary>Waits for its end; returns its exit status.</summary>
    public int WaitForEnd()
    {
        Assert.True(_process.WaitForExit(s_patience) && _reader.Join(s_patience), $"the guest does not end:\n{Output}{Errors}");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private void Read()
    {
        const string Said = "stable ";
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            lock (_gate)
            {
                if (line.StartsWith(Said, StringComparison.Ordinal))
                {
                    // One that was cut off is too small.
                    _ = int.TryParse(line.AsSpan(Said.Length), CultureInfo.InvariantCulture, out var number);
                    Stable = Math.Max(Stable, number);
                }
                else
                {
                    Output += $"{line}\n";
                }

                Monitor.PulseAll(_gate);
            }
        }

        lock (_gate)
        {
            _hasEnded = true;
            Monitor.PulseAll(_gate);
        }
    }
}
