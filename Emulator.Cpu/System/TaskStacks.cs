namespace Emulator.Cpu;

/// <summary>The stacks for inner privilege levels that a task's TSS holds (SDM volume 3, 8.2 and 8.7).</summary>
internal static unsafe class TaskStacks
{
    /// <summary>Reads SS and ESP for a privilege level from the present TSS, 16 or 32 bits wide, and checks SS.</summary>
    /// <returns>False with #TS or #SS pending, or if the vCPU must exit.</returns>
    public static bool Fetch(CpuState* cpu, int level, out Segment stack, out ulong pointer)
    {
        stack = default;
        pointer = 0;
        ref var tr = ref cpu->Segments[(int)SegmentName.Tr];
        var wide = (tr.Attributes & SystemType.WideBit) != 0;
        var size = wide ? 4 : 2;
        var offset = wide ? (uint)level * 8 + 4 : (uint)level * 4 + 2;
        if (offset + (uint)size + 1 > tr.Limit)
        {
            return Fault.Raise(cpu, Vector.InvalidTss, Selector.ErrorCode(tr.Selector));
        }

        return GuestAccess.Read(cpu, (uint)(tr.Base + offset), size, system: true, out pointer)
            && GuestAccess.Read(cpu, (uint)(tr.Base + offset + (uint)size), 2, system: true, out var selector)
            && Segmentation.CheckStack(cpu, (ushort)selector, level, nullAllowed: false, Vector.InvalidTss, out stack);
    }

    /// <summary>Reads RSP for a privilege level from a 64-bit TSS.</summary>
    /// <returns>False with #TS pending, or if the vCPU must exit.</returns>
    public static bool FetchLong(CpuState* cpu, int level, out ulong pointer) => FetchAt(cpu, 4 + (uint)level * 8, out pointer);

    /// <summary>Reads an entry of the interrupt stack table, 1 to 7.</summary>
    /// <returns>False with #TS pending, or if the vCPU must exit.</returns>
    public static bool FetchInterruptStack(CpuState* cpu, int index, out ulong pointer) => FetchAt(cpu, 0x1C + (uint)index * 8, out pointer);

    private static bool FetchAt(CpuState* cpu, uint offset, out ulong pointer)
    {
        pointer = 0;
        ref var tr = ref cpu->Segments[(int)SegmentName.Tr];
        if (offset + 7 > tr.Limit)
        {
            return Fault.Raise(cpu, Vector.InvalidTss, Selector.ErrorCode(tr.Selector));
        }

        return GuestAccess.Read(cpu, tr.Base + offset, 8, system: true, out pointer);
    }
}
