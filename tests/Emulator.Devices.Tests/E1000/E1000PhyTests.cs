namespace Emulator.Devices.Tests;

/// <summary>The PHY, its loopback, and the EEPROM by both roads.</summary>
public class E1000PhyTests
{
    private const int Control = (int)MiiRegister.Control;
    private const int Status = (int)MiiRegister.Status;

    [Fact]
    public void The_PHY_negotiates_and_says_so()
    {
        using var board = new E1000Board(started: false);
        Assert.Equal(0x1140, board.ReadPhy(Control));
        _ = board.ReadPhy(Status);
        Assert.Equal(0x796D, board.ReadPhy(Status));
        Assert.Equal(0xAC00, board.ReadPhy(17));
        Assert.Equal(0x3C00, board.ReadPhy(10));
        board.WritePhy(Control, 0x1340);
        Assert.Equal(0, board.ReadPhy(Status) & 0x24);
        Assert.Equal(0, board.ReadPhy(17));
        Assert.Equal(0x281U, board[E1000Register.Status]);
        board.Nic.Advance(MiiPhy.NegotiationNanoseconds);
        Assert.Equal(0x283U, board[E1000Register.Status]);
        Assert.Equal(0x20, board.ReadPhy(Status) & 0x24);
        Assert.Equal(0x24, board.ReadPhy(Status) & 0x24);
    }

    [Fact]
    public void Only_PHY_1_answers()
    {
        using var board = new E1000Board(started: false);
        board[E1000Register.MdiControl] = (uint)(E1000MdiControl.Read | E1000MdiControl.Interrupt) | (2 << 16) | (2 << 21);
        const E1000MdiControl Ended = E1000MdiControl.Ready | E1000MdiControl.Error;
        Assert.Equal(Ended, (E1000MdiControl)board[E1000Register.MdiControl] & Ended);
        Assert.True(((E1000Cause)board[E1000Register.InterruptCauseRead] & E1000Cause.MdiDone) != 0);
        board[E1000Register.MdiControl] = (uint)E1000MdiControl.Read | (2 << 16) | (1 << 21);
        Assert.Equal((uint)(E1000MdiControl.Read | E1000MdiControl.Ready) | (2 << 16) | (1 << 21) | 0x0141, board[E1000Register.MdiControl]);
        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
    }

