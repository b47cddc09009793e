namespace Emulator.Devices;

/// <summary>Offsets of the I/O APIC's registers in memory (82093AA data sheet, 3.1; the EOI register is of later versions).</summary>
internal enum IoApicRegister
{
    /// <summary>IOREGSEL: which register the window shows.</summary>
    Select = 0x00,

    /// <summary>IOWIN: the register selected, 32 bits.</summary>
    Window = 0x10,

    /// <summary>EOIR: ends the interrupts of the vector written, as the message from a local APIC does.</summary>
    EndOfInterrupt = 0x40,
}

/// <summary>Registers behind the window (data sheet, 3.2).</summary>
internal enum IoApicIndex
{
    /// <summary>IOAPICID: bits 27–24.</summary>
    Id = 0x00,

    /// <summary>IOAPICVER: bits 7–0 the version, bits 23–16 the number of the last entry.</summary>
    Version = 0x01,

    /// <summary>IOAPICARB: the ID again.</summary>
    Arbitration = 0x02,

    /// <summary>IOREDTBL: the low and high half of each entry by turns.</summary>
    RedirectionTable = 0x10,
}

/// <summary>Bits of a redirection entry (data sheet, 3.2.4).</summary>
internal static class RedirectionBits
{
    public const ulong Vector = 0xFF;
    public const int ModeShift = 8;
    public const ulong Logical = 1 << 11;
    public const ulong RemoteRequest = 1 << 14;
    public const ulong Level = 1 << 15;
    public const ulong Masked = 1 << 16;
    public const int DestinationShift = 56;

    /// <summary>All but delivery status, which is always idle, and remote IRR. Polarity is stored only: wires say themselves whether they are active.</summary>
    public const ulong Writable = 0xFF00_0000_0001_AFFF;
}
