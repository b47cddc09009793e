namespace Emulator.Devices;

/// <summary>Offsets of the control and status registers (8255x manual, 6.3).</summary>
public enum Eepro100Register : ushort
{
    /// <summary>Lower byte of the SCB status word: the states of both units.</summary>
    UnitStatus = 0x00,

    /// <summary>STAT/ACK, its upper byte: <see cref="Eepro100Cause"/>; a written 1 clears.</summary>
    Acknowledge = 0x01,

    /// <summary>Lower byte of the SCB command word: <see cref="Eepro100CommandUnitCommand"/> and <see cref="Eepro100ReceiveUnitCommand"/>.</summary>
    Command = 0x02,

    /// <summary>Its upper byte: <see cref="Eepro100InterruptMask"/>.</summary>
    InterruptMask = 0x03,

    /// <summary>SCB general pointer: what a command needs.</summary>
    Pointer = 0x04,

    /// <summary>PORT: <see cref="Eepro100PortCommand"/> and an address, executed when the highest byte is written.</summary>
    Port = 0x08,

    /// <summary>Flash control.</summary>
    FlashControl = 0x0C,

    /// <summary>EEPROM control: the pins of the EEPROM, <see cref="Eepro100EepromPins"/>.</summary>
    EepromControl = 0x0E,

    /// <summary>MDI control: <see cref="Eepro100Mdi"/>, executed when the highest byte is written.</summary>
    MdiControl = 0x10,

    /// <summary>Receive DMA byte count.</summary>
    ReceiveByteCount = 0x14,

    /// <summary>Early receive interrupt (82557), or reserved.</summary>
    EarlyReceive = 0x18,

    /// <summary>Flow control threshold (from the 82558 on).</summary>
    FlowControlThreshold = 0x19,

    /// <summary>Flow control command and status (from the 82558 on).</summary>
    FlowControlCommand = 0x1A,

    /// <summary>Power management driver register (from the 82558 on).</summary>
    PowerManagementDriver = 0x1B,

    /// <summary>General control (82559).</summary>
    GeneralControl = 0x1C,

    /// <summary>General status (82559): <see cref="Eepro100GeneralStatus"/>.</summary>
    GeneralStatus = 0x1D,
}

/// <summary>Bits of STAT/ACK (6.3.1).</summary>
[Flags]
public enum Eepro100Cause : byte
{
    /// <summary>FCP: a flow control pause frame came. Never here.</summary>
    FlowControlPause = 1 << 0,

    /// <summary>SWI: the driver has asked for it.</summary>
    Software = 1 << 2,

    /// <summary>MDI: the transaction is over, and asked for an interrupt.</summary>
    Mdi = 1 << 3,

    /// <summary>RNR: the receive unit has left the ready state.</summary>
    ReceiveNotReady = 1 << 4,

    /// <summary>CNA: the command unit has left the active state.</summary>
    CommandUnitNotActive = 1 << 5,

    /// <summary>FR: a frame was received.</summary>
    FrameReceived = 1 << 6,

    /// <summary>CX: a command with its I bit set is complete; TNO of the 82557: a frame was not sent well.</summary>
    CommandExecuted = 1 << 7,
}

/// <summary>Bits of the SCB interrupt mask (6.3.2).</summary>
[Flags]
public enum Eepro100InterruptMask : byte
{
    /// <summary>M: no cause interrupts.</summary>
    All = 1 << 0,

    /// <summary>SI: raises <see cref="Eepro100Cause.Software"/>; reads as 0.</summary>
    Software = 1 << 1,

    /// <summary>FCP (from the 82558 on).</summary>
    FlowControlPause = 1 << 2,

    /// <summary>RNR, CNA, FR and CX, in the places of their causes (from the 82558 on).</summary>
    Specific = 0xF0,
}

/// <summary>Bits 7:4 of the SCB command byte (6.3.2.1).</summary>
public enum Eepro100CommandUnitCommand
{
    /// <summary>Nothing for the command unit.</summary>
    Nop = 0x0,

    /// <summary>Begins with the block at the general pointer.</summary>
    Start = 0x1,

    /// <summary>Goes on behind the block it is suspended at, if that has its S bit cleared.</summary>
    Resume = 0x2,

    /// <summary>Takes the general pointer as the address of the statistics.</summary>
    LoadStatisticsAddress = 0x4,

    /// <summary>Writes the statistics.</summary>
    DumpStatistics = 0x5,

    /// <summary>Takes the general pointer as what is added to the addresses of blocks.</summary>
    LoadBase = 0x6,

    /// <summary>Writes the statistics and clears them.</summary>
    DumpAndResetStatistics = 0x7,

    /// <summary>As <see cref="Resume"/>, whatever the S bit says now (from the 82558 on).</summary>
    StaticResume = 0xA,
}

