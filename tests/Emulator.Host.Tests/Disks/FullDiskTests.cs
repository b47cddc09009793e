using System.ComponentModel;
using System.Diagnostics;
using Emulator.Devices;
using Emulator.Tests;

namespace Emulator.Host.Tests.Disks;

/// <summary>What becomes of a drive whose host has no room.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Length = 4 << 20;

    private readonly SmallFileSystem _files = new();

    public FullDiskTests()
    {
        Assert.SkipWhen(_files.WhyNot is not null, _files.WhyNot ?? "");
        using var image = File.Create(_files.File("image"));
        image.SetLength(Length);
    }

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("writeback", false)]
    [InlineData("writeback", true)]
    [InlineData("none", false)]
    public void No_room_is_said_and_is_over_when_there_is_room(string cache, bool stable)
    {
        File.WriteAllBytes(_files.File("ballast"), new byte[512 << 10]);
        using var rig = DriveRig.Open($"file={_files.File("image")},format=raw,cache={cache}");
        var data = DriveRig.Filled(768 << 10, 3);
        Assert.Equal(BlockStatus.NoSpace, rig.Write(0, data, stable));
        Assert.Contains("No space left on device", Assert.Single(rig.Log), StringComparison.Ordinal);
        Assert.Equal(BlockStatus.NoSpace, rig.Write(Length - data.Length, data, stable));
        File.Delete(_files.File("ballast"));
        Assert.Equal(BlockStatus.Ok, rig.Write(0, data, stable));
        Assert.Equal(BlockStatus.Ok, rig.Flush());
        Assert.Equal(data, rig.Read(0, data.Length));
    }

    [Fact]
    public void Once_the_host_has_lost_a_write_no_flush_ends_well()
    {
        // A device whose pages the host cannot write back, because what is behind it is full.
        var loop = Run("losetup", "--find", "--show", _files.File("image"));
        Assert.SkipUnless(loop.StartsWith("/dev/loop", StringComparison.Ordinal), $"no loop device: {loop}");
        try
        {
            using var rig = DriveRig.Open($"file={loop},format=raw");
            Assert.Equal(Length, rig.BackEnd.Length);
            Assert.Equal(BlockStatus.Ok, rig.Write(0, DriveRig.Filled(4096, 1)));
            Assert.Equal(BlockStatus.Ok, rig.Flush());
            Assert.Equal(BlockStatus.Ok, rig.Write(0, DriveRig.Filled(Length / 2, 2)));
            Assert.NotEqual(BlockStatus.Ok, rig.Flush());
            Assert.Equal(BlockStatus.Ok, rig.Write(0, DriveRig.Filled(4096, 3)));
            Assert.Equal(BlockStatus.IoError, rig.Flush());
            Assert.Equal(BlockStatus.IoError, rig.Flush());
            Assert.Equal(DriveRig.Filled(4096, 3), rig.Read(0, 4096));
        }
        finally
        {
            Run("losetup", "--detach", loop);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
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
