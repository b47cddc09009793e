using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>The transport: identity, structures, status, features, queues, vectors, by the modern interface.</summary>
public class VirtioPciTests
{
    [Theory]
    [InlineData(true, true, 0x1001, 0, 2)]
    [InlineData(true, false, 0x1001, 0, 2)]
    [InlineData(false, true, 0x1042, 1, 0x1100)]
    public void Identity_and_windows_are_those_of_the_interfaces(bool hasLegacy, bool hasModern, int id, int revision, int subsystem)
    {
        using var board = new VirtioBoard(transport: new VirtioPciOptions { HasLegacy = hasLegacy, HasModern = hasModern });
        Assert.Equal(
            (0x1AF4U, (uint)id, (uint)revision, (uint)subsystem),
            (board.Config(PciRegister.VendorId, 2), board.Config(PciRegister.DeviceId, 2), board.Config(PciRegister.RevisionId, 1), board.Config(PciRegister.SubsystemId, 2)));
        Assert.Equal((hasLegacy, true, hasModern), (Has(board, 0, PciBarKind.Io), Has(board, 1, PciBarKind.Memory32), Has(board, 4, PciBarKind.Memory64)));
        Assert.Equal(hasModern, board.Capability(9) != 0);
    }

    [Theory]
    [InlineData(1, 0, 0x38)]
    [InlineData(2, 0x3000, 16)]
    [InlineData(3, 0x1000, 1)]
    [InlineData(4, 0x2000, 60)]
    public void Each_structure_has_its_capability(int structure, int offset, int length)
    {
        using var board = new VirtioBoard(new VirtioBlkOptions { Queues = 4 });
        var at = board.Capability(9, structure);
        Assert.Equal((4U, (uint)offset, (uint)length), (board.Config(at + 4, 1), board.Config(at + 8, 4), board.Config(at + 12, 4)));
        Assert.Equal(structure == 2 ? 20U : 16U, board.Config(at + 2, 1));
        if (structure == 2)
        {
            Assert.Equal(4U, board.Config(at + 16, 4));
        }
    }

