namespace Emulator.Devices;

/// <summary>Bits of CTRL (8254x manual, 13.4.1).</summary>
[Flags]
public enum E1000Control : uint
{
    /// <summary>FD.</summary>
    FullDuplex = 1 << 0,

    /// <summary>SLU: the PHY's link is the controller's.</summary>
    SetLinkUp = 1 << 6,

    /// <summary>SPEED: 1000 Mb/s.</summary>
    Speed1000 = 2 << 8,

    /// <summary>SDP0_DATA, SDP1_DATA, ADVD3WUC.</summary>
    Pins = 0b111 << 18,

    /// <summary>RST: resets all but the PHY and configuration space.</summary>
    DeviceReset = 1 << 26,

    /// <summary>VME: tags are taken out and put in.</summary>
    VlanMode = 1 << 30,

    /// <summary>PHY_RST.</summary>
    PhyReset = 1U << 31,

    /// <summary>What the EEPROM and the pins make of it.</summary>
    Reset = FullDuplex | SetLinkUp | Speed1000 | Pins,

    /// <summary>What keeps its value: all that is defined but the two resets.</summary>
    Writable = 0x58FC_1BE9,
}

/// <summary>Bits of STATUS (13.4.2). A link is always one of 1000 Mb/s, full duplex.</summary>
[Flags]
public enum E1000Status : uint
{
    /// <summary>FD.</summary>
    FullDuplex = 1 << 0,

    /// <summary>LU: there is a link.</summary>
    LinkUp = 1 << 1,

    /// <summary>SPEED: 1000 Mb/s.</summary>
    Speed1000 = 2 << 6,

    /// <summary>ASDV: 1000 Mb/s.</summary>
    DetectedSpeed1000 = 2 << 8,

    /// <summary>Without a link.</summary>
    Reset = FullDuplex | Speed1000 | DetectedSpeed1000,
}

/// <summary>Bits of EECD (13.4.3).</summary>
[Flags]
public enum E1000EepromControl : uint
{
    /// <summary>SK.</summary>
    Clock = 1 << 0,

    /// <summary>CS.</summary>
    Select = 1 << 1,

    /// <summary>DI.</summary>
    DataIn = 1 << 2,

    /// <summary>DO.</summary>
    DataOut = 1 << 3,

    /// <summary>EE_REQ: the driver wants the pins.</summary>
    Request = 1 << 6,

    /// <summary>EE_GNT: it has them.</summary>
    Grant = 1 << 7,

    /// <summary>EE_PRES. EE_SIZE is clear: 64 words.</summary>
    Present = 1 << 8,

    /// <summary>Flash writes are disabled, nobody has the pins.</summary>
    Reset = (1 << 4) | DataOut | Present,

    /// <summary>What keeps its value.</summary>
    Writable = Clock | Select | DataIn | Request | (0b11 << 4),
}

/// <summary>Bits of EERD (13.4.4); the address is in bits 15:8, the word in 31:16.</summary>
[Flags]
public enum E1000EepromRead : uint
{
    /// <summary>START.</summary>
    Start = 1 << 0,

    /// <summary>DONE.</summary>
    Done = 1 << 4,
}

/// <summary>Bits of MDIC (13.4.7); data in bits 15:0, the register in 20:16, the PHY in 25:21.</summary>
[Flags]
public enum E1000MdiControl : uint
{
    /// <summary>OP: writes.</summary>
    Write = 1 << 26,

    /// <summary>OP: reads.</summary>
    Read = 1 << 27,

    /// <summary>R: done.</summary>
    Ready = 1 << 28,

    /// <summary>I: interrupts when done.</summary>
    Interrupt = 1 << 29,

    /// <summary>E: nobody answered.</summary>
    Error = 1 << 30,
}

/// <summary>Bits of CTRL_EXT (13.4.6).</summary>
[Flags]
public enum E1000ControlExtended : uint
{
    /// <summary>EE_RST: what the EEPROM says is loaded again.</summary>
    EepromReset = 1 << 13,
}

/// <summary>Bits of ICR, ICS, IMS and IMC (13.4.17).</summary>
[Flags]
public enum E1000Cause : uint
{
    /// <summary>TXDW: a descriptor with RS was written back.</summary>
    TransmitWritten = 1 << 0,

    /// <summary>TXQE: the transmit ring is empty.</summary>
    TransmitEmpty = 1 << 1,

    /// <summary>LSC: the link came or went.</summary>
    LinkChanged = 1 << 2,

    /// <summary>RXDMT0: few receive descriptors are left.</summary>
    ReceiveLow = 1 << 4,

    /// <summary>RXO: a packet was missed.</summary>
    ReceiveOverrun = 1 << 6,

    /// <summary>RXT0: packets were received.</summary>
    ReceiveTimer = 1 << 7,

    /// <summary>MDAC: an access to the PHY is done.</summary>
    MdiDone = 1 << 9,

    /// <summary>TXD_LOW: few transmit descriptors are left.</summary>
    TransmitLow = 1 << 15,

    /// <summary>SRPD: a small packet was received.</summary>
    SmallPacket = 1 << 16,

    /// <summary>All that there are, those that nothing here raises included.</summary>
    All = 0x0001_F7DF,
}
