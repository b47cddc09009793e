namespace Emulator.Devices;

/// <summary>Register offsets of a 16550A.</summary>
internal enum UartRegister
{
    /// <summary>RBR when read, THR when written; with DLAB, DLL.</summary>
    Data = 0,

    /// <summary>IER; with DLAB, DLM.</summary>
    InterruptEnable = 1,

    /// <summary>IIR when read, FCR when written.</summary>
    InterruptIdentification = 2,

    /// <summary>LCR.</summary>
    LineControl = 3,

    /// <summary>MCR.</summary>
    ModemControl = 4,

    /// <summary>LSR; writes are for factory tests and ignored.</summary>
    LineStatus = 5,

    /// <summary>MSR; writes are ignored.</summary>
    ModemStatus = 6,

    /// <summary>SCR.</summary>
    Scratch = 7,
}

/// <summary>IER of a 16550A.</summary>
[Flags]
internal enum UartInterruptEnable : byte
{
    /// <summary>ERBFI: received data, and in FIFO mode the character timeout.</summary>
    ReceivedData = 0x01,

    /// <summary>ETBEI: transmitter holding register empty.</summary>
    TransmitterEmpty = 0x02,

    /// <summary>ELSI: receiver line status.</summary>
    LineStatus = 0x04,

    /// <summary>EDSSI: modem status.</summary>
    ModemStatus = 0x08,
}

/// <summary>IIR of a 16550A, bits 3–0, in order of priority.</summary>
internal enum UartInterrupt : byte
{
    LineStatus = 0x6,
    ReceivedData = 0x4,
    CharacterTimeout = 0xC,
    TransmitterEmpty = 0x2,
    ModemStatus = 0x0,
    None = 0x1,
}

/// <summary>FCR of a 16550A; bits 7–6 are the receiver trigger.</summary>
[Flags]
internal enum UartFifoControl : byte
{
    Enable = 0x01,
    ReceiverReset = 0x02,
    TransmitterReset = 0x04,

    /// <summary>DMA mode; its pins go nowhere in a PC.</summary>
    DmaMode = 0x08,
}

/// <summary>LCR of a 16550A; bits 1–0 are the word length less five.</summary>
[Flags]
internal enum UartLineControl : byte
{
    /// <summary>STB.</summary>
    TwoStopBits = 0x04,

    /// <summary>PEN.</summary>
    ParityEnable = 0x08,

    /// <summary>DLAB.</summary>
    DivisorLatchAccess = 0x80,
}

/// <summary>MCR of a 16550A.</summary>
[Flags]
internal enum UartModemControl : byte
{
    /// <summary>DTR.</summary>
    DataTerminalReady = 0x01,

    /// <summary>RTS.</summary>
    RequestToSend = 0x02,

    /// <summary>OUT1.</summary>
    Out1 = 0x04,

    /// <summary>OUT2: on a PC, lets the interrupt reach the bus.</summary>
    Out2 = 0x08,

    /// <summary>LOOP.</summary>
    Loop = 0x10,

    All = 0x1F,
}

/// <summary>LSR of a 16550A.</summary>
[Flags]
internal enum UartLineStatus : byte
{
    None = 0,

    /// <summary>DR.</summary>
    DataReady = 0x01,

    /// <summary>OE.</summary>
    OverrunError = 0x02,

    /// <summary>PE.</summary>
    ParityError = 0x04,

    /// <summary>FE.</summary>
    FramingError = 0x08,

    /// <summary>BI.</summary>
    BreakInterrupt = 0x10,

    /// <summary>THRE.</summary>
    TransmitterHoldingEmpty = 0x20,

    /// <summary>TEMT.</summary>
    TransmitterEmpty = 0x40,

    /// <summary>At least one error of a character in the FIFO.</summary>
    ErrorInFifo = 0x80,

    /// <summary>What belongs to a character, and travels with it through the FIFO.</summary>
    CharacterErrors = ParityError | FramingError | BreakInterrupt,

    /// <summary>What causes a line status interrupt, and is cleared by reading.</summary>
    Errors = OverrunError | CharacterErrors,
}

/// <summary>MSR of a 16550A: the high half is the modem's lines, the low half which of them changed since the last read.</summary>
[Flags]
public enum UartModemStatus : byte
{
    /// <summary>No line.</summary>
    None = 0,

    /// <summary>DCTS.</summary>
    DeltaClearToSend = 0x01,

    /// <summary>DDSR.</summary>
    DeltaDataSetReady = 0x02,

    /// <summary>TERI: the ring indicator went off.</summary>
    TrailingEdgeRingIndicator = 0x04,

    /// <summary>DDCD.</summary>
    DeltaDataCarrierDetect = 0x08,

    /// <summary>CTS.</summary>
    ClearToSend = 0x10,

    /// <summary>DSR.</summary>
    DataSetReady = 0x20,

    /// <summary>RI.</summary>
    RingIndicator = 0x40,

    /// <summary>DCD.</summary>
    DataCarrierDetect = 0x80,

    /// <summary>All lines.</summary>
    Lines = 0xF0,

    /// <summary>All change bits.</summary>
    Deltas = 0x0F,
}
