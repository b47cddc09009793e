using System.Buffers.Binary;
using System.Text;

namespace Emulator.Devices.Tests;

/// <summary>What a disk says of itself.</summary>
public sealed class ScsiInquiryTests : IDisposable
{
    private readonly ScsiRig _rig = new(
        new RamBackEnd(1 << 20),
        new DiskProperties { Serial = "S/N 4711", PhysicalBlockSize = 4096 },
        new ScsiDiskIdentity { Vendor = "ACME", Product = "Anvil", Version = "7", WorldWideName = 0x5000_1234_5678_9ABC, RotationRate = 7200 });

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void It_is_a_disk_of_SPC3_on_a_wide_and_synchronous_bus_that_queues_commands()
    {
        var data = Inquiry(255);
        Assert.Equal(data[4] + 5, data.Length);
        Assert.Equal((0, 5, 2, 0x32), (data[0], data[2], data[3] & 0xF, data[7]));
        Assert.Equal("ACME    Anvil           7   ", Encoding.ASCII.GetString(data, 8, 28));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(36)]
    public void It_says_no_more_than_there_is_room_for(int room) => Assert.Equal(room, Inquiry(room).Length);

    [Fact]
    public void Each_page_in_the_list_is_there_and_no_other()
    {
        var list = Page(0);
        Assert.Equal([0x00, 0x80, 0x83, 0xB0, 0xB1, 0xB2], list[4..]);
        for (var page = 0; page < 256; page++)
        {
            var (status, sense) = _rig.Run([0x12, 1, (byte)page, 0, 255, 0], out var reply);
            if (list.AsSpan(4).Contains((byte)page))
            {
                Assert.Equal((ScsiStatus.Good, page, 4 + BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(2))), (status, reply[1], reply.Length));
            }
            else
            {
                Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), (status, sense));
            }
        }
    }

    [Fact]
    public void A_page_without_EVPD_is_an_invalid_field() => Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run([0x12, 0, 0x80, 0, 255, 0]));

    [Fact]
    public void The_serial_number_and_the_names()
    {
        Assert.Equal("S/N 4711", Encoding.ASCII.GetString(Page(0x80).AsSpan(4)));
        var names = Page(0x83);
        Assert.Equal("ACME    Anvil           S/N 4711", Encoding.ASCII.GetString(names, 8, names[7]));
        var wwn = 8 + names[7];
        Assert.Equal((0x01, 0x03, 8), (names[wwn], names[wwn + 1], names[wwn + 3]));
        Assert.Equal(0x5000_1234_5678_9ABCu, BinaryPrimitives.ReadUInt64BigEndian(names.AsSpan(wwn + 4)));
    }

    [Fact]
    public void Limits_and_characteristics()
    {
        var limits = Page(0xB0);
        Assert.Equal((0x40, 1, 8), (limits.Length, limits[4], limits[7]));
        Assert.Equal(ScsiUnmap.MaximumBlocks, BinaryPrimitives.ReadUInt32BigEndian(limits.AsSpan(20)));
        Assert.Equal(ScsiUnmap.MaximumDescriptors, BinaryPrimitives.ReadUInt32BigEndian(limits.AsSpan(24)));
        Assert.Equal(8u, BinaryPrimitives.ReadUInt32BigEndian(limits.AsSpan(28)));
        Assert.Equal(ScsiWriteSame.MaximumBlocks, BinaryPrimitives.ReadUInt64BigEndian(limits.AsSpan(36)));
        Assert.Equal(7200, BinaryPrimitives.ReadUInt16BigEndian(Page(0xB1).AsSpan(4)));
        Assert.Equal([0xE0, 0x02], Page(0xB2)[5..7]);
    }

    [Fact]
    public void Capacity_by_both_commands()
    {
        _rig.TakeAttention();
        var small = _rig.Ask(new byte[10].With(0, 0x25));
        Assert.Equal((2047u, 512u), (BinaryPrimitives.ReadUInt32BigEndian(small), BinaryPrimitives.ReadUInt32BigEndian(small.AsSpan(4))));
        var large = _rig.Ask(ScsiRig.Command16(0x9E, 0, 32, 0x10));
        Assert.Equal((2047u, 512u), ((uint)BinaryPrimitives.ReadUInt64BigEndian(large), BinaryPrimitives.ReadUInt32BigEndian(large.AsSpan(8))));
        Assert.Equal((3, 0x80), (large[13], large[14]));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.Command10(0x25, 5, 0)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.Command16(0x9E, 0, 32, 0x11)));
    }

    [Fact]
    public void Each_command_it_reports_is_there_and_every_other_is_refused()
    {
        _rig.TakeAttention();
        var list = _rig.Ask(ScsiRig.Command12(0xA3, 0, 65535, 0x0C));
        var codes = new HashSet<int>();
        for (var entry = 4; entry < list.Length; entry += 8)
        {
            codes.Add(list[entry]);
            var isActions = (list[entry + 5] & 1) != 0;
            byte[] one = [0xA3, 0x0C, (byte)(isActions ? 2 : 1), list[entry], list[entry + 2], list[entry + 3], 0, 0, 1, 0, 0, 0];
            var reply = _rig.Ask(one);
            Assert.Equal((3, list[entry + 7]), (reply[1], reply[3]));
            Assert.Equal(4 + reply[3], reply.Length);
            Assert.Equal(list[entry], reply[4]);
        }

        for (var code = 0; code < 256; code++)
        {
            if (!codes.Contains(code))
            {
                Assert.Equal((ScsiStatus.CheckCondition, "05/20/00"), _rig.Run(new byte[16].With(0, (byte)code)));
                Assert.Equal(1, _rig.Ask([0xA3, 0x0C, 1, (byte)code, 0, 0, 0, 0, 1, 0, 0, 0])[1]);
            }
        }
    }

    private byte[] Inquiry(int room) => _rig.Ask([0x12, 0, 0, 0, (byte)room, 0]);

    private byte[] Page(byte page) => _rig.Ask([0x12, 1, page, 1, 0, 0]);
}

/// <summary>Makes commands.</summary>
internal static class ScsiBytes
{
    /// <summary>The same with a byte changed.</summary>
    public static byte[] With(this byte[] bytes, int index, byte value)
    {
        bytes[index] = value;
        return bytes;
    }
}
