using System.Diagnostics;
using Emulator.Host.Testing;
using Emulator.Tests;

namespace Emulator.Guests.Tests;

/// <summary>A guest whose disk is on a file system without room.</summary>
public sealed class StoppedMachineTests : IDisposable
{
    private const double Seconds = 60;

    private readonly SmallFileSystem _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("virtio", "parallel")]
    [InlineData("scsi", "parallel")]
    [InlineData("virtio", "deterministic")]
    public async Task A_machine_whose_host_has_no_room_stops_and_goes_on_when_there_is_some(string type, string schedule)
    {
        Assert.SkipWhen(_files.WhyNot is not null, _files.WhyNot ?? "");
        await using (var file = File.Create(_files.File("image")))
        {
            file.SetLength(64 << 20);
        }

        await File.WriteAllBytesAsync(_files.File("ballast"), new byte[1000 << 10], TestContext.Current.CancellationToken);
        Assert.True(Manifest.Load(null).Get(out var manifest, out var mistake), mistake);
        var image = new GuestImage { Name = "disk-requests", File = "build/disk-requests.elf", Append = "requests=64" };
        string[] words =
        [
            "run", .. GuestCommandLine.Build(image, manifest.Folder), "-drive", $"file={_files.File("image")},format=raw,if={type}",
            "-schedule", schedule, "--timeout", $"{Seconds}",
        ];
        using var emulator = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "emulator"), words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = emulator.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string? said;
        do
        {
            // The log, before it.
            said = await emulator.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (said?.Contains(" warning: ", StringComparison.Ordinal) == true);

        Assert.Matches($"^emulator: drive {type}0.*: Write of 512 bytes at [0-9]+: the host has no room; the machine is stopped: kill -CONT {emulator.Id} ", said);
        File.Delete(_files.File("ballast"));
        using (var kill = Process.Start("kill", ["-CONT", $"{emulator.Id}"]))
        {
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await emulator.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(emulator.ExitCode == 1, await output);
    }
}
