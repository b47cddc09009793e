namespace Emulator.Devices.Tests;

/// <summary>What a driver sees of a cable that spoils bytes, and what a target does that is told of it (technical manual, SCNTL0; SCSI-2, 6.6).</summary>
public class LsiParityTests
{
    private const byte CheckParity = 0x08;
    private const byte AssertAttention = 0x02;
    private const byte InitiatorDetectedError = 0x05;
    private const byte MessageParityError = 0x09;
    private const int Length = 16;

    [Fact]
    public void Nobody_looks_unless_the_driver_wants_it()
    {
        using var board = new LsiBoard(parityErrors: 1);
        board.Do(LsiTestUnit.Of(LsiTestUnit.Read, Length), LsiPhase.DataIn, Length);
        Assert.Equal([.. Enumerable.Range(0, Length).Select(LsiTestUnit.Pattern)], board.Bytes(LsiBoard.Data, Length));
    }

    [Theory]
    [InlineData(Length, false)]
    [InlineData(3, false)]
    [InlineData(Length + 1, true)]
    public void A_block_move_is_taken_to_its_end_and_then_PAR_stops_SCRIPTS(uint every, bool isWell)
    {
        using var board = new LsiBoard(parityErrors: every);
        var program = Read(board, CheckParity, Length);
        if (isWell)
        {
            board.WaitForInt(1);
        }
        else
        {
            Assert.Equal(LsiScsiCause.Parity, board.WaitForScsi());
            Assert.False(board.IsRunning);
            Assert.Equal(LsiBoard.Program + program.Offset("behind"), board.Read(LsiRegister.ScriptsPointer));
            Assert.Equal(0UL, board.Read(LsiRegister.ByteCounter) & 0xFFFFFF);
        }

        Assert.Equal([.. Enumerable.Range(0, Length).Select(LsiTestUnit.Pattern)], board.Bytes(LsiBoard.Data, Length));
    }

    [Fact]
    public void With_AAP_the_target_takes_a_message_and_ends_the_command()
    {
        using var board = new LsiBoard(parityErrors: Length);
        Read(board, CheckParity | AssertAttention, Length);
        Assert.Equal(LsiScsiCause.Parity, board.WaitForScsi());
        Assert.Equal((byte)LsiPhase.MessageOut, board[LsiRegister.ScsiStatus1] & 7);
        Finish(board, InitiatorDetectedError);
        Assert.Equal((ulong)ScsiStatus.CheckCondition, board.Load(LsiBoard.Status, 1));
        Assert.Contains("terminated 0B/48/00", board.Unit.Events);
    }

    [Fact]
    public void In_the_middle_of_a_block_move_the_phase_mismatches_as_well()
    {
        using var board = new LsiBoard(parityErrors: 512);
        board.Unit.PieceSize = 512;
        Read(board, CheckParity | AssertAttention, 2048, pieces: 2048);
        Assert.Equal(LsiScsiCause.Parity | LsiScsiCause.PhaseMismatch, board.WaitForScsi());
        Assert.Equal(1536UL, board.Read(LsiRegister.ByteCounter) & 0xFFFFFF);
        Finish(board, InitiatorDetectedError);
        Assert.Equal((ulong)ScsiStatus.CheckCondition, board.Load(LsiBoard.Status, 1));
    }

    [Fact]
    public void A_mismatch_that_jumps_has_jumped_when_PAR_stops_SCRIPTS()
    {
        using var board = new LsiBoard(parityErrors: 512);
        board.Unit.PieceSize = 512;
        board[LsiRegister.ChipControl0] = (byte)LsiChipControl0.EnableJump;
        board.Write(LsiRegister.PhaseMismatchJump1, 0x8000);
        board.Write(LsiRegister.PhaseMismatchJump2, 0x8000);
        Read(board, CheckParity | AssertAttention, 2048, pieces: 2048);
        Assert.Equal(LsiScsiCause.Parity, board.WaitForScsi());
        Assert.Equal(0x8000UL, board.Read(LsiRegister.ScriptsPointer));
        Assert.Equal(1536UL, board.Read(LsiRegister.RemainingByteCount) & 0xFFFFFF);
    }

    [Fact]
    public void A_status_is_said_again()
    {
        using var board = new LsiBoard(parityErrors: 1);
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board[LsiRegister.ScsiControl0] = 0xC0 | CheckParity | AssertAttention;
        board.Start(Begin().Move(LsiPhase.Status, 1, LsiBoard.Status).Int(1).Label("lost").Int(9));
        Assert.Equal(LsiScsiCause.Parity, board.WaitForScsi());
        board[LsiRegister.ScsiControl0] = 0xC0;
        board.Store(LsiBoard.Status, 0xEE, 1);
        Finish(board, InitiatorDetectedError);
        Assert.Equal((ulong)ScsiStatus.Good, board.Load(LsiBoard.Status, 1));
    }

    [Fact]
    public void A_message_is_said_again()
    {
        using var board = new LsiBoard(parityErrors: 2);
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board[LsiRegister.ScsiControl0] = 0xC0 | CheckParity | AssertAttention;
        board.Start(Begin().Move(LsiPhase.Status, 1, LsiBoard.Status).Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn).Int(1).Label("lost").Int(9));
        Assert.Equal(LsiScsiCause.Parity, board.WaitForScsi());
        board[LsiRegister.ScsiControl0] = 0xC0;
        board.Put(LsiBoard.MessageOut, MessageParityError);
        board.Store(LsiBoard.MessageIn, 0xEE, 1);
        board.Run(
            new LsiProgram()
                .ClearAck()
                .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
                .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
                .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                .ClearAck()
                .WaitDisconnect()
                .Int(2),
            2);
        Assert.Equal((ulong)LsiMessage.CommandComplete, board.Load(LsiBoard.MessageIn, 1));
    }

    [Fact]
    public void A_reset_forgets_it()
    {
        using var board = new LsiBoard(parityErrors: 512);
        board.Unit.PieceSize = 512;
        board.Unit.IsSlowBetween = true;
        Read(board, CheckParity, 2048, pieces: 2048);
        Deadline.Until(() => (board.Read(LsiRegister.ByteCounter) & 0xFFFFFF) == 1536, "the first piece is there");
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
        board.SetUp();
        board.Unit.IsSlowBetween = false;
        board[LsiRegister.ScsiControl0] = 0xC0 | CheckParity;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    private static LsiProgram Begin() => new LsiProgram()
        .Select(0, "lost")
        .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
        .Move(LsiPhase.Command, 6, LsiBoard.Command);

    // Selects, and moves the data of a read in one block move.
    private static LsiProgram Read(LsiBoard board, byte control, uint length, uint pieces = Length)
    {
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Read, (int)length));
        board[LsiRegister.ScsiControl0] = (byte)(0xC0 | control);
        var program = Begin().Move(LsiPhase.DataIn, pieces, LsiBoard.Data).Label("behind").Int(1).Label("lost").Int(9);
        board.Start(program);
        return program;
    }

    // The rest of a command, from MESSAGE OUT on, with a cable that nobody looks at any more.
    private static void Finish(LsiBoard board, byte message)
    {
        board[LsiRegister.ScsiControl0] = 0xC0;
        board[LsiRegister.ChipControl0] = 0;
        board.Put(LsiBoard.MessageOut, message);
        board.Run(
            new LsiProgram()
                .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
                .Move(LsiPhase.Status, 1, LsiBoard.Status)
                .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
                .ClearAck()
                .WaitDisconnect()
                .Int(2),
            2);
    }
}
