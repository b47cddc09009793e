namespace Emulator.Devices;

/// <summary>Bits of CR.</summary>
[Flags]
public enum Rtl8139Command : byte
{
    /// <summary>BUFE: the receive ring is empty.</summary>
    BufferEmpty = 1 << 0,

    /// <summary>TE.</summary>
    TransmitEnable = 1 << 2,

    /// <summary>RE.</summary>
    ReceiveEnable = 1 << 3,

    /// <summary>RST; reads as 0, a reset is over when its write is.</summary>
    Reset = 1 << 4,
}

/// <summary>Bits of ISR and IMR.</summary>
[Flags]
public enum Rtl8139Cause : ushort
{
    /// <summary>ROK: a packet is in the ring or in a descriptor.</summary>
    ReceiveOk = 1 << 0,

    /// <summary>RER: a packet that came was bad.</summary>
    ReceiveError = 1 << 1,

    /// <summary>TOK: a packet was sent.</summary>
    TransmitOk = 1 << 2,

    /// <summary>TER: a packet was not sent.</summary>
    TransmitError = 1 << 3,

    /// <summary>RXOVW: the ring is full; RDU of C+: there is no descriptor.</summary>
    ReceiveOverflow = 1 << 4,

    /// <summary>PUN, LinkChg: the link came or went.</summary>
    LinkChange = 1 << 5,

    /// <summary>FOVW: a packet was lost for want of room.</summary>
    FifoOverflow = 1 << 6,

    /// <summary>TDU of C+: there is no more to send.</summary>
    NoTransmitDescriptor = 1 << 7,

    /// <summary>SWInt of C+: the driver asked for it.</summary>
    Software = 1 << 8,

    /// <summary>TimeOut: TCTR has come to TimerInt.</summary>
    Timeout = 1 << 14,

    /// <summary>SERR: an access to memory was refused.</summary>
    SystemError = 1 << 15,
}

/// <summary>Bits of TSD0–3.</summary>
[Flags]
public enum Rtl8139TransmitStatus : uint
{
    /// <summary>SIZE: bytes of the packet.</summary>
    Size = 0x1FFF,

    /// <summary>OWN: the driver's again. Written as 0 it hands the packet over.</summary>
    Own = 1 << 13,

    /// <summary>TOK: sent.</summary>
    Ok = 1 << 15,

    /// <summary>TUN.</summary>
    Underrun = 1 << 14,

    /// <summary>ERTXTH: the early threshold, in 32 bytes.</summary>
    EarlyThreshold = 0x3F << 16,

    /// <summary>TABT: given up.</summary>
    Aborted = 1 << 30,

    /// <summary>CRS: there was no carrier.</summary>
    CarrierLost = 1U << 31,
}

/// <summary>Bits of DTCCR's lower half, below an address that is a multiple of 64.</summary>
[Flags]
public enum Rtl8139DumpTally : uint
{
    /// <summary>Cmd: dumps the counters; reads as 1 until they are there.</summary>
    Command = 1 << 3,
}

/// <summary>Bits of TCR.</summary>
[Flags]
public enum Rtl8139TransmitConfiguration : uint
{
    /// <summary>CLRABT: sends an aborted packet again; reads as 0.</summary>
    ClearAbort = 1 << 0,

    /// <summary>CRC: the packets bring their own frame check sequence.</summary>
    NoCrc = 1 << 16,

    /// <summary>LBK1, LBK0: both for what is sent to be received, and nothing else.</summary>
    Loopback = 3 << 17,

    /// <summary>HWVERID of the RTL8139C.</summary>
    VersionC = 0x7400_0000,

    /// <summary>HWVERID of the RTL8139C+.</summary>
    VersionCPlus = 0x7480_0000,
}

/// <summary>Bits of RCR.</summary>
[Flags]
public enum Rtl8139ReceiveConfiguration : uint
{
    /// <summary>AAP: any station's packets.</summary>
    AllStations = 1 << 0,

    /// <summary>APM: this station's packets.</summary>
    ThisStation = 1 << 1,

    /// <summary>AM: multicast packets that the filter lets through.</summary>
    Multicast = 1 << 2,

    /// <summary>AB: broadcast packets.</summary>
    Broadcast = 1 << 3,

    /// <summary>AR: runts.</summary>
    Runts = 1 << 4,

    /// <summary>AER: packets with errors.</summary>
    Errors = 1 << 5,

    /// <summary>WRAP: a packet that passes the end of the ring goes on behind it.</summary>
    NoWrap = 1 << 7,

    /// <summary>RBLEN: the ring has 8 KiB shifted by this, and 16 bytes.</summary>
    BufferLength = 3 << 11,
}

/// <summary>Bits of 9346CR.</summary>
[Flags]
public enum Rtl8139EepromCommand : byte
{
    /// <summary>EEDO.</summary>
    DataOut = 1 << 0,

    /// <summary>EEDI.</summary>
    DataIn = 1 << 1,

    /// <summary>EESK.</summary>
    Clock = 1 << 2,

    /// <summary>EECS.</summary>
    Select = 1 << 3,

    /// <summary>Loads the EEPROM and resets; the mode is 0 then.</summary>
    AutoLoad = 1 << 6,

    /// <summary>The pins are the driver's.</summary>
    Program = 2 << 6,

    /// <summary>IDR, CONFIG0–4 and BMCR 13, 12, 8 may be written; also the mask of the mode, EEM1 and EEM0.</summary>
    ConfigWrite = 3 << 6,
}

/// <summary>Bits of MSR.</summary>
[Flags]
public enum Rtl8139MediaStatus : byte
{
    /// <summary>LINKB: there is no link.</summary>
    NoLink = 1 << 2,

    /// <summary>SPEED_10.</summary>
    Speed10 = 1 << 3,

    /// <summary>Aux_Status: there is auxiliary power.</summary>
    AuxiliaryPower = 1 << 4,

    /// <summary>RXFCE and TXFCE: flow control.</summary>
    FlowControl = 3 << 6,
}

/// <summary>Bits of CSCR.</summary>
[Flags]
public enum Rtl8139LinkConfiguration : ushort
{
    /// <summary>Con_status: there is a link.</summary>
    Connected = 1 << 3,

    /// <summary>There is a link; not in the data sheet, drivers know it.</summary>
    LinkOk = 1 << 10,

    /// <summary>The link came or went since the last read; not in the data sheet, drivers know it.</summary>
    LinkChanged = 1 << 11,
}

/// <summary>Bits of TPPoll.</summary>
[Flags]
public enum Rtl8139TransmitPoll : byte
{
    /// <summary>FSWInt: raises SWInt; reads as 0.</summary>
    SoftwareInterrupt = 1 << 0,

    /// <summary>NPQ: there are packets in the normal ring.</summary>
    Normal = 1 << 6,

    /// <summary>HPQ: there are packets in the ring of high priority.</summary>
    High = 1 << 7,
}

/// <summary>Bits of C+CR.</summary>
[Flags]
public enum Rtl8139CPlusCommand : ushort
{
    /// <summary>CPTx: transmits from descriptors in memory.</summary>
    Transmit = 1 << 0,

    /// <summary>CPRx: receives into descriptors in memory.</summary>
    Receive = 1 << 1,

    /// <summary>MulRW.</summary>
    MultipleReadWrite = 1 << 3,

    /// <summary>DAC: addresses above 4 GiB.</summary>
    DualAddress = 1 << 4,

    /// <summary>RxChkSum: checks what it receives.</summary>
    ReceiveChecksum = 1 << 5,

    /// <summary>RxVLAN: takes tags out of what it receives.</summary>
    ReceiveVlan = 1 << 6,
}
