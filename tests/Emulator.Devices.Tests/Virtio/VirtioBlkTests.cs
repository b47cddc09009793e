using System.Buffers.Binary;
using System.Text;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Requests of a block device: what they do to the disk, what comes back.</summary>
public class VirtioBlkTests
{
    public static TheoryData<int> Lengths => [512, 1024, 65536, 131072, 131584, 300 * 512, 640 * 1024];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void What_was_written_is_read(int length)
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        var data = Data(length);
        Assert.Equal(VirtioBlkStatus.Ok, queue.Write(7, data));
        Assert.Equal(data, queue.Read(7, length));
        Assert.Equal(data.AsSpan(512), queue.Read(8, length).AsSpan(0, length - 512));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_request_may_be_cut_in_any_way(bool isIndirect, bool isWrite)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new VirtioBoard();
        var queue = board.Start(size: 256)[0];
        for (var round = 0; round < 100; round++)
        {
            var length = 512 * random.Next(1, 9);
            var data = Data(length, round);
            if (!isWrite)
            {
                Assert.Equal(VirtioBlkStatus.Ok, queue.Write(3, data));
            }

            var readable = VirtioBoard.Header(isWrite ? VirtioBlkType.Out : VirtioBlkType.In, 3).Concat(isWrite ? data : []).ToArray();
            var writable = (isWrite ? 0 : length) + 1;
            var buffers = Cut(random, queue.Memory, readable.Length).ToList();
            var reads = buffers.Count;
            buffers.AddRange(Cut(random, queue.Memory + 0x20000, writable));
            board.Put(queue.Memory, readable);
            board.Put(queue.Memory + 0x20000, Enumerable.Repeat((byte)0xEE, writable).ToArray());
            Place(queue, isIndirect, reads, buffers);
            queue.Add(0);
            queue.Kick();
            Assert.Equal((0, (uint)writable), queue.Receive());
            var written = board.Bytes(queue.Memory + 0x20000, writable);
            Assert.True(written[^1] == 0, $"seed {seed}");
            Assert.True(isWrite ? data.AsSpan().SequenceEqual(queue.Read(3, length)) : data.AsSpan().SequenceEqual(written.AsSpan(0, length)), $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void The_serial_number_is_what_there_is_room_for()
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        var (status, written, data) = queue.Do(VirtioBlkType.GetId, 0, 20);
        Assert.Equal((VirtioBlkStatus.Ok, 21U), (status, written));
        Assert.Equal("serial number\0\0\0\0\0\0\0", Encoding.ASCII.GetString(board.Bytes(data, 20)));
        Assert.Equal((VirtioBlkStatus.Ok, 5U), (queue.Do(VirtioBlkType.GetId, 0, 4).Status, queue.Do(VirtioBlkType.GetId, 0, 4).Written));
        Assert.Equal((VirtioBlkStatus.Ok, 20U), (queue.Do(VirtioBlkType.GetId, 0, 30).Status, queue.Do(VirtioBlkType.GetId, 0, 30).Written));
    }

    [Theory]
    [InlineData(VirtioBlkType.Discard)]
    [InlineData(VirtioBlkType.WriteZeroes)]
    public void What_is_given_up_reads_as_zeroes_here(VirtioBlkType type)
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        queue.Write(0, Data(4096));
        Assert.Equal(VirtioBlkStatus.Ok, queue.Do(type, 0, 0, Range(2, 3, 0)).Status);
        var expected = Data(4096);
        expected.AsSpan(1024, 1536).Clear();
        Assert.Equal(expected, queue.Read(0, 4096));
    }

