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

    [Fact]
    public void A_selection_that_times_out_leaves_DSP_behind_the_instruction_that_waits_for_a_phase()
    {
        using var board = new LsiBoard();
        board.Write(LsiRegister.DataStructureAddress, LsiBoard.Table);
        board.Store(LsiBoard.Table, 0x00050000);
        var program = new LsiProgram()
            .SelectTable(0, "lost")
            .LoadRelative(LsiRegister.ScratchB, 4, 4)
            .Int(1, LsiProgram.Phase(LsiPhase.MessageOut, wait: true, not: true))
            .Label("waits")
            .Int(2)
            .Label("lost")
            .Int(3);
        board.Start(program);
        board.Advance(256_000_000);
        Assert.Equal(LsiScsiCause.SelectionTimeout, board.WaitForScsi());
        Assert.Equal(LsiBoard.Program + program.Offset("waits"), board.Read(LsiRegister.ScriptsPointer));
        Assert.Equal(LsiBoard.Table, board.Read(LsiRegister.DataStructureAddress));
        Assert.False(board.IsRunning);

        // The driver lets SCRIPTS go on elsewhere.
        board.Run(new LsiProgram().Load(LsiRegister.ScratchA, 4, LsiBoard.Table).Int(4), 4);
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_tagged_command_is_aborted_by_SCRIPTS_that_are_stopped_with_SEM_and_go_on_with_STD(bool losesFirst)
    {
        const byte Semaphore = (byte)LsiInterruptStatus0.Semaphore;
        const uint Stopped = 10, Selected = 11, Sent = 12, Reselected = 13;
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        board.Store(LsiBoard.Table, 0x33000800);
        board.Store(LsiBoard.Table + 8, 4);
        board.Store(LsiBoard.Table + 12, LsiBoard.MessageOut);
        var program = new LsiProgram()
            .Label("start")
            .ToFirst(LsiRegister.ChipTest2, LsiOperator.Or, 0)
            .ToFirst(LsiRegister.InterruptStatus0, LsiOperator.Or, 0)
            .Int(Stopped, LsiProgram.Byte(Semaphore, unchecked((byte)~Semaphore)))
            .Label("reselect")
            .WaitReselect("start")
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .ClearAck()
            .Move(LsiPhase.MessageIn, 2, LsiBoard.MessageIn + 1)
            .ClearAck()
            .Int(Reselected)
            .Label("abort")
            .SelectTable(0, "reselect")
            .Label("selecting")
            .Jump(LsiProgram.Phase(LsiPhase.MessageOut, wait: true, not: true), "selecting")
            .Int(Selected)
            .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
            .MoveTable(LsiPhase.MessageOut, 8)
            .Clear((1 << 6) | (1 << 3))
            .WaitDisconnect()
            .Int(Sent)
            .Jump(LsiProgram.Always, "start");
        Disconnect(board, 7);
        Disconnect(board, 9);

        board.Put(LsiBoard.ScriptRam, program.At(LsiBoard.ScriptRam));
        board.Write(LsiRegister.ScriptsPointer, LsiBoard.ScriptRam);
        board.Settle();
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess | Semaphore;
        board.WaitForInt(Stopped);
        Assert.Equal(Semaphore, board[LsiRegister.InterruptStatus0]);

        var expected = 0x20 | (9 << 8);
        if (losesFirst)
        {
            // Another wants to reselect first: SELECT goes to its alternate address.
            board.Unit.Release(1);
            board.Settle();
        }

        board.Write(LsiRegister.DataStructureAddress, LsiBoard.Table);
        board.Put(LsiBoard.MessageOut, LsiCommands.Identify, 0x20, 7, 0x0D);
        board.Write(LsiRegister.ScriptsPointer, LsiBoard.ScriptRam + program.Offset("abort"));
        if (losesFirst)
        {
            board.WaitForInt(Reselected);
            Assert.Equal((ulong)expected, board.Load(LsiBoard.MessageIn + 1, 2));
            return;
        }

        board.WaitForInt(Selected);
        Assert.Equal(0, board[LsiRegister.ScsiDestinationId]);
        Assert.Equal((0x33, 0x08), (board[LsiRegister.ScsiControl3], board[LsiRegister.ScsiTransfer]));
        board[LsiRegister.DmaControl] = (byte)(LsiDmaControl.Start | LsiDmaControl.Compatibility);
        board.WaitForInt(Sent);
        Assert.Equal(["abort"], board.Unit.Events);

        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess;
        board[LsiRegister.DmaControl] = (byte)(LsiDmaControl.Start | LsiDmaControl.Compatibility);
        board.Unit.Release();
        board.WaitForInt(Reselected);
        Assert.Equal((ulong)expected, board.Load(LsiBoard.MessageIn + 1, 2));
    }

    [Fact]
    public void SELECT_while_connected_loads_what_the_table_says_of_the_target_and_the_connection_goes_on()
    {
        // NetBSD's esiop has no other way to load SCNTL3 and SXFER behind a reselection.
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        Disconnect(board, 7);
        board.Store(LsiBoard.Table, 0x3B001F00);
        board.Write(LsiRegister.DataStructureAddress, LsiBoard.Table);
        board.Start(new LsiProgram()
            .WaitReselect("next")
            .SelectTable(0, "next")
            .Int(1)
            .Label("next")
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .ClearAck()
            .Move(LsiPhase.MessageIn, 2, LsiBoard.MessageIn + 1)
            .ClearAck()
            .Move(LsiPhase.Status, 1, LsiBoard.Status)
            .Int(2));
        board.Unit.Release();
        board.WaitForInt(2);
        Assert.Equal((0x3B, 0x1F, 0), (board[LsiRegister.ScsiControl3], board[LsiRegister.ScsiTransfer], board[LsiRegister.ScsiDestinationId]));
        Assert.Equal(0x072080UL, board.Load(LsiBoard.MessageIn, 4) & 0xFFFFFF);
        Assert.Equal(0UL, board.Load(LsiBoard.Status, 1));
    }

    [Fact]
    public void The_chip_is_reset_by_ABRT_until_DSTAT_says_so_and_then_SRST_and_the_bus_by_RST()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        Disconnect(board, 7);
        board.Start(new LsiProgram().WaitReselect("end").Label("end").Int(0));
        board.Settle();
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.Abort;
        Deadline.Until(() => (board.Istat & LsiInterruptStatus0.DmaPending) != 0, "DIP");
        Assert.Equal(LsiDmaStatus.Aborted, board.WaitForDma());
        board[LsiRegister.InterruptStatus0] = 0;
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
        board[LsiRegister.InterruptStatus0] = 0;
        board.Write(LsiRegister.ScsiInterruptEnable0, (ulong)LsiScsiCause.Reset, 2);
        board[LsiRegister.ScsiControl1] = (byte)LsiScsiControl1.AssertReset;
        board[LsiRegister.ScsiControl1] = 0;
        Assert.True(board.Interrupts);
        Assert.Equal(LsiScsiCause.Reset, board.WaitForScsi());
        board.Settle();
        Assert.Equal(["abort", "reset"], board.Unit.Events);
        Assert.Equal((LsiInterruptStatus0)0, board.Istat);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
        board.SetUp();
        board.Unit.IsSlow = false;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    // A tagged command that has disconnected.
    private static void Disconnect(LsiBoard board, byte tag)
    {
        board.Put([LsiCommands.IdentifyDisconnect, 0x20, tag], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 3, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
            .ClearAck()
            .WaitDisconnect()
            .Label("end")
            .Int(0));
    }
}
