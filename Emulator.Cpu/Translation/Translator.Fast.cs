using Emulator.Cpu.Interpreter;
using Iced.Intel;

namespace Emulator.Cpu.Translation;

/// <summary>The instructions that have handlers of their own; every other is <see cref="EmitSlow"/>'s.</summary>
internal sealed unsafe partial class Translator
{
    private void Emit(in Instruction instruction)
    {
        var elided = IsElided(instruction);
        if (elided && _ops > 0)
        {
            return;
        }

        _op = Next(instruction);
        if (elided)
        {
            // A block's first op says where the block begins.
            Set(nameof(Handlers.Nothing));
        }
        else if (!EmitFast(instruction))
        {
            EmitSlow(instruction);
        }
    }

    private bool EmitFast(in Instruction instruction) => instruction.Mnemonic switch
    {
        Mnemonic.Add => Alu(instruction, typeof(Add)),
        Mnemonic.Or => Alu(instruction, typeof(Or)),
        Mnemonic.Adc => Alu(instruction, typeof(Adc)),
        Mnemonic.Sbb => Alu(instruction, typeof(Sbb)),
        Mnemonic.And => Alu(instruction, typeof(And)),
        Mnemonic.Sub => Alu(instruction, typeof(Sub)),
        Mnemonic.Xor => Alu(instruction, typeof(Xor)),
        Mnemonic.Cmp => TryFuse(instruction) || Alu(instruction, typeof(Cmp)),
        Mnemonic.Test => TryFuse(instruction) || Alu(instruction, typeof(Test)),
        Mnemonic.Inc => TryFuse(instruction) || Unary(instruction, typeof(Inc)),
        Mnemonic.Dec => TryFuse(instruction) || Unary(instruction, typeof(Dec)),
        Mnemonic.Neg => Unary(instruction, typeof(Neg)),
        Mnemonic.Not => Unary(instruction, typeof(Not)),
        Mnemonic.Shl or Mnemonic.Sal => Shift(instruction, typeof(ShiftLeft)),
        Mnemonic.Shr => Shift(instruction, typeof(ShiftRight)),
        Mnemonic.Sar => Shift(instruction, typeof(ShiftArithmetic)),
        Mnemonic.Rol => Shift(instruction, typeof(RotateLeft)),
        Mnemonic.Ror => Shift(instruction, typeof(RotateRight)),
        Mnemonic.Imul => Imul(instruction),
        Mnemonic.Mov or Mnemonic.Movnti => Move(instruction),
        Mnemonic.Movzx => Extend(instruction, nameof(Handlers.ZeroExtendReg), nameof(Handlers.ZeroExtendMem)),
        Mnemonic.Movsx or Mnemonic.Movsxd => Extend(instruction, nameof(Handlers.SignExtendReg), nameof(Handlers.SignExtendMem)),
        Mnemonic.Cbw => Widen(typeof(W16), typeof(W8)),
        Mnemonic.Cwde => Widen(typeof(W32), typeof(W16)),
        Mnemonic.Cdqe => Widen(typeof(W64), typeof(W32)),
        Mnemonic.Cwd => Set(nameof(Handlers.SignIntoDx), typeof(W16)),
        Mnemonic.Cdq => Set(nameof(Handlers.SignIntoDx), typeof(W32)),
        Mnemonic.Cqo => Set(nameof(Handlers.SignIntoDx), typeof(W64)),
        Mnemonic.Lea => Lea(instruction),
        Mnemonic.Xchg => Exchange(instruction),
        Mnemonic.Bswap => ByteSwap(instruction),
        Mnemonic.Push => Push(instruction),
        Mnemonic.Pop => Pop(instruction),
        Mnemonic.Leave => FlatStack is { } stack && StackOperand(instruction) == stack && LeaveFrame(stack),
        Mnemonic.Call => Call(instruction),
        Mnemonic.Ret => Return(instruction),
        Mnemonic.Jmp => Jump(instruction),
        Mnemonic.Mfence => Set(HasStoreBuffer ? nameof(Handlers.BufferFence) : nameof(Handlers.FullFence)),
        Mnemonic.Pause => Set(nameof(Handlers.Pause)),
        Mnemonic.Nop or Mnemonic.Lfence or Mnemonic.Sfence or Mnemonic.Prefetchnta or Mnemonic.Prefetcht0
            or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Prefetchw or Mnemonic.Prefetch or Mnemonic.Endbr64 or Mnemonic.Endbr32
            or Mnemonic.Reservednop or Mnemonic.Rdsspd or Mnemonic.Rdsspq or Mnemonic.Prefetchwt1 => Set(nameof(Handlers.Nothing)),
        _ => instruction.ConditionCode != ConditionCode.None && Conditional(instruction),
    };

