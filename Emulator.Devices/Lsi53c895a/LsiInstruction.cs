namespace Emulator.Devices;

/// <summary>What an instruction of SCRIPTS is, by its two highest bits and, in the last group, the third.</summary>
internal enum LsiInstructionKind : byte
{
    /// <summary>Moves data between the SCSI bus and memory.</summary>
    BlockMove,

    /// <summary>SELECT, WAIT, SET, CLEAR, and what the ALU does.</summary>
    InputOutput,

    /// <summary>JUMP, CALL, RETURN, INT.</summary>
    TransferControl,

    /// <summary>MOVE MEMORY.</summary>
    MemoryMove,

    /// <summary>LOAD and STORE.</summary>
    LoadStore,
}

/// <summary>The operation of an I/O instruction in initiator mode.</summary>
internal enum LsiInputOutput : byte
{
    /// <summary>SELECT.</summary>
    Select,

    /// <summary>WAIT DISCONNECT.</summary>
    WaitDisconnect,

    /// <summary>WAIT RESELECT.</summary>
    WaitReselect,

    /// <summary>SET.</summary>
    Set,

    /// <summary>CLEAR.</summary>
    Clear,

    /// <summary>MOVE SFBR … TO a register.</summary>
    FromFirstByte,

    /// <summary>MOVE a register … TO SFBR.</summary>
    ToFirstByte,

    /// <summary>MOVE a register … TO itself.</summary>
    Modify,
}

/// <summary>The operation of the ALU.</summary>
public enum LsiOperator : byte
{
    /// <summary>The immediate byte, or SFBR.</summary>
    Move,

    /// <summary>One bit to the left, through carry.</summary>
    ShiftLeft,

    /// <summary>OR.</summary>
    Or,

    /// <summary>XOR.</summary>
    Xor,

    /// <summary>AND.</summary>
    And,

    /// <summary>One bit to the right, through carry.</summary>
    ShiftRight,

    /// <summary>Sum without carry in.</summary>
    Add,

    /// <summary>Sum with carry in.</summary>
    AddWithCarry,
}

/// <summary>The operation of a transfer control instruction.</summary>
internal enum LsiTransfer : byte
{
    /// <summary>JUMP.</summary>
    Jump,

    /// <summary>CALL.</summary>
    Call,

    /// <summary>RETURN.</summary>
    Return,

    /// <summary>INT, INTFLY.</summary>
    Interrupt,
}

/// <summary>An instruction of SCRIPTS: its first two dwords (technical manual, chapter 5).</summary>
/// <param name="First">Operation and count: DCMD and DBC.</param>
/// <param name="Second">Address: DSPS.</param>
internal readonly record struct LsiInstruction(uint First, uint Second)
{
    /// <summary>Which of the five.</summary>
    public LsiInstructionKind Kind => (First >> 30) switch
    {
        0 => LsiInstructionKind.BlockMove,
        1 => LsiInstructionKind.InputOutput,
        2 => LsiInstructionKind.TransferControl,
        _ => Has(29) ? LsiInstructionKind.LoadStore : LsiInstructionKind.MemoryMove,
    };

    /// <summary>Bytes of a block move or a memory move.</summary>
    public uint Count => First & 0xFFFFFF;

    /// <summary>The second dword's low 24 bits, with their sign.</summary>
    public int Offset => Extend(Second);

    // Block moves.

    /// <summary>True if the address is that of the address.</summary>
    public bool IsIndirect => Has(29);

    /// <summary>True if count and address are in a table relative to DSA.</summary>
    public bool IsTable => Has(28);

    /// <summary>CHMOV: an odd byte of a wide transfer waits for the next block move. In initiator mode.</summary>
    public bool IsChained => !Has(27);

    /// <summary>The phase that a block move expects, or a condition compares.</summary>
    public LsiPhase Phase => (LsiPhase)((First >> 24) & 7);

    // I/O.

    /// <summary>The operation.</summary>
    public LsiInputOutput InputOutput => (LsiInputOutput)((First >> 27) & 7);

    /// <summary>True if the alternate address is relative to the next instruction.</summary>
    public bool IsAlternateRelative => Has(26);

    /// <summary>True if ID and transfer parameters are in a table relative to DSA.</summary>
    public bool IsSelectionTable => Has(25);

    /// <summary>True if SELECT asserts ATN.</summary>
    public bool WithAttention => Has(24);

    /// <summary>The first dword's low 24 bits, with their sign: where in the table.</summary>
    public int SelectionOffset => Extend(First);

    /// <summary>The target.</summary>
    public int Destination => (int)((First >> 16) & 0xF);

    /// <summary>SET or CLEAR carry.</summary>
    public bool IsCarry => Has(10);

    /// <summary>SET or CLEAR target mode.</summary>
    public bool IsTarget => Has(9);

    /// <summary>SET or CLEAR ACK.</summary>
    public bool IsAcknowledge => Has(6);

    /// <summary>SET or CLEAR ATN.</summary>
    public bool IsAttention => Has(3);

    // The ALU.

    /// <summary>The operation.</summary>
    public LsiOperator Operator => (LsiOperator)((First >> 24) & 7);

    /// <summary>True if the operand is SFBR and not the immediate byte.</summary>
    public bool UsesFirstByte => Has(23);

    /// <summary>The register: seven bits, and the eighth elsewhere.</summary>
    public byte Register => (byte)(((First >> 16) & 0x7F) | (First & 0x80));

    /// <summary>The immediate byte; in a condition, what to compare with is below it.</summary>
    public byte Immediate => (byte)(First >> 8);

    // Transfer control.

    /// <summary>The operation, if it is one.</summary>
    public LsiTransfer Transfer => (LsiTransfer)((First >> 27) & 7);

    /// <summary>True if the address is relative to the next instruction.</summary>
    public bool IsRelative => Has(23);

    /// <summary>True if carry is looked at.</summary>
    public bool TestsCarry => Has(21);

    /// <summary>INTFLY.</summary>
    public bool IsOnTheFly => Has(20);

    /// <summary>IF: what is looked at is to be true; otherwise false.</summary>
    public bool IsIfTrue => Has(19);

    /// <summary>True if SFBR is looked at.</summary>
    public bool TestsData => Has(18);

    /// <summary>True if the phase is looked at.</summary>
    public bool TestsPhase => Has(17);

    /// <summary>WHEN: the phase is to be valid first.</summary>
    public bool WaitsForPhase => Has(16);

    /// <summary>What SFBR is compared with.</summary>
    public byte Data => (byte)First;

    /// <summary>The bits that are not compared.</summary>
    public byte Mask => (byte)(First >> 8);

    // Load and store.

    /// <summary>True if the address is relative to DSA.</summary>
    public bool IsDataRelative => Has(28);

    /// <summary>LOAD.</summary>
    public bool IsLoad => Has(24);

    /// <summary>The register of a load or store.</summary>
    public byte LoadStoreRegister => (byte)(First >> 16);

    /// <summary>Its bytes.</summary>
    public int LoadStoreCount => (int)(First & 7);

    private static int Extend(uint value) => (int)(value << 8) >> 8;

    private bool Has(int bit) => (First & (1U << bit)) != 0;
}