    [Fact]
    public void The_window_is_reached_by_way_of_the_configuration_space()
    {
        using var board = new VirtioBoard();
        var at = board.Capability(9, 5);
        board.SetConfig(at + 4, 1, 4);
        Access(board, at, (uint)VirtioPciRegister.Status, 1);
        board.SetConfig(at + 16, 1, 3);
        Assert.Equal(VirtioStatus.Acknowledge | VirtioStatus.Driver, board.Status);
        Assert.Equal(3U, board.Config(at + 16, 1));
        Access(board, at, VirtioPciRegisters.Configuration, 4);
        Assert.Equal(16384U, board.Config(at + 16, 4));
        board.SetConfig(at + 4, 1, 1);
        Access(board, at, (uint)VirtioPciRegister.Status, 1);
        board.SetConfig(at + 16, 1, 8);
        board.SetConfig(at + 4, 1, 4);
        foreach (var (offset, length) in new (uint, uint)[] { (1, 2), (0x4000, 1), (0x3FFF, 4), (0, 3), (0, 0), (0, 8), (uint.MaxValue, 1), (uint.MaxValue, 4) })
        {
            Access(board, at, offset, length);
            board.SetConfig(at + 16, 4, 0);
            board.Config(at + 16, 4);
        }

        Assert.Equal(VirtioStatus.Acknowledge | VirtioStatus.Driver, board.Status);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL << 32 | 1UL << 63)]
    [InlineData(1UL << 32 | 1UL << 24)]
    [InlineData(1UL << 32 | 1UL << 33)]
    [InlineData(1UL << 32 | 1UL << 34)]
    [InlineData(1UL << 32 | 1UL << 5)]
    [InlineData(1UL << 29)]
    public void Features_that_are_not_offered_or_no_version_are_refused(ulong features)
    {
        using var board = new VirtioBoard();
        Assert.False(board.Negotiate((VirtioFeatures)features));
        board[VirtioPciRegister.Status] = 0xF;
        Assert.Equal(VirtioStatus.Acknowledge | VirtioStatus.Driver, board.Status & ~VirtioStatus.FeaturesOk);
        Assert.True(board.Negotiate(VirtioFeatures.Version1));
    }

    [Fact]
    public void Features_are_not_changed_once_they_are_agreed_on()
    {
        using var board = new VirtioBoard();
        Assert.True(board.Negotiate(VirtioFeatures.Version1 | VirtioFeatures.EventIndex));
        board[VirtioPciRegister.DriverFeatureSelect] = 0;
        board[VirtioPciRegister.DriverFeature] = 0;
        Assert.Equal((ulong)VirtioFeatures.EventIndex, board[VirtioPciRegister.DriverFeature]);
        board[VirtioPciRegister.DriverFeatureSelect] = 2;
        board[VirtioPciRegister.DriverFeature] = 1;
        Assert.Equal(0UL, board[VirtioPciRegister.DriverFeature]);
    }

    [Fact]
    public void A_driver_takes_no_status_back_but_by_a_reset()
    {
        using var board = new VirtioBoard();
        board.Start();
        board[VirtioPciRegister.Status] = 1;
        Assert.Equal((VirtioStatus)0xF, board.Status);
        board[VirtioPciRegister.Status] = (ulong)(VirtioStatus.Failed | VirtioStatus.NeedsReset);
        Assert.Equal((VirtioStatus)0x8F, board.Status);
        board[VirtioPciRegister.Status] = 0;
        Assert.Equal((VirtioStatus)0, board.Status);
    }

    [Theory]
    [InlineData(0, 0x0)]
    [InlineData(1, 0x1)]
    [InlineData(3, 0x3)]
    [InlineData(0xF, 0xF)]
    [InlineData(0x8B, 0x8B)]
    public void CVE_2026_5747_registers_of_queues_are_written_between_agreement_and_readiness_only(byte status, byte shown)
    {
        using var board = new VirtioBoard();
        if (status > 3)
        {
            board.Negotiate(VirtioFeatures.Version1);
        }

        board[VirtioPciRegister.Status] = status == 0 ? 0 : (ulong)status;
        Assert.Equal(shown, (byte)board.Status);
        board[VirtioPciRegister.QueueSize] = 8;
        board[VirtioPciRegister.QueueDescriptors] = 0x1000;
        board[VirtioPciRegister.QueueAvailable] = 0x2000;
        board[VirtioPciRegister.QueueUsed] = 0x3000;
        board[VirtioPciRegister.QueueEnable] = 1;
        Assert.Equal(
            (256UL, 0UL, 0UL, 0UL, 0UL),
            (board[VirtioPciRegister.QueueSize], board[VirtioPciRegister.QueueDescriptors], board[VirtioPciRegister.QueueAvailable],
             board[VirtioPciRegister.QueueUsed], board[VirtioPciRegister.QueueEnable]));
    }

    [Fact]
    public void A_queue_that_is_enabled_does_not_change_any_more()
    {
        using var board = new VirtioBoard();
        board.Negotiate(VirtioFeatures.Version1);
        new VirtioQueueDriver(board, 0, 16, 0).Enable();
        board[VirtioPciRegister.QueueSize] = 8;
        board[VirtioPciRegister.QueueUsed] = 0x3000;
        board[VirtioPciRegister.QueueEnable] = 0;
        Assert.Equal((16UL, 0x10_A000UL, 1UL), (board[VirtioPciRegister.QueueSize], board[VirtioPciRegister.QueueUsed], board[VirtioPciRegister.QueueEnable]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(255)]
    [InlineData(512)]
    [InlineData(0x8000)]
    [InlineData(0xFFFF)]
    public void A_queue_size_that_is_too_large_or_no_power_of_two_is_rejected(int size)
    {
        using var board = new VirtioBoard();
        board.Negotiate(VirtioFeatures.Version1);
        board[VirtioPciRegister.QueueSize] = (ulong)size;
        Assert.Equal(256UL, board[VirtioPciRegister.QueueSize]);
    }

    [Fact]
    public void There_are_no_queues_but_those_that_there_are()
    {
        using var board = new VirtioBoard();
        board.Negotiate(VirtioFeatures.Version1);
        foreach (var number in new ulong[] { 1, 2, 0x7FFF, 0xFFFF })
        {
            board[VirtioPciRegister.QueueSelect] = number;
            board[VirtioPciRegister.QueueVector] = 0;
            board[VirtioPciRegister.QueueSize] = 8;
            board[VirtioPciRegister.QueueEnable] = 1;
            Assert.Equal(
                (0UL, 0xFFFFUL, 0UL), (board[VirtioPciRegister.QueueSize], board[VirtioPciRegister.QueueVector], board[VirtioPciRegister.QueueEnable]));
        }
    }

    [Fact]
    public void A_vector_that_there_is_not_is_none_and_the_table_takes_no_narrow_access()
    {
        using var board = new VirtioBoard();
        board[VirtioPciRegister.QueueVector] = 2;
        board[VirtioPciRegister.ConfigurationVector] = 0x7FF;
        Assert.Equal((0xFFFFUL, 0xFFFFUL), (board[VirtioPciRegister.QueueVector], board[VirtioPciRegister.ConfigurationVector]));
        board[VirtioPciRegister.QueueVector] = 1;
        board[VirtioPciRegister.ConfigurationVector] = 0;
        Assert.Equal((1UL, 0UL), (board[VirtioPciRegister.QueueVector], board[VirtioPciRegister.ConfigurationVector]));
        board.Store(VirtioBoard.Table, 0x11, 1);
        board.Store(VirtioBoard.Table, 0x1111, 2);
        Assert.Equal((0UL, 0xFFUL, 0xFFFFUL), (board.Load(VirtioBoard.Table), board.Load(VirtioBoard.Table, 1), board.Load(VirtioBoard.Table, 2)));
    }

    [Fact]
    public void A_queue_without_a_vector_says_nothing()
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        board[VirtioPciRegister.QueueVector] = VirtioPciRegisters.NoVector;
        board.EnableMessages(2);
        queue.Do(VirtioBlkType.GetId, 0, 20);
        board.Settle();
        Assert.Empty(board.Sent);
        board[VirtioPciRegister.QueueVector] = 1;
        queue.Do(VirtioBlkType.GetId, 0, 20);
        board.Settle();
        Assert.Equal([1U], board.Sent);
        Assert.Equal(0UL, board.Load(VirtioBoard.Modern + VirtioPciRegisters.InterruptStatus, 1));
    }

    [Fact]
    public void Without_messages_reading_the_status_of_interrupts_clears_it_and_the_pin_falls()
    {
        using var board = new VirtioBoard();
        var queue = board.Start()[0];
        queue.Do(VirtioBlkType.GetId, 0, 20);
        Deadline.Until(() => board.Interrupts, "the pin rises");
        Assert.Equal(1UL, board.Load(VirtioBoard.Modern + VirtioPciRegisters.InterruptStatus, 1));
        Assert.False(board.Interrupts);
        Assert.Equal(0UL, board.Load(VirtioBoard.Modern + VirtioPciRegisters.InterruptStatus, 1));
        board.Store(queue.Layout.Available, 1, 2);
        queue.Do(VirtioBlkType.GetId, 0, 20);
        board.Settle();
        Assert.False(board.Interrupts);
    }

    [Fact]
    public void What_is_available_before_the_driver_is_ready_is_served_then()
    {
        using var board = new VirtioBoard();
        board.Negotiate(VirtioFeatures.Version1);
        var queue = new VirtioQueueDriver(board, 0, 16, 0);
        queue.Enable();
        queue.Request(0, VirtioBlkType.GetId, 0, 20);
        queue.Add(0);
        queue.Notify();
        board.Settle();
        Assert.True(queue.IsEmpty);
        board[VirtioPciRegister.Status] = 0xF;
        Assert.Equal((0, 21U), queue.Receive());
    }

    [Fact]
    public void Without_the_bus_nothing_happens_until_it_may()
    {
        using var board = new VirtioBoard();
        board.SetMaster(false);
        var queue = board.Start()[0];
        queue.Request(0, VirtioBlkType.GetId, 0, 20);
        queue.Add(0);
        queue.Notify();
        board.Settle();
        Assert.True(queue.IsEmpty && !board.NeedsReset);
        board.SetMaster(true);
        Assert.Equal((0, 21U), queue.Receive());
    }

    private static bool Has(VirtioBoard board, int bar, PciBarKind kind) => board.Function.Bars.Any(each => each.Index == bar && each.Kind == kind);

    private static void Access(VirtioBoard board, int at, uint offset, uint length)
    {
        board.SetConfig(at + 8, 4, offset);
        board.SetConfig(at + 12, 4, length);
    }
}
