using Emulator.Cpu.Interpreter;
using Iced.Intel;

namespace Emulator.Cpu.Translation;

internal sealed unsafe partial class Translator
{
    private static readonly Type[] Widths = [typeof(W8), typeof(W16), typeof(W32), typeof(W64)];

    private Type Flags => _flagsLive[_current] ? typeof(LiveFlags) : typeof(DeadFlags);

    private static Type Width(int bytes) => bytes switch
    {
        1 => Widths[0],
        2 => Widths[1],
        4 => Widths[2],
        _ => Widths[3],
    };

    /// <summary>Byte offset of a general register in <see cref="CpuState"/>; AH to BH lie one byte further in.</summary>
    private static byte OffsetOf(Register register) => register switch
    {
        Register.None => RegisterOffset.Zero,
        Register.RIP or Register.EIP => RegisterOffset.PageIp,
        >= Register.AH and <= Register.BH => (byte)((register - Register.AH) * 8 + 1),
        _ => (byte)((register.GetFullRegister() - Register.RAX) * 8),
    };

    /// <summary>Size in bytes of an operand.</summary>
    private static int SizeOf(in Instruction instruction, int operand) =>
        instruction.GetOpKind(operand) == OpKind.Register
            ? instruction.GetOpRegister(operand).GetSize()
            : instruction.MemorySize.GetSize();

    private static bool IsRegister(in Instruction instruction, int operand) => instruction.GetOpKind(operand) == OpKind.Register;

    private static bool IsMemory(in Instruction instruction, int operand) => instruction.GetOpKind(operand) == OpKind.Memory;

    /// <summary>Fills the op's memory operand and says which address form its handler takes.</summary>
    private Type Memory(Op* op, in Instruction instruction)
    {
        var segment = SegmentOf(instruction);
        var scale = instruction.MemoryIndexScale switch
        {
            2 => 1,
            4 => 2,
            8 => 3,
            _ => 0,
        };
        var size = AddressSize(instruction);
        op->ScaleSegment = (byte)(scale | (int)segment << 2 | 32 | size << 6);
        if (instruction.IsIPRelativeMemoryOperand)
        {
            // Iced was told that the page begins at 0, so this is relative to the page.
            op->Base = RegisterOffset.PageIp;
            op->Disp = (long)instruction.IPRelativeMemoryAddress;
            if (size == 1)
            {
                op->Disp = (int)op->Disp;
            }
        }
        else
        {
            op->Base = OffsetOf(instruction.MemoryBase);
            op->Index = OffsetOf(instruction.MemoryIndex);
            op->Disp = size == 2 ? (long)instruction.MemoryDisplacement64 : (int)instruction.MemoryDisplacement32;
        }

        if ((_mode & CodeMode.Aligned) != 0)
        {
            return typeof(AddressChecked);
        }

        var indexed = op->Index != RegisterOffset.Zero;
        if ((_mode & CodeMode.Code64) != 0)
        {
            return size != 2 || segment >= SegmentName.Fs ? typeof(Address64Segment)
                : indexed ? typeof(Address64Indexed<BaseField, IndexField>)
                : typeof(Address64<BaseField>);
        }

        return (_mode & CodeMode.Flat) == 0 || size != 1 || segment is SegmentName.Cs or >= SegmentName.Fs ? typeof(AddressChecked)
            : indexed ? typeof(Address32Indexed<BaseField, IndexField>)
            : typeof(Address32<BaseField>);
    }

    /// <summary>The segment of a memory operand. In 64-bit mode only FS and GS can be asked for; the base says which of DS and SS a wild address is charged to.</summary>
    private SegmentName SegmentOf(in Instruction instruction)
    {
        var segment = SegmentOf(instruction.MemorySegment);
        return (_mode & CodeMode.Code64) == 0 || segment >= SegmentName.Fs ? segment
            : instruction.MemoryBase is Register.RSP or Register.ESP or Register.RBP or Register.EBP ? SegmentName.Ss
            : SegmentName.Ds;
    }

    private static SegmentName SegmentOf(Register segment) => segment switch
    {
        Register.ES => SegmentName.Es,
        Register.CS => SegmentName.Cs,
        Register.SS => SegmentName.Ss,
        Register.FS => SegmentName.Fs,
        Register.GS => SegmentName.Gs,
        _ => SegmentName.Ds,
    };

    /// <summary>0, 1 or 2 for 16, 32 or 64 bits.</summary>
    private int AddressSize(in Instruction instruction)
    {
        var register = instruction.MemoryBase != Register.None ? instruction.MemoryBase : instruction.MemoryIndex;
        if (register is Register.RIP)
        {
            return 2;
        }

        if (register is Register.EIP)
        {
            return 1;
        }

        return register == Register.None
            ? instruction.MemoryDisplSize switch { 8 => 2, 4 => 1, 2 => 0, _ => DefaultAddressSize }
            : register.GetSize() switch { 8 => 2, 4 => 1, _ => 0 };
    }

    private int DefaultAddressSize => (_mode & CodeMode.Code64) != 0 ? 2 : (_mode & CodeMode.Code32) != 0 ? 1 : 0;

    /// <summary>Marks an op without a ModRM memory operand as one of the stack's, for the faults of its accesses.</summary>
    private void Stack(Op* op) => op->ScaleSegment = (byte)((int)SegmentName.Ss << 2 | DefaultAddressSize << 6);

    /// <summary>The width of a stack pointer that is a linear address as it stands, or null.</summary>
    private Type? FlatStack =>
        (_mode & CodeMode.Aligned) != 0 ? null
        : (_mode & CodeMode.Code64) != 0 ? typeof(W64)
        : (_mode & (CodeMode.Flat | CodeMode.Stack32)) == (CodeMode.Flat | CodeMode.Stack32) ? typeof(W32)
        : null;

    /// <summary>An immediate operand, sign-extended.</summary>
    private static long Immediate(in Instruction instruction, int operand) => instruction.GetOpKind(operand) switch
    {
        OpKind.Immediate8 => (sbyte)instruction.Immediate8,
        OpKind.Immediate16 => (short)instruction.Immediate16,
        OpKind.Immediate32 => (int)instruction.Immediate32,
        _ => (long)instruction.GetImmediate(operand),
    };
}
