using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>MODE SENSE and MODE SELECT.</summary>
public sealed class ScsiModeTests : IDisposable
{
    private const int Wce = 4;

    private readonly HeldBackEnd _backEnd = new(1 << 20);
    private readonly ScsiRig _rig;

    public ScsiModeTests()
    {
        _rig = new ScsiRig(_backEnd);
        _rig.TakeAttention();
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(0x3F, 92)]
    [InlineData(0x01, 12)]
    [InlineData(0x03, 24)]
    [InlineData(0x04, 24)]
    [InlineData(0x08, 20)]
    [InlineData(0x0A, 12)]
    public void The_pages_in_every_header_and_for_every_control(byte page, int length)
    {
        for (var control = 0; control < 3; control++)
        {
            var selector = (byte)((control << 6) | page);
            foreach (var (flags, descriptor) in new[] { (0x00, 8), (0x08, 0) })
            {
                var small = _rig.Ask([0x1A, (byte)flags, selector, 0, 255, 0]);
                Assert.Equal((4 + descriptor + length, descriptor), (small.Length, small[3]));
                Assert.Equal(small.Length - 1, small[0]);
                Assert.Equal(0x10, small[2]);
            }

            foreach (var (flags, descriptor) in new[] { (0x00, 8), (0x08, 0), (0x10, 16), (0x18, 0) })
            {
                var large = _rig.Ask([0x5A, (byte)flags, selector, 0, 0, 0, 0, 1, 0, 0]);
                Assert.Equal((8 + descriptor + length, descriptor), (large.Length, BinaryPrimitives.ReadUInt16BigEndian(large.AsSpan(6))));
                Assert.Equal(large.Length - 2, BinaryPrimitives.ReadUInt16BigEndian(large));
                Assert.Equal(descriptor == 16 ? 1 : 0, large[4]);
                if (descriptor > 0)
                {
                    Assert.Equal(512u, BinaryPrimitives.ReadUInt32BigEndian(large.AsSpan(8 + descriptor - 4)));
                }
            }
        }
    }

