namespace Emulator.Cpu;

/// <summary>Numbers of the model-specific registers that are there (SDM volume 4, 2.1; APM volume 2, appendix A).</summary>
internal static class Msr
{
    public const uint TimeStampCounter = 0x10;
    public const uint PlatformId = 0x17;
    public const uint ApicBase = 0x1B;
    public const uint MicrocodeSignature = 0x8B;
    public const uint MtrrCapabilities = 0xFE;
    public const uint SysenterCs = 0x174;
    public const uint SysenterEsp = 0x175;
    public const uint SysenterEip = 0x176;
    public const uint MachineCheckCapabilities = 0x179;
    public const uint MachineCheckStatus = 0x17A;
    public const uint MachineCheckControl = 0x17B;
    public const uint MiscEnable = 0x1A0;
    public const uint DebugControl = 0x1D9;
    public const uint MtrrVariableFirst = 0x200;
    public const uint MtrrVariableLast = MtrrVariableFirst + ModelSpecificState.VariableRanges * 2 - 1;
    public const uint MtrrFixed64K = 0x250;
    public const uint MtrrFixed16KFirst = 0x258;
    public const uint MtrrFixed16KLast = 0x259;
    public const uint MtrrFixed4KFirst = 0x268;
    public const uint MtrrFixed4KLast = 0x26F;
    public const uint PageAttributeTable = 0x277;
    public const uint MtrrDefaultType = 0x2FF;
    public const uint MachineCheckBankFirst = 0x400;
    public const uint MachineCheckBankLast = MachineCheckBankFirst + ModelSpecificState.MachineCheckBanks * 4 - 1;
    public const uint Efer = 0xC000_0080;
    public const uint Star = 0xC000_0081;
    public const uint Lstar = 0xC000_0082;
    public const uint Cstar = 0xC000_0083;
    public const uint Sfmask = 0xC000_0084;
    public const uint FsBase = 0xC000_0100;
    public const uint GsBase = 0xC000_0101;
    public const uint KernelGsBase = 0xC000_0102;
    public const uint TscAux = 0xC000_0103;
}

/// <summary>Bits of IA32_APIC_BASE (SDM volume 3, 11.4.4).</summary>
internal static class ApicBaseBits
{
    public const ulong BootstrapProcessor = 1 << 8;
    public const ulong Enable = 1 << 11;
    public const ulong PowerUpAddress = 0xFEE0_0000;

    /// <summary>There is no x2APIC mode (bit 10) and no address beyond MAXPHYADDR.</summary>
    public const ulong Writable = BootstrapProcessor | Enable | PageEntry.AddressMask;
}

/// <summary>Bits of IA32_MISC_ENABLE.</summary>
internal static class MiscEnableBits
{
    /// <summary>Fast strings; a guest that finds it clear takes ERMS for switched off.</summary>
    public const ulong FastStrings = 1 << 0;

    /// <summary>Branch trace storage unavailable; read-only.</summary>
    public const ulong NoBranchTrace = 1 << 11;

    /// <summary>Processor event-based sampling unavailable; read-only.</summary>
    public const ulong NoEventSampling = 1 << 12;
}

/// <summary>Memory types in IA32_PAT (SDM volume 3, 12.12). Stored only: memory is always coherent here.</summary>
internal static class PageAttributes
{
    /// <summary>WB, WT, UC-, UC, twice.</summary>
    public const ulong PowerUp = 0x0007_0406_0007_0406;

    /// <summary>UC, WC, WT, WP, WB and UC-, one in each byte.</summary>
    public static bool AreValid(ulong value)
    {
        for (; value != 0; value >>= 8)
        {
            if ((value & 0xFF) is not (0 or 1 or 4 or 5 or 6 or 7))
            {
                return false;
            }
        }

        return true;
    }
}
