namespace Emulator.Cpu;

/// <summary>Reads descriptors from the GDT and the LDT and marks them (SDM volume 3, 3.5).</summary>
internal static unsafe class DescriptorTables
{
    // Where long mode's 16-byte descriptors must be zero: the place of type and S in the second half.
    private const ulong UpperType = 0x1FUL << 40;

    /// <summary>Reads a descriptor; a selector outside its table raises <paramref name="vector"/> with the selector.</summary>
    /// <returns>False if a fault is pending or the vCPU must exit.</returns>
    public static bool Fetch(CpuState* cpu, ushort selector, byte vector, out Descriptor descriptor) =>
        TryFetch(cpu, selector, out descriptor, out var found)
        && (found || Fault.Raise(cpu, vector, Selector.ErrorCode(selector)));

    /// <summary>Reads a descriptor without minding whether there is one.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="selector">Not null.</param>
    /// <param name="descriptor">In long mode, a system descriptor has its upper half too.</param>
    /// <param name="found">False if the selector points outside its table, or the upper half is malformed.</param>
    /// <returns>False if a page fault is pending or the vCPU must exit.</returns>
    public static bool TryFetch(CpuState* cpu, ushort selector, out Descriptor descriptor, out bool found)
    {
        descriptor = default;
        found = false;
        ulong tableBase;
        uint limit;
        if (Selector.IsLocal(selector))
        {
            ref var ldtr = ref cpu->Segments[(int)SegmentName.Ldtr];
            if ((ldtr.Attributes & SegmentAttributes.Present) == 0)
            {
                return true;
            }

            tableBase = ldtr.Base;
            limit = ldtr.Limit;
        }
        else
        {
            tableBase = cpu->GdtBase;
            limit = cpu->GdtLimit;
        }

        var last = (uint)selector | 7;
        if (last > limit)
        {
            return true;
        }

        var address = Linear(cpu, tableBase + (last & ~7U));
        if (!GuestAccess.Read(cpu, address, 8, system: true, out var low))
        {
            return false;
        }

        var high = 0UL;
        if (IsLongMode(cpu) && new Descriptor(low, 0, 0).IsSystem)
        {
            if (last + 8 > limit)
            {
                return true;
            }

            if (!GuestAccess.Read(cpu, address + 8, 8, system: true, out high))
            {
                return false;
            }

            if ((high & UpperType) != 0)
            {
                return true;
            }
        }

        descriptor = new Descriptor(low, high, address);
        found = true;
        return true;
    }

    /// <summary>Sets the accessed bit of a code or data descriptor in memory, if it is not set.</summary>
    public static bool SetAccessed(CpuState* cpu, in Descriptor descriptor) =>
        (descriptor.Type & SegmentAttributes.Accessed) != 0
        || WriteType(cpu, descriptor, descriptor.Attributes | SegmentAttributes.Accessed);

    /// <summary>Sets or clears the busy bit of a TSS descriptor in memory.</summary>
    public static bool SetBusy(CpuState* cpu, in Descriptor descriptor, bool busy) =>
        WriteType(cpu, descriptor, busy ? descriptor.Attributes | SystemType.BusyBit : descriptor.Attributes & ~SystemType.BusyBit);

    /// <summary>Long mode is active: 64-bit or compatibility mode.</summary>
    public static bool IsLongMode(CpuState* cpu) => (cpu->Efer & Efer.LongModeActive) != 0;

    /// <summary>A linear address as wide as the mode makes them.</summary>
    public static ulong Linear(CpuState* cpu, ulong address) => IsLongMode(cpu) ? address : (uint)address;

    private static bool WriteType(CpuState* cpu, in Descriptor descriptor, int attributes) =>
        GuestAccess.Write(cpu, descriptor.Address + Descriptor.AccessByte, 1, (byte)attributes, system: true);
}
