using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Requests that are wrong, disks that fail, and what must not be lost.</summary>
public class VirtioBlkHazardTests
{
    private const VirtioFeatures Flush = (VirtioFeatures)VirtioBlkFeatures.Flush;
    private const VirtioFeatures Configurable = (VirtioFeatures)VirtioBlkFeatures.ConfigurableCache;

    [Theory]
    [InlineData(15, 1)]
    [InlineData(1, 513)]
    [InlineData(16, 0)]
    [InlineData(0, 1)]
    public void CVE_2026_48914_without_a_header_or_a_status_the_device_needs_a_reset(int readable, int writable)
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        DmaSegment[] buffers = [.. Buffer(queue.Memory, readable), .. Buffer(queue.Memory + 0x1000, writable)];
        queue.Chain(0, readable > 0 ? 1 : 0, buffers);
        queue.Add(0);
        queue.Notify();
        Deadline.Until(() => board.NeedsReset, "the device needs a reset");
        Assert.Equal(VirtioBlkStatus.Ok, board.Start()[0].Do(VirtioBlkType.GetId, 0, 20).Status);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(17)]
    [InlineData(27)]
    [InlineData(unchecked((int)0x8000_0000))]
    public void CVE_2026_5761_a_type_that_is_not_offered_is_unsupported_however_short_it_is(int type)
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        Assert.Equal((VirtioBlkStatus.Unsupported, 1U), First(queue.Do((VirtioBlkType)type, 0, 0)));
        Assert.Equal((VirtioBlkStatus.Unsupported, 0U), First(queue.Do((VirtioBlkType)type, 0, 3)));
        Assert.Equal((VirtioBlkStatus.Unsupported, 1U), First(queue.Do((VirtioBlkType)type, 0, 0, [1])));
    }

    [Fact]
    public void What_is_not_offered_is_unsupported()
    {
        using var board = new VirtioBoard(new VirtioBlkOptions { HasDiscard = false, HasWriteZeroes = false });
        var queue = board.Start()[0];
        Assert.Equal(VirtioBlkStatus.Unsupported, queue.Do(VirtioBlkType.Discard, 0, 0, VirtioBlkTests.Range(0, 1, 0)).Status);
        Assert.Equal(VirtioBlkStatus.Unsupported, queue.Do(VirtioBlkType.WriteZeroes, 0, 0, VirtioBlkTests.Range(0, 1, 0)).Status);
    }

    [Theory]
    [InlineData(VirtioBoard.Modern)]
    [InlineData(VirtioBoard.Messages)]
    [InlineData(VirtioBoard.Nowhere)]
    [InlineData(VirtioBoard.Rom)]
    [InlineData(VirtioBoard.RamSize - 256)]
    [InlineData(ulong.MaxValue - 100)]
    public void CVE_2024_8612_of_a_buffer_that_is_no_memory_nothing_is_said_to_be_written(ulong address)
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        var (_, status) = queue.Request(0, VirtioBlkType.In, 0, 1024);
        queue.Descriptor(1, address, 1024, VirtqueueDescriptorBits.Write | VirtqueueDescriptorBits.Next, 2);
        queue.Add(0);
        queue.Kick();
        Assert.Equal((0, 0U), queue.Receive());
        Assert.Equal((ulong)VirtioBlkStatus.IoError, board.Load(status, 1));
        if (address != VirtioBoard.Rom)
        {
            queue.Request(0, VirtioBlkType.Out, 0, 0, new byte[1024]);
            queue.Descriptor(1, address, 1024, VirtqueueDescriptorBits.Next, 2);
            queue.Add(0);
            queue.Kick();
            Assert.Equal((0, 1U), queue.Receive());
        }

        Assert.False(board.NeedsReset);
    }

    [Fact]
    public void Of_a_long_read_that_fails_in_the_middle_what_was_written_is_said_to_be()
    {
        var disk = new WitnessBackEnd(1 << 20) { Fails = 3, With = BlockStatus.IoError };
        using var board = new VirtioBoard(backEnd: disk);
        var queue = board.Start()[0];
        Assert.Equal((VirtioBlkStatus.IoError, 128U << 10), First(queue.Do(VirtioBlkType.In, 0, 512 << 10)));
    }

    [Fact]
    public void A_status_that_cannot_be_written_needs_a_reset()
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        queue.Request(0, VirtioBlkType.GetId, 0, 20);
        queue.Descriptor(2, VirtioBoard.Rom, 1, VirtqueueDescriptorBits.Write);
        queue.Add(0);
        queue.Kick();
        Deadline.Until(() => board.NeedsReset, "the device needs a reset");
        Assert.True(queue.IsEmpty);
    }

    public static TheoryData<VirtioBlkType, BlockStatus> Failures =>
    [
        .. from type in (VirtioBlkType[])[VirtioBlkType.In, VirtioBlkType.Out, VirtioBlkType.Flush, VirtioBlkType.Discard, VirtioBlkType.WriteZeroes]
        from status in (BlockStatus[])[BlockStatus.IoError, BlockStatus.NoSpace, BlockStatus.NotSupported, BlockStatus.ReadOnly, BlockStatus.OutOfRange]
        select new TheoryDataRow<VirtioBlkType, BlockStatus>(type, status),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public void Whichever_request_fails_has_its_status_once_and_the_others_are_done(VirtioBlkType type, BlockStatus failure)
    {
        var expected = failure == BlockStatus.NotSupported ? VirtioBlkStatus.Unsupported : VirtioBlkStatus.IoError;
        var disk = new WitnessBackEnd(1 << 20);
        using var board = new VirtioBoard(backEnd: disk);
        var queue = board.Start(size: 64)[0];
        const int Requests = 8;
        for (var fails = 1; fails <= Requests; fails++)
        {
            disk.Forget();
            (disk.Fails, disk.With) = (fails, failure);
            var statuses = new ulong[Requests];
            var data = new ulong[Requests];
            for (var i = 0; i < Requests; i++)
            {
                (data[i], statuses[i]) = type switch
                {
                    VirtioBlkType.In => queue.Request(i * 3, type, (ulong)i, 512),
                    VirtioBlkType.Out => queue.Request(i * 3, type, (ulong)i, 0, new byte[512]),
                    VirtioBlkType.Flush => queue.Request(i * 3, type, 0, 0),
                    _ => queue.Request(i * 3, type, 0, 0, VirtioBlkTests.Range((ulong)i, 1, 0)),
                };
                board.Store(data[i], 0x77, 1);
                if (type is VirtioBlkType.Discard or VirtioBlkType.WriteZeroes)
                {
                    board.Store(data[i], (ulong)i, 1);
                }

                queue.Add(i * 3);
            }

            queue.Kick();
            var heads = Enumerable.Range(0, Requests).Select(_ => queue.Receive().Head).Order().ToList();
            Assert.Equal(Enumerable.Range(0, Requests).Select(i => i * 3), heads);
            board.Settle();
            Assert.True(queue.IsEmpty, "nothing is returned twice");
            for (var i = 0; i < Requests; i++)
            {
                Assert.Equal(i == fails - 1 ? expected : VirtioBlkStatus.Ok, (VirtioBlkStatus)board.Load(statuses[i], 1));
                if (type == VirtioBlkType.In)
                {
                    Assert.Equal(i == fails - 1 ? 0x77UL : 0, board.Load(data[i], 1));
                }
            }
        }
    }

    [Fact]
    public void Nothing_of_a_disk_that_is_read_only_is_changed()
    {
        var disk = new WitnessBackEnd(1 << 20, isReadOnly: true);
        using var board = new VirtioBoard(backEnd: disk);
        Assert.NotEqual(0UL, (ulong)board.Offered & (ulong)VirtioBlkFeatures.ReadOnly);
        Assert.Equal(0UL, (ulong)board.Offered & (ulong)(VirtioBlkFeatures.Discard | VirtioBlkFeatures.WriteZeroes));
        var queue = board.Start()[0];
        Assert.Equal(VirtioBlkStatus.IoError, queue.Write(0, new byte[512]));
        Assert.Equal(VirtioBlkStatus.Unsupported, queue.Do(VirtioBlkType.Discard, 0, 0, VirtioBlkTests.Range(0, 1, 0)).Status);
        Assert.Equal(VirtioBlkStatus.Ok, queue.Do(VirtioBlkType.Flush, 0, 0).Status);
        Assert.Equal([BlockOperation.Flush], disk.Asked.Select(asked => asked.Operation));
    }

    /// <summary>A completed write is stable once a flush behind it is, or at once if the driver knows of no cache, or has switched it off.</summary>
    [Theory]
    [InlineData(true, 0UL, false)]
    [InlineData(true, (ulong)VirtioBlkFeatures.Flush, true)]
    [InlineData(true, (ulong)VirtioBlkFeatures.ConfigurableCache, true)]
    [InlineData(true, (ulong)(VirtioBlkFeatures.ConfigurableCache | VirtioBlkFeatures.Flush), true)]
    [InlineData(false, (ulong)VirtioBlkFeatures.Flush, false)]
    [InlineData(false, (ulong)VirtioBlkFeatures.ConfigurableCache, false)]
    public void A_driver_that_knows_of_no_cache_has_none(bool isConfigured, ulong features, bool isCached)
    {
        var disk = new WitnessBackEnd(1 << 20);
        using var board = new VirtioBoard(backEnd: disk, properties: new DiskProperties { HasWriteCache = isConfigured });
        var queue = board.Start((VirtioFeatures)features)[0];
        Assert.Equal(isConfigured ? 1UL : 0, board.Device(VirtioBlkConfiguration.Writeback, 1));
        Assert.Equal(VirtioBlkStatus.Ok, queue.Write(0, new byte[512]));
        Assert.Equal([(BlockOperation.Write, 0L, 512L, !isCached)], disk.Asked);
    }

    [Fact]
    public void A_cache_that_is_switched_off_is_flushed_and_a_reset_brings_it_back()
    {
        var disk = new WitnessBackEnd(1 << 20);
        using var board = new VirtioBoard(backEnd: disk);
        var queue = board.Start(Flush | Configurable)[0];
        queue.Write(0, new byte[512]);
        board.Store(VirtioBoard.Modern + VirtioPciRegisters.Configuration + VirtioBlkConfiguration.Writeback, 0, 1);
        board.Settle();
        queue.Write(1, new byte[512]);
        Assert.Equal([(BlockOperation.Write, 0L, 512L, false), (BlockOperation.Flush, 0, 0, false), (BlockOperation.Write, 512, 512, true)], disk.Asked.Select(Plain));
        Assert.Equal(0UL, board.Device(VirtioBlkConfiguration.Writeback, 1));
        queue = board.Start(Flush)[0];
        Assert.Equal(1UL, board.Device(VirtioBlkConfiguration.Writeback, 1));
        board.Store(VirtioBoard.Modern + VirtioPciRegisters.Configuration + VirtioBlkConfiguration.Writeback, 0, 1);
        Assert.Equal(1UL, board.Device(VirtioBlkConfiguration.Writeback, 1));
        disk.Forget();
        queue.Write(0, new byte[512]);
        Assert.Equal([(BlockOperation.Write, 0L, 512L, false)], disk.Asked);
    }

    [Fact]
    public void A_flush_is_offered_with_a_cache_that_can_be_switched()
    {
        using var board = new VirtioBoard(properties: new DiskProperties { HasWriteCache = false });
        Assert.Equal((ulong)(Flush | Configurable), (ulong)(board.Offered & (Flush | Configurable)));
        using var other = new VirtioBoard(new VirtioBlkOptions { HasConfigurableCache = false }, properties: new DiskProperties { HasWriteCache = false });
        Assert.Equal(0UL, (ulong)(other.Offered & (Flush | Configurable)));
    }

    [Fact]
    public void More_requests_than_there_is_room_for_wait_in_their_queues()
    {
        var disk = new HeldBackEnd(1 << 20);
        using var board = new VirtioBoard(new VirtioBlkOptions { Queues = 2 }, backEnd: disk);
        var queues = board.Start(queues: 2, size: 256);
        foreach (var queue in queues)
        {
            for (var i = 0; i < 85; i++)
            {
                queue.Request(i * 3, VirtioBlkType.In, (ulong)i, 512);
                queue.Add(i * 3);
            }

            queue.Notify();
        }

        board.Settle();
        Assert.Equal(128, disk.Held.Count);
        for (var ended = 0; ended < 170; ended++)
        {
            disk.End(disk.Held[0]);
            board.Settle();
        }

        Assert.Equal([85, 85], queues.Select(queue => (int)queue.UsedIndex));
    }

    private static (BlockOperation Operation, long Offset, long Length, bool IsStable) Plain((BlockOperation Operation, long Offset, long Length, bool IsStable) asked) =>
        asked.Operation == BlockOperation.Flush ? (asked.Operation, 0, 0, false) : asked;

    private static (VirtioBlkStatus Status, uint Written) First((VirtioBlkStatus Status, uint Written, ulong Data) result) => (result.Status, result.Written);

    private static IEnumerable<DmaSegment> Buffer(ulong address, int length) => length == 0 ? [] : [new DmaSegment(address, (uint)length)];
}