    [Fact]
    public void PHY_reset_comes_from_CTRL_too_and_a_software_reset_leaves_the_PHY_alone()
    {
        using var board = new E1000Board(started: false);
        board.WritePhy(16, 0x1234);
        board.Reset();
        Assert.Equal(0x1234, board.ReadPhy(16));
        Assert.Equal(0x283U, board[E1000Register.Status]);
        board[E1000Register.Control] |= (uint)E1000Control.PhyReset;
        Assert.Equal(0x0360, board.ReadPhy(16));
        Assert.Equal(0x281U, board[E1000Register.Status]);
        Assert.Equal(0U, board[E1000Register.Control] & (uint)E1000Control.PhyReset);
        board.Nic.Advance(MiiPhy.NegotiationNanoseconds);
        Assert.Equal(0x283U, board[E1000Register.Status]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void In_a_loopback_what_is_sent_comes_back_and_nothing_else(bool byPhy)
    {
        using var board = new E1000Board();
        if (byPhy)
        {
            board.WritePhy(Control, 0x4140);
        }
        else
        {
            board[E1000Register.ReceiveControl] |= 0x40;
        }

        board.Nic.Send(E1000Board.Frame(99));
        for (var i = 0; i < 10; i++)
        {
            board.Transmit(E1000Board.Frame(60 + i, i));
            Assert.Equal(E1000Board.Frame(60 + i, i), board.NextReceived().Data);
        }

        board.Nic.Settle();
        Assert.Null(board.Nic.TryReceive());
    }

    [Fact]
    public void In_a_loopback_without_receive_descriptors_the_transmitter_waits()
    {
        using var board = new E1000Board();
        board.SetReceiveRing(E1000Board.ReceiveRing, E1000Board.Descriptors);
        board.WritePhy(Control, 0x4140);
        for (var i = 0; i < 5; i++)
        {
            board.Transmit(E1000Board.Frame(60 + i, i));
        }

        board.Nic.Settle();
        Assert.False(board.IsTransmitDone(0));
        for (var i = 0; i < 5; i++)
        {
            board[E1000Register.ReceiveTail] = (uint)i + 1;
            Assert.Equal(E1000Board.Frame(60 + i, i), board.NextReceived().Data);
        }

        board.WaitForTransmit(4);
    }

    [Fact]
    public void A_frame_with_a_wrong_check_sequence_is_stored_if_SBP_says_so()
    {
        using var board = new E1000Board();
        board.WritePhy(Control, 0x4140);
        var frame = E1000Board.Frame(100);
        const E1000Command Own = E1000Command.EndOfPacket | E1000Command.ReportStatus;
        board.WaitForTransmit(board.Transmit([.. frame, 1, 2, 3, 4], Own));
        Assert.True(board.ReceivesNothing());
        board[E1000Register.ReceiveControl] = (uint)((E1000Board.Plain | E1000ReceiveControl.StoreBad) & ~E1000ReceiveControl.StripCrc);
        board.Transmit([.. frame, 1, 2, 3, 4], Own);
        var (body, data) = board.NextReceived();
        Assert.Equal([.. frame, 1, 2, 3, 4], data);
        Assert.Equal(E1000ReceiveErrors.Crc, body.Errors);
        Deadline.Until(() => board[E1000Register.CrcErrors] == 2 || board[E1000Register.GoodPacketsReceived] != 0, "both are counted");
    }

    [Fact]
    public void The_EEPROM_is_read_by_EERD_and_adds_up()
    {
        using var board = new E1000Board(started: false);
        var words = Enumerable.Range(0, 64).Select(i => ReadWord(board, i)).ToArray();
        Assert.Equal(0xBABA, words.Sum(word => word) & 0xFFFF);
        Assert.Equal([0x5452, 0x1200, 0x5634], words[..3]);
        Assert.Equal([0x1100, 0x1AF4, 0x100E, 0x8086], words[0xB..0xF]);
        Assert.Equal(0x1200_5452U, board[E1000Register.ReceiveAddress]);
        Assert.Equal(0x8000_5634U, board[E1000Register.ReceiveAddress + 4]);
    }

    [Fact]
    public void The_EEPROM_is_read_and_written_bit_by_bit_by_EECD()
    {
        using var board = new E1000Board(started: false);
        var pins = new Pins(board);
        Assert.Equal(0x1200, pins.Transfer(0b110_000001, 9, read: true));
        pins.Transfer(0b100_110000, 9, read: false);
        pins.Transfer((0b101_000001U << 16) | 0x3412, 25, read: false);
        Assert.Equal(0x3412, pins.Transfer(0b110_000001, 9, read: true));
        Assert.Equal(0x3412, ReadWord(board, 1));

        // What is loaded at a reset is the address that is there now.
        board.Reset();
        Assert.Equal(0x3412_5452U, board[E1000Register.ReceiveAddress]);
        pins.Release();
        Assert.Equal(0U, board[E1000Register.EepromControl] & (uint)E1000EepromControl.Grant);
    }

    private static int ReadWord(E1000Board board, int address)
    {
        board[E1000Register.EepromRead] = ((uint)address << 8) | 1;
        var value = board[E1000Register.EepromRead];
        Assert.Equal(((uint)address << 8) | 0x10, value & 0xFFFF);
        return (int)(value >> 16);
    }

    // As a driver wiggles them: request, chip select, a clock for each bit.
    private sealed class Pins(E1000Board board)
    {
        private const uint Selected = (uint)(E1000EepromControl.Request | E1000EepromControl.Select);

        public int Transfer(uint bits, int count, bool read)
        {
            board[E1000Register.EepromControl] = (uint)E1000EepromControl.Request;
            Assert.NotEqual(0U, board[E1000Register.EepromControl] & (uint)E1000EepromControl.Grant);
            board[E1000Register.EepromControl] = Selected;
            for (var i = count - 1; i >= 0; i--)
            {
                Clock(((bits >> i) & 1) != 0 ? (uint)E1000EepromControl.DataIn : 0);
            }

            var word = 0;
            for (var i = 0; read && i < 16; i++)
            {
                Clock(0);
                word = (word << 1) | ((board[E1000Register.EepromControl] & (uint)E1000EepromControl.DataOut) != 0 ? 1 : 0);
            }

            board[E1000Register.EepromControl] = (uint)E1000EepromControl.Request;
            return word;
        }

        public void Release() => board[E1000Register.EepromControl] = 0;

        private void Clock(uint data)
        {
            board[E1000Register.EepromControl] = Selected | data;
            board[E1000Register.EepromControl] = Selected | data | (uint)E1000EepromControl.Clock;
            board[E1000Register.EepromControl] = Selected | data;
        }
    }
}
