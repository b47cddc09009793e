namespace Emulator.Devices.Tests;

/// <summary>Interrupts: what stops SCRIPTS, what is stacked, what drives the pin; the timers and the mailbox.</summary>
public class LsiInterruptTests
{
    private static LsiProgram Waiting => new LsiProgram().WaitReselect("signal").Int(1).Label("signal").Int(2);

    [Fact]
    public void The_pin_follows_DIEN_and_SIEN_and_reading_clears()
    {
        using var board = new LsiBoard();
        board[LsiRegister.DmaInterruptEnable] = 0;
        board.Start(new LsiProgram().Int(5));
        Deadline.Until(() => (board.Istat & LsiInterruptStatus0.DmaPending) != 0, "DIP");
        Assert.False(board.Interrupts);
        board[LsiRegister.DmaInterruptEnable] = (byte)LsiDmaStatus.ScriptInterrupt;
        Assert.True(board.Interrupts);
        board[LsiRegister.DmaControl] = (byte)LsiDmaControl.InterruptDisable;
        Assert.False(board.Interrupts);
        board[LsiRegister.DmaControl] = 0;
        Assert.True(board.Interrupts);
        board.WaitForInt(5);
        Assert.False(board.Interrupts);
        Assert.Equal((byte)LsiDmaStatus.FifoEmpty, board[LsiRegister.DmaStatus]);
    }

    [Fact]
    public void INTFLY_interrupts_and_SCRIPTS_go_on()
    {
        using var board = new LsiBoard();
        board[LsiRegister.DmaInterruptEnable] = 0;
        board.Start(new LsiProgram().IntFly().Modify(LsiRegister.ScratchA, LsiOperator.Move, 3).WaitReselect("end").Label("end").Int(0));
        Deadline.Until(() => board[LsiRegister.ScratchA] == 3, "it goes on");
        Assert.Equal(LsiInterruptStatus0.OnTheFly, board.Istat);
        Assert.True(board.Interrupts);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.OnTheFly;
        Assert.False(board.Interrupts);
        Assert.Equal((LsiInterruptStatus0)0, board.Istat);
    }

    [Fact]
    public void What_comes_while_something_is_pending_waits_behind_it()
    {
        using var board = new LsiBoard();
        board.Start(new LsiProgram().Int(1));
        Deadline.Until(() => (board.Istat & LsiInterruptStatus0.DmaPending) != 0, "DIP");
        board[LsiRegister.ScsiControl1] = (byte)LsiScsiControl1.AssertReset;
        board[LsiRegister.ScsiControl1] = 0;
        board.Settle();
        Assert.Equal(LsiInterruptStatus0.DmaPending, board.Istat);
        Assert.Equal(LsiDmaStatus.ScriptInterrupt | LsiDmaStatus.FifoEmpty, (LsiDmaStatus)board[LsiRegister.DmaStatus]);
        Assert.Equal(LsiInterruptStatus0.ScsiPending, board.Istat);
        Assert.True(board.Interrupts);
        Assert.Equal((byte)LsiScsiCause.Reset, board[LsiRegister.ScsiInterruptStatus0]);
        Assert.Equal((LsiInterruptStatus0)0, board.Istat);
    }

    [Fact]
    public void The_general_timer_is_told_once_and_stops_SCRIPTS_only_if_it_is_enabled()
    {
        using var board = new LsiBoard();
        board.Start(Waiting);
        board[LsiRegister.ScsiTimer1] = 4;
        board.Advance(999_999);
        Assert.Equal(0, board[LsiRegister.ScsiInterruptStatus1]);
        board.Advance(1);
        Assert.True(board.IsRunning);
        Assert.Equal((LsiInterruptStatus0)0, board.Istat);
        Assert.Equal(2, board[LsiRegister.ScsiInterruptStatus1]);
        Assert.Equal(0, board[LsiRegister.ScsiInterruptStatus1]);

        board[LsiRegister.ScsiInterruptEnable1] = 2;
        board[LsiRegister.ScsiTimer1] = 0x21;
        board.Advance(1_999_999);
        Assert.True(board.IsRunning);
        board.Advance(1);
        Assert.False(board.IsRunning);
        Assert.Equal(LsiScsiCause.GeneralTimer, board.WaitForScsi());

        board[LsiRegister.ScsiTimer1] = 1;
        board[LsiRegister.ScsiTimer1] = 0;
        board.Advance(10_000_000);
        Assert.Equal(0, board[LsiRegister.ScsiInterruptStatus1]);
    }