    private bool Set(string template, Type? a = null, Type? b = null, Type? c = null, Type? d = null, Type? e = null, Type? f = null)
    {
        _op->Handler = HandlerTable.Get(template, a, b, c, d, e, f);
        return true;
    }

    private bool Alu(in Instruction instruction, Type operation)
    {
        var width = Width(SizeOf(instruction, 0));
        var tests = operation == typeof(Cmp) || operation == typeof(Test);
        if (IsRegister(instruction, 0))
        {
            _op->Dst = OffsetOf(instruction.Op0Register);
            if (IsRegister(instruction, 1))
            {
                _op->Src = OffsetOf(instruction.Op1Register);
                return Set(nameof(Handlers.AluRegReg), operation, width, typeof(DstField), typeof(SrcField), Flags);
            }

            if (IsMemory(instruction, 1))
            {
                return Set(nameof(Handlers.AluRegMem), operation, width, typeof(DstField), Memory(_op, instruction), Flags);
            }

            _op->Imm = Immediate(instruction, 1);
            return Set(nameof(Handlers.AluRegImm), operation, width, typeof(DstField), Flags);
        }

        var address = Memory(_op, instruction);
        if (IsRegister(instruction, 1))
        {
            _op->Src = OffsetOf(instruction.Op1Register);
            return tests ? Set(nameof(Handlers.TestMemReg), operation, width, typeof(SrcField), address, Flags)
                : instruction.HasLockPrefix ? Set(nameof(Handlers.LockedMemReg), operation, width, typeof(SrcField), address)
                : Set(nameof(Handlers.AluMemReg), operation, width, typeof(SrcField), address, Flags);
        }

        _op->Imm = Immediate(instruction, 1);
        return tests ? Set(nameof(Handlers.TestMemImm), operation, width, address, Flags)
            : instruction.HasLockPrefix ? Set(nameof(Handlers.LockedMemImm), operation, width, address)
            : Set(nameof(Handlers.AluMemImm), operation, width, address, Flags);
    }

    private bool Unary(in Instruction instruction, Type operation)
    {
        var width = Width(SizeOf(instruction, 0));
        if (IsRegister(instruction, 0))
        {
            _op->Dst = OffsetOf(instruction.Op0Register);
            return Set(nameof(Handlers.AluRegImm), operation, width, typeof(DstField), Flags);
        }

        var address = Memory(_op, instruction);
        return instruction.HasLockPrefix
            ? Set(nameof(Handlers.LockedMemImm), operation, width, address)
            : Set(nameof(Handlers.AluMemImm), operation, width, address, Flags);
    }

    private bool Shift(in Instruction instruction, Type operation)
    {
        var size = SizeOf(instruction, 0);
        var width = Width(size);
        var address = IsRegister(instruction, 0) ? null : Memory(_op, instruction);
        _op->Dst = address is null ? OffsetOf(instruction.Op0Register) : (byte)0;
        if (IsRegister(instruction, 1))
        {
            return address is null
                ? Set(nameof(Handlers.ShiftRegCl), operation, width, typeof(DstField))
                : Set(nameof(Handlers.ShiftMemCl), operation, width, address);
        }

        var count = (int)instruction.GetImmediate(1) & (size == 8 ? 63 : 31);
        _op->Imm = count;
        if (count != 0)
        {
            return address is null
                ? Set(nameof(Handlers.ShiftRegImm), operation, width, typeof(DstField), Flags)
                : Set(nameof(Handlers.ShiftMemImm), operation, width, address, Flags);
        }

        // Nothing moves and no flag changes, but memory is still written, and a 32-bit register's upper half cleared.
        return address is not null ? Set(nameof(Handlers.AluMemImm), typeof(Or), width, address, typeof(DeadFlags))
            : size == 4 ? SetMoveToItself()
            : Set(nameof(Handlers.Nothing));
    }

