namespace Emulator.Devices.Tests;

/// <summary>The SCRIPTS processor by itself: the ALU, transfer control, memory moves, loads and stores.</summary>
public class LsiInstructionTests
{
    private const ulong X = LsiBoard.Data;

    public static TheoryData<LsiOperator, int, int, bool, int, bool> Arithmetic => new()
    {
        { LsiOperator.Move, 0x12, 0x34, true, 0x34, true },
        { LsiOperator.Or, 0x12, 0x34, false, 0x36, false },
        { LsiOperator.Xor, 0xFF, 0x0F, true, 0xF0, true },
        { LsiOperator.And, 0xF3, 0x3F, false, 0x33, false },
        { LsiOperator.ShiftLeft, 0x81, 0, false, 0x02, true },
        { LsiOperator.ShiftLeft, 0x01, 0, true, 0x03, false },
        { LsiOperator.ShiftRight, 0x81, 0, false, 0x40, true },
        { LsiOperator.ShiftRight, 0x80, 0, true, 0xC0, false },
        { LsiOperator.Add, 0xFF, 0x01, true, 0x00, true },
        { LsiOperator.Add, 0x10, 0x01, true, 0x11, false },
        { LsiOperator.AddWithCarry, 0xFE, 0x01, true, 0x00, true },
        { LsiOperator.AddWithCarry, 0xFF, 0xFF, true, 0xFF, true },
        { LsiOperator.AddWithCarry, 0x01, 0x01, false, 0x02, false },
    };

    [Theory]
    [MemberData(nameof(Arithmetic))]
    public void The_ALU_calculates_on_a_register_on_SFBR_and_between_them(LsiOperator operation, int value, int operand, bool carry, int result, bool carryOut)
    {
        using var board = new LsiBoard();
        var program = new LsiProgram();
        uint set = 1 << 10;

        // A register to itself, SFBR to a register, a register to SFBR, and a register with SFBR for an operand.
        for (var form = 0; form < 4; form++)
        {
            _ = carry ? program.Set(set) : program.Clear(set);
            program.Modify(LsiRegister.ScratchA, LsiOperator.Move, (byte)value);
            program.ToFirst(LsiRegister.ScratchA, LsiOperator.Or, 0);
            _ = form switch
            {
                0 => program.Modify(LsiRegister.ScratchA, operation, (byte)operand),
                1 => program.FromFirst(LsiRegister.ScratchA, operation, (byte)operand),
                2 => program.ToFirst(LsiRegister.ScratchA, operation, (byte)operand).FromFirst(LsiRegister.ScratchA, LsiOperator.Or, 0),
                _ => program.ToFirst(LsiRegister.ScratchA, LsiOperator.Move, (byte)operand).Alu(7, (int)LsiRegister.ScratchA, operation, 0, byFirst: true),
            };
            program.Store(LsiRegister.ScratchA, 1, X + ((ulong)form * 8));
            program.Modify(LsiRegister.ScratchB, LsiOperator.Move, 0);
            program.Jump(LsiProgram.Carry(not: true), $"clear {form}");
            program.Modify(LsiRegister.ScratchB, LsiOperator.Move, 1);
            program.Label($"clear {form}").Store(LsiRegister.ScratchB, 1, X + ((ulong)form * 8) + 4);
        }

        board.Run(program.Int(0));
        for (var form = 0; form < 4; form++)
        {
            Assert.Equal((form, (ulong)result, carryOut), (form, board.Load(X + ((ulong)form * 8), 1), board.Load(X + ((ulong)form * 8) + 4, 1) != 0));
        }
    }

    [Fact]
    public void Registers_from_80h_on_are_reached_by_the_eighth_bit()
    {
        using var board = new LsiBoard();
        board.Run(new LsiProgram().Modify(LsiRegister.MemoryReadSelector + 1, LsiOperator.Move, 0x42).Int(0));
        Assert.Equal(0x4200UL, board.Read(LsiRegister.MemoryReadSelector));
    }