    [Fact]
    public void The_handshake_timer_is_told_when_a_target_keeps_the_bus_and_does_nothing()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        board[LsiRegister.ScsiTimer0] = 0x4C;
        board[LsiRegister.ScsiInterruptEnable1] = 1;
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Start(LsiCommands.One(0, 1, 6, LsiPhase.DataIn, 0));
        Deadline.Until(() => !board.Unit.Started.IsEmpty, "it is started");
        board.Advance(999_999);
        Assert.True(board.IsRunning);
        board.Advance(1);
        Assert.Equal(LsiScsiCause.HandshakeTimer, board.WaitForScsi());
    }

    [Fact]
    public void SIGP_is_taken_by_a_read_of_CTEST2_and_ends_WAIT_RESELECT()
    {
        using var board = new LsiBoard();
        board.Start(Waiting);
        board.Settle();
        Assert.True(board.IsRunning);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess;
        board.WaitForInt(2);
        Assert.Equal(LsiInterruptStatus0.SignalProcess, board.Istat);
        board.Run(new LsiProgram().ToFirst(LsiRegister.ChipTest2, LsiOperator.And, 0x40).FromFirst(LsiRegister.ScratchA, LsiOperator.Or, 0).Int(3), 3);
        Assert.Equal(0x40, board[LsiRegister.ScratchA]);
        Assert.Equal((LsiInterruptStatus0)0, board.Istat);
        Assert.Equal(0, board[LsiRegister.ChipTest2] & 0x40);
    }

    [Fact]
    public void ABRT_stops_what_waits_and_what_never_ends()
    {
        using var board = new LsiBoard();
        foreach (var program in (LsiProgram[])[Waiting, new LsiProgram().Label("self").Jump(LsiProgram.Always, "self")])
        {
            board.Start(program);
            board.Settle();
            Assert.True(board.IsRunning);
            board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.Abort;
            Deadline.Until(() => (board.Istat & LsiInterruptStatus0.DmaPending) != 0, "DIP");
            board[LsiRegister.InterruptStatus0] = 0;
            Assert.Equal(LsiDmaStatus.Aborted, board.WaitForDma());
            Assert.False(board.IsRunning);
        }

        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void With_RSL_enabled_a_target_reselects_whatever_SCRIPTS_do()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        board.Put([LsiCommands.IdentifyDisconnect], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Run(
            new LsiProgram()
                .Select(0, "end")
                .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
                .Move(LsiPhase.Command, 6, LsiBoard.Command)
                .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                .ClearAck()
                .WaitDisconnect()
                .Label("end")
                .Int(9),
            9);
        board[LsiRegister.ScsiInterruptEnable0] = (byte)LsiScsiCause.Reselected;
        board.Unit.Release();
        Assert.Equal(LsiScsiCause.Reselected, board.WaitForScsi());
        Assert.NotEqual(0, (int)(board.Istat & LsiInterruptStatus0.Connected));
        board.Run(
            new LsiProgram()
                .WaitReselect("end")
                .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                .ClearAck()
                .Move(LsiPhase.Status, 1, LsiBoard.Status)
                .Label("end")
                .Int(8),
            8);
        Assert.Equal(0x80UL, board.Load(LsiBoard.MessageIn, 1));
    }

    [Fact]
    public void SELECT_while_a_target_wants_to_reselect_goes_to_its_alternate_address()
    {
        using var board = new LsiBoard(units: 2);
        board.Unit.IsSlow = true;
        board.Put([LsiCommands.IdentifyDisconnect], LsiTestUnit.Of(LsiTestUnit.Nothing));
        var program = new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .ClearAck()
            .WaitDisconnect()
            .Label("end")
            .Int(9);
        board.Run(program, 9);
        board.Unit.Release();
        board.Settle();
        board.Run(new LsiProgram().Select(1, "lost").Int(1).Label("lost").Int(2), 2);
        Assert.Equal(0x80, board[LsiRegister.SelectorId]);
        Assert.Equal(1, board[LsiRegister.ScsiDestinationId]);
    }
}
