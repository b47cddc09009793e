using Emulator.Cpu.Interpreter;
using Iced.Intel;

namespace Emulator.Cpu.Translation;

internal sealed unsafe partial class Translator
{
    /// <summary>Bytes of an instruction at most, prefixes and all (SDM volume 2, 2.3.11).</summary>
    private const int MaximumLength = 15;

    /// <summary>Emits an instruction of slow code; one that is not there raises #UD when it is executed.</summary>
    private void EmitSlow(in Instruction instruction)
    {
        var entry = EntryOf(instruction);
        if (entry is null)
        {
            EmitUndefined(instruction);
            return;
        }

        FillSlow(instruction);
        var type = entry.IsSized ? Sized(entry.Instruction, Width(OperandBytes(instruction))) : entry.Instruction;
        _op->Handler = HandlerTable.Get(
            entry.Place switch
            {
                SlowPlace.Middle => nameof(Handlers.Slow),
                SlowPlace.Last => nameof(Handlers.SlowLast),
                _ => nameof(Handlers.SlowJump),
            },
            type);
        if (entry.Place != SlowPlace.Middle)
        {
            // The handler finds the number of instructions behind its op.
            _buffer[_ops++] = new Op { Disp = _current + 1, Handler = _op->Handler };
            _ended = true;
        }
    }

    /// <summary>Puts the width in the last place of a generic instruction; a step or change stands before it.</summary>
    private static Type Sized(Type generic, Type width)
    {
        var arguments = generic.GetGenericArguments();
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = arguments[i].IsGenericParameter ? width
                : arguments[i].ContainsGenericParameters ? Sized(arguments[i], width)
                : arguments[i];
        }

