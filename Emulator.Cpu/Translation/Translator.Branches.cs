using Emulator.Cpu.Interpreter;
using Iced.Intel;

namespace Emulator.Cpu.Translation;

internal sealed unsafe partial class Translator
{
    /// <summary>True if nothing behind this instruction belongs to its block.</summary>
    private static bool EndsBlock(in Instruction instruction) =>
        instruction.FlowControl is not (FlowControl.Next or FlowControl.Exception) || EndsAfter(instruction)
        || instruction.Mnemonic is Mnemonic.INVALID or Mnemonic.Ud0 or Mnemonic.Ud1 or Mnemonic.Ud2;

    /// <summary>A near branch's target as an offset from the page's start; Iced was told that the page begins at 0.</summary>
    private static ulong TargetOf(in Instruction instruction) => instruction.Op0Kind switch
    {
        OpKind.NearBranch16 => instruction.NextIP + (ulong)(short)(instruction.NearBranch16 - (ushort)instruction.NextIP),
        OpKind.NearBranch32 => (ulong)(int)instruction.NearBranch32,
        _ => instruction.NearBranch64,
    };

    /// <summary>False for a branch whose operand size cuts the instruction pointer off: it is made by slow code.</summary>
    private bool IsFullWidthBranch(in Instruction instruction) => (_mode & (CodeMode.Code32 | CodeMode.Code64)) switch
    {
        CodeMode.Code64 => instruction.Op0Kind == OpKind.NearBranch64,
        CodeMode.Code32 => instruction.Op0Kind == OpKind.NearBranch32,
        _ => instruction.Op0Kind == OpKind.NearBranch16,
    };

    private bool Jump(in Instruction instruction)
    {
        if (instruction.Op0Kind is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64)
        {
            if (!IsFullWidthBranch(instruction))
            {
                return false;
            }

            _op->Disp = _current + 1;
            return Set(nameof(Handlers.FallThrough), LinkType(AddLink(TargetOf(instruction))));
        }

        if (!instruction.IsJmpNearIndirect || !IsPointerWidth(SizeOf(instruction, 0)))
        {
            return false;
        }

        _ended = true;
        _op->Imm = _current + 1;
        if (IsRegister(instruction, 0))
        {
            _op->Dst = OffsetOf(instruction.Op0Register);
            return Set(nameof(Handlers.JumpReg), Width(SizeOf(instruction, 0)));
        }

        return Set(nameof(Handlers.JumpMem), Width(SizeOf(instruction, 0)), Memory(_op, instruction));
    }

    /// <summary>True if an indirect branch of this size fills the instruction pointer of a mode with a linear stack.</summary>
    private bool IsPointerWidth(int size) => FlatStack is { } stack && Width(size) == stack
        && (_mode & (CodeMode.Code32 | CodeMode.Code64)) != 0;

    private bool Call(in Instruction instruction)
    {
        if (FlatStack is not { } stack || (_mode & (CodeMode.Code32 | CodeMode.Code64)) == 0)
        {
            return false;
        }

        Stack(_op);
        if (instruction.IsCallNear)
        {
            if (!IsFullWidthBranch(instruction))
            {
                return false;
            }

            _op->Disp = _current + 1;
            _op->Imm = (long)TargetOf(instruction);
            return Set(nameof(Handlers.CallNear), stack, LinkType(AddLink(TargetOf(instruction))));
        }

        if (!instruction.IsCallNearIndirect || !IsRegister(instruction, 0) || !IsPointerWidth(SizeOf(instruction, 0)))
        {
            return false;
        }

        _ended = true;
        _op->Imm = _current + 1;
        _op->Dst = OffsetOf(instruction.Op0Register);
        return Set(nameof(Handlers.CallReg), stack);
    }

    private bool Return(in Instruction instruction)
    {
        if (FlatStack is not { } stack || instruction.Code is not (Code.Retnq or Code.Retnd or Code.Retnq_imm16 or Code.Retnd_imm16)
            || (_mode & (CodeMode.Code32 | CodeMode.Code64)) == 0)
        {
            return false;
        }

        _ended = true;
        Stack(_op);
        _op->Imm = _current + 1;
        _op->Disp = instruction.OpCount == 1 ? instruction.Immediate16 : 0;
        return Set(nameof(Handlers.ReturnNear), stack);
    }

    /// <summary>Fuses CMP, TEST, INC or DEC with the conditional jump behind it.</summary>
    private bool TryFuse(in Instruction instruction)
    {
        if ((_mode & CodeMode.Single) != 0 || !IsRegister(instruction, 0) || _instructions[_current].NextIP >= 4096)
        {
            return false;
        }

        var next = _current + 1;
        if (next >= MaximumInstructions || _instructions[next].IP != instruction.NextIP || !_instructions[next].IsJccShortOrNear || next >= _count)
        {
            return false;
        }

        ref readonly var jump = ref _instructions[next];
        if (!IsFullWidthBranch(jump) || !(jump.ConditionCode is ConditionCode.b or ConditionCode.ae or ConditionCode.e or ConditionCode.ne
            or ConditionCode.be or ConditionCode.a or ConditionCode.s or ConditionCode.ns or ConditionCode.l or ConditionCode.ge or ConditionCode.le or ConditionCode.g))
        {
            return false;
        }

        var counts = instruction.Mnemonic is Mnemonic.Inc or Mnemonic.Dec;
        if (counts && jump.ConditionCode is not (ConditionCode.e or ConditionCode.ne))
        {
            return false;
        }

        var registers = !counts && IsRegister(instruction, 1);
        if (!counts && (IsMemory(instruction, 1) || (instruction.Mnemonic == Mnemonic.Test && !registers)))
        {
            return false;
        }

        var width = Width(SizeOf(instruction, 0));
        var condition = ConditionType(jump.ConditionCode);
        _op->Dst = OffsetOf(instruction.Op0Register);
        _op->Src = registers ? OffsetOf(instruction.Op1Register) : (byte)0;
        _op->Imm = counts || registers ? 0 : Immediate(instruction, 1);
        _op->Disp = next + 1;
        var head = _op;
        Next(jump)->Handler = HandlerTable.Get(nameof(Handlers.Nothing));
        var taken = LinkType(AddLink(TargetOf(jump)));
        var not = LinkType(AddLink(jump.NextIP));
        _op = head;
        _current = next;
        return instruction.Mnemonic switch
        {
            Mnemonic.Cmp when registers => Set(nameof(Handlers.CompareRegRegJump), width, typeof(DstField), typeof(SrcField), condition, taken, not),
            Mnemonic.Cmp => Set(nameof(Handlers.CompareRegImmJump), width, typeof(DstField), condition, taken, not),
            Mnemonic.Test => Set(nameof(Handlers.TestRegRegJump), width, typeof(DstField), typeof(SrcField), condition, taken, not),
            _ => Set(nameof(Handlers.CountRegJump), instruction.Mnemonic == Mnemonic.Inc ? typeof(Inc) : typeof(Dec), width, typeof(DstField), condition, taken, not),
        };
    }
}