    private bool SetMoveToItself()
    {
        _op->Src = _op->Dst;
        return Set(nameof(Handlers.MoveRegReg), typeof(W32), typeof(DstField), typeof(SrcField));
    }

    private bool Imul(in Instruction instruction)
    {
        if (instruction.OpCount == 1)
        {
            return false;
        }

        var width = Width(SizeOf(instruction, 0));
        _op->Dst = OffsetOf(instruction.Op0Register);
        var immediate = instruction.OpCount == 3;
        _op->Imm = immediate ? Immediate(instruction, 2) : 0;
        if (IsRegister(instruction, 1))
        {
            _op->Src = OffsetOf(instruction.Op1Register);
            return Set(immediate ? nameof(Handlers.ImulRegRegImm) : nameof(Handlers.ImulRegReg), width, typeof(DstField), typeof(SrcField), Flags);
        }

        return Set(immediate ? nameof(Handlers.ImulRegMemImm) : nameof(Handlers.ImulRegMem), width, typeof(DstField), Memory(_op, instruction), Flags);
    }

    private bool Move(in Instruction instruction)
    {
        if (!IsGeneral(instruction, 0) || !IsGeneral(instruction, 1))
        {
            return false;
        }

        var width = Width(SizeOf(instruction, 0));
        if (IsRegister(instruction, 0))
        {
            _op->Dst = OffsetOf(instruction.Op0Register);
            if (IsRegister(instruction, 1))
            {
                _op->Src = OffsetOf(instruction.Op1Register);
                return Set(nameof(Handlers.MoveRegReg), width, typeof(DstField), typeof(SrcField));
            }

            if (IsMemory(instruction, 1))
            {
                return Set(nameof(Handlers.Load), width, typeof(DstField), Memory(_op, instruction));
            }

            _op->Imm = Immediate(instruction, 1);
            return Set(nameof(Handlers.MoveRegImm), width, typeof(DstField));
        }

        var address = Memory(_op, instruction);
        if (IsRegister(instruction, 1))
        {
            _op->Src = OffsetOf(instruction.Op1Register);
            return Set(nameof(Handlers.Store), width, typeof(SrcField), address);
        }

        _op->Imm = Immediate(instruction, 1);
        return Set(nameof(Handlers.StoreImm), width, address);
    }

    /// <summary>False for segment, control and debug registers.</summary>
    private static bool IsGeneral(in Instruction instruction, int operand) =>
        !IsRegister(instruction, operand) || instruction.GetOpRegister(operand).IsGPR();

    private bool Extend(in Instruction instruction, string fromRegister, string fromMemory)
    {
        var width = Width(SizeOf(instruction, 0));
        var from = Width(SizeOf(instruction, 1));
        _op->Dst = OffsetOf(instruction.Op0Register);
        if (IsRegister(instruction, 1))
        {
            _op->Src = OffsetOf(instruction.Op1Register);
            return Set(fromRegister, width, from, typeof(DstField), typeof(SrcField));
        }

        return Set(fromMemory, width, from, typeof(DstField), Memory(_op, instruction));
    }

    private bool Widen(Type width, Type from) => Set(nameof(Handlers.SignExtendReg), width, from, typeof(DstField), typeof(SrcField));

    private bool Lea(in Instruction instruction)
    {
        var width = Width(SizeOf(instruction, 0));
        _op->Dst = OffsetOf(instruction.Op0Register);
        Memory(_op, instruction);
        var indexed = _op->Index != RegisterOffset.Zero;
        return (_op->ScaleSegment >> 6) switch
        {
            2 => Set(nameof(Handlers.Lea), width, typeof(DstField), indexed ? typeof(Address64Indexed<BaseField, IndexField>) : typeof(Address64<BaseField>)),
            1 => Set(nameof(Handlers.Lea), width, typeof(DstField), indexed ? typeof(Address32Indexed<BaseField, IndexField>) : typeof(Address32<BaseField>)),
            _ => Set(nameof(Handlers.LeaAny), width, typeof(DstField)),
        };
    }

