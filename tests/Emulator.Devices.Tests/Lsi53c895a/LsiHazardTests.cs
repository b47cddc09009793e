namespace Emulator.Devices.Tests;

/// <summary>What hostile guests have done to other models of this chip, each by its input, and the right answer.</summary>
public class LsiHazardTests
{
    [Fact]
    public void CVE_2019_12068_SCRIPTS_in_memory_of_zeroes_end_when_they_are_told_to()
    {
        using var board = new LsiBoard();
        board.Write(LsiRegister.ScriptsPointer, LsiBoard.Data);
        board.Settle();
        board.Advance(1_000_000);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.Abort;
        var causes = board.WaitForDma();
        Assert.True(causes is LsiDmaStatus.Aborted or LsiDmaStatus.BusFault, $"{causes}");
        board[LsiRegister.InterruptStatus0] = 0;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void CVE_2018_18849_SBDL_is_0_when_there_is_no_message()
    {
        using var board = new LsiBoard();
        Assert.Equal(0UL, board.Read(LsiRegister.BusDataLines, 2));
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Move(LsiPhase.Status, 1, LsiBoard.Status)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .Label("end")
            .Int(0));
        Assert.Equal((byte)LsiPhase.MessageIn, board[LsiRegister.ScsiStatus1]);
        Assert.Equal(0UL, board.Read(LsiRegister.BusDataLines, 2));

        // One message is there, and a block move of more than that takes it and mismatches or waits.
        board.Start(new LsiProgram().Move(LsiPhase.MessageIn, 200, LsiBoard.MessageIn).Int(0));
        board.Settle();
        Assert.Equal(0UL, board.Read(LsiRegister.BusDataLines, 2));
    }

