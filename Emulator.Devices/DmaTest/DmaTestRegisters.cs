namespace Emulator.Devices;

/// <summary>Offsets of the registers (data sheet, "Registers").</summary>
public enum DmaTestRegister : ushort
{
    /// <summary>"DMAT".</summary>
    Id = 0x00,

    /// <summary>Revision, vectors, slots.</summary>
    Capabilities = 0x04,

    /// <summary><see cref="DmaTestControl"/>.</summary>
    Control = 0x08,

    /// <summary>State, error and where: see <see cref="DmaTestRegisters.Status"/>.</summary>
    Status = 0x0C,

    /// <summary>Guest address of the access that was refused, 8 bytes.</summary>
    FaultAddress = 0x10,

    /// <summary>Starts the script at the slot written.</summary>
    Doorbell = 0x18,

    /// <summary>How many instructions a script may execute.</summary>
    InstructionLimit = 0x1C,

    /// <summary>How often a WAIT may read.</summary>
    WaitLimit = 0x20,

    /// <summary>Scripts started since reset.</summary>
    Sequence = 0x24,

    /// <summary>Where the completion record goes, 8 bytes.</summary>
    RecordAddress = 0x28,

    /// <summary><see cref="DmaTestCause"/>.</summary>
    InterruptCause = 0x30,

    /// <summary>The causes that interrupt.</summary>
    InterruptEnable = 0x34,

    /// <summary>The MSI or MSI-X vector of the causes.</summary>
    InterruptVector = 0x38,

    /// <summary>A dword of the script.</summary>
    ScriptIndex = 0x3C,

    /// <summary>That dword.</summary>
    ScriptData = 0x40,

    /// <summary>DMA accesses refused since reset.</summary>
    Refused = 0x44,

    /// <summary>Instructions the last script executed, 8 bytes.</summary>
    Executed = 0x48,

    /// <summary>Means nothing.</summary>
    Scratch = 0x50,

    /// <summary>The first of the script's 16 registers of 8 bytes.</summary>
    R0 = 0x80,
}

/// <summary>Bits of CONTROL.</summary>
[Flags]
public enum DmaTestControl : uint
{
    /// <summary>Resets the function; reads as 0.</summary>
    Reset = 1 << 0,

    /// <summary>Ends the running script; reads as 0.</summary>
    Stop = 1 << 1,

    /// <summary>A completion record is written.</summary>
    Record = 1 << 8,
}

/// <summary>Bits of INTERRUPT_CAUSE and INTERRUPT_ENABLE.</summary>
[Flags]
public enum DmaTestCause : uint
{
    /// <summary>A script came to its END.</summary>
    Done = 1 << 0,

    /// <summary>A script failed.</summary>
    Failed = 1 << 1,

    /// <summary>A script was stopped.</summary>
    Stopped = 1 << 2,

    /// <summary>The doorbell was rung while a script ran.</summary>
    Overrun = 1 << 3,

    /// <summary>What the instruction RAISE may set.</summary>
    OfScripts = 0xFFFFFF00,
}

/// <summary>STATUS, bits 2:0.</summary>
public enum DmaTestState : byte
{
    /// <summary>No script has run since reset.</summary>
    Idle,

    /// <summary>A script runs.</summary>
    Running,

    /// <summary>It came to its END.</summary>
    Done,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It was stopped.</summary>
    Stopped,
}

/// <summary>STATUS, bits 15:8: why a script failed.</summary>
public enum DmaTestError : byte
{
    /// <summary>It did not.</summary>
    None,

    /// <summary>A DMA access was refused.</summary>
    Dma,

    /// <summary>There is no such instruction.</summary>
    Opcode,

    /// <summary>An operand has a value that it must not have.</summary>
    Operand,

    /// <summary>The next instruction is not in one of the slots.</summary>
    Target,

    /// <summary>INSTRUCTION_LIMIT was reached.</summary>
    Limit,

    /// <summary>WAIT_LIMIT was reached.</summary>
    Wait,

    /// <summary>The completion record was refused.</summary>
    Record,
}

/// <summary>The registers' sizes, reset values and masks.</summary>
public static class DmaTestRegisters
{
    /// <summary>Bytes of registers, in both windows.</summary>
    public const int Length = 0x100;

    /// <summary>Bytes in the memory window.</summary>
    public const int WindowLength = 0x1000;

    /// <summary>Where the script starts in the memory window.</summary>
    public const int ScriptOffset = 0x800;

    /// <summary>How many registers the script has.</summary>
    public const int ScriptRegisters = 16;

    /// <summary>MSI-X vectors.</summary>
    public const int Vectors = 8;

    /// <summary>MSI messages.</summary>
    public const int Messages = 4;

    /// <summary>The table.</summary>
    public static ReadOnlySpan<RegisterSpec<DmaTestRegister>> Table => s_table;

    private static readonly RegisterSpec<DmaTestRegister>[] s_table =
    [
        new(DmaTestRegister.Id) { Reset = 0x54414D44 },
        new(DmaTestRegister.Capabilities) { Reset = (DmaTestInstruction.Slots << 16) | (Vectors << 8) | 1 },
        new(DmaTestRegister.Control) { Writable = (ulong)DmaTestControl.Record, IsLive = true },
        new(DmaTestRegister.Status),
        new(DmaTestRegister.FaultAddress, 8),
        new(DmaTestRegister.Doorbell) { IsLive = true },
        new(DmaTestRegister.InstructionLimit) { Reset = 0xFFFFFFFF, Writable = 0xFFFFFFFF },
        new(DmaTestRegister.WaitLimit) { Reset = 0x10000000, Writable = 0xFFFFFFFF },
        new(DmaTestRegister.Sequence),
        new(DmaTestRegister.RecordAddress, 8) { Writable = ~0x3FUL },
        new(DmaTestRegister.InterruptCause) { IsLive = true },
        new(DmaTestRegister.InterruptEnable) { Writable = 0xFFFFFFFF },
        new(DmaTestRegister.InterruptVector) { Writable = Vectors - 1 },
        new(DmaTestRegister.ScriptIndex) { Writable = (DmaTestInstruction.Slots * 4) - 1, IsLive = true },
        new(DmaTestRegister.ScriptData) { IsLive = true },
        new(DmaTestRegister.Refused),
        new(DmaTestRegister.Executed, 8),
        new(DmaTestRegister.Scratch) { Writable = 0xFFFFFFFF },
        new(DmaTestRegister.R0, 8) { Writable = ulong.MaxValue, Count = ScriptRegisters },
    ];

    /// <summary>One of the script's registers.</summary>
    /// <param name="number">0 to 15.</param>
    public static DmaTestRegister R(int number) => (DmaTestRegister)((int)DmaTestRegister.R0 + (number * 8));

    /// <summary>STATUS, put together.</summary>
    public static uint Status(DmaTestState state, DmaTestError error = DmaTestError.None, int dma = 0, int slot = 0) =>
        (uint)state | ((uint)dma << 4) | ((uint)error << 8) | ((uint)(slot & 0x7F) << 16);

    /// <summary>STATUS, bits 2:0.</summary>
    public static DmaTestState State(ulong status) => (DmaTestState)(status & 7);
}
