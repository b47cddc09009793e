namespace Emulator.Cpu;

/// <summary>RDMSR and WRMSR. A register that is not there, and a value that one cannot hold, is #GP(0).</summary>
/// <remarks>
/// Not implemented: performance counters, last-branch records, thermal control, x2APIC, TSC_ADJUST, and everything
/// of AMD's at C001xxxx.
/// </remarks>
internal static unsafe class ModelSpecificRegisters
{
    // What IA32_BIOS_SIGN_ID reports in its upper half: there is no microcode to update, but 0 would ask for some.
    private const ulong MicrocodeRevision = 1;

    // MCG_CTL_P: IA32_MCG_CTL exists.
    private const ulong MachineCheckControlPresent = 1 << 8;
    private const ulong MachineCheckStatusBits = 7;
    private const ulong DebugControlBits = 3;

    /// <summary>RDMSR.</summary>
    /// <returns>False with #GP(0) raised.</returns>
    public static bool Read(CpuState* cpu, uint index, out ulong value)
    {
        value = 0;
        return cpu->Cpl == 0 && TryRead(cpu, index, out value) || Fault.GeneralProtection(cpu);
    }

    /// <summary>WRMSR.</summary>
    /// <returns>False with #GP(0) raised and nothing changed.</returns>
    public static bool Write(CpuState* cpu, uint index, ulong value) =>
        cpu->Cpl == 0 && TryWrite(cpu, index, value) || Fault.GeneralProtection(cpu);

    /// <summary>Reads a register for whoever may look at it, at any CPL.</summary>
    /// <returns>False if it is not there.</returns>
    public static bool TryRead(CpuState* cpu, uint index, out ulong value)
    {
        var state = cpu->ModelSpecific;
        switch (index)
        {
            case Msr.TimeStampCounter: value = TimeStampCounter.TimeStamp(cpu); return true;
            case Msr.PlatformId: value = 0; return true;
            case Msr.ApicBase: value = cpu->ApicBase; return true;
            case Msr.MicrocodeSignature: value = MicrocodeRevision << 32; return true;
            case Msr.MtrrCapabilities: value = MemoryTypeRanges.Capabilities; return true;
            case Msr.SysenterCs: value = cpu->SysenterCs; return true;
            case Msr.SysenterEsp: value = cpu->SysenterEsp; return true;
            case Msr.SysenterEip: value = cpu->SysenterEip; return true;
            case Msr.MachineCheckCapabilities:
                value = ModelSpecificState.MachineCheckBanks | MachineCheckControlPresent;
                return true;
            case Msr.MachineCheckStatus: value = state->MachineCheckStatus; return true;
            case Msr.MachineCheckControl: value = state->MachineCheckControl; return true;
            case Msr.MiscEnable: value = state->MiscEnable; return true;
            case Msr.DebugControl: value = state->DebugControl; return true;
            case >= Msr.MtrrVariableFirst and <= Msr.MtrrVariableLast:
                value = state->MtrrVariable[index - Msr.MtrrVariableFirst];
                return true;
            case Msr.PageAttributeTable: value = state->PageAttributeTable; return true;
            case Msr.MtrrDefaultType: value = state->MtrrDefaultType; return true;
            case >= Msr.MachineCheckBankFirst and <= Msr.MachineCheckBankLast:
                value = state->MachineCheckBank[index - Msr.MachineCheckBankFirst];
                return true;
            case Msr.Efer: value = cpu->Efer; return true;
            case Msr.Star: value = cpu->Star; return true;
            case Msr.Lstar: value = cpu->Lstar; return true;
            case Msr.Cstar: value = cpu->Cstar; return true;
            case Msr.Sfmask: value = cpu->Sfmask; return true;
            case Msr.FsBase: value = cpu->Segments[(int)SegmentName.Fs].Base; return true;
            case Msr.GsBase: value = cpu->Segments[(int)SegmentName.Gs].Base; return true;
            case Msr.KernelGsBase: value = cpu->KernelGsBase; return true;
            case Msr.TscAux: value = cpu->TscAux; return true;
        }

        var range = MemoryTypeRanges.FixedIndex(index);
        value = range >= 0 ? state->MtrrFixed[range] : 0;
        return range >= 0;
    }

