namespace Emulator.Devices;

/// <summary>Registers of a PHY's management interface (IEEE 802.3, 22.2.4).</summary>
public enum MiiRegister
{
    /// <summary>BMCR: <see cref="MiiControl"/>.</summary>
    Control = 0,

    /// <summary>BMSR: <see cref="MiiStatus"/>.</summary>
    Status = 1,

    /// <summary>The upper part of the PHY's identity.</summary>
    Identifier1 = 2,

    /// <summary>The lower part, model and revision.</summary>
    Identifier2 = 3,

    /// <summary>ANAR: what it offers its partner.</summary>
    Advertisement = 4,

    /// <summary>ANLPAR: what its partner offers.</summary>
    PartnerAbility = 5,

    /// <summary>ANER.</summary>
    Expansion = 6,
}

/// <summary>Bits of BMCR (22.2.4.1).</summary>
[Flags]
public enum MiiControl : ushort
{
    /// <summary>With <see cref="SpeedLow"/> clear: 1000 Mb/s.</summary>
    SpeedHigh = 1 << 6,

    /// <summary>Full duplex.</summary>
    FullDuplex = 1 << 8,

    /// <summary>Negotiates anew; reads as 0.</summary>
    RestartNegotiation = 1 << 9,

    /// <summary>Off the MII.</summary>
    Isolate = 1 << 10,

    /// <summary>Switched off: no link.</summary>
    PowerDown = 1 << 11,

    /// <summary>Negotiates.</summary>
    Negotiation = 1 << 12,

    /// <summary>100 Mb/s.</summary>
    SpeedLow = 1 << 13,

    /// <summary>What is sent comes back and nothing else.</summary>
    Loopback = 1 << 14,

    /// <summary>All registers to their reset values; reads as 0.</summary>
    Reset = 1 << 15,
}

/// <summary>Bits of BMSR (22.2.4.2).</summary>
[Flags]
public enum MiiStatus : ushort
{
    /// <summary>There are registers beyond the first two.</summary>
    Extended = 1 << 0,

    /// <summary>There is a link, and was since the last read.</summary>
    Link = 1 << 2,

    /// <summary>It can negotiate.</summary>
    CanNegotiate = 1 << 3,

    /// <summary>Negotiation is over.</summary>
    NegotiationComplete = 1 << 5,
}
