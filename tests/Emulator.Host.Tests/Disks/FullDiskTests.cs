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
        // The host cannot write back what such a device has taken, because the file system behind it is full.
        using var loop = new LoopDevice(_files.File("image"));
        Assert.SkipWhen(loop.WhyNot is not null, loop.WhyNot ?? "");
        using var rig = DriveRig.Open($"file={loop.Path},format=raw");
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
}
