using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>The count of a shift: an immediate, or CL where the second operand is a register.</summary>
internal static unsafe class ShiftCount
{
    /// <summary>Masked to 5 bits, or 6 for 64-bit operands.</summary>
    public static int Get<TW>(CpuState* cpu, Op* op)
        where TW : IWidth => (Operand.HasSecond(op) ? (byte)cpu->Gpr[1] : (int)op->Imm) & (TW.Bytes == 8 ? 63 : 31);
}

/// <summary>RCL: rotates through CF, 9, 17, 33 or 65 bits in the round.</summary>
internal readonly unsafe struct RotateCarryLeft<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => RotateThroughCarry.Execute<TW>(cpu, op, true);
}

/// <summary>RCR.</summary>
internal readonly unsafe struct RotateCarryRight<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => RotateThroughCarry.Execute<TW>(cpu, op, false);
}

internal static unsafe class RotateThroughCarry
{
    public static bool Execute<TW>(CpuState* cpu, Op* op, bool left)
        where TW : IWidth
    {
        var bits = TW.Bytes * 8;
        var count = ShiftCount.Get<TW>(cpu, op) % (bits + 1);
        if (!Operand.ReadForUpdate<TW>(cpu, op, out var value))
        {
            return false;
        }

        var carry = cpu->FlagCarry >> 63;
        var result = value & TW.Mask;
        for (var i = 0; i < count; i++)
        {
            if (left)
            {
                var top = ShiftFlags.Top<TW>(result);
                result = ((result << 1) | carry) & TW.Mask;
                carry = top;
            }
            else
            {
                var bottom = result & 1;
                result = (result >> 1) | carry << (bits - 1);
                carry = bottom;
            }
        }

        if (!Operand.Update<TW>(cpu, op, value, result, out _))
        {
            return false;
        }

        if (count != 0)
        {
            var overflow = ShiftFlags.Top<TW>(result) ^ (left ? carry : result >> (bits - 2) & 1);
            cpu->FlagCarry = (cpu->FlagCarry & ~(3UL << 62)) | ShiftFlags.Word(carry, overflow);
        }

        return true;
    }
}

/// <summary>SHLD.</summary>
internal readonly unsafe struct DoubleShiftLeft<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => DoubleShift.Execute<TW>(cpu, op, true);
}

/// <summary>SHRD.</summary>
internal readonly unsafe struct DoubleShiftRight<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => DoubleShift.Execute<TW>(cpu, op, false);
}

internal static unsafe class DoubleShift
{
    /// <summary>Shifts bits of operand 1 into operand 0; the count is operand 2, an immediate or CL.</summary>
    public static bool Execute<TW>(CpuState* cpu, Op* op, bool left)
        where TW : IWidth
    {
        var bits = TW.Bytes * 8;
        var count = (Operand.HasThird(op) ? (byte)cpu->Gpr[1] : (int)op->Imm) & (bits == 64 ? 63 : 31);
        if (!Operand.ReadForUpdate<TW>(cpu, op, out var value))
        {
            return false;
        }

        if (count == 0)
        {
            return Operand.Update<TW>(cpu, op, value, value, out _);
        }

        // A 16-bit operand can be shifted by more than its width: undefined, and here what the processors do, the
        // source's bits going round behind it.
        var source = TW.Get(cpu, op->Src);
        ulong result, carry;
        if (bits == 16)
        {
            var wide = value << 32 | source << 16 | value;
            result = left ? wide << count >> 32 : wide >> count;
            carry = left ? wide >> (48 - count) & 1 : wide >> (count - 1) & 1;
        }
        else
        {
            result = left ? value << count | source >> (bits - count) : value >> count | source << (bits - count);
            carry = left ? value >> (bits - count) & 1 : value >> (count - 1) & 1;
        }

        if (!Operand.Update<TW>(cpu, op, value, result, out _))
        {
            return false;
        }

        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = ShiftFlags.Word(carry, ShiftFlags.Top<TW>(result) ^ ShiftFlags.Top<TW>(value));
        return true;
    }
}
