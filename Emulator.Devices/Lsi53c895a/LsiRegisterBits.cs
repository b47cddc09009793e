namespace Emulator.Devices;

/// <summary>SCNTL0.</summary>
[Flags]
internal enum LsiScsiControl0 : byte
{
    /// <summary>TRG: the chip is a target.</summary>
    Target = 1 << 0,

    /// <summary>AAP: assert ATN for a parity error.</summary>
    AssertAttention = 1 << 1,

    /// <summary>EPC: look at the parity of what is received.</summary>
    EnableParity = 1 << 3,
}

/// <summary>SCNTL1.</summary>
[Flags]
internal enum LsiScsiControl1 : byte
{
    /// <summary>IARB: arbitrate as soon as the bus is free.</summary>
    ImmediateArbitration = 1 << 1,

    /// <summary>RST: drives the reset line.</summary>
    AssertReset = 1 << 3,

    /// <summary>CON.</summary>
    Connected = 1 << 4,
}

/// <summary>SCNTL2.</summary>
[Flags]
internal enum LsiScsiControl2 : byte
{
    /// <summary>WSR: a byte is left in SWIDE.</summary>
    WideReceive = 1 << 0,

    /// <summary>WSS: a byte is left in SODL.</summary>
    WideSend = 1 << 3,

    /// <summary>CHM: the last block move was chained.</summary>
    Chained = 1 << 6,

    /// <summary>SDU: a disconnect would be unexpected.</summary>
    DisconnectUnexpected = 1 << 7,
}

/// <summary>SCNTL3.</summary>
[Flags]
internal enum LsiScsiControl3 : byte
{
    /// <summary>EWS: sixteen bits of data.</summary>
    EnableWide = 1 << 3,
}

/// <summary>SCID.</summary>
[Flags]
internal enum LsiChipId : byte
{
    /// <summary>RRE: answers reselections.</summary>
    EnableReselection = 1 << 6,
}

/// <summary>SOCL and SBCL.</summary>
[Flags]
internal enum LsiControlLines : byte
{
    /// <summary>MSG, C/D and I/O: the phase.</summary>
    Phase = 7,

    /// <summary>ATN.</summary>
    Attention = 1 << 3,

    /// <summary>BSY.</summary>
    Busy = 1 << 5,

    /// <summary>ACK.</summary>
    Acknowledge = 1 << 6,

    /// <summary>REQ.</summary>
    Request = 1 << 7,
}

/// <summary>DSTAT.</summary>
[Flags]
internal enum LsiDmaStatus : byte
{
    /// <summary>IID: illegal instruction.</summary>
    IllegalInstruction = 1 << 0,

    /// <summary>SIR: an INT instruction.</summary>
    ScriptInterrupt = 1 << 2,

    /// <summary>SSI: single step.</summary>
    SingleStep = 1 << 3,

    /// <summary>ABRT: aborted by ISTAT0.</summary>
    Aborted = 1 << 4,

    /// <summary>BF: bus fault.</summary>
    BusFault = 1 << 5,

    /// <summary>MDPE: master data parity error.</summary>
    ParityError = 1 << 6,

    /// <summary>DFE: the DMA FIFO is empty; no interrupt.</summary>
    FifoEmpty = 1 << 7,
}

/// <summary>SSTAT0.</summary>
[Flags]
internal enum LsiScsiStatus0 : byte
{
    /// <summary>RST: the reset line.</summary>
    Reset = 1 << 1,

    /// <summary>WOA: arbitration was won.</summary>
    WonArbitration = 1 << 2,
}

/// <summary>SSTAT2.</summary>
[Flags]
internal enum LsiScsiStatus2 : byte
{
    /// <summary>LDSC: the last connection has ended.</summary>
    LastDisconnect = 1 << 1,
}

/// <summary>ISTAT0.</summary>
[Flags]
internal enum LsiInterruptStatus0 : byte
{
    /// <summary>DIP: DSTAT has something.</summary>
    DmaPending = 1 << 0,

    /// <summary>SIP: SIST0 or SIST1 has something.</summary>
    ScsiPending = 1 << 1,

    /// <summary>INTF: an INTFLY instruction; cleared by a written 1.</summary>
    OnTheFly = 1 << 2,

    /// <summary>CON.</summary>
    Connected = 1 << 3,

    /// <summary>SEM: nobody's but the driver's and its SCRIPTS'.</summary>
    Semaphore = 1 << 4,

    /// <summary>SIGP: signal process.</summary>
    SignalProcess = 1 << 5,

    /// <summary>SRST: software reset.</summary>
    SoftwareReset = 1 << 6,

    /// <summary>ABRT: abort operation.</summary>
    Abort = 1 << 7,
}

/// <summary>ISTAT1.</summary>
[Flags]
internal enum LsiInterruptStatus1 : byte
{
    /// <summary>SYNC_IRQD: the pin is silent.</summary>
    InterruptDisable = 1 << 0,

    /// <summary>SRUN: SCRIPTS run.</summary>
    ScriptsRunning = 1 << 1,
}