    [Fact]
    public void Saved_values_and_pages_that_are_not_there_are_refused()
    {
        Assert.Equal((ScsiStatus.CheckCondition, "05/39/00"), _rig.Run([0x1A, 0, 0xC8, 0, 255, 0]));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run([0x1A, 0, 0x1C, 0, 255, 0]));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run([0x1A, 0, 0x08, 1, 255, 0]));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(Select(24, 0x00), new byte[24]));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(Select(24, 0x11), new byte[24]));
    }

    [Fact]
    public void A_disk_that_is_read_only_says_so_and_refuses_writes()
    {
        using var rig = new ScsiRig(new HeldBackEnd(1 << 20) { IsReadOnly = true });
        rig.TakeAttention();
        Assert.Equal(0x90, rig.Ask([0x1A, 0, 0x08, 0, 255, 0])[2]);
        foreach (var code in new byte[] { 0x2A, 0x2E, 0x41 })
        {
            Assert.Equal((ScsiStatus.CheckCondition, "07/27/00"), rig.Run(ScsiRig.Command10(code, 0, 1), new byte[512]));
        }
    }

    [Fact]
    public void The_cache_is_flushed_before_it_is_off()
    {
        Assert.Equal(Wce, Caching());
        var write = Begin(ScsiRig.Command10(0x2A, 0, 1), new byte[512]);
        var select = Begin(Select(24), List(0));

        // It waits for what may not be stable.
        Assert.Equal(BlockOperation.Write, Assert.Single(_backEnd.Held).Operation);
        Assert.False(_backEnd.Held[0].ForceUnitAccess);
        End(BlockStatus.Ok);
        Assert.Equal(ScsiTaskState.Ended, write.State);
        _rig.Finish(select, new(List(0)));
        Assert.Equal(BlockOperation.Flush, Assert.Single(_backEnd.Held).Operation);
        Assert.Equal(ScsiTaskState.Busy, select.State);
        End(BlockStatus.Ok);
        Assert.Equal((ScsiTaskState.Ended, ScsiStatus.Good), (select.State, select.Status));
        Assert.Equal((0, Wce), (Caching(), Caching(2)));

        _ = Begin(ScsiRig.Command10(0x2A, 0, 1), new byte[512]);
        Assert.True(Assert.Single(_backEnd.Held).ForceUnitAccess);
        End(BlockStatus.Ok);
        _rig.OnThread(_rig.Unit.Reset);
        _rig.TakeAttention();
        Assert.Equal(Wce, Caching());
    }

    [Fact]
    public void If_the_flush_fails_the_cache_stays_on()
    {
        _ = Begin(Select(24), List(0));
        End(BlockStatus.IoError);
        Assert.Equal("03/0C/00", _rig.Sense());
        Assert.Equal(Wce, Caching());
    }

    [Fact]
    public void A_reset_that_switches_a_cache_off_flushes_it()
    {
        using var rig = new ScsiRig(_backEnd, new DiskProperties { HasWriteCache = false });
        rig.TakeAttention();
        Assert.Equal(ScsiStatus.Good, rig.Run(Select(24), List(Wce)).Status);
        Assert.True(rig.Disk.HasWriteCache);
        rig.OnThread(rig.Unit.Reset);
        Assert.False(rig.Disk.HasWriteCache);
        Assert.Equal(BlockOperation.Flush, Assert.Single(_backEnd.Held).Operation);
    }

    // CVE-2021-3930.
    [Fact]
    public void Scsi_disk_MODE_SELECT_page_3F_is_an_invalid_parameter()
    {
        foreach (var page in new byte[] { 0x3F, 0x3E, 0x00, 0x48, 0x7F })
        {
            Assert.Equal((ScsiStatus.CheckCondition, "05/26/00"), _rig.Run(Select(24), List(0).With(4, page)));
        }
    }

    [Fact]
    public void Scsi_disk_MODE_SELECT_parameter_list_truncated_is_a_length_error()
    {
        for (var length = 1; length < 24; length++)
        {
            // Up to a whole header is a list without a page.
            var expected = length == 4 ? (ScsiStatus.Good, "") : (ScsiStatus.CheckCondition, "05/1A/00");
            Assert.Equal(expected, _rig.Run(Select(length), List(0)[..length]));
        }

        Assert.Equal((ScsiStatus.CheckCondition, "05/1A/00"), _rig.Run(Select(24), List(0)[..20]));
        Assert.Equal((ScsiStatus.CheckCondition, "05/26/00"), _rig.Run(Select(24), List(0).With(5, 0x11)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/1A/00"), _rig.Run(Select(24), List(0).With(5, 0xFF)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/1A/00"), _rig.Run(Select(4), [0, 0, 0, 8]));
        Assert.Equal(Wce, Caching());
    }

    // CVE-2023-42467.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(1024)]
    [InlineData(0xFFFFFF)]
    public void Scsi_disk_MODE_SELECT_block_descriptor_of_another_length_is_refused(int size)
    {
        byte[] list = [0, 0, 0, 8, 0, 0, 0, 0, 0, (byte)(size >> 16), (byte)(size >> 8), (byte)size];
        Assert.Equal((ScsiStatus.CheckCondition, "05/26/00"), _rig.Run(Select(12), list));
        Assert.Equal(ScsiStatus.Good, _rig.Run(Select(12), [0, 0, 0, 8, 0, 0, 0x08, 0, 0, 0, 2, 0]).Status);
        Assert.Equal((ScsiStatus.CheckCondition, "05/26/00"), _rig.Run(Select(12), [0, 0, 0, 8, 0, 0, 0x08, 1, 0, 0, 2, 0]));
    }

    [Fact]
    public void What_cannot_be_changed_must_be_as_it_is_and_nothing_is_changed_then()
    {
        byte[] twice = [.. List(0), .. _rig.Ask([0x1A, 8, 0x0A, 0, 255, 0])[4..]];
        twice[24 + 5] = 0x55;
        Assert.Equal((ScsiStatus.CheckCondition, "05/26/00"), _rig.Run(Select(twice.Length), twice));
        Assert.Equal([0x80, 0, 24 + 5], _rig.LastSense[15..18]);
        Assert.Equal(Wce, Caching());
    }

    private static byte[] Select(int length, byte flags = 0x10) => [0x15, flags, 0, 0, (byte)length, 0];

    private static byte[] List(byte caching) => [0, 0, 0, 0, 0x08, 0x12, caching, .. new byte[17]];

    private int Caching(int control = 0) => _rig.Ask([0x1A, 8, (byte)((control << 6) | 8), 0, 255, 0])[6];

    private ScsiTask Begin(byte[] command, byte[] data)
    {
        var task = _rig.Start(command);
        _rig.Finish(task, new(data));
        return task;
    }

    private void End(BlockStatus status)
    {
        _backEnd.End(_backEnd.Held[0], status);
        _rig.Settle();
    }
}
