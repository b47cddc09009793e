using System.Numerics;
using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>ANDN: the first source is inverted.</summary>
internal readonly unsafe struct AndNot<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!ThirdOperand.Read<TW>(cpu, op, out var value))
        {
            return false;
        }

        var result = ~TW.Get(cpu, op->Src) & value;
        TW.Set(cpu, op->Dst, result);
        And.SetFlags<TW>(cpu, 0, 0, result);
        return true;
    }
}

/// <summary>A third operand that is r/m.</summary>
internal static unsafe class ThirdOperand
{
    public static bool Read<TW>(CpuState* cpu, Op* op, out ulong value)
        where TW : IWidth
    {
        if (Operand.HasMemory(op))
        {
            return Operand.ReadMemory(cpu, op, TW.Bytes, out value);
        }

        value = TW.Get(cpu, Operand.Third(op));
        return true;
    }
}

/// <summary>BEXTR: start in bits 0–7 of the control, length in bits 8–15. ZF from the result, CF and OF cleared.</summary>
internal readonly unsafe struct BitFieldExtract<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        var control = TW.Get(cpu, Operand.Third(op));
        var start = (int)(control & 0xFF);
        var length = (int)(control >> 8 & 0xFF);
        var result = start >= 64 ? 0 : value >> start;
        result = length >= 64 ? result : result & ((1UL << length) - 1);
        TW.Set(cpu, op->Dst, result);
        And.SetFlags<TW>(cpu, 0, 0, result);
        return true;
    }
}

/// <summary>BLSI, BLSMSK and BLSR: the destination is operand 0, the source r/m operand 1.</summary>
internal readonly unsafe struct LowestBit<TKind, TW> : IInstruction
    where TKind : ILowestBit
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        var result = TKind.Compute(value);
        TW.Set(cpu, op->Dst, result);
        cpu->FlagResult = TW.SignExtend(result);
        var carry = TKind.CarryIfZero == (value == 0) ? 1UL : 0;
        cpu->FlagCarry = ShiftFlags.Word(carry, 0);
        return true;
    }
}

internal interface ILowestBit
{
    /// <summary>CF says the source was 0; otherwise that it was not.</summary>
    static abstract bool CarryIfZero { get; }

    static abstract ulong Compute(ulong value);
}

internal readonly struct IsolateLowest : ILowestBit
{
    public static bool CarryIfZero => false;

    public static ulong Compute(ulong value) => value & (0 - value);
}

internal readonly struct MaskToLowest : ILowestBit
{
    public static bool CarryIfZero => true;

    public static ulong Compute(ulong value) => value ^ (value - 1);
}

internal readonly struct ResetLowest : ILowestBit
{
    public static bool CarryIfZero => true;

    public static ulong Compute(ulong value) => value & (value - 1);
}

/// <summary>BZHI: clears from a bit upwards; CF says the bit lay beyond the operand.</summary>
internal readonly unsafe struct ZeroHighBits<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        var from = (int)(TW.Get(cpu, Operand.Third(op)) & 0xFF);
        var beyond = from >= TW.Bytes * 8;
        var result = beyond ? value : value & ((1UL << from) - 1);
        TW.Set(cpu, op->Dst, result);
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = ShiftFlags.Word(beyond ? 1UL : 0, 0);
        return true;
    }
}

/// <summary>MULX: RDX times r/m, without flags; operand 0 takes the upper half, also where both are one register.</summary>
internal readonly unsafe struct MultiplyWithoutFlags<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!ThirdOperand.Read<TW>(cpu, op, out var value))
        {
            return false;
        }

        var high = Math.BigMul(TW.Get(cpu, 16), value, out var low);
        TW.Set(cpu, op->Src, low);
        TW.Set(cpu, op->Dst, TW.Bytes == 8 ? high : low >> 32);
        return true;
    }
}

/// <summary>PDEP: scatters low bits to the places that a mask names.</summary>
internal readonly unsafe struct DepositBits<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!ThirdOperand.Read<TW>(cpu, op, out var mask))
        {
            return false;
        }

        var source = TW.Get(cpu, op->Src);
        var result = 0UL;
        for (; mask != 0; mask &= mask - 1, source >>= 1)
        {
            result |= (source & 1) != 0 ? mask & (0 - mask) : 0;
        }

        TW.Set(cpu, op->Dst, result);
        return true;
    }
}

/// <summary>PEXT: gathers the bits that a mask names.</summary>
internal readonly unsafe struct ExtractBits<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!ThirdOperand.Read<TW>(cpu, op, out var mask))
        {
            return false;
        }

        var source = TW.Get(cpu, op->Src);
        var result = 0UL;
        for (var bit = 0; mask != 0; mask &= mask - 1, bit++)
        {
            result |= (source >> BitOperations.TrailingZeroCount(mask) & 1) << bit;
        }

        TW.Set(cpu, op->Dst, result);
        return true;
    }
}

/// <summary>RORX: rotates by an immediate, without flags.</summary>
internal readonly unsafe struct RotateWithoutFlags<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        TW.Set(cpu, op->Dst, TW.Bytes == 8 ? ulong.RotateRight(value, (int)op->Imm) : uint.RotateRight((uint)value, (int)op->Imm));
        return true;
    }
}

/// <summary>SHLX, SHRX and SARX: shift by a register, without flags.</summary>
internal readonly unsafe struct ShiftWithoutFlags<TShift, TW> : IInstruction
    where TShift : IShift
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        var count = (int)TW.Get(cpu, Operand.Third(op)) & (TW.Bytes * 8 - 1);
        TW.Set(cpu, op->Dst, TShift.Compute<TW>(value, count));
        return true;
    }
}

/// <summary>ADCX and ADOX: add with one flag as the carry, in and out, and no other flag changed.</summary>
internal readonly unsafe struct AddWithFlag<TFlag, TW> : IInstruction
    where TFlag : ICarryFlag
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var b))
        {
            return false;
        }

        var a = TW.Get(cpu, op->Dst);
        var flags = Flags.Read(cpu);
        var sum = (UInt128)a + b + ((flags & TFlag.Bit) != 0 ? 1UL : 0UL);
        TW.Set(cpu, op->Dst, (ulong)sum);
        var carry = (ulong)(sum >> (TW.Bytes * 8)) != 0;
        Flags.WriteArithmetic(cpu, (flags & ~TFlag.Bit) | (carry ? TFlag.Bit : 0));
        return true;
    }
}

internal interface ICarryFlag
{
    static abstract ulong Bit { get; }
}

internal readonly struct CarryAsCarry : ICarryFlag
{
    public static ulong Bit => Rflags.Carry;
}

internal readonly struct OverflowAsCarry : ICarryFlag
{
    public static ulong Bit => Rflags.Overflow;
}

/// <summary>MOVBE, either way.</summary>
internal readonly unsafe struct MoveBigEndian<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (op->Dst == RegisterOffset.Zero)
        {
            return Operand.WriteMemory(cpu, op, TW.Bytes, Swap(TW.Get(cpu, op->Src)));
        }

        if (!Operand.ReadMemory(cpu, op, TW.Bytes, out var value))
        {
            return false;
        }

        TW.Set(cpu, op->Dst, Swap(value));
        return true;
    }

    private static ulong Swap(ulong value) =>
        System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(value) >> (64 - TW.Bytes * 8);
}