/// <summary>CTEST2.</summary>
[Flags]
internal enum LsiChipTest2 : byte
{
    /// <summary>DACK.</summary>
    DataAcknowledge = 1 << 0,

    /// <summary>PCICIE: SCRATCHA and SCRATCHB read as base addresses.</summary>
    ConfigurationInfo = 1 << 3,

    /// <summary>CM: configured in memory.</summary>
    ConfiguredMemory = 1 << 4,

    /// <summary>CIO: configured as I/O.</summary>
    ConfiguredIo = 1 << 5,

    /// <summary>SIGP, as it was before this read.</summary>
    SignalProcess = 1 << 6,
}

/// <summary>DMODE.</summary>
[Flags]
internal enum LsiDmaMode : byte
{
    /// <summary>MAN: DSP does not start SCRIPTS.</summary>
    ManualStart = 1 << 0,

    /// <summary>DIOM: memory moves write I/O space.</summary>
    DestinationIo = 1 << 4,

    /// <summary>SIOM: memory moves read I/O space.</summary>
    SourceIo = 1 << 5,
}

/// <summary>DCNTL.</summary>
[Flags]
internal enum LsiDmaControl : byte
{
    /// <summary>COM: SFBR is left alone by selections.</summary>
    Compatibility = 1 << 0,

    /// <summary>IRQD: the pin is silent.</summary>
    InterruptDisable = 1 << 1,

    /// <summary>STD: starts SCRIPTS.</summary>
    Start = 1 << 2,

    /// <summary>SSM: an interrupt after each instruction.</summary>
    SingleStep = 1 << 4,
}

/// <summary>SIST0 in bits 0 to 7, SIST1 in bits 8 to 15.</summary>
[Flags]
internal enum LsiScsiCause
{
    /// <summary>PAR: parity error.</summary>
    Parity = 1 << 0,

    /// <summary>RST: the bus was reset.</summary>
    Reset = 1 << 1,

    /// <summary>UDC: unexpected disconnect.</summary>
    UnexpectedDisconnect = 1 << 2,

    /// <summary>SGE: gross error.</summary>
    GrossError = 1 << 3,

    /// <summary>RSL: reselected.</summary>
    Reselected = 1 << 4,

    /// <summary>SEL: selected.</summary>
    Selected = 1 << 5,

    /// <summary>CMP: function complete.</summary>
    FunctionComplete = 1 << 6,

    /// <summary>M/A: phase mismatch.</summary>
    PhaseMismatch = 1 << 7,

    /// <summary>HTH: handshake-to-handshake timer.</summary>
    HandshakeTimer = 1 << 8,

    /// <summary>GEN: general-purpose timer.</summary>
    GeneralTimer = 1 << 9,

    /// <summary>STO: selection timeout.</summary>
    SelectionTimeout = 1 << 10,

    /// <summary>SBMC: bus mode change.</summary>
    BusModeChange = 1 << 12,

    /// <summary>Those that stop SCRIPTS only if they are enabled.</summary>
    NonFatal = Reselected | Selected | FunctionComplete | HandshakeTimer | GeneralTimer,
}

/// <summary>STIME1.</summary>
[Flags]
internal enum LsiScsiTimer1 : byte
{
    /// <summary>HTHSF: the handshake timer is 16 times as long.</summary>
    HandshakeScale = 1 << 4,

    /// <summary>GENSF: the general-purpose timer is 16 times as long.</summary>
    GeneralScale = 1 << 5,
}

/// <summary>CCNTL0.</summary>
[Flags]
internal enum LsiChipControl0 : byte
{
    /// <summary>ENNDJ: mismatches in other than data phases jump, too.</summary>
    EnableNonDataJump = 1 << 5,

    /// <summary>PMJCTL: the direction decides where to, not WSR.</summary>
    JumpByDirection = 1 << 6,

    /// <summary>ENPMJ: mismatches jump.</summary>
    EnableJump = 1 << 7,
}

/// <summary>CCNTL1.</summary>
[Flags]
internal enum LsiChipControl1 : byte
{
    /// <summary>EN64DBMV: direct block moves have a third dword.</summary>
    Direct64 = 1 << 0,

    /// <summary>EN64TIBMV: table entries have more than 32 bits of address.</summary>
    Table64 = 1 << 1,

    /// <summary>64TIMOD: they have 40 bits in them, and no index.</summary>
    TableMode40 = 1 << 2,
}

/// <summary>The phases of information transfer: MSG, C/D and I/O.</summary>
public enum LsiPhase : byte
{
    /// <summary>Data for the target.</summary>
    DataOut = 0,

    /// <summary>Data of the target's.</summary>
    DataIn = 1,

    /// <summary>The command.</summary>
    Command = 2,

    /// <summary>The status.</summary>
    Status = 3,

    /// <summary>Messages for the target.</summary>
    MessageOut = 6,

    /// <summary>Messages of the target's.</summary>
    MessageIn = 7,
}