    private bool Exchange(in Instruction instruction)
    {
        var width = Width(SizeOf(instruction, 0));
        if (IsRegister(instruction, 0) && IsRegister(instruction, 1))
        {
            _op->Dst = OffsetOf(instruction.Op0Register);
            _op->Src = OffsetOf(instruction.Op1Register);
            return Set(nameof(Handlers.ExchangeRegReg), width);
        }

        _op->Src = OffsetOf(IsRegister(instruction, 0) ? instruction.Op0Register : instruction.Op1Register);
        return Set(nameof(Handlers.ExchangeMemReg), width, typeof(SrcField), Memory(_op, instruction));
    }

    private bool ByteSwap(in Instruction instruction)
    {
        _op->Dst = OffsetOf(instruction.Op0Register);
        return Set(nameof(Handlers.ByteSwap), Width(SizeOf(instruction, 0)));
    }

    private bool Push(in Instruction instruction)
    {
        if (FlatStack is not { } stack)
        {
            return false;
        }

        var width = Width(instruction.StackPointerIncrement < 0 ? -instruction.StackPointerIncrement : 8);
        Stack(_op);
        if (IsRegister(instruction, 0))
        {
            if (!instruction.Op0Register.IsGPR())
            {
                return false;
            }

            _op->Src = OffsetOf(instruction.Op0Register);
            return Set(nameof(Handlers.PushReg), stack, width, typeof(SrcField));
        }

        if (IsMemory(instruction, 0))
        {
            return false;
        }

        _op->Imm = Immediate(instruction, 0);
        return Set(nameof(Handlers.PushImm), stack, width);
    }

    private bool Pop(in Instruction instruction)
    {
        if (FlatStack is not { } stack || !IsRegister(instruction, 0) || !instruction.Op0Register.IsGPR())
        {
            return false;
        }

        Stack(_op);
        _op->Dst = OffsetOf(instruction.Op0Register);
        return Set(nameof(Handlers.PopReg), stack, Width(instruction.StackPointerIncrement), typeof(DstField));
    }

    /// <summary>The operand width of LEAVE.</summary>
    private static Type StackOperand(in Instruction instruction) => instruction.Code switch
    {
        Code.Leaveq => typeof(W64),
        Code.Leaved => typeof(W32),
        _ => typeof(W16),
    };

    private bool LeaveFrame(Type stack)
    {
        Stack(_op);
        return Set(nameof(Handlers.Leave), stack, stack);
    }

    private bool Conditional(in Instruction instruction)
    {
        var condition = ConditionType(instruction.ConditionCode);
        if (instruction.IsJccShortOrNear)
        {
            if (!IsFullWidthBranch(instruction))
            {
                return false;
            }

            _op->Disp = _current + 1;
            var taken = AddLink(TargetOf(instruction));
            var not = AddLink(instruction.NextIP);
            return Set(nameof(Handlers.JumpIf), condition, LinkType(taken), LinkType(not));
        }

        var code = instruction.Mnemonic;
        if (code is >= Mnemonic.Seta and <= Mnemonic.Sets && instruction.OpCount == 1)
        {
            if (IsRegister(instruction, 0))
            {
                _op->Dst = OffsetOf(instruction.Op0Register);
                return Set(nameof(Handlers.SetIfReg), condition);
            }

            return Set(nameof(Handlers.SetIfMem), Memory(_op, instruction), condition);
        }

        if (code is >= Mnemonic.Cmova and <= Mnemonic.Cmovs)
        {
            var width = Width(SizeOf(instruction, 0));
            _op->Dst = OffsetOf(instruction.Op0Register);
            if (IsRegister(instruction, 1))
            {
                _op->Src = OffsetOf(instruction.Op1Register);
                return Set(nameof(Handlers.MoveIfRegReg), width, condition);
            }

            return Set(nameof(Handlers.MoveIfRegMem), width, Memory(_op, instruction), condition);
        }

        return false;
    }

    private static Type ConditionType(ConditionCode code) => ConditionTypes.All[code switch
    {
        ConditionCode.o => 0,
        ConditionCode.no => 1,
        ConditionCode.b => 2,
        ConditionCode.ae => 3,
        ConditionCode.e => 4,
        ConditionCode.ne => 5,
        ConditionCode.be => 6,
        ConditionCode.a => 7,
        ConditionCode.s => 8,
        ConditionCode.ns => 9,
        ConditionCode.p => 10,
        ConditionCode.np => 11,
        ConditionCode.l => 12,
        ConditionCode.ge => 13,
        ConditionCode.le => 14,
        _ => 15,
    }];
}
