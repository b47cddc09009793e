namespace Emulator.Devices.Tests;

/// <summary>What stock drivers do beyond commands: looking for the chip, measuring it, recovery. Mostly Linux's sym53c8xx_2.</summary>
public class LsiStockTests
{
    private const ulong Scratch = LsiBoard.Data;

    [Fact]
    public void A_word_is_exchanged_with_memory_while_all_is_masked_and_DSP_stands_behind_the_INT()
    {
        // The driver's test of the caches: DIP shows, although DIEN lets nothing through.
        using var board = new LsiBoard(started: false);
        board[LsiRegister.ChipTest4] = 0x08;
        board.Store(Scratch + 0x20, 1);
        board.Write(LsiRegister.Temporary, 2);
        board.Write(LsiRegister.DataStructureAddress, Scratch);
        var program = new LsiProgram()
            .LoadRelative(LsiRegister.ScratchA, 4, 0x20)
            .StoreRelative(LsiRegister.Temporary, 4, 0x20)
            .LoadRelative(LsiRegister.Temporary, 4, 0x20)
            .Int(99);
        board.Start(program);
        Deadline.Until(() => (board.Istat & LsiInterruptStatus0.DmaPending) != 0, "DIP");
        Assert.False(board.Interrupts);
        Assert.Equal(LsiDmaStatus.ScriptInterrupt, board.WaitForDma());
        Assert.Equal(LsiBoard.Program + 32, board.Read(LsiRegister.ScriptsPointer));
        Assert.Equal((1UL, 2UL, 2UL), (board.Read(LsiRegister.ScratchA), board.Load(Scratch + 0x20), board.Read(LsiRegister.Temporary)));
    }

    [Fact]
    public void The_general_timer_measures_the_clock_while_all_is_masked()
    {
        using var board = new LsiBoard(started: false);
        board.Write(LsiRegister.ScsiInterruptEnable0, 0, 2);
        _ = board.Read(LsiRegister.ScsiInterruptStatus0, 2);
        board[LsiRegister.ScsiControl3] = 4;
        for (var measured = 0; measured < 3; measured++)
        {
            board[LsiRegister.ScsiTimer1] = 0;
            board[LsiRegister.ScsiTimer1] = 8;
            board.Advance(15_999_999);
            Assert.Equal(0UL, board.Read(LsiRegister.ScsiInterruptStatus0, 2));
            board.Advance(1);
            Assert.Equal((ulong)LsiScsiCause.GeneralTimer, board.Read(LsiRegister.ScsiInterruptStatus0, 2));
        }

        Assert.False(board.Interrupts);
    }

    [Fact]
    public void While_the_reset_line_is_asserted_all_others_are_negated()
    {
        // The driver's test of the cables. It does not wait for the I/O thread, which is held up here.
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Start(LsiCommands.One(0, 1, 6, LsiPhase.DataIn, 0));
        Deadline.Until(() => !board.Unit.Started.IsEmpty, "it is started");
        board.Settle();
        Assert.NotEqual(0, board[LsiRegister.BusControlLines]);
        using (board.HoldThread())
        {
            board[LsiRegister.ScsiControl1] = (byte)LsiScsiControl1.AssertReset;
            Assert.Equal(LsiScsiStatus0.Reset, (LsiScsiStatus0)board[LsiRegister.ScsiStatus0] & LsiScsiStatus0.Reset);
            Assert.Equal((byte)LsiScsiControl1.AssertReset, board[LsiRegister.ScsiControl1]);
            Assert.Equal(0UL, board.Read(LsiRegister.BusDataLines, 2));
            Assert.Equal(0, board[LsiRegister.BusControlLines]);
            board[LsiRegister.ScsiControl1] = 0;
            Assert.Equal((LsiScsiStatus0)0, (LsiScsiStatus0)board[LsiRegister.ScsiStatus0] & LsiScsiStatus0.Reset);
            Assert.Equal(0, board[LsiRegister.BusControlLines]);
        }

        Assert.Equal(LsiScsiCause.Reset, board.WaitForScsi());
        board.Unit.IsSlow = false;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }
}
