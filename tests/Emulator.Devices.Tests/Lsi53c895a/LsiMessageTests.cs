namespace Emulator.Devices.Tests;

/// <summary>Messages: negotiation, what is rejected, and what ends commands.</summary>
public class LsiMessageTests
{
    public static TheoryData<byte[], byte[]> Answers => new()
    {
        { [1, 3, 1, 0x0C, 0x1F], [1, 3, 1, 0x0C, 0x1F] },
        { [1, 3, 1, 0x05, 0x40], [1, 3, 1, 0x0A, 0x1F] },
        { [1, 2, 3, 0], [1, 2, 3, 0] },
        { [1, 2, 3, 2], [1, 2, 3, 1] },
        { [1, 6, 4, 0x09, 0, 0x3E, 1, 2], [1, 6, 4, 0x0A, 0, 0x1F, 1, 0] },
        { [1, 1, 9], [7] },
        { [1, 4, 1, 0x0C, 0x1F, 0], [7] },
        { [0x11], [7] },
        { [0x24, 0x33], [7] },
        { [0x04], [7] },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void A_target_answers_a_request_with_what_it_can_and_rejects_the_rest(byte[] request, byte[] answer)
    {
        using var board = new LsiBoard();
        board.Put([LsiCommands.Identify, .. request], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, (uint)request.Length + 1, LsiBoard.MessageOut)
            .Move(LsiPhase.MessageIn, (uint)answer.Length, LsiBoard.MessageIn)
            .ClearAck()
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Label("end")
            .Int(0));
        Assert.Equal(answer, board.Bytes(LsiBoard.MessageIn, answer.Length));
        Assert.Equal(answer[^1], board[LsiRegister.InputDataLatch]);
    }