    [Fact]
    public void Jumps_calls_and_returns_go_where_they_say()
    {
        using var board = new LsiBoard();
        board.Run(
            new LsiProgram()
                .Jump(LsiProgram.Always, "main")
                .Label("routine")
                .Modify(LsiRegister.ScratchA, LsiOperator.Add, 1)
                .Return(LsiProgram.Byte(0x77))
                .Modify(LsiRegister.ScratchA, LsiOperator.Add, 0x10)
                .Return()
                .Label("main")
                .ToFirst(LsiRegister.ScratchA, LsiOperator.Move, 0x77)
                .Call(LsiProgram.Always, "routine")
                .Call(LsiProgram.Byte(0x76), "routine")
                .ToFirst(LsiRegister.ScratchA, LsiOperator.Move, 0x76)
                .Call(LsiProgram.Byte(0x77, mask: 1), "routine")
                .Raw(0x80880000, 16)
                .Int(0xBAD)
                .Int(0xBAD)
                .Jump(LsiProgram.Byte(0x76, not: true), "bad")
                .Raw(0x80880000, 8)
                .Label("back")
                .Int(0x1234)
                .Raw(0x80880000, unchecked((uint)-16) & 0xFFFFFF)
                .Label("bad")
                .Int(0xBAD),
            0x1234);
        Assert.Equal(0x12, board[LsiRegister.ScratchA]);
    }

    [Fact]
    public void A_condition_of_two_needs_both_and_its_negation_neither()
    {
        using var board = new LsiBoard();
        var program = new LsiProgram();
        program.ToFirst(LsiRegister.ScratchA, LsiOperator.Move, 5).Set(1 << 10);
        program.Int(1, LsiProgram.Byte(5, not: true) | LsiProgram.Carry(not: true));
        program.Int(2, LsiProgram.Byte(6, not: true) | LsiProgram.Carry(not: true));
        program.Int(3, LsiProgram.Byte(6) | LsiProgram.Carry());
        program.Clear(1 << 10);
        program.Int(4, LsiProgram.Byte(5) | LsiProgram.Carry());
        program.Int(5, LsiProgram.Never);
        program.Int(6, LsiProgram.Byte(6, not: true) | LsiProgram.Carry(not: true));
        board.Run(program, 6);
    }

    [Fact]
    public void Memory_moves_copy_any_length_within_memory_script_RAM_and_the_chips_own_registers()
    {
        using var board = new LsiBoard();
        byte[] data = [.. Enumerable.Range(0, 10_001).Select(i => (byte)(i * 11))];
        board.Put(X + 1, data);
        board.Write(LsiRegister.ScratchB, 0x89ABCDEF);
        board.Run(new LsiProgram()
            .MoveMemory(10_001, X + 1, X + 0x8001)
            .MoveMemory(4, X + 4, LsiBoard.ScriptRam)
            .MoveMemory(4, LsiBoard.ScriptRam, LsiBoard.Window + (ulong)LsiRegister.ScratchA)
            .MoveMemory(4, LsiBoard.Window + 0x300 + (ulong)LsiRegister.ScratchB, X)
            .Int(0));
        Assert.Equal(data, board.Bytes(X + 0x8001, data.Length));
        Assert.Equal(board.Load(X + 4), board.Read(LsiRegister.ScratchA));
        Assert.Equal(0x89ABCDEFUL, board.Load(X));
    }

    [Fact]
    public void With_SIOM_and_DIOM_a_memory_move_names_the_chips_own_ports_and_others_are_a_bus_fault()
    {
        using var board = new LsiBoard();
        board.Write(LsiRegister.ScratchB, 0x12345678);
        board[LsiRegister.DmaMode] = (byte)LsiDmaMode.SourceIo;
        board.Run(new LsiProgram().MoveMemory(4, LsiBoard.Port + (ulong)LsiRegister.ScratchB, X).Int(0));
        Assert.Equal(0x12345678UL, board.Load(X));
        board.Start(new LsiProgram().MoveMemory(4, 0x80, X).Int(0));
        Assert.Equal(LsiDmaStatus.BusFault, board.WaitForDma());
    }

