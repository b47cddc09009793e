namespace Emulator.Pci;

/// <summary>Offsets in the configuration header of type 0 (PCI 2.2, 6.1).</summary>
public static class PciRegister
{
    /// <summary>Vendor ID, word.</summary>
    public const int VendorId = 0x00;

    /// <summary>Device ID, word.</summary>
    public const int DeviceId = 0x02;

    /// <summary>Command, word: <see cref="PciCommand"/>.</summary>
    public const int Command = 0x04;

    /// <summary>Status, word: <see cref="PciStatus"/>.</summary>
    public const int Status = 0x06;

    /// <summary>Revision ID, byte; the three bytes above it are the class code.</summary>
    public const int RevisionId = 0x08;

    /// <summary>Cache line size, byte, in dwords.</summary>
    public const int CacheLineSize = 0x0C;

    /// <summary>Latency timer, byte.</summary>
    public const int LatencyTimer = 0x0D;

    /// <summary>Header type, byte; bit 7 says that the slot has more than one function.</summary>
    public const int HeaderType = 0x0E;

    /// <summary>The first of six base address registers, dwords.</summary>
    public const int BaseAddress0 = 0x10;

    /// <summary>Subsystem vendor ID, word.</summary>
    public const int SubsystemVendorId = 0x2C;

    /// <summary>Subsystem ID, word.</summary>
    public const int SubsystemId = 0x2E;

    /// <summary>Expansion ROM base address, dword.</summary>
    public const int ExpansionRom = 0x30;

    /// <summary>Offset of the first capability, byte.</summary>
    public const int CapabilitiesPointer = 0x34;

    /// <summary>Interrupt line, byte: what firmware tells drivers.</summary>
    public const int InterruptLine = 0x3C;

    /// <summary>Interrupt pin, byte: 1 to 4 for INTA to INTD, 0 for none.</summary>
    public const int InterruptPin = 0x3D;
}

/// <summary>Bits of the command register (PCI 2.2, 6.2.2; bit 10 since 2.3).</summary>
[Flags]
public enum PciCommand : ushort
{
    /// <summary>Responds to I/O.</summary>
    IoSpace = 1 << 0,

    /// <summary>Responds to memory accesses.</summary>
    MemorySpace = 1 << 1,

    /// <summary>May initiate transactions.</summary>
    BusMaster = 1 << 2,

    /// <summary>Reports address parity errors.</summary>
    SerrEnable = 1 << 8,

    /// <summary>Must not assert INTx.</summary>
    InterruptDisable = 1 << 10,
}

/// <summary>Bits of the status register (PCI 2.2, 6.2.3; bit 3 since 2.3).</summary>
[Flags]
public enum PciStatus : ushort
{
    /// <summary>An interrupt is pending, whether or not INTx may be asserted.</summary>
    InterruptStatus = 1 << 3,

    /// <summary>There is a list of capabilities.</summary>
    CapabilitiesList = 1 << 4,

    /// <summary>The error bits, each cleared by writing 1.</summary>
    Errors = 0xF900,
}
