namespace Emulator.Devices.Tests;

/// <summary>Causes, masks, the throttle and the delay timers.</summary>
public class E1000InterruptTests
{
    private const long Unit = 1024;

    [Fact]
    public void Reading_ICR_clears_it_and_the_pin()
    {
        using var board = new E1000Board();
        _ = board[E1000Register.InterruptCauseRead];
        board[E1000Register.InterruptMaskSet] = (uint)E1000Cause.ReceiveTimer;
        board.Nic.Send(E1000Board.Frame(60));
        Deadline.Until(() => board.Nic.Interrupts, "the pin rises");
        Assert.Equal((uint)E1000Cause.ReceiveTimer, board[E1000Register.InterruptCauseSet]);
        Assert.Equal((uint)E1000Cause.ReceiveTimer, board[E1000Register.InterruptCauseRead]);
        Assert.False(board.Nic.Interrupts);
        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void Masks_are_set_and_cleared_bit_by_bit_and_what_is_pending_comes_through()
    {
        using var board = new E1000Board();
        _ = board[E1000Register.InterruptCauseRead];
        for (var bit = 0; bit < 17; bit++)
        {
            var cause = 1U << bit;
            if ((cause & (uint)E1000Cause.All) == 0)
            {
                continue;
            }

            board[E1000Register.InterruptCauseSet] = cause;
            Assert.False(board.Nic.Interrupts);
            board[E1000Register.InterruptMaskSet] = cause;
            Assert.True(board.Nic.Interrupts);
            Assert.Equal(cause, board[E1000Register.InterruptMaskSet]);
            board[E1000Register.InterruptMaskClear] = cause;
            Assert.False(board.Nic.Interrupts);
            board[E1000Register.InterruptMaskSet] = cause;
            board[E1000Register.InterruptCauseRead] = cause;
            Assert.False(board.Nic.Interrupts);
            board[E1000Register.InterruptMaskClear] = uint.MaxValue;
            Assert.Equal(0U, board[E1000Register.InterruptMaskSet]);
        }

        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void Sending_raises_TXDW_for_RS_and_TXQE_when_the_ring_is_empty()
    {
        using var board = new E1000Board();
        _ = board[E1000Register.InterruptCauseRead];
        board.Transmit(E1000Board.Frame(60), E1000Command.EndOfPacket | E1000Command.InsertFcs);
        board.Nic.Settle();
        Assert.Equal((uint)E1000Cause.TransmitEmpty, board[E1000Register.InterruptCauseRead]);
        board.Transmit(E1000Board.Frame(60));
        board.Nic.Settle();
        Assert.Equal((uint)(E1000Cause.TransmitEmpty | E1000Cause.TransmitWritten), board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void TXD_LOW_is_raised_when_the_ring_comes_down_to_LWTHRESH()
    {
        using var board = new E1000Board();
        board[E1000Register.TransmitDescriptorControl] = 1 << 25;
        board[E1000Register.TransmitControl] = 0;
        for (var i = 0; i < 8; i++)
        {
            board.Transmit(E1000Board.Frame(60), E1000Command.EndOfPacket | E1000Command.InsertFcs);
        }

        _ = board[E1000Register.InterruptCauseRead];
        board[E1000Register.TransmitControl] = (uint)E1000TransmitControl.Enable;
        board.Nic.Settle();
        Assert.Equal((uint)E1000Cause.TransmitEmpty, board[E1000Register.InterruptCauseRead]);
        board[E1000Register.TransmitControl] = 0;
        for (var i = 0; i < 9; i++)
        {
            board.Transmit(E1000Board.Frame(60), E1000Command.EndOfPacket | E1000Command.InsertFcs);
        }

        board[E1000Register.TransmitControl] = (uint)E1000TransmitControl.Enable;
        board.Nic.Settle();
        Assert.Equal((uint)(E1000Cause.TransmitEmpty | E1000Cause.TransmitLow), board[E1000Register.InterruptCauseRead]);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 12)]
    [InlineData(2, 14)]
    public void RXDMT0_is_raised_when_few_descriptors_are_left(int threshold, int frames)
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | (E1000ReceiveControl)(threshold << 8));
        _ = board[E1000Register.InterruptCauseRead];
        for (var i = 1; i <= frames; i++)
        {
            // 15 descriptors are the controller's at first.
            board.Nic.Send(E1000Board.Frame(60));
            board.Nic.Settle();
            var isLow = 15 - i <= 16 >> (threshold + 1);
            Assert.Equal(isLow, ((E1000Cause)board[E1000Register.InterruptCauseRead] & E1000Cause.ReceiveLow) != 0);
        }
    }

    [Fact]
    public void A_small_packet_raises_SRPD()
    {
        using var board = new E1000Board();
        board[E1000Register.ReceiveSmallPacket] = 100;
        _ = board[E1000Register.InterruptCauseRead];
        board.Nic.Send(E1000Board.Frame(101));
        board.Nic.Settle();
        Assert.Equal((uint)E1000Cause.ReceiveTimer, board[E1000Register.InterruptCauseRead]);
        board.Nic.Send(E1000Board.Frame(100));
        board.Nic.Settle();
        Assert.Equal((uint)(E1000Cause.ReceiveTimer | E1000Cause.SmallPacket), board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void RDTR_counts_from_the_last_packet()
    {
        using var board = new E1000Board();
        board[E1000Register.ReceiveDelay] = 100;
        _ = board[E1000Register.InterruptCauseRead];
        for (var i = 0; i < 5; i++)
        {
            board.Nic.Send(E1000Board.Frame(60));
            board.NextReceived();
            board.Nic.Advance(99 * Unit);
            Assert.Equal(0U, board[E1000Register.InterruptCauseSet]);
        }

        board.Nic.Advance(Unit);
        Assert.Equal((uint)E1000Cause.ReceiveTimer, board[E1000Register.InterruptCauseRead]);
        board.Nic.Advance(1000 * Unit);
        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void RADV_counts_from_the_first()
    {
        using var board = new E1000Board();
        board[E1000Register.ReceiveDelay] = 100;
        board[E1000Register.ReceiveAbsoluteDelay] = 250;
        _ = board[E1000Register.InterruptCauseRead];
        for (var i = 0; i < 3; i++)
        {
            board.Nic.Send(E1000Board.Frame(60));
            board.Nic.Settle();
            Assert.Equal(0U, board[E1000Register.InterruptCauseSet]);
            board.Nic.Advance(i == 2 ? 70 * Unit : 90 * Unit);
        }

        Assert.Equal((uint)E1000Cause.ReceiveTimer, board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void FPD_ends_the_wait()
    {
        using var board = new E1000Board();
        board[E1000Register.ReceiveDelay] = 100;
        _ = board[E1000Register.InterruptCauseRead];
        board[E1000Register.ReceiveDelay] = 100 | 0x8000_0000;
        Assert.Equal(0U, board[E1000Register.InterruptCauseSet]);
        board.Nic.Send(E1000Board.Frame(60));
        board.Nic.Settle();
        board[E1000Register.ReceiveDelay] = 100 | 0x8000_0000;
        Assert.Equal((uint)E1000Cause.ReceiveTimer, board[E1000Register.InterruptCauseRead]);
        Assert.Equal(100U, board[E1000Register.ReceiveDelay]);
        board.Nic.Advance(200 * Unit);
        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void TIDV_and_TADV_delay_what_has_IDE_and_what_has_not_ends_the_wait()
    {
        using var board = new E1000Board();
        board[E1000Register.TransmitDelay] = 100;
        board[E1000Register.TransmitAbsoluteDelay] = 150;
        _ = board[E1000Register.InterruptCauseRead];
        board.WaitForTransmit(board.Transmit(E1000Board.Frame(60), E1000Board.Whole | E1000Command.DelayInterrupt));
        board.Nic.Advance(90 * Unit);
        Assert.Equal((uint)E1000Cause.TransmitEmpty, board[E1000Register.InterruptCauseRead]);
        board.WaitForTransmit(board.Transmit(E1000Board.Frame(60), E1000Board.Whole | E1000Command.DelayInterrupt));
        board.Nic.Settle();
        _ = board[E1000Register.InterruptCauseRead];
        board.Nic.Advance(59 * Unit);
        Assert.Equal(0U, board[E1000Register.InterruptCauseSet]);
        board.Nic.Advance(Unit);
        Assert.Equal((uint)E1000Cause.TransmitWritten, board[E1000Register.InterruptCauseRead]);

        board.Transmit(E1000Board.Frame(60), E1000Board.Whole | E1000Command.DelayInterrupt);
        board.Transmit(E1000Board.Frame(60));
        board.Nic.Settle();
        Assert.Equal((uint)(E1000Cause.TransmitWritten | E1000Cause.TransmitEmpty), board[E1000Register.InterruptCauseRead]);
        board.Nic.Advance(1000 * Unit);
        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void IDE_without_TIDV_delays_nothing()
    {
        using var board = new E1000Board();
        _ = board[E1000Register.InterruptCauseRead];
        board.Transmit(E1000Board.Frame(60), E1000Board.Whole | E1000Command.DelayInterrupt);
        board.Nic.Settle();
        Assert.Equal((uint)(E1000Cause.TransmitWritten | E1000Cause.TransmitEmpty), board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void ITR_keeps_the_pin_from_rising_again_too_soon()
    {
        using var board = new E1000Board();
        board[E1000Register.InterruptThrottling] = 1000;
        board[E1000Register.InterruptMaskSet] = (uint)E1000Cause.SmallPacket;
        board[E1000Register.InterruptCauseSet] = (uint)E1000Cause.SmallPacket;
        Assert.True(board.Nic.Interrupts);
        board.Nic.Advance(100 * 256);
        _ = board[E1000Register.InterruptCauseRead];
        Assert.False(board.Nic.Interrupts);
        board[E1000Register.InterruptCauseSet] = (uint)E1000Cause.SmallPacket;
        Assert.False(board.Nic.Interrupts);
        board.Nic.Advance(899 * 256);
        Assert.False(board.Nic.Interrupts);
        board.Nic.Advance(256);
        Assert.True(board.Nic.Interrupts);

        // What was cleared while it waited does not come.
        _ = board[E1000Register.InterruptCauseRead];
        board[E1000Register.InterruptCauseSet] = (uint)E1000Cause.SmallPacket;
        _ = board[E1000Register.InterruptCauseRead];
        board.Nic.Advance(5000 * 256);
        Assert.False(board.Nic.Interrupts);

        // And after a pause it comes at once; without ITR as well.
        board[E1000Register.InterruptCauseSet] = (uint)E1000Cause.SmallPacket;
        Assert.True(board.Nic.Interrupts);
        _ = board[E1000Register.InterruptCauseRead];
        board[E1000Register.InterruptCauseSet] = (uint)E1000Cause.SmallPacket;
        Assert.False(board.Nic.Interrupts);
        board[E1000Register.InterruptThrottling] = 0;
        Assert.True(board.Nic.Interrupts);
    }

    [Fact]
    public void Link_changes_raise_LSC_both_ways()
    {
        using var board = new E1000Board();
        Assert.Equal((uint)E1000Cause.LinkChanged, board[E1000Register.InterruptCauseRead]);
        Assert.Equal(0x283U, board[E1000Register.Status]);
        board.Nic.BackEnd.SetUp(false);
        board.Nic.Settle();
        Assert.Equal((uint)E1000Cause.LinkChanged, board[E1000Register.InterruptCauseRead]);
        Assert.Equal(0x281U, board[E1000Register.Status]);
        board.Nic.BackEnd.SetUp(true);
        board.Nic.Settle();
        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
        board.Nic.Advance(MiiPhy.NegotiationNanoseconds);
        Assert.Equal((uint)E1000Cause.LinkChanged, board[E1000Register.InterruptCauseRead]);
        Assert.Equal(0x283U, board[E1000Register.Status]);

        board[E1000Register.Control] &= ~(uint)E1000Control.SetLinkUp;
        Assert.Equal((uint)E1000Cause.LinkChanged, board[E1000Register.InterruptCauseRead]);
        Assert.Equal(0x281U, board[E1000Register.Status]);
    }
}