    [Fact]
    public void Loads_and_stores_move_up_to_four_bytes_absolutely_and_relative_to_DSA()
    {
        using var board = new LsiBoard();
        board.Store(X, 0x11223344);
        board.Write(LsiRegister.DataStructureAddress, X + 0x100);
        board.Run(new LsiProgram()
            .Load(LsiRegister.ScratchA, 4, X)
            .StoreRelative(LsiRegister.ScratchA, 4, -0x80)
            .Load(LsiRegister.ScratchB + 1, 2, X + 1)
            .StoreRelative(LsiRegister.ScratchB, 3, 0x20)
            .LoadRelative(LsiRegister.Temporary, 4, -0x100)
            .Load(LsiRegister.DataStructureAddress, 4, X)
            .Int(0));
        Assert.Equal(0x11223344UL, board.Load(X + 0x80));
        Assert.Equal(0x223300UL, board.Load(X + 0x120, 4) & 0xFFFFFF);
        Assert.Equal(0x11223344UL, board.Read(LsiRegister.Temporary));
        Assert.Equal(0x11223344UL, board.Read(LsiRegister.DataStructureAddress));
    }

    [Theory]
    [InlineData(0xE1340000U, 0x100000U)]
    [InlineData(0xE1340005U, 0x100000U)]
    [InlineData(0xE1340002U, 0x100001U)]
    [InlineData(0xE1350004U, 0x100001U)]
    [InlineData(0x08000000U, 0x100000U)]
    [InlineData(0xA0080000U, 0x100000U)]
    public void What_is_no_instruction_is_an_illegal_one(uint first, uint second)
    {
        using var board = new LsiBoard();
        board.Start(new LsiProgram().Raw(first, second).Int(0));
        Assert.Equal(LsiDmaStatus.IllegalInstruction, board.WaitForDma());
        Assert.Equal(LsiBoard.Program + 8, board.Read(LsiRegister.ScriptsPointer));
        Assert.False(board.IsRunning);
    }

    [Fact]
    public void A_memory_move_between_addresses_of_different_alignment_is_illegal()
    {
        using var board = new LsiBoard();
        board.Start(new LsiProgram().MoveMemory(4, X, X + 5).Int(0));
        Assert.Equal(LsiDmaStatus.IllegalInstruction, board.WaitForDma());
    }

    [Theory]
    [InlineData(LsiBoard.Nowhere)]
    [InlineData(LsiBoard.Window)]
    public void SCRIPTS_where_no_memory_is_are_a_bus_fault(ulong address)
    {
        using var board = new LsiBoard();
        board.Write(LsiRegister.ScriptsPointer, address);
        Assert.Equal(LsiDmaStatus.BusFault, board.WaitForDma());
        Assert.Equal(address, board.Read(LsiRegister.ScriptsPointer));
        board.Do(LsiTestUnit.Of(LsiTestUnit.Nothing));
    }

    [Fact]
    public void Without_bus_mastering_every_access_is_a_bus_fault()
    {
        using var board = new LsiBoard();
        board.SetMaster(false);
        board.Start(new LsiProgram().Int(0));
        Assert.Equal(LsiDmaStatus.BusFault, board.WaitForDma());
    }

    [Fact]
    public void SCRIPTS_run_from_script_RAM()
    {
        using var board = new LsiBoard();
        board.Start(new LsiProgram().Modify(LsiRegister.ScratchA, LsiOperator.Move, 9).Jump(LsiProgram.Always, "end").Int(1).Label("end").Int(2), LsiBoard.ScriptRam + 0x1000);
        board.WaitForInt(2);
        Assert.Equal(9, board[LsiRegister.ScratchA]);
    }

