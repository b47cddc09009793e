using System.Runtime.InteropServices;

namespace Emulator.Cpu;

/// <summary>Model-specific registers that are stored and read back, and what the processor says of itself.</summary>
/// <remarks>Owned by the vCPU's thread, like the <see cref="CpuState"/> that points to it.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ModelSpecificState
{
    /// <summary>Variable-range MTRRs, MTRRcap.VCNT.</summary>
    public const int VariableRanges = 8;

    /// <summary>Fixed-range MTRRs: one of 64 KiB pieces, two of 16 KiB, eight of 4 KiB.</summary>
    public const int FixedRanges = 11;

    /// <summary>Machine-check banks, MCG_CAP.Count.</summary>
    public const int MachineCheckBanks = 10;

    /// <summary>IA32_MTRR_DEF_TYPE.</summary>
    public ulong MtrrDefaultType;

    /// <summary>PHYSBASE and PHYSMASK by turns.</summary>
    public fixed ulong MtrrVariable[VariableRanges * 2];

    /// <summary>250, 258, 259, 268 … 26F.</summary>
    public fixed ulong MtrrFixed[FixedRanges];

    /// <summary>IA32_PAT.</summary>
    public ulong PageAttributeTable;

    /// <summary>IA32_MISC_ENABLE.</summary>
    public ulong MiscEnable;

    /// <summary>IA32_MCG_STATUS.</summary>
    public ulong MachineCheckStatus;

    /// <summary>IA32_MCG_CTL.</summary>
    public ulong MachineCheckControl;

    /// <summary>CTL, STATUS, ADDR and MISC of each bank.</summary>
    public fixed ulong MachineCheckBank[MachineCheckBanks * 4];

    /// <summary>IA32_DEBUGCTL.</summary>
    public ulong DebugControl;

    /// <summary>This processor's number and initial APIC ID, from 0.</summary>
    public uint ProcessorIndex;

    /// <summary>Processors in the machine, at least 1.</summary>
    public uint ProcessorCount;

    /// <summary>Nonzero if there is a local APIC for CPUID to report and IA32_APIC_BASE to switch.</summary>
    public int HasLocalApic;

    /// <summary>Puts the registers, and those of <see cref="CpuState"/> that RDMSR reads, into their power-up state.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="index">Its number, from 0; 0 is the bootstrap processor.</param>
    /// <remarks>What was said of the machine stays. Segment bases and EFER are the caller's.</remarks>
    public static void Reset(CpuState* cpu, int index)
    {
        var old = *cpu->ModelSpecific;
        *cpu->ModelSpecific = new ModelSpecificState
        {
            ProcessorIndex = (uint)index,
            ProcessorCount = Math.Max(old.ProcessorCount, 1),
            HasLocalApic = old.HasLocalApic,
            PageAttributeTable = PageAttributes.PowerUp,
            MiscEnable = MiscEnableBits.FastStrings | MiscEnableBits.NoBranchTrace | MiscEnableBits.NoEventSampling,
        };
        cpu->ApicBase = ApicBaseBits.PowerUpAddress
            | (index == 0 ? ApicBaseBits.BootstrapProcessor : 0)
            | (old.HasLocalApic != 0 ? ApicBaseBits.Enable : 0);
        cpu->Star = 0;
        cpu->Lstar = 0;
        cpu->Cstar = 0;
        cpu->Sfmask = 0;
        cpu->KernelGsBase = 0;
        cpu->SysenterCs = 0;
        cpu->SysenterEsp = 0;
        cpu->SysenterEip = 0;
        cpu->TscAux = 0;
        TimeStampCounter.Write(cpu, 0);
    }
}