    [Fact]
    public void NO_OPERATION_and_an_extended_message_longer_than_any_are_taken_whole()
    {
        using var board = new LsiBoard();
        board.Put(LsiBoard.MessageOut, [LsiCommands.Identify, 8, 1, 0, .. new byte[256]]);
        board.Put(LsiBoard.Command, LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 260, LsiBoard.MessageOut)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .ClearAck()
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Label("end")
            .Int(0));
        Assert.Equal(7UL, board.Load(LsiBoard.MessageIn, 1));
    }

    [Fact]
    public void ATN_set_before_ACK_is_cleared_has_the_target_take_a_message_and_then_repeat_its_own()
    {
        using var board = new LsiBoard();
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Put(LsiBoard.MessageOut + 1, 9);
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Move(LsiPhase.Status, 1, LsiBoard.Status)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .Set(1 << 3)
            .ClearAck()
            .Int(1, LsiProgram.Phase(LsiPhase.MessageOut, wait: true, not: true))
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut + 1)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn + 1)
            .ClearAck()
            .WaitDisconnect()
            .Label("end")
            .Int(0));
        Assert.Equal(0UL, board.Load(LsiBoard.MessageIn, 2));
    }

    [Fact]
    public void A_rejected_DISCONNECT_keeps_the_target_connected()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        board.Put([LsiCommands.IdentifyDisconnect], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Put(LsiBoard.MessageOut + 1, 7);
        board.Start(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .Set(1 << 3)
            .ClearAck()
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut + 1)
            .Move(LsiPhase.Status, 1, LsiBoard.Status)
            .Label("end")
            .Int(0));
        Deadline.Until(() => !board.Unit.Started.IsEmpty, "it is started");
        board.Settle();
        board.Unit.Release();
        board.WaitForInt();
        Assert.Equal(0UL, board.Load(LsiBoard.Status, 1));
    }

    [Theory]
    [InlineData(0x06, "abort,abort all")]
    [InlineData(0x0E, "abort,abort all")]
    [InlineData(0x0C, "abort,reset")]
    [InlineData(0x17, "abort,reset")]
    [InlineData(0x0D, "abort")]
    public void A_message_that_ends_commands_frees_the_bus_and_nothing_comes_back(byte message, string events)
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        Disconnect(board, [LsiCommands.IdentifyDisconnect, 0x20, 7]);
        board.Put(LsiBoard.MessageOut, message == 0x0D ? [LsiCommands.IdentifyDisconnect, 0x20, 7, message] : [LsiCommands.IdentifyDisconnect, message]);
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
            .Move(LsiPhase.MessageOut, message == 0x0D ? 4U : 2, LsiBoard.MessageOut)
            .WaitDisconnect()
            .Label("end")
            .Int(0));
        Assert.Equal(events, string.Join(",", board.Unit.Events));
        board.Unit.Release();
        board.Start(new LsiProgram().WaitReselect("signal").Int(1).Label("signal").Int(2));
        board.Settle();
        Assert.True(board.IsRunning);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess;
        board.WaitForInt(2);
        board.Unit.IsSlow = false;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Theory]
    [InlineData(0x88)]
    [InlineData(0xA0)]
    [InlineData(0xBF)]
    public void IDENTIFY_has_six_bits_of_logical_unit_and_one_above_7_is_not_there(byte identify)
    {
        using var board = new LsiBoard();
        board.Do([0x12, 0, 0, 0, 36, 0], length: 36, identify: identify);
        Assert.Equal(0x7FUL, board.Load(LsiBoard.Data, 1));
        foreach (var message in (byte[])[0x06, 0x0E, 0x17])
        {
            board.Put(LsiBoard.MessageOut, identify, message);
            board.Run(new LsiProgram()
                .Select(0, "end")
                .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
                .Move(LsiPhase.MessageOut, 2, LsiBoard.MessageOut)
                .WaitDisconnect()
                .Label("end")
                .Int(0));
        }

        Assert.Empty(board.Unit.Started);
        Assert.Empty(board.Unit.Events);
    }

    [Theory]
    [InlineData(0x06)]
    [InlineData(0x0D)]
    [InlineData(0x0E)]
    [InlineData(0x17)]
    public void Without_IDENTIFY_it_frees_the_bus_and_ends_nothing(byte message)
    {
        // sym53c8xx_2 gets rid of the bus so, where the command to be aborted has ended before the target was selected.
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        Disconnect(board, [LsiCommands.IdentifyDisconnect]);
        board.Put(LsiBoard.MessageOut, message);
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .WaitDisconnect()
            .Label("end")
            .Int(0));
        Assert.Empty(board.Unit.Events);
        board.Start(new LsiProgram().WaitReselect("signal").Int(1).Label("signal").Int(2));
        board.Unit.Release();
        board.WaitForInt(1);
    }

    [Fact]
    public void A_disconnect_that_the_driver_does_not_expect_is_one()
    {
        using var board = new LsiBoard();
        board.Put(LsiBoard.MessageOut, LsiCommands.Identify, 0x06);
        board.Start(new LsiProgram().Select(0, "end").Move(LsiPhase.MessageOut, 2, LsiBoard.MessageOut).WaitDisconnect().Label("end").Int(0));
        Assert.Equal(LsiScsiCause.UnexpectedDisconnect, board.WaitForScsi());
        Assert.False(board.IsRunning);
    }

    [Fact]
    public void An_aborted_reselection_gives_the_command_up()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        Disconnect(board, [LsiCommands.IdentifyDisconnect, 0x20, 7]);
        board.Put(LsiBoard.MessageOut, 0x0D);
        board.Start(new LsiProgram()
            .WaitReselect("end")
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .Set(1 << 3)
            .ClearAck()
            .Modify(LsiRegister.ScsiControl2, LsiOperator.And, 0x7F)
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .WaitDisconnect()
            .Label("end")
            .Int(5));
        board.Unit.Release();
        board.WaitForInt(5);
        Assert.Equal(["abort"], board.Unit.Events);
    }

    // A tagged command that has disconnected.
    private static void Disconnect(LsiBoard board, byte[] message)
    {
        board.Put(message, LsiTestUnit.Of(LsiTestUnit.Read, 512));
        board.Run(
            new LsiProgram()
                .Select(0, "end")
                .Move(LsiPhase.MessageOut, (uint)message.Length, LsiBoard.MessageOut)
                .Move(LsiPhase.Command, 6, LsiBoard.Command)
                .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                .ClearAck()
                .WaitDisconnect()
                .Label("end")
                .Int(9),
            9);
    }
}