        return generic.GetGenericTypeDefinition().MakeGenericType(arguments);
    }

    private static SlowEntry? EntryOf(in Instruction instruction)
    {
        if (instruction.HasLockPrefix && !MayLock(instruction))
        {
            return null;
        }

        return BranchEntry(instruction) ?? RegisterMove(instruction) ?? SlowTable.Entries.GetValueOrDefault(instruction.Mnemonic);
    }

    /// <summary>Iced decodes a LOCK prefix only where one may stand, but for these checks.</summary>
    private static bool MayLock(in Instruction instruction) => IsMemory(instruction, 0);

    /// <summary>MOV, PUSH and POP of segment, control and debug registers share their mnemonics with the ordinary ones.</summary>
    private static SlowEntry? RegisterMove(in Instruction instruction)
    {
        var first = IsRegister(instruction, 0) ? instruction.Op0Register : Register.None;
        var second = instruction.OpCount > 1 && IsRegister(instruction, 1) ? instruction.Op1Register : Register.None;
        return instruction.Mnemonic switch
        {
            Mnemonic.Mov when first.IsSegmentRegister() => new SlowEntry(typeof(LoadSegment), false, SlowPlace.Last),
            Mnemonic.Mov when second.IsSegmentRegister() => new SlowEntry(typeof(StoreSegment), false, SlowPlace.Middle),
            Mnemonic.Mov when first.IsCR() => new SlowEntry(typeof(MoveControl<ToControl>), false, SlowPlace.Last),
            Mnemonic.Mov when second.IsCR() => new SlowEntry(typeof(MoveControl<FromControl>), false, SlowPlace.Middle),
            Mnemonic.Mov when first.IsDR() => new SlowEntry(typeof(MoveControl<ToDebug>), false, SlowPlace.Last),
            Mnemonic.Mov when second.IsDR() => new SlowEntry(typeof(MoveControl<FromDebug>), false, SlowPlace.Middle),
            Mnemonic.Push when first.IsSegmentRegister() => new SlowEntry(typeof(PushSegment<>), true, SlowPlace.Middle),
            Mnemonic.Pop when first.IsSegmentRegister() => new SlowEntry(typeof(PopSegment<>), true, SlowPlace.Last),
            _ => null,
        };
    }

    /// <summary>Near and far branches are told apart by code, not by mnemonic.</summary>
    private static SlowEntry? BranchEntry(in Instruction instruction)
    {
        var type = instruction.Mnemonic switch
        {
            Mnemonic.Jmp when instruction.IsJmpFar => typeof(FarJump<>),
            Mnemonic.Jmp when instruction.IsJmpFarIndirect => typeof(FarJumpMemory<>),
            Mnemonic.Jmp when instruction.IsJmpNearIndirect => typeof(NearJumpIndirect<>),
            Mnemonic.Jmp => typeof(NearJump<>),
            Mnemonic.Call when instruction.IsCallFar => typeof(FarCall<>),
            Mnemonic.Call when instruction.IsCallFarIndirect => typeof(FarCallMemory<>),
            Mnemonic.Call when instruction.IsCallNearIndirect => typeof(NearCallIndirect<>),
            Mnemonic.Call => typeof(NearCall<>),
            Mnemonic.Ret => typeof(NearReturn<>),
            Mnemonic.Retf => typeof(FarReturn<>),
            _ when instruction.IsJccShortOrNear => typeof(NearJumpIf<>),
            _ => null,
        };
        return type is null ? null : new SlowEntry(type, true, SlowPlace.Jump);
    }

    /// <summary>True if the run loop must look after this instruction.</summary>
    private static bool EndsAfter(in Instruction instruction) =>
        SlowTable.Entries.TryGetValue(instruction.Mnemonic, out var entry) && entry.Place != SlowPlace.Middle
        || IsSegmentMove(instruction);

    /// <summary>MOV and POP to a segment register change what addresses mean.</summary>
    private static bool IsSegmentMove(in Instruction instruction) =>
        instruction.Mnemonic is Mnemonic.Mov or Mnemonic.Pop && IsRegister(instruction, 0)
        && (instruction.Op0Register.IsSegmentRegister() || instruction.Op0Register.IsCR() || instruction.Op0Register.IsDR());

    private void EmitUndefined(in Instruction instruction)
    {
        // Iced stops at the fifteenth byte.
        var isTooLong = instruction.Mnemonic == Mnemonic.INVALID && instruction.Length == MaximumLength;
        var bytes = _reader.Bytes((int)instruction.IP, instruction.Length);
        _op->Handler = HandlerTable.Get(
            nameof(Handlers.SlowJump),
            isTooLong ? typeof(OverlongInstruction) : IsEscape(bytes) ? typeof(CoprocessorInstruction) : typeof(UndefinedInstruction));
        _op->Imm = isTooLong || instruction.Mnemonic is Mnemonic.Ud0 or Mnemonic.Ud1 or Mnemonic.Ud2 ? 0 : 1;
        _buffer[_ops++] = new Op { Handler = _op->Handler };
        _ended = true;
    }

    /// <summary>True for the op-codes D8 to DF, defined or not. LOCK is #UD before anything else.</summary>
    private bool IsEscape(byte[] bytes)
    {
        foreach (var value in bytes)
        {
            var isPrefix = value is 0x26 or 0x2E or 0x36 or 0x3E or (>= 0x64 and <= 0x67) or 0xF2 or 0xF3
                || (value is >= 0x40 and <= 0x4F && (_mode & CodeMode.Code64) != 0);
            if (!isPrefix)
            {
                return value is >= 0xD8 and <= 0xDF;
            }
        }

        return false;
    }

    /// <summary>Operands where <see cref="Operand"/> looks for them; branch and far targets in <see cref="Op.Imm"/>.</summary>
    private void FillSlow(in Instruction instruction)
    {
        Stack(_op);
        _op->Dst = RegisterOffset.Zero;
        _op->Src = RegisterOffset.Zero;
        for (var i = 0; i < instruction.OpCount; i++)
        {
            switch (instruction.GetOpKind(i))
            {
                case OpKind.Register:
                    var offset = SlowRegister(instruction.GetOpRegister(i));
                    if (i == 0)
                    {
                        _op->Dst = offset;
                    }
                    else if (i == 1)
                    {
                        _op->Src = offset;
                    }
                    else
                    {
                        _op->Imm = Operand.ThirdRegister(offset);
                    }

                    break;
                case OpKind.Memory:
                    Memory(_op, instruction);
                    break;
                case OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64:
                    _op->Imm = (long)TargetOf(instruction);
                    break;
                case OpKind.FarBranch16:
                    _op->Imm = (long)instruction.FarBranchSelector << 32 | instruction.FarBranch16;
                    break;
                case OpKind.FarBranch32:
                    _op->Imm = (long)instruction.FarBranchSelector << 32 | instruction.FarBranch32;
                    break;
                case OpKind.Immediate8_2nd:
                    _op->Disp = instruction.Immediate8_2nd;
                    break;
                case OpKind.MemorySegSI or OpKind.MemorySegESI or OpKind.MemorySegRSI or OpKind.MemoryESDI or OpKind.MemoryESEDI or OpKind.MemoryESRDI
                    or OpKind.MemorySegDI or OpKind.MemorySegEDI or OpKind.MemorySegRDI:
                    FillString(instruction);
                    break;
                default:
                    _op->Imm = Immediate(instruction, i);
                    break;
            }
        }

        if (StoresSelector(instruction))
        {
            _op->Imm = IsRegister(instruction, 0) ? instruction.Op0Register.GetSize() : 2;
        }

        if (instruction.IsJccShortOrNear)
        {
            _op->Disp = (int)instruction.ConditionCode;
        }
        else if (instruction.IsLoop || instruction.IsLoopcc || instruction.IsJcxShort)
        {
            var size = instruction.Code.ToOpCode().AddressSize switch { 64 => 2, 32 => 1, _ => 0 };
            _op->ScaleSegment = (byte)(size << 6);
            _op->Disp = OperandBytes(instruction);
        }
    }

    private static bool StoresSelector(in Instruction instruction) =>
        instruction.Mnemonic is Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw
        || (instruction.Mnemonic == Mnemonic.Mov && IsRegister(instruction, 1) && instruction.Op1Register.IsSegmentRegister());

    /// <summary>String instructions: the source's segment and the address size; <see cref="Op.Imm"/> says which repeat prefix (0, 0xF2, 0xF3).</summary>
    private void FillString(in Instruction instruction)
    {
        var size = 0;
        for (var i = 0; i < instruction.OpCount; i++)
        {
            size = instruction.GetOpKind(i) switch
            {
                OpKind.MemorySegRSI or OpKind.MemoryESRDI or OpKind.MemorySegRDI => 2,
                OpKind.MemorySegESI or OpKind.MemoryESEDI or OpKind.MemorySegEDI => 1,
                _ => size,
            };
        }

        _op->ScaleSegment = (byte)((int)SegmentOf(instruction) << 2 | size << 6);
        _op->Imm = instruction.HasRepnePrefix ? 0xF2 : instruction.HasRepPrefix ? 0xF3 : 0;
    }

    /// <summary>General registers by offset, others by number.</summary>
    private static byte SlowRegister(Register register) =>
        register.IsGPR() ? OffsetOf(register)
        : register.IsSegmentRegister() ? (byte)SegmentOf(register)
        : (byte)register.GetNumber();

    /// <summary>The operand size in bytes of an instruction of slow code.</summary>
    private int OperandBytes(in Instruction instruction)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Push or Mnemonic.Pop:
                return Math.Abs(instruction.StackPointerIncrement);
            case Mnemonic.Crc32:
                return SizeOf(instruction, 1);
            case Mnemonic.Sysretq or Mnemonic.Sysexitq:
                return 8;
            case Mnemonic.Sysret or Mnemonic.Sysexit:
                return 4;
            default:
                break;
        }

        for (var i = 0; i < instruction.OpCount; i++)
        {
            switch (instruction.GetOpKind(i))
            {
                case OpKind.Register when instruction.GetOpRegister(i).IsGPR() && !instruction.IsStackInstruction && !IsPort(instruction, i):
                    return instruction.GetOpRegister(i).GetSize();
                case OpKind.MemorySegSI or OpKind.MemorySegESI or OpKind.MemorySegRSI or OpKind.MemoryESDI or OpKind.MemoryESEDI or OpKind.MemoryESRDI:
                    return instruction.MemorySize.GetSize();
                case OpKind.Memory when !instruction.IsStackInstruction && instruction.MemorySize.GetSize() is 1 or 2 or 4 or 8
                    && !instruction.IsJmpFarIndirect && !instruction.IsCallFarIndirect:
                    return instruction.MemorySize.GetSize();
                case OpKind.NearBranch16 or OpKind.FarBranch16:
                    return 2;
                case OpKind.NearBranch32 or OpKind.FarBranch32:
                    return 4;
                case OpKind.NearBranch64:
                    return 8;
                default:
                    break;
            }
        }

        var size = instruction.Code.ToOpCode().OperandSize;
        return size != 0 ? size / 8 : DefaultOperandBytes;
    }

    private static bool IsPort(in Instruction instruction, int operand) => instruction.GetOpRegister(operand) == Register.DX
        && instruction.Mnemonic is Mnemonic.In or Mnemonic.Out or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd;

    private int DefaultOperandBytes => (_mode & CodeMode.Code64) != 0 ? 8 : (_mode & CodeMode.Code32) != 0 ? 4 : 2;
}
