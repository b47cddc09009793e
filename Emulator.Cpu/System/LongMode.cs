namespace Emulator.Cpu;

/// <summary>IA32_EFER, and the way into long mode and out of it by way of CR0.PG (SDM volume 3, 10.8.5).</summary>
internal static unsafe class LongMode
{
    private const ulong Writable = Efer.SystemCallEnable | Efer.LongModeEnable | Efer.NoExecuteEnable;
    private const int AvailableTss16 = 1;
    private const int BusyTss16 = 3;

    /// <summary>Writes IA32_EFER. LMA is not software's to write and keeps its value.</summary>
    /// <returns>False, with nothing changed or raised, if a reserved bit is set or LME changes under paging.</returns>
    public static bool WriteEfer(CpuState* cpu, ulong value)
    {
        if ((value & ~(Writable | Efer.LongModeActive)) != 0)
        {
            return false;
        }

        var changed = (cpu->Efer ^ value) & Writable;
        if ((changed & Efer.LongModeEnable) != 0 && (cpu->Cr0 & Cr0.Paging) != 0)
        {
            return false;
        }

        cpu->Efer ^= changed;
        if ((changed & Efer.NoExecuteEnable) != 0)
        {
            // Bit 63 of every entry changes its meaning between NX and reserved.
            ControlRegisters.FlushAll(cpu);
        }

        ModeTracker.Update(cpu);
        return true;
    }

    /// <summary>What EFER becomes as CR0.PG is set or cleared.</summary>
    /// <returns>False, with nothing raised, if the processor is not in a state to enter or leave long mode.</returns>
    public static bool TrySwitchPaging(CpuState* cpu, bool on, out ulong efer)
    {
        efer = cpu->Efer;
        var is64BitSegment = (cpu->Segments[(int)SegmentName.Cs].Attributes & SegmentAttributes.Long) != 0;
        if (!on)
        {
            var leaves64BitMode = (efer & Efer.LongModeActive) != 0 && is64BitSegment;
            efer &= ~Efer.LongModeActive;
            return !leaves64BitMode;
        }

        if ((efer & Efer.LongModeEnable) == 0)
        {
            return true;
        }

        var task = cpu->Segments[(int)SegmentName.Tr].Attributes & (SegmentAttributes.TypeMask | SegmentAttributes.NotSystem);
        if ((cpu->Cr4 & Cr4.PhysicalAddressExtension) == 0 || is64BitSegment || task is AvailableTss16 or BusyTss16)
        {
            return false;
        }

        efer |= Efer.LongModeActive;
        return true;
    }
}
