namespace Emulator.Devices.Tests;

/// <summary>Block moves and phases that do not match, and sixteen bits of data.</summary>
public class LsiPhaseTests
{
    [Fact]
    public void Less_data_than_room_is_a_phase_mismatch_with_what_is_left()
    {
        using var board = new LsiBoard();
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Read, 100));
        board.Start(LsiCommands.One(0, 1, 6, LsiPhase.DataIn, 300));
        Assert.Equal(LsiScsiCause.PhaseMismatch, board.WaitForScsi());
        Assert.Equal(0x09000000UL | 200, board.Read(LsiRegister.ByteCounter));
        Assert.Equal(LsiBoard.Data + 100, board.Read(LsiRegister.NextAddress));
        Assert.Equal(200, board[LsiRegister.DmaFifo]);
        Assert.Equal(3UL, (ulong)(board[LsiRegister.BusControlLines] & 7));
        Assert.Equal(100UL, board.Read(LsiRegister.CumulativeByteCount));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_ENPMJ_it_jumps_with_all_that_is_needed_to_go_on(bool byDirection)
    {
        using var board = new LsiBoard();
        board[LsiRegister.ChipControl0] = (byte)(LsiChipControl0.EnableJump | (byDirection ? LsiChipControl0.JumpByDirection : 0));
        var program = LsiCommands.One(0, 1, 6, LsiPhase.DataIn, 300).Label("mismatch").Int(0xA1).Label("other").Int(0xA2);
        program.At(LsiBoard.Program);
        board.Write(LsiRegister.PhaseMismatchJump1, LsiBoard.Program + program.Offset(byDirection ? "other" : "mismatch"));
        board.Write(LsiRegister.PhaseMismatchJump2, LsiBoard.Program + program.Offset(byDirection ? "mismatch" : "other"));
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Read, 100));
        board.Run(program, 0xA1);
        var move = LsiBoard.Program + program.Offset("data");
        Assert.Equal(0x09000000UL | 200, board.Read(LsiRegister.RemainingByteCount));
        Assert.Equal(LsiBoard.Data + 100, board.Read(LsiRegister.UpdatedAddress));
        Assert.Equal((move, move), (board.Read(LsiRegister.InstructionAddress), board.Read(LsiRegister.EntryStorageAddress)));
        Assert.Equal(100UL, board.Read(LsiRegister.ScsiByteCount));
    }

    [Fact]
    public void A_mismatched_table_entry_is_named_and_keeps_its_upper_byte()
    {
        using var board = new LsiBoard();
        board[LsiRegister.ChipControl0] = (byte)LsiChipControl0.EnableJump;
        board.Write(LsiRegister.DataStructureAddress, LsiBoard.Table);
        board.Store(LsiBoard.Table + 8, 0x5A000000 | 4096);
        board.Store(LsiBoard.Table + 12, LsiBoard.Data);
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Read, 1000));
        var program = new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .MoveTable(LsiPhase.DataIn, 8)
            .Label("end")
            .Int(1)
            .Label("mismatch")
            .Int(2);
        program.At(LsiBoard.Program);
        board.Write(LsiRegister.PhaseMismatchJump1, LsiBoard.Program + program.Offset("mismatch"));
        board.Run(program, 2);
        Assert.Equal(0x5A000000UL | 3096, board.Read(LsiRegister.RemainingByteCount));
        Assert.Equal(LsiBoard.Table + 8, board.Read(LsiRegister.EntryStorageAddress));
        Assert.Equal(LsiBoard.Program + 24, board.Read(LsiRegister.InstructionAddress));
    }

    [Fact]
    public void Other_phases_jump_only_with_ENNDJ()
    {
        using var board = new LsiBoard();
        foreach (var enabled in (bool[])[false, true])
        {
            board[LsiRegister.ChipControl0] = (byte)(LsiChipControl0.EnableJump | (enabled ? LsiChipControl0.EnableNonDataJump : 0));
            var program = new LsiProgram().Select(0, "end").Move(LsiPhase.Status, 1, LsiBoard.Status).Label("end").Int(1).Label("mismatch").Int(2);
            program.At(LsiBoard.Program);
            board.Write(LsiRegister.PhaseMismatchJump1, LsiBoard.Program + program.Offset("mismatch"));
            board.Start(program);
            if (enabled)
            {
                board.WaitForInt(2);
            }
            else
            {
                Assert.Equal(LsiScsiCause.PhaseMismatch, board.WaitForScsi());
            }

            board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
            board.SetUp();
        }
    }

    [Fact]
    public void A_target_that_disconnects_in_the_middle_of_its_data_saves_the_pointers_and_a_mismatch_tells()
    {
        using var board = new LsiBoard();
        board.Unit.IsSlowBetween = true;
        board.Put([LsiCommands.IdentifyDisconnect], LsiTestUnit.Of(LsiTestUnit.Read, 1024));
        board.Start(LsiCommands.One(0, 1, 6, LsiPhase.DataIn, 1024));
        Assert.Equal(LsiScsiCause.PhaseMismatch, board.WaitForScsi());
        Assert.Equal(512UL, board.Read(LsiRegister.ByteCounter) & 0xFFFFFF);
        Assert.Equal(0x02, board[LsiRegister.BusDataLines]);
        board.Run(new LsiProgram()
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .ClearAck()
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn + 1)
            .ClearAck()
            .WaitDisconnect()
            .Int(3),
            3);
        Assert.Equal(0x0402UL, board.Load(LsiBoard.MessageIn, 2));
        board.Start(new LsiProgram()
            .WaitReselect("lost")
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .ClearAck()
            .Move(LsiPhase.DataIn, 512, LsiBoard.Data + 512)
            .Label("lost")
            .Int(4));
        board.Unit.Release();
        board.WaitForInt(4);
        Assert.Equal([.. Enumerable.Range(0, 1024).Select(LsiTestUnit.Pattern)], board.Bytes(LsiBoard.Data, 1024));
    }

    [Theory]
    [InlineData(new[] { 3, 4, 5 })]
    [InlineData(new[] { 1, 1, 1, 1 })]
    [InlineData(new[] { 5, 6 })]
    [InlineData(new[] { 700, 301, 23 })]
    public void Chained_moves_of_odd_lengths_over_sixteen_bits_lose_nothing(int[] lengths)
    {
        foreach (var phase in (LsiPhase[])[LsiPhase.DataIn, LsiPhase.DataOut])
        {
            using var board = new LsiBoard();
            var total = lengths.Sum();
            byte[] data = [.. Enumerable.Range(0, total).Select(LsiTestUnit.Pattern)];
            var even = total + (total & 1);
            if (phase == LsiPhase.DataOut)
            {
                board.Put(LsiBoard.Data, data);
            }

            // A driver that writes an odd number of bytes has the last move one byte longer.
            lengths[^1] += phase == LsiPhase.DataOut ? even - total : 0;
            board[LsiRegister.ScsiControl3] = (byte)LsiScsiControl3.EnableWide;
            board.Put([LsiCommands.Identify, 1, 2, 3, 1], LsiTestUnit.Of(phase == LsiPhase.DataIn ? LsiTestUnit.Read : LsiTestUnit.Write, total));
            var program = new LsiProgram()
                .Select(0, "end")
                .Move(LsiPhase.MessageOut, 5, LsiBoard.MessageOut)
                .Move(LsiPhase.MessageIn, 4, LsiBoard.MessageIn)
                .ClearAck()
                .Move(LsiPhase.Command, 6, LsiBoard.Command);
            var at = LsiBoard.Data;
            foreach (var length in lengths)
            {
                program.Chain(phase, (uint)length, at);
                at += (ulong)length;
            }

            program.ToFirst(LsiRegister.ScsiControl2, LsiOperator.And, 0x09).FromFirst(LsiRegister.ScratchA, LsiOperator.Or, 0);
            if (phase == LsiPhase.DataIn && total != even)
            {
                program.Move(LsiPhase.MessageIn, 2, LsiBoard.MessageIn + 8).ClearAck();
            }

            program.Move(LsiPhase.Status, 1, LsiBoard.Status).Label("end").Int(0);
            board.Run(program);
            Assert.Equal([1, 2, 3, 1], board.Bytes(LsiBoard.MessageIn, 4));
            if (phase == LsiPhase.DataIn)
            {
                Assert.Equal(data, board.Bytes(LsiBoard.Data, total));
                Assert.Equal(total == even ? 0 : 1, board[LsiRegister.ScratchA]);
                Assert.Equal(total == even ? 0UL : 0x0123, board.Load(LsiBoard.MessageIn + 8, 2));
            }
            else
            {
                Assert.Equal(data, board.Unit.Written);
                Assert.Equal(0, board[LsiRegister.ScratchA]);
            }
        }
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(513, false)]
    [InlineData(514, false)]
    [InlineData(9, true)]
    public void Less_data_than_room_over_sixteen_bits_has_the_last_word_whole_in_memory_and_the_residue_told(int length, bool splits)
    {
        using var board = new LsiBoard();
        var even = length + (length & 1);
        board.Store(LsiBoard.Data + (ulong)length, 0xEEEE, 2);
        board[LsiRegister.ScsiControl3] = (byte)LsiScsiControl3.EnableWide;
        board.Put([LsiCommands.Identify, 1, 2, 3, 1], LsiTestUnit.Of(LsiTestUnit.Read, length));
        var program = new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 5, LsiBoard.MessageOut)
            .Move(LsiPhase.MessageIn, 4, LsiBoard.MessageIn)
            .ClearAck()
            .Move(LsiPhase.Command, 6, LsiBoard.Command);
        if (splits)
        {
            program.Chain(LsiPhase.DataIn, 5, LsiBoard.Data);
        }

        var first = splits ? 5 : 0;
        board.Start(program.Chain(LsiPhase.DataIn, 1000, LsiBoard.Data + (ulong)first).Label("end").Int(0));
        Assert.Equal(LsiScsiCause.PhaseMismatch, board.WaitForScsi());
        Assert.Equal((ulong)(1000 + first - even), board.Read(LsiRegister.ByteCounter) & 0xFFFFFF);
        Assert.Equal(LsiBoard.Data + (ulong)even, board.Read(LsiRegister.UpdatedAddress));
        Assert.Equal([.. Enumerable.Range(0, length).Select(LsiTestUnit.Pattern)], board.Bytes(LsiBoard.Data, length));
        Assert.Equal(0, board[LsiRegister.ScsiControl2] & (byte)LsiScsiControl2.WideReceive);
        program = new LsiProgram();
        if (even != length)
        {
            program.Move(LsiPhase.MessageIn, 2, LsiBoard.MessageIn).ClearAck();
        }

        board.Run(program.Move(LsiPhase.Status, 1, LsiBoard.Status).Int(1), 1);
        Assert.Equal(even == length ? 0x0201UL : 0x0123UL, board.Load(LsiBoard.MessageIn, 2));
    }

    [Fact]
    public void A_status_phase_that_is_asked_for_data_mismatches_with_the_whole_count()
    {
        using var board = new LsiBoard();
        board.Store(LsiBoard.Table, LsiBoard.Data);
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Nothing));
        board.Start(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .MoveIndirect(LsiPhase.DataIn, 512, LsiBoard.Table)
            .Label("end")
            .Int(0));
        Assert.Equal(LsiScsiCause.PhaseMismatch, board.WaitForScsi());
        Assert.Equal(512UL, board.Read(LsiRegister.ByteCounter) & 0xFFFFFF);
    }
}
