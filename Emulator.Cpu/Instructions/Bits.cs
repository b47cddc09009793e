using System.Numerics;
using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>What BT, BTS, BTR and BTC do to the bit.</summary>
internal interface IBitChange
{
    static abstract ulong Apply(ulong value, ulong bit);

    static abstract bool Writes { get; }
}

internal readonly struct BitTest : IBitChange
{
    public static bool Writes => false;

    public static ulong Apply(ulong value, ulong bit) => value;
}

internal readonly struct BitSet : IBitChange
{
    public static bool Writes => true;

    public static ulong Apply(ulong value, ulong bit) => value | bit;
}

internal readonly struct BitReset : IBitChange
{
    public static bool Writes => true;

    public static ulong Apply(ulong value, ulong bit) => value & ~bit;
}

internal readonly struct BitComplement : IBitChange
{
    public static bool Writes => true;

    public static ulong Apply(ulong value, ulong bit) => value ^ bit;
}

/// <summary>
/// BT, BTS, BTR, BTC. A register bit offset on a memory operand is signed and reaches beyond the operand; an immediate
/// one is taken modulo the width. Only CF changes.
/// </summary>
internal readonly unsafe struct BitInstruction<TChange, TW> : IInstruction
    where TChange : IBitChange
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var bits = TW.Bytes * 8;
        var fromRegister = Operand.HasSecond(op);
        var index = fromRegister ? TW.SignExtend(TW.Get(cpu, op->Src)) : (ulong)op->Imm;
        var bit = 1UL << (int)(index & (ulong)(bits - 1));
        if (!Operand.HasMemory(op))
        {
            var value = TW.Get(cpu, op->Dst);
            SetCarry(cpu, (value & bit) != 0);
            if (TChange.Writes)
            {
                TW.Set(cpu, op->Dst, TChange.Apply(value, bit));
            }

            return true;
        }

        var segment = (SegmentName)(op->ScaleSegment >> 2 & 7);
        var offset = AddressOf.Offset(cpu, op);
        if (fromRegister)
        {
            offset = AddressOf.Wrap(op, offset + (ulong)((long)index >> BitOperations.Log2((uint)bits)) * (ulong)TW.Bytes);
        }

        if (!Segmentation.Linear(cpu, segment, offset, TW.Bytes, TChange.Writes, out var linear))
        {
            return false;
        }

        if (!TChange.Writes)
        {
            if (!GuestAccess.Read(cpu, linear, TW.Bytes, false, out var value))
            {
                return false;
            }

            SetCarry(cpu, (value & bit) != 0);
            return true;
        }

        while (true)
        {
            if (!GuestAccess.ProbeWrite(cpu, linear, TW.Bytes, false) || !GuestAccess.Read(cpu, linear, TW.Bytes, false, out var value))
            {
                return false;
            }

            var after = TChange.Apply(value, bit) & TW.Mask;
            var host = GuestAccess.HostForUpdate(cpu, linear, TW.Bytes, out var isNoted);
            if (host == null)
            {
                if (!GuestAccess.ReplaceSplit(cpu, linear, TW.Bytes, value, after, out var retry))
                {
                    return false;
                }

                if (retry)
                {
                    continue;
                }
            }
            else
            {
                var isLate = TW.CompareExchange(host, after, value) != value;
                if (isNoted)
                {
                    GuestAccess.NoteUpdate(cpu, linear, TW.Bytes);
                }

                if (isLate)
                {
                    continue;
                }
            }

            SetCarry(cpu, (value & bit) != 0);
            return true;
        }
    }

    private static void SetCarry(CpuState* cpu, bool carry)
    {
        // OF is kept, and it is the difference of the two top bits.
        var overflow = (cpu->FlagCarry ^ cpu->FlagCarry << 1) >> 63;
        cpu->FlagCarry = (cpu->FlagCarry & ~(3UL << 62)) | ShiftFlags.Word(carry ? 1UL : 0, overflow);
    }
}

/// <summary>BSF: ZF says the source was 0; the destination then stays as it was, as on the processors.</summary>
internal readonly unsafe struct BitScanForward<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => BitScan.Execute<TW>(cpu, op, false);
}

/// <summary>BSR.</summary>
internal readonly unsafe struct BitScanReverse<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => BitScan.Execute<TW>(cpu, op, true);
}

internal static unsafe class BitScan
{
    public static bool Execute<TW>(CpuState* cpu, Op* op, bool reverse)
        where TW : IWidth
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        if (value != 0)
        {
            TW.Set(cpu, op->Dst, (ulong)(reverse ? BitOperations.Log2(value) : BitOperations.TrailingZeroCount(value)));
        }

        BitFlags.SetZero(cpu, value == 0);
        return true;
    }
}

/// <summary>Flags of the bit counts.</summary>
internal static unsafe class BitFlags
{
    /// <summary>Sets ZF alone.</summary>
    public static void SetZero(CpuState* cpu, bool zero)
    {
        var flags = Flags.Read(cpu) & ~Rflags.Zero;
        Flags.WriteArithmetic(cpu, flags | (zero ? Rflags.Zero : 0));
    }

    /// <summary>Sets ZF and CF, the others as they were.</summary>
    public static void SetZeroCarry(CpuState* cpu, bool zero, bool carry)
    {
        var flags = Flags.Read(cpu) & ~(Rflags.Zero | Rflags.Carry);
        Flags.WriteArithmetic(cpu, flags | (zero ? Rflags.Zero : 0) | (carry ? Rflags.Carry : 0));
    }
}

/// <summary>TZCNT: CF says the source was 0, ZF that the result is.</summary>
internal readonly unsafe struct TrailingZeros<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        var count = value == 0 ? TW.Bytes * 8 : BitOperations.TrailingZeroCount(value);
        TW.Set(cpu, op->Dst, (ulong)count);
        BitFlags.SetZeroCarry(cpu, count == 0, value == 0);
        return true;
    }
}

/// <summary>LZCNT.</summary>
internal readonly unsafe struct LeadingZeros<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        var count = BitOperations.LeadingZeroCount(value) - (64 - TW.Bytes * 8);
        TW.Set(cpu, op->Dst, (ulong)count);
        BitFlags.SetZeroCarry(cpu, count == 0, value == 0);
        return true;
    }
}

/// <summary>POPCNT: ZF says the source was 0, the other flags are cleared.</summary>
internal readonly unsafe struct PopulationCount<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<TW>(cpu, op, out var value))
        {
            return false;
        }

        TW.Set(cpu, op->Dst, (ulong)BitOperations.PopCount(value));
        Flags.WriteArithmetic(cpu, value == 0 ? Rflags.Zero : 0);
        return true;
    }
}
