using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>How an op's memory operand becomes a linear address, as a type argument.</summary>
internal unsafe interface IAddress
{
    /// <summary>The linear address, or <see cref="AddressForms.Refused"/> with a fault pending.</summary>
    static abstract ulong Linear(CpuState* cpu, Op* op, int size, bool write);
}

internal static class AddressForms
{
    /// <summary>Not canonical, so that no TLB entry ever matches it: a checked form's refusal reaches the slow path.</summary>
    public const ulong Refused = 0x7FFF_0000_0000_0000;
}

/// <summary>64-bit: base + displacement.</summary>
internal readonly unsafe struct Address64<TBase> : IAddress
    where TBase : IRegister
{
    public static ulong Linear(CpuState* cpu, Op* op, int size, bool write) =>
        *(ulong*)((byte*)cpu + TBase.Offset(op)) + (ulong)op->Disp;
}

/// <summary>64-bit: base + index × scale + displacement.</summary>
internal readonly unsafe struct Address64Indexed<TBase, TIndex> : IAddress
    where TBase : IRegister
    where TIndex : IRegister
{
    public static ulong Linear(CpuState* cpu, Op* op, int size, bool write) =>
        *(ulong*)((byte*)cpu + TBase.Offset(op)) + (ulong)op->Disp
        + (*(ulong*)((byte*)cpu + TIndex.Offset(op)) << (op->ScaleSegment & 3));
}

/// <summary>64-bit code, FS or GS, or a 32-bit address size.</summary>
internal readonly unsafe struct Address64Segment : IAddress
{
    public static ulong Linear(CpuState* cpu, Op* op, int size, bool write)
    {
        var segment = op->ScaleSegment >> 2 & 7;
        return AddressOf.Offset(cpu, op) + (segment >= 4 ? cpu->Segments[segment].Base : 0);
    }
}

/// <summary>Flat 32-bit: base + displacement.</summary>
internal readonly unsafe struct Address32<TBase> : IAddress
    where TBase : IRegister
{
    public static ulong Linear(CpuState* cpu, Op* op, int size, bool write) =>
        *(uint*)((byte*)cpu + TBase.Offset(op)) + (uint)op->Disp;
}

/// <summary>Flat 32-bit: base + index × scale + displacement.</summary>
internal readonly unsafe struct Address32Indexed<TBase, TIndex> : IAddress
    where TBase : IRegister
    where TIndex : IRegister
{
    public static ulong Linear(CpuState* cpu, Op* op, int size, bool write) =>
        *(uint*)((byte*)cpu + TBase.Offset(op)) + (uint)op->Disp
        + (*(uint*)((byte*)cpu + TIndex.Offset(op)) << (op->ScaleSegment & 3));
}

/// <summary>Every other: the segment's base, limit and rights count, and alignment where it is checked.</summary>
internal readonly unsafe struct AddressChecked : IAddress
{
    public static ulong Linear(CpuState* cpu, Op* op, int size, bool write) => AddressOf.Checked(cpu, op, size, write);
}

/// <summary>Effective addresses for slow code.</summary>
internal static unsafe class AddressOf
{
    /// <summary>The effective address: an offset into the segment, wrapped to the instruction's address size.</summary>
    public static ulong Offset(CpuState* cpu, Op* op)
    {
        var offset = *(ulong*)((byte*)cpu + op->Base) + (ulong)op->Disp
            + (*(ulong*)((byte*)cpu + op->Index) << (op->ScaleSegment & 3));
        return Wrap(op, offset);
    }

    /// <summary>Wraps an offset to the instruction's address size.</summary>
    public static ulong Wrap(Op* op, ulong offset) => (op->ScaleSegment >> 6) switch
    {
        0 => (ushort)offset,
        1 => (uint)offset,
        _ => offset,
    };

    /// <summary>The linear address, checked; <see cref="AddressForms.Refused"/> with a fault pending where it may not be used.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong Checked(CpuState* cpu, Op* op, int size, bool write) =>
        Segmentation.Linear(cpu, (SegmentName)(op->ScaleSegment >> 2 & 7), Offset(cpu, op), size, write, out var linear)
            ? linear
            : AddressForms.Refused;
}
