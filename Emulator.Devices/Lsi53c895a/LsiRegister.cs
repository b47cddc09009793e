namespace Emulator.Devices;

/// <summary>Offsets of the 53C895A's registers (technical manual, chapter 4).</summary>
public enum LsiRegister : ushort
{
    /// <summary>SCNTL0: arbitration, parity, target mode.</summary>
    ScsiControl0 = 0x00,

    /// <summary>SCNTL1: connected, SCSI reset.</summary>
    ScsiControl1 = 0x01,

    /// <summary>SCNTL2: unexpected disconnect, chained mode, wide residues.</summary>
    ScsiControl2 = 0x02,

    /// <summary>SCNTL3: clocks, wide.</summary>
    ScsiControl3 = 0x03,

    /// <summary>SCID: the chip's own SCSI ID, and what it answers to.</summary>
    ScsiChipId = 0x04,

    /// <summary>SXFER: synchronous offset and period.</summary>
    ScsiTransfer = 0x05,

    /// <summary>SDID: the target that is selected.</summary>
    ScsiDestinationId = 0x06,

    /// <summary>GPREG: general-purpose pins.</summary>
    GeneralPurpose = 0x07,

    /// <summary>SFBR: the first byte received, and the accumulator of SCRIPTS.</summary>
    FirstByteReceived = 0x08,

    /// <summary>SOCL: control lines that the chip drives.</summary>
    OutputControlLatch = 0x09,

    /// <summary>SSID: who reselected.</summary>
    SelectorId = 0x0A,

    /// <summary>SBCL: control lines of the bus.</summary>
    BusControlLines = 0x0B,

    /// <summary>DSTAT: why the DMA core interrupts.</summary>
    DmaStatus = 0x0C,

    /// <summary>SSTAT0: arbitration, reset, latches.</summary>
    ScsiStatus0 = 0x0D,

    /// <summary>SSTAT1: the phase.</summary>
    ScsiStatus1 = 0x0E,

    /// <summary>SSTAT2: last disconnect.</summary>
    ScsiStatus2 = 0x0F,

    /// <summary>DSA: data structure address.</summary>
    DataStructureAddress = 0x10,

    /// <summary>ISTAT0: interrupt status, and the mailbox bits.</summary>
    InterruptStatus0 = 0x14,

    /// <summary>ISTAT1: SCRIPTS running.</summary>
    InterruptStatus1 = 0x15,

    /// <summary>MBOX0.</summary>
    Mailbox0 = 0x16,

    /// <summary>MBOX1.</summary>
    Mailbox1 = 0x17,

    /// <summary>CTEST0.</summary>
    ChipTest0 = 0x18,

    /// <summary>CTEST1: the DMA FIFO's bytes.</summary>
    ChipTest1 = 0x19,

    /// <summary>CTEST2: reading it takes SIGP.</summary>
    ChipTest2 = 0x1A,

    /// <summary>CTEST3: chip revision, FIFO commands.</summary>
    ChipTest3 = 0x1B,

    /// <summary>TEMP: the return address.</summary>
    Temporary = 0x1C,

    /// <summary>DFIFO: the DMA FIFO's byte offset, low.</summary>
    DmaFifo = 0x20,

    /// <summary>CTEST4.</summary>
    ChipTest4 = 0x21,

    /// <summary>CTEST5: the DMA FIFO's byte offset, high.</summary>
    ChipTest5 = 0x22,

    /// <summary>CTEST6.</summary>
    ChipTest6 = 0x23,

    /// <summary>DBC, bits 0 to 23: bytes that remain; DCMD, bits 24 to 31: the instruction's first byte.</summary>
    ByteCounter = 0x24,

    /// <summary>DNAD: the next address of data.</summary>
    NextAddress = 0x28,

    /// <summary>DSP: the address of the next instruction.</summary>
    ScriptsPointer = 0x2C,

    /// <summary>DSPS: the second dword of the instruction.</summary>
    ScriptsPointerSave = 0x30,

    /// <summary>SCRATCHA.</summary>
    ScratchA = 0x34,

    /// <summary>DMODE: where memory moves go, manual start.</summary>
    DmaMode = 0x38,

    /// <summary>DIEN: which causes of DSTAT interrupt.</summary>
    DmaInterruptEnable = 0x39,

    /// <summary>SBR: a scratch byte.</summary>
    ScratchByte = 0x3A,

    /// <summary>DCNTL: single step, start, interrupt disable.</summary>
    DmaControl = 0x3B,