    [Fact]
    public void An_unknown_register_reads_as_ones()
    {
        using var board = new LsiBoard();
        foreach (var offset in (int[])[0x53, 0x5A, 0xBC, 0xE0, 0xF0, 0xFF])
        {
            Assert.Equal(0xFFUL, board.Load(LsiBoard.Window + (ulong)offset, 1));
            board.Ports.Read((ushort)(LsiBoard.Port + offset), 1, out var value);
            Assert.Equal(0xFFUL, value);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reset_with_commands_queued_leaves_none_to_complete_afterwards(bool ofBus)
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        for (byte tag = 0; tag < 20; tag++)
        {
            StartTagged(board, tag);
        }

        if (ofBus)
        {
            board[LsiRegister.ScsiControl1] = (byte)LsiScsiControl1.AssertReset;
            board[LsiRegister.ScsiControl1] = (byte)LsiScsiControl1.AssertReset;
            Assert.Equal(LsiScsiCause.Reset, board.WaitForScsi());
            Assert.Equal(2, board[LsiRegister.ScsiStatus0] & 2);
            board[LsiRegister.ScsiControl1] = 0;
            board.Settle();
            Assert.Equal((LsiInterruptStatus0)0, board.Istat);
            Assert.Single(board.Unit.Events, "reset");
        }
        else
        {
            board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
            board.SetUp();
        }

        for (var i = 0; i < 20; i++)
        {
            board.Unit.Release();
        }

        board.Start(new LsiProgram().WaitReselect("signal").Int(1).Label("signal").Int(2));
        board.Settle();
        Assert.True(board.IsRunning);
        Assert.Equal(20, board.Unit.Events.Count(each => each == "abort"));
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess;
        board.WaitForInt(2);
        board.Unit.IsSlow = false;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void SIGP_set_before_WAIT_RESELECT_is_not_lost()
    {
        using var board = new LsiBoard();
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess;
        board.Run(new LsiProgram().WaitReselect("signal").Int(1).Label("signal").Int(2), 2);
    }

    [Fact]
    public void Two_hundred_tagged_commands_in_flight_all_complete()
    {
        const int Commands = 200;
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        for (var tag = 0; tag < Commands; tag++)
        {
            StartTagged(board, (byte)tag);
        }

        for (var i = 0; i < Commands; i++)
        {
            board.Unit.Release();
        }

        var tags = new HashSet<ulong>();
        for (var i = 0; i < Commands; i++)
        {
            board.Run(
                new LsiProgram()
                    .WaitReselect("end")
                    .Move(LsiPhase.MessageIn, 3, LsiBoard.MessageIn)
                    .ClearAck()
                    .Move(LsiPhase.Status, 1, LsiBoard.Status)
                    .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn + 3)
                    .ClearAck()
                    .WaitDisconnect()
                    .Int(4)
                    .Label("end")
                    .Int(5),
                4);
            tags.Add(board.Load(LsiBoard.MessageIn + 2, 1));
        }

        Assert.Equal(Commands, tags.Count);
    }

    [Fact]
    public void A_budget_that_ran_out_many_times_is_nothing_to_the_next_command()
    {
        using var board = new LsiBoard();
        for (var round = 0; round < 20; round++)
        {
            board.Start(new LsiProgram().Label("self").Jump(LsiProgram.Always, "self"));
            board.Advance(10_000_000);
            Assert.True(board.IsRunning);
            board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.Abort;
            Deadline.Until(() => (board.Istat & LsiInterruptStatus0.DmaPending) != 0, "DIP");
            board[LsiRegister.InterruptStatus0] = 0;
            Assert.Equal(LsiDmaStatus.Aborted, board.WaitForDma());
            board.Do(LsiTestUnit.Of(LsiTestUnit.Read, 64), LsiPhase.DataIn, 64);
        }
    }

    [Fact]
    public void SCRIPTS_that_poll_a_word_of_memory_find_it_changed_and_never_see_an_unexpected_disconnect()
    {
        using var board = new LsiBoard();
        board.Start(new LsiProgram()
            .Label("poll")
            .Load(LsiRegister.ScratchA, 4, LsiBoard.Data)
            .ToFirst(LsiRegister.ScratchA, LsiOperator.Or, 0)
            .Jump(LsiProgram.Byte(0), "poll")
            .Int(3));
        for (var i = 0; i < 100; i++)
        {
            board.Advance(500_000);
        }

        Assert.True(board.IsRunning);
        Assert.Equal((LsiInterruptStatus0)0, board.Istat);
        board.Store(LsiBoard.Data, 1);
        board.Advance(500_000);
        board.WaitForInt(3);
    }

    [Fact]
    public void Polling_SCRIPTS_rest_until_the_clock_says_so()
    {
        using var board = new LsiBoard();
        board.Start(new LsiProgram().Label("self").Modify(LsiRegister.ScratchA, LsiOperator.Add, 1).Jump(LsiProgram.Always, "self"));
        board.Settle();
        Deadline.Until(
            () =>
            {
                var before = board[LsiRegister.ScratchA];
                board.Settle();
                return board[LsiRegister.ScratchA] == before;
            },
            "it rests");
        var at = board[LsiRegister.ScratchA];
        board.Advance(500_000);
        Assert.NotEqual(at, board[LsiRegister.ScratchA]);
    }

    [Fact]
    public void Two_controllers_share_nothing()
    {
        using var board = new LsiBoard();
        using var other = new LsiBoard();
        board.Write(LsiRegister.ScratchA, 1);
        board.Start(new LsiProgram().Int(1));
        other.Start(new LsiProgram().Int(2));
        board.WaitForInt(1);
        other.WaitForInt(2);
        Assert.Equal((1UL, 0UL), (board.Read(LsiRegister.ScratchA), other.Read(LsiRegister.ScratchA)));
    }

    [Fact]
    public void SCRIPTS_that_name_the_chips_registers_do_not_run_inside_themselves()
    {
        using var board = new LsiBoard();

        // Data of a target's into ISTAT0 (a reset, at 14h) and DSP: served inside the chip, after which it works.
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Read, 0x100));
        board.Start(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Move(LsiPhase.DataIn, 0x100, LsiBoard.Window)
            .Label("end")
            .Int(0));
        board.Settle();
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
        board.SetUp();

        // A memory move that starts the SCRIPTS it is in again, for ever.
        var program = new LsiProgram().Label("again").MoveMemory(4, LsiBoard.Table, LsiBoard.Window + (ulong)LsiRegister.ScriptsPointer).Int(0);
        board.Store(LsiBoard.Table, LsiBoard.Program);
        board.Start(program);
        board.Advance(1_000_000);
        Assert.True(board.IsRunning);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
        board.SetUp();
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void A_second_command_of_the_same_name_takes_the_place_of_the_first()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        for (var i = 0; i < 300; i++)
        {
            StartTagged(board, 3);
        }

        Assert.Equal(299, board.Unit.Events.Count(each => each == "abort"));
    }

    // Starts a command that disconnects.
    private static void StartTagged(LsiBoard board, byte tag)
    {
        board.Put([LsiCommands.IdentifyDisconnect, 0x20, tag], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Run(
            new LsiProgram()
                .Select(0, "end")
                .Move(LsiPhase.MessageOut, 3, LsiBoard.MessageOut)
                .Move(LsiPhase.Command, 6, LsiBoard.Command)
                .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                .ClearAck()
                .WaitDisconnect()
                .Int(9)
                .Label("end")
                .Int(8),
            9);
    }
}
