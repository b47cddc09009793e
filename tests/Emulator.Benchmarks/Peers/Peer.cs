using System.Globalization;
using Emulator.Host.Testing;

namespace Emulator.Benchmarks.Peers;

/// <summary>A program that runs guests.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Program">Its file.</param>
/// <param name="First">Its words before the guest's.</param>
internal sealed record Peer(string Name, string Program, string[] First)
{
    /// <summary>This emulator.</summary>
    public static Peer Ours(string root)
    {
        var installed = Path.Combine(root, "bin", "emulator");
        return new Peer("emulator", File.Exists(installed) ? installed : Path.Combine(AppContext.BaseDirectory, "emulator"), ["run"]);
    }

    /// <summary>QEMU, compiling; null where it is not installed.</summary>
    public static Peer? FindQemu()
    {
        const string Qemu = "qemu-system-x86_64";
        var file = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, Qemu))
            .FirstOrDefault(File.Exists);
        return file is null ? null : new Peer("TCG", file, ["-accel", "tcg"]);
    }

    /// <summary>Runs a guest.</summary>
    /// <returns>Seconds of processor time in user mode.</returns>
    /// <exception cref="InvalidOperationException">The guest did not do what the manifest says.</exception>
    public async Task<double> TimeAsync(GuestImage image, string folder)
    {
        var before = ChildTime.UserSeconds;
        var limit = TimeSpan.FromSeconds(image.TimeoutSeconds);
        var run = await ChildRun.StartAsync(Program, [.. First, .. GuestCommandLine.Build(image, folder)], image.Stdin, limit, CancellationToken.None);
        var seconds = ChildTime.UserSeconds - before;
        var result = GuestResult.Judge(image, run);
        return result.Verdict == GuestVerdict.Passed
            ? seconds
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{image.Name} on {Name}: {result.Why}"));
    }
}