    /// <summary>ADDER: the sum the address adder made last.</summary>
    AdderSum = 0x3C,

    /// <summary>SIEN0: which causes of SIST0 interrupt.</summary>
    ScsiInterruptEnable0 = 0x40,

    /// <summary>SIEN1: which causes of SIST1 interrupt.</summary>
    ScsiInterruptEnable1 = 0x41,

    /// <summary>SIST0: why the SCSI core interrupts.</summary>
    ScsiInterruptStatus0 = 0x42,

    /// <summary>SIST1: why the SCSI core interrupts.</summary>
    ScsiInterruptStatus1 = 0x43,

    /// <summary>SLPAR: longitudinal parity.</summary>
    LongitudinalParity = 0x44,

    /// <summary>SWIDE: the byte left over of a wide transfer.</summary>
    WideResidue = 0x45,

    /// <summary>MACNTL: memory access control.</summary>
    MemoryAccessControl = 0x46,

    /// <summary>GPCNTL: which general-purpose pins are inputs.</summary>
    GeneralPurposeControl = 0x47,

    /// <summary>STIME0: selection and handshake timers.</summary>
    ScsiTimer0 = 0x48,

    /// <summary>STIME1: general-purpose timer, scales.</summary>
    ScsiTimer1 = 0x49,

    /// <summary>RESPID0: IDs the chip answers to, 0 to 7.</summary>
    ResponseId0 = 0x4A,

    /// <summary>RESPID1: IDs the chip answers to, 8 to 15.</summary>
    ResponseId1 = 0x4B,

    /// <summary>STEST0.</summary>
    ScsiTest0 = 0x4C,

    /// <summary>STEST1: clock quadrupler.</summary>
    ScsiTest1 = 0x4D,

    /// <summary>STEST2.</summary>
    ScsiTest2 = 0x4E,

    /// <summary>STEST3.</summary>
    ScsiTest3 = 0x4F,

    /// <summary>SIDL: data latched from the bus.</summary>
    InputDataLatch = 0x50,

    /// <summary>STEST4: how the bus is driven, clock locked.</summary>
    ScsiTest4 = 0x52,

    /// <summary>SODL: data for the bus.</summary>
    OutputDataLatch = 0x54,

    /// <summary>CCNTL0: phase mismatch jumps.</summary>
    ChipControl0 = 0x56,

    /// <summary>CCNTL1: 64-bit addresses.</summary>
    ChipControl1 = 0x57,

    /// <summary>SBDL: data on the bus.</summary>
    BusDataLines = 0x58,

    /// <summary>SCRATCHB.</summary>
    ScratchB = 0x5C,

    /// <summary>SCRATCHC, the first of sixteen up to SCRATCHR.</summary>
    ScratchC = 0x60,

    /// <summary>MMRS: upper dword where memory moves and absolute loads read.</summary>
    MemoryReadSelector = 0xA0,

    /// <summary>MMWS: upper dword where memory moves and absolute stores write.</summary>
    MemoryWriteSelector = 0xA4,

    /// <summary>SFS: upper dword of instructions.</summary>
    ScriptFetchSelector = 0xA8,

    /// <summary>DRS: upper dword of what is relative to DSA.</summary>
    DataRelativeSelector = 0xAC,

    /// <summary>SBMS: upper dword of block moves.</summary>
    StaticBlockMoveSelector = 0xB0,

    /// <summary>DBMS: upper dword of 64-bit direct block moves.</summary>
    DynamicBlockMoveSelector = 0xB4,

    /// <summary>DNAD64: upper dword of DNAD.</summary>
    NextAddressUpper = 0xB8,

    /// <summary>PMJAD1: where a phase mismatch jumps to.</summary>
    PhaseMismatchJump1 = 0xC0,

    /// <summary>PMJAD2: where a phase mismatch jumps to.</summary>
    PhaseMismatchJump2 = 0xC4,

    /// <summary>RBC: what a phase mismatch left of the count.</summary>
    RemainingByteCount = 0xC8,

    /// <summary>UA: where a mismatched block move would go on.</summary>
    UpdatedAddress = 0xCC,

    /// <summary>ESA: where its count and address were fetched from.</summary>
    EntryStorageAddress = 0xD0,

    /// <summary>IA: the mismatched block move's own address.</summary>
    InstructionAddress = 0xD4,

    /// <summary>SBC: bytes that the block move has moved.</summary>
    ScsiByteCount = 0xD8,

    /// <summary>CSBC: bytes moved in data phases altogether.</summary>
    CumulativeByteCount = 0xDC,
}