    /// <summary>Writes a register if it is there and can hold the value, at any CPL.</summary>
    /// <returns>False if not; nothing has changed.</returns>
    public static bool TryWrite(CpuState* cpu, uint index, ulong value)
    {
        var state = cpu->ModelSpecific;
        switch (index)
        {
            case Msr.TimeStampCounter:
                TimeStampCounter.Write(cpu, value);
                return true;
            case Msr.ApicBase:
                return WriteApicBase(cpu, value);
            case Msr.MicrocodeSignature:
                // Written with 0 before CPUID is asked to load the revision, which it always has.
                return true;
            case Msr.SysenterCs:
                cpu->SysenterCs = (uint)value;
                return true;
            case Msr.SysenterEsp:
                return Store(ref cpu->SysenterEsp, value, LinearAddress.IsCanonical(value));
            case Msr.SysenterEip:
                return Store(ref cpu->SysenterEip, value, LinearAddress.IsCanonical(value));
            case Msr.MachineCheckStatus:
                return Store(ref state->MachineCheckStatus, value, (value & ~MachineCheckStatusBits) == 0);
            case Msr.MachineCheckControl:
                return Store(ref state->MachineCheckControl, value, true);
            case Msr.MiscEnable:
                // What else the register could switch is not here to be switched; guests write it back as they read it.
                state->MiscEnable = (state->MiscEnable & ~MiscEnableBits.FastStrings) | (value & MiscEnableBits.FastStrings);
                return true;
            case Msr.DebugControl:
                return Store(ref state->DebugControl, value, (value & ~DebugControlBits) == 0);
            case >= Msr.MtrrVariableFirst and <= Msr.MtrrVariableLast:
                return Store(ref state->MtrrVariable[index - Msr.MtrrVariableFirst], value, MemoryTypeRanges.IsVariableValid(index, value));
            case Msr.PageAttributeTable:
                return Store(ref state->PageAttributeTable, value, PageAttributes.AreValid(value));
            case Msr.MtrrDefaultType:
                return Store(ref state->MtrrDefaultType, value, MemoryTypeRanges.IsDefaultTypeValid(value));
            case >= Msr.MachineCheckBankFirst and <= Msr.MachineCheckBankLast:
                return WriteMachineCheckBank(state, index - Msr.MachineCheckBankFirst, value);
            case Msr.Efer:
                return LongMode.WriteEfer(cpu, value);
            case Msr.Star:
                return Store(ref cpu->Star, value, true);
            case Msr.Lstar:
                return Store(ref cpu->Lstar, value, LinearAddress.IsCanonical(value));
            case Msr.Cstar:
                return Store(ref cpu->Cstar, value, LinearAddress.IsCanonical(value));
            case Msr.Sfmask:
                return Store(ref cpu->Sfmask, (uint)value, true);
            case Msr.FsBase:
                return Store(ref cpu->Segments[(int)SegmentName.Fs].Base, value, LinearAddress.IsCanonical(value));
            case Msr.GsBase:
                return Store(ref cpu->Segments[(int)SegmentName.Gs].Base, value, LinearAddress.IsCanonical(value));
            case Msr.KernelGsBase:
                return Store(ref cpu->KernelGsBase, value, LinearAddress.IsCanonical(value));
            case Msr.TscAux:
                return Store(ref cpu->TscAux, value, value >> 32 == 0);
        }

        var range = MemoryTypeRanges.FixedIndex(index);
        return range >= 0 && Store(ref state->MtrrFixed[range], value, MemoryTypeRanges.IsFixedValid(value));
    }

    private static bool Store(ref ulong register, ulong value, bool isValid)
    {
        if (isValid)
        {
            register = value;
        }

        return isValid;
    }

    private static bool WriteApicBase(CpuState* cpu, ulong value)
    {
        var writable = cpu->ModelSpecific->HasLocalApic != 0
            ? ApicBaseBits.Writable
            : ApicBaseBits.Writable & ~ApicBaseBits.Enable;
        return Store(ref cpu->ApicBase, value, (value & ~writable) == 0);
    }

    private static bool WriteMachineCheckBank(ModelSpecificState* state, uint offset, ulong value)
    {
        // Of CTL, STATUS, ADDR and MISC software may write anything to the first, and clear the others.
        return Store(ref state->MachineCheckBank[offset], value, (offset & 3) == 0 || value == 0);
    }
}
