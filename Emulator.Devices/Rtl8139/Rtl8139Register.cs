namespace Emulator.Devices;

/// <summary>Offsets of the registers (RTL8139C(L)+ data sheet).</summary>
public enum Rtl8139Register : ushort
{
    /// <summary>IDR0–5: the station's address, six bytes as on the wire; two reserved.</summary>
    Address = 0x00,

    /// <summary>MAR0–7: the multicast filter, a bit for each value of the hash.</summary>
    MulticastFilter = 0x08,

    /// <summary>TSD0–3: <see cref="Rtl8139TransmitStatus"/>. While C+ transmits, the first two are DTCCR, <see cref="Rtl8139DumpTally"/>.</summary>
    TransmitStatus = 0x10,

    /// <summary>TSAD0–3: where the packets are. For C+, TNPDS and THPDS: where its two rings are, 8 bytes each.</summary>
    TransmitAddress = 0x20,

    /// <summary>RBSTART: where the receive ring is.</summary>
    ReceiveBufferStart = 0x30,

    /// <summary>ERBCR: bytes of a packet received early.</summary>
    EarlyReceiveCount = 0x34,

    /// <summary>ERSR.</summary>
    EarlyReceiveStatus = 0x36,

    /// <summary>CR: <see cref="Rtl8139Command"/>.</summary>
    Command = 0x37,

    /// <summary>CAPR: 16 less than where the driver reads in the ring.</summary>
    ReadPointer = 0x38,

    /// <summary>CBR: where the controller writes in the ring.</summary>
    WritePointer = 0x3A,

    /// <summary>IMR: the causes that interrupt.</summary>
    InterruptMask = 0x3C,

    /// <summary>ISR: <see cref="Rtl8139Cause"/>.</summary>
    InterruptStatus = 0x3E,

    /// <summary>TCR: <see cref="Rtl8139TransmitConfiguration"/>.</summary>
    TransmitConfiguration = 0x40,

    /// <summary>RCR: <see cref="Rtl8139ReceiveConfiguration"/>.</summary>
    ReceiveConfiguration = 0x44,

    /// <summary>TCTR: counts PCI clocks; a write starts it from 0.</summary>
    TimerCount = 0x48,

    /// <summary>MPC: packets lost for want of room; a write clears it.</summary>
    MissedPackets = 0x4C,

    /// <summary>9346CR: <see cref="Rtl8139EepromCommand"/>.</summary>
    EepromCommand = 0x50,

    /// <summary>CONFIG0.</summary>
    Config0 = 0x51,

    /// <summary>CONFIG1.</summary>
    Config1 = 0x52,

    /// <summary>TimerInt: the count that interrupts; 0 for none.</summary>
    TimerInterrupt = 0x54,

    /// <summary>MSR: <see cref="Rtl8139MediaStatus"/>.</summary>
    MediaStatus = 0x58,

    /// <summary>CONFIG3.</summary>
    Config3 = 0x59,

    /// <summary>CONFIG4.</summary>
    Config4 = 0x5A,

    /// <summary>HLTCLK: 'H' halts the clock, 'R' has it run.</summary>
    HaltClock = 0x5B,

    /// <summary>MULINT.</summary>
    MultipleInterrupt = 0x5C,

    /// <summary>RERID: the PCI revision.</summary>
    Revision = 0x5E,

    /// <summary>TSAD, of all descriptors: TOK, TUN, TABT, OWN of four each.</summary>
    TransmitSummary = 0x60,

    /// <summary>BMCR.</summary>
    BasicModeControl = 0x62,

    /// <summary>BMSR.</summary>
    BasicModeStatus = 0x64,

    /// <summary>ANAR.</summary>
    Advertisement = 0x66,

    /// <summary>ANLPAR.</summary>
    PartnerAbility = 0x68,

    /// <summary>ANER.</summary>
    Expansion = 0x6A,

    /// <summary>DIS: how often the link went.</summary>
    Disconnects = 0x6C,

    /// <summary>FCSC: false carriers.</summary>
    FalseCarriers = 0x6E,

    /// <summary>NWAYTR: negotiation test.</summary>
    NegotiationTest = 0x70,

    /// <summary>REC: bad symbols.</summary>
    ReceiveErrors = 0x72,

    /// <summary>CSCR: <see cref="Rtl8139LinkConfiguration"/>.</summary>
    LinkConfiguration = 0x74,

    /// <summary>PHY1_PARM.</summary>
    PhyParameter1 = 0x78,

    /// <summary>TW_PARM.</summary>
    TwisterParameter = 0x7C,

    /// <summary>PHY2_PARM.</summary>
    PhyParameter2 = 0x80,

    /// <summary>TDOKLA: the low half of the address of the last descriptor that C+ transmitted.</summary>
    LastTransmitted = 0x82,

    /// <summary>CRC0–7: of the wake-up frames.</summary>
    WakeupCrc = 0x84,

    /// <summary>Wakeup0–7: masks of the wake-up frames, 8 bytes each.</summary>
    WakeupMask = 0x8C,

    /// <summary>LSBCRC0–7: of the wake-up frames.</summary>
    WakeupLastByte = 0xCC,

    /// <summary>CONFIG5.</summary>
    Config5 = 0xD8,

    /// <summary>TPPoll: <see cref="Rtl8139TransmitPoll"/>; C+ only.</summary>
    TransmitPoll = 0xD9,

    /// <summary>C+CR: <see cref="Rtl8139CPlusCommand"/>; C+ only.</summary>
    CPlusCommand = 0xE0,

    /// <summary>RDSAR: where the receive descriptors are, 8 bytes; C+ only.</summary>
    ReceiveDescriptors = 0xE4,

    /// <summary>ETThR: early transmit threshold; C+ only.</summary>
    EarlyTransmitThreshold = 0xEC,
}
