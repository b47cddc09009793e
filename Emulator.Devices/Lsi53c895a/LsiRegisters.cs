namespace Emulator.Devices;

/// <summary>The 53C895A's registers: sizes, reset values, and which bits the guest can change.</summary>
public static class LsiRegisters
{
    /// <summary>Bytes of registers.</summary>
    public const int Length = 256;

    /// <summary>Bytes of the memory window, in which they repeat.</summary>
    public const int WindowLength = 1024;

    /// <summary>Bytes of the RAM that SCRIPTS run from.</summary>
    public const int ScriptRam = 8192;

    /// <summary>The registers.</summary>
    public static ReadOnlySpan<RegisterSpec<LsiRegister>> Table => s_table;

    private static readonly RegisterSpec<LsiRegister>[] s_table =
    [
        new(LsiRegister.ScsiControl0, 1) { Reset = 0xC0, Writable = 0xDB },
        new(LsiRegister.ScsiControl1, 1) { Writable = 0xEE, IsLive = true },
        new(LsiRegister.ScsiControl2, 1) { Writable = 0xF6, ClearedByOne = 0x09 },
        new(LsiRegister.ScsiControl3, 1) { Writable = 0xFF },
        new(LsiRegister.ScsiChipId, 1) { Writable = 0x6F },
        new(LsiRegister.ScsiTransfer, 1) { Writable = 0xFF },
        new(LsiRegister.ScsiDestinationId, 1) { Writable = 0x0F },
        new(LsiRegister.GeneralPurpose, 1) { Writable = 0x1F, IsLive = true },
        new(LsiRegister.FirstByteReceived, 1),
        new(LsiRegister.OutputControlLatch, 1) { Writable = 0xFF, IsLive = true },
        new(LsiRegister.SelectorId, 1),
        new(LsiRegister.BusControlLines, 1) { IsLive = true },
        new(LsiRegister.DmaStatus, 1) { Reset = 0x80, IsLive = true },
        new(LsiRegister.ScsiStatus0, 1) { IsLive = true },
        new(LsiRegister.ScsiStatus1, 1) { IsLive = true },
        new(LsiRegister.ScsiStatus2, 1) { Reset = 0x02, IsLive = true },
        new(LsiRegister.DataStructureAddress) { Writable = 0xFFFFFFFF },
        new(LsiRegister.InterruptStatus0, 1) { Writable = 0xF0, IsLive = true },
        new(LsiRegister.InterruptStatus1, 1) { Writable = 0x01, IsLive = true },
        new(LsiRegister.Mailbox0, 1) { Writable = 0xFF },
        new(LsiRegister.Mailbox1, 1) { Writable = 0xFF },
        new(LsiRegister.ChipTest0, 1) { Writable = 0xFF },
        new(LsiRegister.ChipTest1, 1) { Reset = 0xF0 },
        new(LsiRegister.ChipTest2, 1) { Writable = 0x08, IsLive = true },
        new(LsiRegister.ChipTest3, 1) { Writable = 0x0B },
        new(LsiRegister.Temporary) { Writable = 0xFFFFFFFF },
        new(LsiRegister.DmaFifo, 1) { IsLive = true },
        new(LsiRegister.ChipTest4, 1) { Writable = 0xFF },
        new(LsiRegister.ChipTest5, 1) { Writable = 0x3C, IsLive = true },
        new(LsiRegister.ChipTest6, 1) { Writable = 0xFF },
        new(LsiRegister.ByteCounter) { Writable = 0xFFFFFFFF },
        new(LsiRegister.NextAddress) { Writable = 0xFFFFFFFF },
        new(LsiRegister.ScriptsPointer) { Writable = 0xFFFFFFFF, IsLive = true },
        new(LsiRegister.ScriptsPointerSave) { Writable = 0xFFFFFFFF },
        new(LsiRegister.ScratchA) { Writable = 0xFFFFFFFF, IsLive = true },
        new(LsiRegister.DmaMode, 1) { Writable = 0xFF },
        new(LsiRegister.DmaInterruptEnable, 1) { Writable = 0x7D },
        new(LsiRegister.ScratchByte, 1) { Writable = 0xFF },
        new(LsiRegister.DmaControl, 1) { Writable = 0xBB, IsLive = true },
        new(LsiRegister.AdderSum),
        new(LsiRegister.ScsiInterruptEnable0, 1) { Writable = 0xFF },
        new(LsiRegister.ScsiInterruptEnable1, 1) { Writable = 0x17 },
        new(LsiRegister.ScsiInterruptStatus0, 1) { IsLive = true },
        new(LsiRegister.ScsiInterruptStatus1, 1) { IsLive = true },
        new(LsiRegister.LongitudinalParity, 1) { Writable = 0xFF },
        new(LsiRegister.WideResidue, 1) { Writable = 0xFF },
        new(LsiRegister.MemoryAccessControl, 1) { Writable = 0x0F },
        new(LsiRegister.GeneralPurposeControl, 1) { Reset = 0x0F, Writable = 0xFF },
        new(LsiRegister.ScsiTimer0, 1) { Writable = 0xFF },
        new(LsiRegister.ScsiTimer1, 1) { Writable = 0x7F },
        new(LsiRegister.ResponseId0, 1) { Reset = 0x80, Writable = 0xFF },
        new(LsiRegister.ResponseId1, 1) { Writable = 0xFF },
        new(LsiRegister.ScsiTest0, 1) { Reset = 0x03 },
        new(LsiRegister.ScsiTest1, 1) { Writable = 0xCC },
        new(LsiRegister.ScsiTest2, 1) { Writable = 0xBF },
        new(LsiRegister.ScsiTest3, 1) { Writable = 0xFD },
        new(LsiRegister.InputDataLatch, 2),
        new(LsiRegister.ScsiTest4, 1) { Reset = 0xE0 },
        new(LsiRegister.OutputDataLatch, 2) { Writable = 0xFFFF },
        new(LsiRegister.ChipControl0, 1) { Writable = 0xF3 },
        new(LsiRegister.ChipControl1, 1) { Writable = 0x8F },
        new(LsiRegister.BusDataLines, 2) { IsLive = true },
        new(LsiRegister.ScratchB) { Writable = 0xFFFFFFFF, IsLive = true },
        new(LsiRegister.ScratchC) { Writable = 0xFFFFFFFF, Count = 16 },
        new(LsiRegister.MemoryReadSelector) { Writable = 0xFFFFFFFF },
        new(LsiRegister.MemoryWriteSelector) { Writable = 0xFFFFFFFF },
        new(LsiRegister.ScriptFetchSelector) { Writable = 0xFFFFFFFF },
        new(LsiRegister.DataRelativeSelector) { Writable = 0xFFFFFFFF },
        new(LsiRegister.StaticBlockMoveSelector) { Writable = 0xFFFFFFFF },
        new(LsiRegister.DynamicBlockMoveSelector) { Writable = 0xFFFFFFFF },
        new(LsiRegister.NextAddressUpper) { Writable = 0xFFFFFFFF },
        new(LsiRegister.PhaseMismatchJump1) { Writable = 0xFFFFFFFF },
        new(LsiRegister.PhaseMismatchJump2) { Writable = 0xFFFFFFFF },
        new(LsiRegister.RemainingByteCount) { Writable = 0xFFFFFFFF },
        new(LsiRegister.UpdatedAddress) { Writable = 0xFFFFFFFF },
        new(LsiRegister.EntryStorageAddress) { Writable = 0xFFFFFFFF },
        new(LsiRegister.InstructionAddress) { Writable = 0xFFFFFFFF },
        new(LsiRegister.ScsiByteCount),
        new(LsiRegister.CumulativeByteCount) { Writable = 0xFFFFFFFF },
    ];

    /// <summary>SCRATCHC to SCRATCHR.</summary>
    /// <param name="index">0 for SCRATCHC.</param>
    internal static LsiRegister Scratch(int index) => LsiRegister.ScratchC + (ushort)(index * 4);
}
