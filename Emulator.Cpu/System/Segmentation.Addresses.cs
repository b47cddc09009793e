namespace Emulator.Cpu;

internal static unsafe partial class Segmentation
{
    /// <summary>
    /// Forms the linear address of a memory operand, with the checks of the mode: canonical form in 64-bit mode; limit,
    /// type and null segment in protected mode; limit in real and virtual-8086 mode; then alignment.
    /// </summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="name">The segment: SS where the stack is addressed, as faults there are #SS.</param>
    /// <param name="offset">The offset, already as wide as the address size.</param>
    /// <param name="size">Bytes accessed, at least 1.</param>
    /// <param name="write">The access writes.</param>
    /// <param name="linear">The address of the first byte, wrapped to 32 bits outside 64-bit mode.</param>
    /// <returns>False with #GP(0), #SS(0) or #AC(0) pending.</returns>
    public static bool Linear(CpuState* cpu, SegmentName name, ulong offset, int size, bool write, out ulong linear)
    {
        var mode = (CodeMode)cpu->Mode;
        ref var segment = ref cpu->Segments[(int)name];
        if ((mode & CodeMode.Code64) != 0)
        {
            linear = name >= SegmentName.Fs ? offset + segment.Base : offset;
            if (!LinearAddress.IsCanonical(linear) || !LinearAddress.IsCanonical(linear + (uint)(size - 1)))
            {
                return RaiseAddressFault(cpu, name);
            }
        }
        else
        {
            linear = (uint)(segment.Base + offset);
            if (!WithinLimit(segment, (uint)offset, size)
                || ((mode & CodeMode.Protected) != 0 && !AllowsAccess(segment, write)))
            {
                return RaiseAddressFault(cpu, name);
            }
        }

        return (mode & CodeMode.Aligned) == 0 || CheckAlignment(cpu, linear, size);
    }

    /// <summary>#AC(0) if an address is not a multiple of a size that is a power of two. The caller knows that alignment checking is on.</summary>
    public static bool CheckAlignment(CpuState* cpu, ulong linear, int size) =>
        (linear & (uint)(size - 1)) == 0 || (size & (size - 1)) != 0 || Fault.Raise(cpu, Vector.AlignmentCheck, 0);

    /// <summary>True if all bytes of an access lie inside a segment (SDM volume 3, 5.3). Not for 64-bit mode, which has no limits.</summary>
    /// <remarks>A segment of the full 4 GiB never objects, also where an access wraps around its end.</remarks>
    public static bool WithinLimit(in Segment segment, uint offset, int size)
    {
        var last = (ulong)offset + (uint)(size - 1);
        if ((segment.Attributes & (SegmentAttributes.Code | SegmentAttributes.ExpandDown | SegmentAttributes.NotSystem))
            == (SegmentAttributes.ExpandDown | SegmentAttributes.NotSystem))
        {
            var top = (segment.Attributes & SegmentAttributes.Big) != 0 ? uint.MaxValue : 0xFFFFU;
            return offset > segment.Limit && last <= top;
        }

        return last <= segment.Limit || segment.Limit == uint.MaxValue;
    }

    /// <summary>True if protected mode lets a segment be read or written; never if it is null.</summary>
    private static bool AllowsAccess(in Segment segment, bool write)
    {
        var attributes = (int)segment.Attributes;
        if ((attributes & SegmentAttributes.Present) == 0)
        {
            return false;
        }

        // One bit means writable in data segments and readable in code segments.
        var code = (attributes & SegmentAttributes.Code) != 0;
        return (attributes & SegmentAttributes.Writable) != 0 ? !(code && write) : !code && !write;
    }

    private static bool RaiseAddressFault(CpuState* cpu, SegmentName name) =>
        Fault.Raise(cpu, name == SegmentName.Ss ? Vector.StackFault : Vector.GeneralProtection, 0);
}