    [Theory]
    [InlineData(VirtioBlkType.Discard, 0UL, 1U, 1U, VirtioBlkStatus.Unsupported)]
    [InlineData(VirtioBlkType.WriteZeroes, 0UL, 1U, 1U, VirtioBlkStatus.Ok)]
    [InlineData(VirtioBlkType.WriteZeroes, 0UL, 1U, 2U, VirtioBlkStatus.Unsupported)]
    [InlineData(VirtioBlkType.Discard, 16383UL, 1U, 0U, VirtioBlkStatus.Ok)]
    [InlineData(VirtioBlkType.Discard, 16383UL, 2U, 0U, VirtioBlkStatus.IoError)]
    [InlineData(VirtioBlkType.Discard, 0UL, 0xFFFF_FFFFU, 0U, VirtioBlkStatus.IoError)]
    [InlineData(VirtioBlkType.WriteZeroes, ulong.MaxValue, 1U, 0U, VirtioBlkStatus.IoError)]
    [InlineData(VirtioBlkType.WriteZeroes, 0x7F_FFFF_FFFF_FFFFUL, 8U, 0U, VirtioBlkStatus.IoError)]
    public void Ranges_that_are_wrong_are_refused(VirtioBlkType type, ulong sector, uint sectors, uint flags, VirtioBlkStatus expected)
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        Assert.Equal(expected, queue.Do(type, 0, 0, Range(sector, sectors, flags)).Status);
        Assert.Equal(VirtioBlkStatus.Unsupported, queue.Do(type, 0, 0, [.. Range(0, 1, 0), .. Range(1, 1, 0)]).Status);
        Assert.Equal(VirtioBlkStatus.IoError, queue.Do(type, 0, 0, Range(0, 1, 0).AsSpan(0, 15)).Status);
        Assert.False(board.NeedsReset);
    }

    [Theory]
    [InlineData(VirtioBlkType.In, 16384UL, 512)]
    [InlineData(VirtioBlkType.In, 16383UL, 1024)]
    [InlineData(VirtioBlkType.In, ulong.MaxValue, 512)]
    [InlineData(VirtioBlkType.In, 0x7F_FFFF_FFFF_FFFFUL, 512)]
    [InlineData(VirtioBlkType.In, 0x80_0000_0000_0000UL, 512)]
    [InlineData(VirtioBlkType.In, 0UL, 511)]
    [InlineData(VirtioBlkType.Out, 16384UL, 512)]
    [InlineData(VirtioBlkType.Out, 0UL, 100)]
    [InlineData(VirtioBlkType.Out, 16000UL, 300 * 1024)]
    public void What_is_not_whole_blocks_of_the_disk_is_an_error_and_nothing_is_done(VirtioBlkType type, ulong sector, int length)
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        Assert.Equal(
            (VirtioBlkStatus.IoError, type == VirtioBlkType.In ? 0U : 1U),
            type == VirtioBlkType.In ? First(queue.Do(type, sector, length)) : First(queue.Do(type, sector, 0, Data(length))));
        Assert.Equal(new byte[512 * 384], queue.Read(16000, 512 * 384));
    }

    [Fact]
    public void A_logical_block_of_4096_bytes_is_the_least_there_is()
    {
        using var board = new VirtioBoard(properties: new DiskProperties { LogicalBlockSize = 4096, PhysicalBlockSize = 16384 });
        var queue = board.Start()[0];
        Assert.Equal(4096UL, board.Device(VirtioBlkConfiguration.BlockSize, 4));
        Assert.Equal(0x0004_0002UL, board.Device(VirtioBlkConfiguration.Topology, 4));
        Assert.Equal(VirtioBlkStatus.Ok, queue.Write(8, Data(4096)));
        Assert.Equal(VirtioBlkStatus.IoError, queue.Write(8, Data(512)));
        Assert.Equal(VirtioBlkStatus.IoError, queue.Write(1, Data(4096)));
        Assert.Equal(VirtioBlkStatus.IoError, queue.Do(VirtioBlkType.In, 4, 4096).Status);
    }

    [Fact]
    public void The_configuration_is_what_the_disk_is()
    {
        using var board = new VirtioBoard(new VirtioBlkOptions { Queues = 4, QueueSize = 512, MostBytes = 65536 });
        Assert.Equal((ulong)VirtioBoard.DiskLength / 512, board.Device(VirtioBlkConfiguration.Capacity, 8));
        Assert.Equal(65536UL, board.Device(VirtioBlkConfiguration.SizeMax, 4));
        Assert.Equal(510UL, board.Device(VirtioBlkConfiguration.SegMax, 4));
        Assert.Equal(16UL | (16 << 16) | (63 << 24), board.Device(VirtioBlkConfiguration.Geometry, 4));
        Assert.Equal(4UL, board.Device(VirtioBlkConfiguration.Queues, 2));
        Assert.Equal(1UL, board.Device(VirtioBlkConfiguration.MaxDiscardSegments, 4));
        Assert.Equal(4UL, board[VirtioPciRegister.Queues]);
        const VirtioBlkFeatures All = VirtioBlkFeatures.SizeMax | VirtioBlkFeatures.SegMax | VirtioBlkFeatures.Geometry | VirtioBlkFeatures.BlockSize
            | VirtioBlkFeatures.Flush | VirtioBlkFeatures.Topology | VirtioBlkFeatures.ConfigurableCache | VirtioBlkFeatures.MultipleQueues
            | VirtioBlkFeatures.Discard | VirtioBlkFeatures.WriteZeroes;
        Assert.Equal(
            (VirtioFeatures)All | VirtioFeatures.IndirectDescriptors | VirtioFeatures.EventIndex | VirtioFeatures.Version1,
            board.Offered);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void As_many_requests_as_queues_have_room_for_are_under_way_at_once(int queues)
    {
        using var board = new VirtioBoard(new VirtioBlkOptions { Queues = queues });
        var drivers = board.Start(board.Offered, queues, 256);
        for (var round = 0; round < 20; round++)
        {
            foreach (var driver in drivers)
            {
                for (var i = 0; i < 85; i++)
                {
                    driver.Request(i * 3, VirtioBlkType.In, (ulong)i, 512);
                    driver.Add(i * 3);
                }

                driver.Kick();
            }

            foreach (var driver in drivers)
            {
                var heads = Enumerable.Range(0, 85).Select(_ => driver.Receive()).ToList();
                Assert.All(heads, head => Assert.Equal(513U, head.Written));
                Assert.Equal(Enumerable.Range(0, 85).Select(i => i * 3), heads.Select(head => head.Head).Order());
            }
        }
    }

    internal static byte[] Range(ulong sector, uint sectors, uint flags)
    {
        var range = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(range, sector);
        BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(8), sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(range.AsSpan(12), flags);
        return range;
    }

    internal static byte[] Data(int length, int seed = 1)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }

    private static (VirtioBlkStatus Status, uint Written) First((VirtioBlkStatus Status, uint Written, ulong Data) result) => (result.Status, result.Written);

    private static IEnumerable<DmaSegment> Cut(Random random, ulong address, int length)
    {
        while (length > 0)
        {
            var piece = random.Next(3) switch { 0 => 1, 1 => random.Next(1, 20), _ => random.Next(1, 2000) };
            piece = Math.Min(piece, length);
            yield return new DmaSegment(address, (uint)piece);
            address += (ulong)piece;
            length -= piece;
        }
    }

    private static void Place(VirtioQueueDriver queue, bool isIndirect, int readable, List<DmaSegment> buffers)
    {
        const int Most = 200;
        while (buffers.Count > Most && !isIndirect)
        {
            // Too many for the queue: neighbours become one.
            var at = buffers.Count - 2 > readable ? buffers.Count - 2 : 0;
            buffers[at] = new DmaSegment(buffers[at].Address, buffers[at].Length + buffers[at + 1].Length);
            buffers.RemoveAt(at + 1);
        }

        if (!isIndirect)
        {
            queue.Chain(0, readable, [.. buffers]);
            return;
        }

        var table = queue.Memory + 0x40000;
        for (var i = 0; i < buffers.Count; i++)
        {
            var isLast = i == buffers.Count - 1;
            queue.Descriptor(table, i, buffers[i].Address, buffers[i].Length, (i >= readable ? VirtqueueDescriptorBits.Write : 0) | (isLast ? 0 : VirtqueueDescriptorBits.Next), i + 1);
        }

        queue.Descriptor(0, table, (uint)buffers.Count * 16, VirtqueueDescriptorBits.Indirect);
    }
}
