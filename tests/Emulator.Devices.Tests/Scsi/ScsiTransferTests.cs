using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>READ, WRITE, VERIFY and what else moves blocks.</summary>
public sealed class ScsiTransferTests : IDisposable
{
    private const int Blocks = 4096;

    private readonly ScsiRig _rig = ScsiRig.OfRam(Blocks * 512);

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(0x0A, 0x08, 6)]
    [InlineData(0x2A, 0x28, 10)]
    [InlineData(0xAA, 0xA8, 12)]
    [InlineData(0x8A, 0x88, 16)]
    [InlineData(0x2E, 0x28, 10)]
    [InlineData(0xAE, 0xA8, 12)]
    [InlineData(0x8E, 0x88, 16)]
    public void What_was_written_is_read(byte write, byte read, int length)
    {
        var data = Pattern(7, write);
        Assert.Equal(ScsiStatus.Good, _rig.Run(Command(write, length, 100, 7), data).Status);
        Assert.Equal(data, _rig.Ask(Command(read, length, 100, 7)));
        Assert.Equal(new byte[512], _rig.Ask(Command(read, length, 99, 1)));
        Assert.Equal(new byte[512], _rig.Ask(Command(read, length, 107, 1)));
    }

    [Fact]
    public void READ_6_of_length_0_is_256_blocks_and_the_others_none()
    {
        Assert.Equal(256 * 512, _rig.Ask(Command(0x08, 6, 0, 0)).Length);
        Assert.Empty(_rig.Ask(Command(0x28, 10, 0, 0)));
        Assert.Empty(_rig.Ask(Command(0x28, 10, Blocks, 0)));
    }

    [Fact]
    public void A_transfer_longer_than_a_buffer_comes_in_pieces()
    {
        var data = Pattern(1000, 5);
        Assert.Equal(ScsiStatus.Good, _rig.Run(Command(0x2A, 10, 3, 1000), data).Status);
        Assert.Equal(data, _rig.Ask(Command(0x88, 16, 3, 1000)));
    }

    [Theory]
    [InlineData(Blocks, 1)]
    [InlineData(Blocks - 1, 2)]
    [InlineData(Blocks + 1, 0)]
    [InlineData(ulong.MaxValue, 1)]
    [InlineData(ulong.MaxValue, uint.MaxValue)]
    [InlineData(1ul << 63, 1)]
    [InlineData(0, uint.MaxValue)]
    public void What_reaches_past_the_end_is_out_of_range(ulong block, uint count)
    {
        foreach (var code in new byte[] { 0x88, 0x8A, 0x8E, 0x8F, 0x91 })
        {
            Assert.Equal((ScsiStatus.CheckCondition, "05/21/00"), _rig.Run(ScsiRig.Command16(code, block, count)));
        }
    }

    [Fact]
    public void A_read_whose_initiator_has_no_more_room_ends_early_and_well()
    {
        var task = _rig.Start(Command(0x28, 10, 0, 600));
        _rig.Settle();
        _rig.Finish(task, new([]) { Room = 1000 });
        Assert.Equal((ScsiTaskState.Ended, ScsiStatus.Good), (task.State, task.Status));
    }

    [Fact]
    public void A_write_whose_data_ends_early_fails_and_leaves_the_rest_as_it_was()
    {
        Assert.Equal((ScsiStatus.CheckCondition, "0B/4B/00"), _rig.Run(Command(0x2A, 10, 0, 2), Pattern(1, 1)));
        Assert.Equal(new byte[1024], _rig.Ask(Command(0x28, 10, 0, 2)));
    }

    [Fact]
    public void VERIFY_BYTCHK_1_compares_and_0_only_reads()
    {
        var data = Pattern(600, 9);
        _ = _rig.Run(Command(0x2A, 10, 0, 600), data);
        Assert.Equal(ScsiStatus.Good, _rig.Run(Command(0x2F, 10, 0, 600, 0x02), data).Status);
        Assert.Equal(ScsiStatus.Good, _rig.Run(Command(0x2F, 10, 0, 600)).Status);
        data[(555 * 512) + 3] ^= 1;
        Assert.Equal((ScsiStatus.CheckCondition, "0E/1D/00"), _rig.Run(Command(0x2F, 10, 0, 600, 0x02), data));
        Assert.Equal([0xF0, 0, 0x0E, 0, 0, 2, 43], _rig.LastSense[..7]);
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(Command(0x2F, 10, 0, 1, 0x06), data));
    }

    [Fact]
    public void WRITE_SAME_fills_and_an_unaligned_tail_is_filled_too()
    {
        var block = Pattern(1, 3);
        Assert.Equal(ScsiStatus.Good, _rig.Run(Command(0x41, 10, 5, 777), block).Status);
        var data = _rig.Ask(Command(0x28, 10, 4, 779));
        Assert.Equal(new byte[512], data[..512]);
        Assert.Equal(new byte[512], data[(778 * 512)..]);
        for (var index = 1; index < 778; index++)
        {
            Assert.Equal(block, data[(index * 512)..((index + 1) * 512)]);
        }

        Assert.Equal(ScsiStatus.Good, _rig.Run(ScsiRig.Command16(0x93, 6, 775, 0x01)).Status);
        data = _rig.Ask(Command(0x28, 10, 5, 777));
        Assert.Equal(block, data[..512]);
        Assert.Equal(block, data[(776 * 512)..]);
        Assert.True(data.AsSpan(512..(776 * 512)).IndexOfAnyExcept((byte)0) < 0);
    }

    [Theory]
    [InlineData(0u, 0x00)]
    [InlineData(ScsiWriteSame.MaximumBlocks + 1, 0x00)]
    [InlineData(1u, 0x10)]
    [InlineData(1u, 0x20)]
    public void WRITE_SAME_of_nothing_of_too_much_with_ANCHOR_or_with_protection_is_refused(uint count, byte flags) =>
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.Command16(0x93, 0, count, flags), Pattern(1, 1)));

    [Fact]
    public void UNMAP_discards_each_range()
    {
        _ = _rig.Run(Command(0x2A, 10, 0, 100), Pattern(100, 1));
        Assert.Equal(ScsiStatus.Good, _rig.Run(ScsiRig.Command10(0x42, 0, 40), Unmap((10, 20), (0, 0))).Status);
        var data = _rig.Ask(Command(0x28, 10, 0, 100));
        Assert.Equal(new byte[20 * 512], data[(10 * 512)..(30 * 512)]);
        Assert.Equal(Pattern(100, 1)[(30 * 512)..], data[(30 * 512)..]);
        Assert.Equal(ScsiStatus.Good, _rig.Run(ScsiRig.Command10(0x42, 0, 56), Unmap((10, 20), (0, 0), (99, 1))).Status);
        Assert.Equal(new byte[512], _rig.Ask(Command(0x28, 10, 99, 1)));
    }

    [Fact]
    public void UNMAP_lists_that_are_wrong_change_nothing()
    {
        var data = Pattern(100, 1);
        _ = _rig.Run(Command(0x2A, 10, 0, 100), data);
        Refused("05/1A/00", Unmap((0, 1))[..7]);
        Refused("05/1A/00", Unmap((0, 1))[..23]);
        Refused("05/21/00", Unmap((0, 1), (Blocks, 1)));
        Refused("05/21/00", Unmap((0, 1), (ulong.MaxValue, 2)));
        Refused("05/26/00", Unmap([.. Enumerable.Repeat((0ul, 1u), 257)]));
        Refused("05/26/00", Unmap((0, 1), (0, ScsiUnmap.MaximumBlocks)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/1A/00"), _rig.Run(ScsiRig.Command10(0x42, 0, 24), Unmap((0, 1))[..20]));
        Assert.Equal((ScsiStatus.CheckCondition, "05/24/00"), _rig.Run(ScsiRig.Command10(0x42, 0, 24, 1), Unmap((0, 1))));
        Assert.Equal(ScsiStatus.Good, _rig.Run(ScsiRig.Command10(0x42, 0, 0)).Status);
        Assert.Equal(data, _rig.Ask(Command(0x28, 10, 0, 100)));

        void Refused(string sense, byte[] list) => Assert.Equal((ScsiStatus.CheckCondition, sense), _rig.Run(ScsiRig.Command10(0x42, 0, list.Length), list));
    }

    [Theory]
    [InlineData(4096, 4096)]
    [InlineData(512, 4096)]
    [InlineData(32768, 32768)]
    public void Blocks_of_other_sizes(int logical, int physical)
    {
        using var rig = ScsiRig.OfRam(1 << 22, new DiskProperties { LogicalBlockSize = logical, PhysicalBlockSize = physical });
        byte[] data = [.. Enumerable.Range(0, 5 * logical).Select(i => (byte)(i / 7))];
        Assert.Equal(ScsiStatus.Good, rig.Run(ScsiRig.Command10(0x2A, 3, 5), data).Status);
        Assert.Equal(data, rig.Ask(ScsiRig.Command10(0x28, 3, 5)));
        Assert.Equal((ScsiStatus.CheckCondition, "05/21/00"), rig.Run(ScsiRig.Command10(0x28, (uint)((1 << 22) / logical), 1)));
    }

    internal static byte[] Command(byte code, int length, uint block, uint count, byte flags = 0) => length switch
    {
        6 => [code, (byte)(block >> 16), (byte)(block >> 8), (byte)block, (byte)count, 0],
        10 => ScsiRig.Command10(code, block, (int)count, flags),
        12 => ScsiRig.Command12(code, block, count, flags),
        _ => ScsiRig.Command16(code, block, count, flags),
    };

    internal static byte[] Pattern(int blocks, int seed)
    {
        var data = new byte[blocks * 512];
        new Random(seed).NextBytes(data);
        return data;
    }

    internal static byte[] Unmap(params (ulong Block, uint Count)[] ranges)
    {
        var list = new byte[8 + (16 * ranges.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(list, (ushort)(list.Length - 2));
        BinaryPrimitives.WriteUInt16BigEndian(list.AsSpan(2), (ushort)(list.Length - 8));
        for (var index = 0; index < ranges.Length; index++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(list.AsSpan(8 + (16 * index)), ranges[index].Block);
            BinaryPrimitives.WriteUInt32BigEndian(list.AsSpan(16 + (16 * index)), ranges[index].Count);
        }

        return list;
    }
}
