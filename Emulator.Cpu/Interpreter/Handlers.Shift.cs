using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>A shift or rotate by a count that is not 0 and less than the width's masked maximum.</summary>
internal unsafe interface IShift
{
    /// <summary>The result, with bits above the width meaningless.</summary>
    static abstract ulong Compute<TW>(ulong value, int count)
        where TW : IWidth;

    static abstract void SetFlags<TW>(CpuState* cpu, ulong value, int count, ulong result)
        where TW : IWidth;
}

internal static class ShiftFlags
{
    /// <summary>CF and OF as the two top bits of a carry word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Word(ulong carry, ulong overflow) => carry << 63 | (carry ^ overflow) << 62;

    /// <summary>The top bit of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Top<TW>(ulong value)
        where TW : IWidth => value >> (TW.Bytes * 8 - 1) & 1;
}

/// <summary>SHL.</summary>
internal readonly unsafe struct ShiftLeft : IShift
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute<TW>(ulong value, int count)
        where TW : IWidth => value << count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong value, int count, ulong result)
        where TW : IWidth
    {
        // With a count beyond the width nothing of the operand reaches CF.
        var carry = count <= TW.Bytes * 8 ? value >> (TW.Bytes * 8 - count) & 1 : 0;
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = ShiftFlags.Word(carry, ShiftFlags.Top<TW>(result) ^ carry);
    }
}

/// <summary>SHR.</summary>
internal readonly unsafe struct ShiftRight : IShift
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute<TW>(ulong value, int count)
        where TW : IWidth => value >> count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong value, int count, ulong result)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = ShiftFlags.Word(value >> (count - 1) & 1, ShiftFlags.Top<TW>(value));
    }
}

/// <summary>SAR.</summary>
internal readonly unsafe struct ShiftArithmetic : IShift
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute<TW>(ulong value, int count)
        where TW : IWidth => (ulong)((long)TW.SignExtend(value) >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong value, int count, ulong result)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = ShiftFlags.Word((ulong)((long)TW.SignExtend(value) >> (count - 1)) & 1, 0);
    }
}

/// <summary>ROL.</summary>
internal readonly unsafe struct RotateLeft : IShift
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute<TW>(ulong value, int count)
        where TW : IWidth
    {
        var turn = count & (TW.Bytes * 8 - 1);
        return TW.Bytes switch
        {
            8 => ulong.RotateLeft(value, turn),
            4 => uint.RotateLeft((uint)value, turn),
            _ => (value << turn) | (value >> (TW.Bytes * 8 - turn)),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong value, int count, ulong result)
        where TW : IWidth
    {
        var carry = result & 1;
        cpu->FlagCarry = (cpu->FlagCarry & ~(3UL << 62)) | ShiftFlags.Word(carry, ShiftFlags.Top<TW>(result) ^ carry);
    }
}

/// <summary>ROR.</summary>
internal readonly unsafe struct RotateRight : IShift
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute<TW>(ulong value, int count)
        where TW : IWidth
    {
        var turn = count & (TW.Bytes * 8 - 1);
        return TW.Bytes switch
        {
            8 => ulong.RotateRight(value, turn),
            4 => uint.RotateRight((uint)value, turn),
            _ => (value >> turn) | (value << (TW.Bytes * 8 - turn)),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong value, int count, ulong result)
        where TW : IWidth
    {
        var carry = ShiftFlags.Top<TW>(result);
        cpu->FlagCarry = (cpu->FlagCarry & ~(3UL << 62)) | ShiftFlags.Word(carry, carry ^ (result >> (TW.Bytes * 8 - 2) & 1));
    }
}

internal static unsafe partial class Handlers
{
    /// <summary>Shift or rotate of a register by a constant, masked and not 0.</summary>
    [MethodImpl(Hot)]
    public static Op* ShiftRegImm<TShift, TW, TD, TF>(CpuState* cpu, Op* op)
        where TShift : IShift
        where TW : IWidth
        where TD : IRegister
        where TF : IFlags
    {
        var value = TW.Get(cpu, TD.Offset(op));
        var count = (int)op->Imm;
        var result = TShift.Compute<TW>(value, count);
        if (TF.Live)
        {
            TShift.SetFlags<TW>(cpu, value, count, result);
        }

        TW.Set(cpu, TD.Offset(op), result);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>Shift or rotate of a register by CL; a masked count of 0 changes no flag.</summary>
    [MethodImpl(Hot)]
    public static Op* ShiftRegCl<TShift, TW, TD>(CpuState* cpu, Op* op)
        where TShift : IShift
        where TW : IWidth
        where TD : IRegister
    {
        var value = TW.Get(cpu, TD.Offset(op));
        var count = (int)W8.Get(cpu, 8) & (TW.Bytes == 8 ? 63 : 31);
        if (count != 0)
        {
            var result = TShift.Compute<TW>(value, count);
            TShift.SetFlags<TW>(cpu, value, count, result);
            value = result;
        }

        TW.Set(cpu, TD.Offset(op), value);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>Shift or rotate of memory by a constant, masked and not 0.</summary>
    [MethodImpl(Hot)]
    public static Op* ShiftMemImm<TShift, TW, TA, TF>(CpuState* cpu, Op* op)
        where TShift : IShift
        where TW : IWidth
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Update(cpu, op, linear, TW.Bytes);
        }

        var host = (byte*)(linear + entry->Addend);
        var value = TW.Load(host);
        var count = (int)op->Imm;
        var result = TShift.Compute<TW>(value, count);
        TW.Store(host, result);
        if (TF.Live)
        {
            TShift.SetFlags<TW>(cpu, value, count, result);
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>Shift or rotate of memory by CL; it is written back even by a count of 0.</summary>
    [MethodImpl(Hot)]
    public static Op* ShiftMemCl<TShift, TW, TA>(CpuState* cpu, Op* op)
        where TShift : IShift
        where TW : IWidth
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Update(cpu, op, linear, TW.Bytes);
        }

        var host = (byte*)(linear + entry->Addend);
        var value = TW.Load(host);
        var count = (int)W8.Get(cpu, 8) & (TW.Bytes == 8 ? 63 : 31);
        if (count != 0)
        {
            var result = TShift.Compute<TW>(value, count);
            TShift.SetFlags<TW>(cpu, value, count, result);
            value = result;
        }

        TW.Store(host, value);
        return op[1].Handler(cpu, op + 1);
    }
}
