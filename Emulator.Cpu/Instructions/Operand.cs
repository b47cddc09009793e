using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>Operands of slow instructions, by the fields of their ops.</summary>
/// <remarks>
/// Registers among operands 0, 1 and 2 are in <see cref="Op.Dst"/>, <see cref="Op.Src"/> and, for the third, the low
/// byte of <see cref="Op.Imm"/> (see <see cref="Third"/>); an immediate is in <see cref="Op.Imm"/>. The r/m operand is
/// memory where the op has memory, otherwise the register at its place.
/// </remarks>
internal static unsafe class Operand
{
    /// <summary>True if the op has a memory operand.</summary>
    public static bool HasMemory(Op* op) => (op->ScaleSegment & 32) != 0;

    /// <summary>The memory operand's linear address, checked for an access.</summary>
    public static bool Linear(CpuState* cpu, Op* op, int size, bool write, out ulong linear) =>
        Segmentation.Linear(cpu, (SegmentName)(op->ScaleSegment >> 2 & 7), AddressOf.Offset(cpu, op), size, write, out linear);

    /// <summary>The linear address of an offset into the op's segment, checked for an access.</summary>
    public static bool Linear(CpuState* cpu, Op* op, ulong offset, int size, bool write, out ulong linear) =>
        Segmentation.Linear(cpu, (SegmentName)(op->ScaleSegment >> 2 & 7), offset, size, write, out linear);

    /// <summary>Reads the memory operand.</summary>
    public static bool ReadMemory(CpuState* cpu, Op* op, int size, out ulong value)
    {
        value = 0;
        return Linear(cpu, op, size, false, out var linear) && GuestAccess.Read(cpu, linear, size, false, out value);
    }

    /// <summary>Writes the memory operand.</summary>
    public static bool WriteMemory(CpuState* cpu, Op* op, int size, ulong value) =>
        Linear(cpu, op, size, true, out var linear) && GuestAccess.Write(cpu, linear, size, value, false);

    /// <summary>Reads the r/m operand, which is operand 0.</summary>
    public static bool ReadFirst<TW>(CpuState* cpu, Op* op, out ulong value)
        where TW : IWidth
    {
        if (HasMemory(op))
        {
            return ReadMemory(cpu, op, TW.Bytes, out value);
        }

        value = TW.Get(cpu, op->Dst);
        return true;
    }

    /// <summary>Reads the r/m operand, which is operand 1.</summary>
    public static bool ReadSecond<TW>(CpuState* cpu, Op* op, out ulong value)
        where TW : IWidth
    {
        if (HasMemory(op))
        {
            return ReadMemory(cpu, op, TW.Bytes, out value);
        }

        value = TW.Get(cpu, op->Src);
        return true;
    }

    /// <summary>Reads operand 0 for an update that <see cref="Update{TW}"/> completes: a write that cannot be made faults here already.</summary>
    public static bool ReadForUpdate<TW>(CpuState* cpu, Op* op, out ulong value)
        where TW : IWidth
    {
        value = 0;
        if (!HasMemory(op))
        {
            value = TW.Get(cpu, op->Dst);
            return true;
        }

        return Linear(cpu, op, TW.Bytes, true, out var linear)
            && GuestAccess.ProbeWrite(cpu, linear, TW.Bytes, false)
            && GuestAccess.Read(cpu, linear, TW.Bytes, false, out value);
    }

    /// <summary>
    /// Replaces operand 0 if it still is what <see cref="ReadForUpdate{TW}"/> read: one atomic access, as LOCK wants, where
    /// the operand is RAM. Call again from the read when <paramref name="retry"/> comes back true.
    /// </summary>
    public static bool Update<TW>(CpuState* cpu, Op* op, ulong before, ulong after, out bool retry)
        where TW : IWidth
    {
        retry = false;
        if (!HasMemory(op))
        {
            TW.Set(cpu, op->Dst, after);
            return true;
        }

        if (!Linear(cpu, op, TW.Bytes, true, out var linear))
        {
            return false;
        }

        var host = GuestAccess.HostForUpdate(cpu, linear, TW.Bytes, out var isNoted);
        if (host == null)
        {
            return GuestAccess.ReplaceSplit(cpu, linear, TW.Bytes, before & TW.Mask, after & TW.Mask, out retry);
        }

        retry = TW.CompareExchange(host, after, before & TW.Mask) != (before & TW.Mask);
        if (isNoted)
        {
            GuestAccess.NoteUpdate(cpu, linear, TW.Bytes);
        }

        return true;
    }

    /// <summary>Byte offset of a third register operand.</summary>
    public static int Third(Op* op) => (byte)op->Imm;

    /// <summary>True if the third operand is a register, not an immediate.</summary>
    public static bool HasThird(Op* op) => (ulong)op->Imm >> 62 == 2;

    /// <summary>What <see cref="Op.Imm"/> holds for a third register operand.</summary>
    public static long ThirdRegister(byte offset) => long.MinValue | offset;

    /// <summary>True if operand 1 is a register.</summary>
    public static bool HasSecond(Op* op) => op->Src != RegisterOffset.Zero;
}
