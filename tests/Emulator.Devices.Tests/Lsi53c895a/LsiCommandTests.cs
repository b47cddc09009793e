namespace Emulator.Devices.Tests;

public class LsiCommandTests
{
    [Fact]
    public void A_command_without_data_ends_with_its_status_and_COMMAND_COMPLETE()
    {
        using var board = new LsiBoard();
        board.Unit.Status = ScsiStatus.CheckCondition;
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
        Assert.Equal((byte)ScsiStatus.CheckCondition, board.Load(LsiBoard.Status, 1));
        Assert.Equal(0UL, board.Load(LsiBoard.MessageIn, 1));
        Assert.Equal(0, (int)(board.Istat & LsiInterruptStatus0.Connected));
        Assert.True(board.Unit.Started.TryDequeue(out var started));
        Assert.Equal(ScsiTaskAttribute.Untagged, started.Attribute);
        Assert.Equal(LsiTestUnit.Of(LsiTestUnit.Nothing), started.Command);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(5000)]
    [InlineData(300_000)]
    public void Data_of_a_command_goes_to_memory(int length)
    {
        using var board = new LsiBoard();
        board.Do(LsiTestUnit.Of(LsiTestUnit.Read, length), LsiPhase.DataIn, (uint)length);
        Assert.Equal([.. Enumerable.Range(0, length).Select(LsiTestUnit.Pattern)], board.Bytes(LsiBoard.Data, length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5000)]
    public void Data_for_a_command_comes_from_memory(int length)
    {
        using var board = new LsiBoard();
        byte[] data = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 13))];
        board.Put(LsiBoard.Data, data);
        board.Do(LsiTestUnit.Of(LsiTestUnit.Write, length), LsiPhase.DataOut, (uint)length);
        Assert.Equal(data, board.Unit.Written);
    }

    [Fact]
    public void A_busy_command_without_the_right_to_disconnect_keeps_the_bus()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Start(LsiCommands.One(0, 1, 6, LsiPhase.DataIn, 0));
        Deadline.Until(() => !board.Unit.Started.IsEmpty, "it is started");
        board.Settle();
        Assert.NotEqual(0, (int)(board.Istat & LsiInterruptStatus0.Connected));
        board.Unit.Release();
        board.WaitForInt(LsiCommands.Complete);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_busy_command_disconnects_and_reselects(bool tagged)
    {
        using var board = new LsiBoard();
        board.Unit.IsSlow = true;
        byte[] message = tagged ? [LsiCommands.IdentifyDisconnect, 0x21, 0x5C] : [LsiCommands.IdentifyDisconnect];
        board.Put(message, LsiTestUnit.Of(LsiTestUnit.Read, 700));
        board.Start(LsiCommands.One(0, message.Length, 6, LsiPhase.DataIn, 700));
        Deadline.Until(() => !board.Unit.Started.IsEmpty, "it is started");
        Deadline.Until(() => (board.Istat & LsiInterruptStatus0.Connected) == 0, "it disconnects");
        board.Unit.Release();
        board.WaitForInt(LsiCommands.Complete);
        Assert.Equal(0x80, board[LsiRegister.SelectorId]);
        Assert.Equal([.. Enumerable.Range(0, 700).Select(LsiTestUnit.Pattern)], board.Bytes(LsiBoard.Data, 700));
        Assert.True(board.Unit.Started.TryDequeue(out var started));
        Assert.Equal(tagged ? ScsiTaskAttribute.HeadOfQueue : ScsiTaskAttribute.Untagged, started.Attribute);
        if (tagged)
        {
            Assert.Equal(0x205CUL, ((board.Load(LsiBoard.MessageIn + 1, 1) << 8) | board.Load(LsiBoard.MessageIn + 2, 1)));
        }
    }

    [Fact]
    public void Nobody_at_a_target_is_a_selection_timeout_when_STIME0_says_so()
    {
        using var board = new LsiBoard();
        board.Start(LsiCommands.One(3, 1, 6, LsiPhase.DataIn, 0));
        board.Advance(255_000_000);
        Assert.True(board.IsRunning);
        Assert.Equal(0, (int)(board.Istat & LsiInterruptStatus0.ScsiPending));
        board.Advance(2_000_000);
        Assert.Equal(LsiScsiCause.SelectionTimeout, board.WaitForScsi());
        Assert.False(board.IsRunning);
        Assert.Equal(LsiBoard.Program + 16, board.Read(LsiRegister.ScriptsPointer));
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void With_the_timer_off_nobody_answers_at_once()
    {
        using var board = new LsiBoard();
        board[LsiRegister.ScsiTimer0] = 0;
        board.Start(LsiCommands.One(3, 1, 6, LsiPhase.DataIn, 0));
        board.Advance(0);
        Assert.Equal(LsiScsiCause.SelectionTimeout, board.WaitForScsi());
    }

    [Fact]
    public void SeaBIOS_selects_without_ATN_sends_IDENTIFY_and_sixteen_bytes_of_command_and_leaves_ACK_asserted()
    {
        using var board = new LsiBoard(started: false);
        for (var round = 0; round < 2; round++)
        {
            board.Put([0x80], [.. LsiTestUnit.Of(LsiTestUnit.Read, 36), .. new byte[10]]);
            board.Start(new LsiProgram()
                .Select(0, "zero", attention: false)
                .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
                .Move(LsiPhase.Command, 16, LsiBoard.Command)
                .Jump(LsiProgram.Phase(LsiPhase.MessageIn, not: true), "data")
                .Int(1)
                .Label("data")
                .Chain(LsiPhase.DataIn, 36, LsiBoard.Data)
                .Raw(0, 0)
                .Move(LsiPhase.Status, 1, LsiBoard.Status)
                .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
                .Int(0)
                .Label("zero")
                .Int(2));
            board.WaitForInt(0);
            Assert.Equal(LsiTestUnit.Pattern(35), board.Load(LsiBoard.Data + 35, 1));
        }
    }
}