/// <summary>Bits 2:0 of the SCB command byte (6.3.2.2).</summary>
public enum Eepro100ReceiveUnitCommand
{
    /// <summary>Nothing for the receive unit.</summary>
    Nop = 0,

    /// <summary>Begins with the frame descriptor at the general pointer.</summary>
    Start = 1,

    /// <summary>Goes on behind the frame descriptor it is suspended at.</summary>
    Resume = 2,

    /// <summary>Stops at once.</summary>
    Abort = 4,

    /// <summary>Takes the general pointer as the size of a header.</summary>
    LoadHeaderSize = 5,

    /// <summary>Takes the general pointer as what is added to the addresses of descriptors.</summary>
    LoadBase = 6,

    /// <summary>Goes on with the buffer descriptors that were added behind the last.</summary>
    BufferResume = 7,
}

/// <summary>Bits 3:0 of PORT (6.3.3); the others are an address.</summary>
public enum Eepro100PortCommand
{
    /// <summary>Everything to its reset values but PCI configuration.</summary>
    SoftwareReset = 0,

    /// <summary>Tests itself, writes the result to the address, and resets.</summary>
    SelfTest = 1,

    /// <summary>Both units to idle; keeps what was configured.</summary>
    SelectiveReset = 2,

    /// <summary>Writes its state to the address, as the action command DUMP does.</summary>
    Dump = 3,
}

/// <summary>Bits of EEPROM control (6.3.4).</summary>
[Flags]
public enum Eepro100EepromPins : ushort
{
    /// <summary>EESK.</summary>
    Clock = 1 << 0,

    /// <summary>EECS.</summary>
    Select = 1 << 1,

    /// <summary>EEDI, into the EEPROM.</summary>
    DataIn = 1 << 2,

    /// <summary>EEDO, out of it.</summary>
    DataOut = 1 << 3,
}

/// <summary>Bits of MDI control (6.3.5). Data is in 15:0, the register in 20:16, the PHY in 25:21.</summary>
[Flags]
public enum Eepro100Mdi : uint
{
    /// <summary>Opcode 01.</summary>
    Write = 1 << 26,

    /// <summary>Opcode 10.</summary>
    Read = 1 << 27,

    /// <summary>R: the transaction is over.</summary>
    Ready = 1 << 28,

    /// <summary>IE: raises <see cref="Eepro100Cause.Mdi"/> when it is.</summary>
    InterruptEnable = 1 << 29,
}

/// <summary>Bits of general status.</summary>
[Flags]
public enum Eepro100GeneralStatus : byte
{
    /// <summary>There is a link.</summary>
    Link = 1 << 0,

    /// <summary>100 Mb/s.</summary>
    Fast = 1 << 1,

    /// <summary>Full duplex.</summary>
    FullDuplex = 1 << 2,
}

/// <summary>The registers' sizes, reset values and masks.</summary>
public static class Eepro100Registers
{
    /// <summary>Bytes of registers, in both windows.</summary>
    public const int Length = 0x40;

    /// <summary>Bytes in the memory window.</summary>
    public const int WindowLength = 0x1000;

    /// <summary>Bytes in the window of the flash memory.</summary>
    public const int FlashLength = 0x20000;

    /// <summary>The table.</summary>
    public static ReadOnlySpan<RegisterSpec<Eepro100Register>> Table => s_table;

    private static readonly RegisterSpec<Eepro100Register>[] s_table =
    [
        new(Eepro100Register.UnitStatus, 1) { IsLive = true },
        new(Eepro100Register.Acknowledge, 1) { IsLive = true },
        new(Eepro100Register.Command, 1) { IsLive = true },
        new(Eepro100Register.InterruptMask, 1) { Writable = 0xFD, IsLive = true },
        new(Eepro100Register.Pointer) { Writable = 0xFFFFFFFF },
        new(Eepro100Register.Port) { Writable = 0xFFFFFFFF, IsLive = true },
        new(Eepro100Register.FlashControl, 2),
        new(Eepro100Register.EepromControl, 2) { Reset = (ulong)Eepro100EepromPins.DataOut, Writable = 0x7, IsLive = true },
        new(Eepro100Register.MdiControl) { Reset = 0x10200000, Writable = 0x2FFFFFFF, IsLive = true },
        new(Eepro100Register.ReceiveByteCount),
        new(Eepro100Register.EarlyReceive, 1) { Writable = 0xFF },
        new(Eepro100Register.FlowControlThreshold, 1) { Writable = 0x07 },
        new(Eepro100Register.FlowControlCommand, 1) { Writable = 0x1F },
        new(Eepro100Register.PowerManagementDriver, 1),
        new(Eepro100Register.GeneralControl, 1) { Writable = 0x03 },
        new(Eepro100Register.GeneralStatus, 1) { IsLive = true },
    ];
}