    [Fact]
    public void Single_step_interrupts_after_each_instruction_and_the_start_bit_goes_on()
    {
        using var board = new LsiBoard();
        board[LsiRegister.DmaControl] = (byte)LsiDmaControl.SingleStep;
        board.Start(new LsiProgram().Modify(LsiRegister.ScratchA, LsiOperator.Move, 1).Modify(LsiRegister.ScratchA, LsiOperator.Move, 2).Int(0));
        Assert.Equal(LsiDmaStatus.SingleStep, board.WaitForDma());
        Assert.Equal((1, LsiBoard.Program + 8), (board[LsiRegister.ScratchA], board.Read(LsiRegister.ScriptsPointer)));
        board[LsiRegister.DmaControl] = (byte)(LsiDmaControl.SingleStep | LsiDmaControl.Start);
        Assert.Equal(LsiDmaStatus.SingleStep, board.WaitForDma());
        Assert.Equal(2, board[LsiRegister.ScratchA]);
    }

    [Fact]
    public void With_manual_start_DSP_alone_starts_nothing()
    {
        using var board = new LsiBoard();
        board[LsiRegister.DmaMode] = (byte)LsiDmaMode.ManualStart;
        board.Start(new LsiProgram().Int(7));
        board.Settle();
        Assert.False(board.IsRunning);
        board[LsiRegister.DmaControl] = (byte)LsiDmaControl.Start;
        board.WaitForInt(7);
    }

    [Fact]
    public void Sixty_four_bit_addresses_come_from_the_selectors_tables_and_instructions()
    {
        const ulong High = 0x1_0000_0000;
        using var board = new LsiBoard();
        using var block = new Emulator.Memory.RamBlock("high", 1 << 20);
        board.Memory.AddRam("high", High, block, 0, 1 << 20);
        board.Store(High + 0x100, 0xCAFEF00D);
        board.Write(LsiRegister.MemoryReadSelector, 1);
        board.Run(new LsiProgram().Load(LsiRegister.ScratchA, 4, 0x100).MoveMemory(4, 0x100, X).Int(0));
        Assert.Equal((0xCAFEF00DUL, 0xCAFEF00DUL), (board.Read(LsiRegister.ScratchA), board.Load(X)));

        // Table entries with an index, and with 40 bits; a third dword; the static selector, which is of every phase.
        for (var form = 0; form < 4; form++)
        {
            board.Store(High + 0x200, 0);
            board.Write(LsiRegister.DataStructureAddress, LsiBoard.Table);
            board.Write(LsiRegisters.Scratch(3), 1);
            board[LsiRegister.ChipControl1] = (byte)(form switch { 0 => 2, 1 => 6, 2 => 1, _ => 0 });
            board.Store(LsiBoard.Table, ((form == 0 ? 3UL : 1) << 24) | 4);
            board.Store(LsiBoard.Table + 4, 0x200);
            board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Read, 4));
            var program = new LsiProgram().Select(0, "end");
            Add(program, form, LsiPhase.MessageOut, 1, LsiBoard.MessageOut, 0);
            Add(program, form, LsiPhase.Command, 6, LsiBoard.Command, 0);
            if (form == 3)
            {
                program.Modify(LsiRegister.StaticBlockMoveSelector, LsiOperator.Move, 1);
            }

            _ = form < 2 ? program.MoveTable(LsiPhase.DataIn, 0) : Add(program, form, LsiPhase.DataIn, 4, 0x200, 1);
            board.Run(program.Label("end").Int(0));
            Assert.Equal((form, (ulong)LsiTestUnit.Pattern(1)), (form, board.Load(High + 0x201, 1)));
            board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SoftwareReset;
            board.SetUp();
        }
    }

    // A block move, with a third dword in the form that has one.
    private static LsiProgram Add(LsiProgram program, int form, LsiPhase phase, uint count, ulong address, uint upper)
    {
        program.Move(phase, count, address);
        return form == 2 ? program.Raw(upper) : program;
    }
}
