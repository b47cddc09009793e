namespace Emulator.Cpu;

internal static unsafe partial class Segmentation
{
    // Bit n is set if type n of a system descriptor answers.
    private const int LarTypes = 1 << SystemType.AvailableTss16 | 1 << SystemType.Ldt | 1 << SystemType.BusyTss16
        | 1 << SystemType.CallGate16 | 1 << SystemType.TaskGate | LongLarTypes;

    private const int LongLarTypes = LongLslTypes | 1 << SystemType.CallGate;

    private const int LslTypes = 1 << SystemType.AvailableTss16 | 1 << SystemType.BusyTss16 | LongLslTypes;

    private const int LongLslTypes = 1 << SystemType.Ldt | 1 << SystemType.AvailableTss | 1 << SystemType.BusyTss;

    // The limit's bits 16–19 lie among the rights; the manual leaves them undefined, processors return them.
    private const uint LarMask = 0x00FFFF00;

    /// <summary>LAR: sets ZF to <paramref name="valid"/>; only then is the destination written (16-bit destinations with the low half).</summary>
    /// <returns>False if nothing was changed: #UD outside protected mode, or a fault of the table's memory.</returns>
    public static bool LoadAccessRights(CpuState* cpu, ushort selector, out uint rights, out bool valid)
    {
        rights = 0;
        if (!Query(cpu, selector, LarTypes, LongLarTypes, out var descriptor, out valid))
        {
            return false;
        }

        rights = descriptor.SecondDword & LarMask;
        SetZero(cpu, valid);
        return true;
    }

    /// <summary>LSL: sets ZF to <paramref name="valid"/>; only then is the destination written.</summary>
    /// <returns>False if nothing was changed: #UD outside protected mode, or a fault of the table's memory.</returns>
    public static bool LoadLimit(CpuState* cpu, ushort selector, out uint limit, out bool valid)
    {
        limit = 0;
        if (!Query(cpu, selector, LslTypes, LongLslTypes, out var descriptor, out valid))
        {
            return false;
        }

        limit = descriptor.Limit;
        SetZero(cpu, valid);
        return true;
    }

    /// <summary>VERR and VERW: sets ZF if the segment could be read (written) at this privilege level.</summary>
    /// <returns>False if nothing was changed: #UD outside protected mode, or a fault of the table's memory.</returns>
    public static bool Verify(CpuState* cpu, ushort selector, bool write)
    {
        if (!Query(cpu, selector, 0, 0, out var descriptor, out var valid))
        {
            return false;
        }

        SetZero(cpu, valid && (write ? descriptor.IsWritable : descriptor.IsReadable));
        return true;
    }

    /// <summary>ARPL: sets ZF if the destination's RPL is below the source's, and raises it.</summary>
    /// <returns>False with #UD pending outside protected mode.</returns>
    public static bool AdjustRpl(CpuState* cpu, ref ushort destination, ushort source)
    {
        if ((cpu->Mode & (uint)CodeMode.Protected) == 0)
        {
            return Fault.InvalidOpcode(cpu);
        }

        var lower = Selector.Rpl(destination) < Selector.Rpl(source);
        if (lower)
        {
            destination = Selector.WithRpl(destination, Selector.Rpl(source));
        }

        SetZero(cpu, lower);
        return true;
    }

    private static bool Query(CpuState* cpu, ushort selector, int types, int longTypes, out Descriptor descriptor, out bool valid)
    {
        descriptor = default;
        valid = false;
        if ((cpu->Mode & (uint)CodeMode.Protected) == 0)
        {
            return Fault.InvalidOpcode(cpu);
        }

        if (Selector.IsNull(selector))
        {
            return true;
        }

        if (!DescriptorTables.TryFetch(cpu, selector, out descriptor, out valid))
        {
            return false;
        }

        if (descriptor.IsSystem)
        {
            valid &= ((DescriptorTables.IsLongMode(cpu) ? longTypes : types) >> descriptor.Type & 1) != 0;
        }

        valid &= descriptor.IsConforming || (descriptor.Dpl >= cpu->Cpl && descriptor.Dpl >= Selector.Rpl(selector));
        return true;
    }

    private static void SetZero(CpuState* cpu, bool zero)
    {
        var flags = Flags.Read(cpu);
        Flags.WriteArithmetic(cpu, zero ? flags | Rflags.Zero : flags & ~Rflags.Zero);
    }
}
