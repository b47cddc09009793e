namespace Emulator.Devices.Tests;

/// <summary>The ports of virtio before 1.0.</summary>
public class VirtioPciLegacyTests
{
    private const uint Page = 0x200;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_legacy_driver_reads_and_writes(bool hasModern)
    {
        using var board = new VirtioBoard(transport: new VirtioPciOptions { HasModern = hasModern });
        var queue = Start(board, 0);
        var data = VirtioBlkTests.Data(4096);
        Assert.Equal(VirtioBlkStatus.Ok, Do(board, queue, VirtioBlkType.Out, 3, 0, data));
        Assert.Equal(VirtioBlkStatus.Ok, Do(board, queue, VirtioBlkType.In, 3, 4096, []));
        Assert.Equal(data, board.Bytes(queue.Memory + 0x1000, 4096));
        Assert.Equal(1U, board[VirtioLegacyRegister.InterruptStatus]);
        Assert.False(board.Interrupts);
    }

    [Fact]
    public void A_notification_before_the_driver_is_ready_is_served()
    {
        using var board = new VirtioBoard();
        var queue = Start(board, 0, isReady: false);
        Assert.Equal(VirtioBlkStatus.Ok, Do(board, queue, VirtioBlkType.In, 0, 512, []));
    }

    [Fact]
    public void What_was_not_offered_is_not_accepted_and_a_driver_that_does_not_negotiate_has_nothing()
    {
        using var board = new VirtioBoard();
        board[VirtioLegacyRegister.DriverFeatures] = uint.MaxValue & ~(uint)VirtioFeatures.Bad;
        Assert.Equal(board[VirtioLegacyRegister.DeviceFeatures], board[VirtioLegacyRegister.DriverFeatures]);
        Assert.NotEqual(0U, board[VirtioLegacyRegister.DeviceFeatures] & (uint)(VirtioFeatures.AnyLayout | VirtioFeatures.NotifyOnEmpty));
        board[VirtioLegacyRegister.DriverFeatures] = uint.MaxValue;
        Assert.Equal(0U, board[VirtioLegacyRegister.DriverFeatures]);
        Assert.Equal(0UL, (ulong)board.Offered & (ulong)(VirtioFeatures.AnyLayout | VirtioFeatures.NotifyOnEmpty));
    }

    [Fact]
    public void The_configuration_moves_with_messages()
    {
        using var board = new VirtioBoard();
        Assert.Equal(16384U, board.In(0x14, 4));
        Assert.Equal(0xFFU, board.In(0x7F, 1));
        board.EnableMessages(2);
        Assert.Equal((0xFFFFU, 0xFFFFU, 16384U), (board.In(0x14, 2), board.In(0x16, 2), board.In(0x18, 4)));
        board.Out(0x16, 1, 2);
        board.Out(0x14, 7, 2);
        Assert.Equal((0xFFFFU, 1U), (board.In(0x14, 2), board.In(0x16, 2)));

        // A word in both parts is taken as bytes.
        Assert.Equal(0x4000U << 8, board.In(0x17, 4) & 0xFFFF_FF00);
    }

    [Fact]
    public void With_the_feature_an_empty_queue_interrupts_whatever_is_suppressed()
    {
        using var board = new VirtioBoard();
        var queue = Start(board, VirtioFeatures.NotifyOnEmpty);
        board.Store(queue.Layout.Available, 1, 2);
        Do(board, queue, VirtioBlkType.In, 0, 512, []);
        Deadline.Until(() => board.Interrupts, "the pin rises");
        queue = Start(board, 0);
        board.Store(queue.Layout.Available, 1, 2);
        Do(board, queue, VirtioBlkType.In, 0, 512, []);
        board.Settle();
        Assert.False(board.Interrupts);
    }

    [Fact]
    public void A_queue_that_is_taken_away_resets_the_device_and_one_that_is_there_does_not_move()
    {
        using var board = new VirtioBoard();
        Start(board, 0);
        board[VirtioLegacyRegister.QueuePage] = Page + 1;
        Assert.Equal(Page, board[VirtioLegacyRegister.QueuePage]);
        board[VirtioLegacyRegister.QueueSelect] = 9;
        board[VirtioLegacyRegister.QueuePage] = 0;
        Assert.Equal((0U, 0U), (board[VirtioLegacyRegister.QueueSize], board[VirtioLegacyRegister.QueuePage]));
        Assert.Equal(7U, board[VirtioLegacyRegister.Status]);
        board[VirtioLegacyRegister.QueueSelect] = 0;
        board[VirtioLegacyRegister.QueuePage] = 0;
        Assert.Equal((0U, 0U), (board[VirtioLegacyRegister.QueuePage], board[VirtioLegacyRegister.Status]));
    }

    [Theory]
    [InlineData(0xF_FFFF_FFU)]
    [InlineData(0xFE800U)]
    [InlineData(0xFFFU)]
    public void A_page_that_is_no_memory_needs_a_reset(uint page)
    {
        using var board = new VirtioBoard();
        board[VirtioLegacyRegister.QueuePage] = page;
        board[VirtioLegacyRegister.Status] = 7;
        Deadline.Until(() => board.NeedsReset, "the device needs a reset");
        board[VirtioLegacyRegister.Status] = 0;
        Assert.Equal(VirtioBlkStatus.Ok, Do(board, Start(board, 0), VirtioBlkType.In, 0, 512, []));
    }

    [Fact]
    public void A_status_of_features_agreed_on_means_nothing_here()
    {
        using var board = new VirtioBoard();
        board[VirtioLegacyRegister.Status] = 0xB;
        Assert.Equal(3U, board[VirtioLegacyRegister.Status]);
        board[VirtioPciRegister.QueueDescriptors] = 0x1000;
        Assert.Equal(0UL, board[VirtioPciRegister.QueueDescriptors]);
    }

    private static VirtioQueueDriver Start(VirtioBoard board, VirtioFeatures features, bool isReady = true)
    {
        board[VirtioLegacyRegister.Status] = 0;
        board[VirtioLegacyRegister.Status] = 1;
        board[VirtioLegacyRegister.Status] = 3;
        board[VirtioLegacyRegister.DriverFeatures] = (uint)features;
        var size = (int)board[VirtioLegacyRegister.QueueSize];
        var queue = new VirtioQueueDriver(board, 0, size, features) { Layout = VirtqueueLayout.Legacy(Page, size) };
        board.Put(Page << 12, new byte[0x4000]);
        board[VirtioLegacyRegister.QueuePage] = Page;
        if (isReady)
        {
            board[VirtioLegacyRegister.Status] = 7;
        }

        return queue;
    }

    private static VirtioBlkStatus Do(VirtioBoard board, VirtioQueueDriver queue, VirtioBlkType type, ulong sector, int read, byte[] data)
    {
        var (header, at, status) = (queue.Memory, queue.Memory + 0x1000, queue.Memory + 0x100);
        board.Put(header, VirtioBoard.Header(type, sector));
        board.Put(at, data);
        queue.Descriptor(0, header, 16, VirtqueueDescriptorBits.Next, 1);
        queue.Descriptor(1, at, (uint)Math.Max(read, data.Length), VirtqueueDescriptorBits.Next | (read > 0 ? VirtqueueDescriptorBits.Write : 0), 2);
        queue.Descriptor(2, status, 1, VirtqueueDescriptorBits.Write);
        queue.Add(0);
        board[VirtioLegacyRegister.QueueNotify] = 0;
        Assert.Equal((0, (uint)read + 1), queue.Receive());
        return (VirtioBlkStatus)board.Load(status, 1);
    }
}
