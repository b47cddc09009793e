namespace Emulator.Devices;

/// <summary>The registers' sizes, reset values and masks (8254x manual, chapter 13).</summary>
public static class E1000Registers
{
    /// <summary>Bytes from the first register to behind the last.</summary>
    public const int Length = 0x9C00;

    /// <summary>Bytes in the memory window.</summary>
    public const int WindowLength = 0x2_0000;

    /// <summary>Ports in the I/O window, of which IOADDR is the first dword and IODATA the second.</summary>
    public const int Ports = 64;

    /// <summary>Entries in the table of exact addresses.</summary>
    public const int Addresses = 16;

    /// <summary>Dwords in MTA, and in VFTA.</summary>
    public const int TableLength = 128;

    /// <summary>KiB in the packet buffer, which PBA divides.</summary>
    public const int PacketBuffer = 64;

    private const ulong All = 0xFFFF_FFFF;

    private static readonly RegisterSpec<E1000Register>[] s_table =
    [
        new(E1000Register.Control) { Reset = (ulong)E1000Control.Reset, Writable = (ulong)E1000Control.Writable, IsLive = true },
        new(E1000Register.Status) { Reset = (ulong)E1000Status.Reset, IsLive = true },
        new(E1000Register.EepromControl) { Reset = (ulong)E1000EepromControl.Reset, Writable = (ulong)E1000EepromControl.Writable, IsLive = true },
        new(E1000Register.EepromRead) { IsLive = true },
        new(E1000Register.ControlExtended) { Writable = 0x00C3_DFFF, IsLive = true },
        new(E1000Register.FlashAccess) { Writable = 0x0000_0003 },
        new(E1000Register.MdiControl) { Reset = (ulong)E1000MdiControl.Ready, IsLive = true },
        new(E1000Register.FlowControlAddress, 8) { Writable = 0xFFFF_FFFF_FFFF },
        new(E1000Register.FlowControlType) { Writable = 0xFFFF },
        new(E1000Register.VlanType) { Reset = 0x8100, Writable = 0xFFFF },
        new(E1000Register.InterruptCauseRead) { IsLive = true },
        new(E1000Register.InterruptThrottling) { Writable = 0xFFFF },
        new(E1000Register.InterruptCauseSet) { IsLive = true },
        new(E1000Register.InterruptMaskSet) { IsLive = true },
        new(E1000Register.InterruptMaskClear) { IsLive = true },
        new(E1000Register.ReceiveControl) { Writable = (ulong)E1000ReceiveControl.Writable },
        new(E1000Register.FlowControlTimer) { Writable = 0xFFFF },
        new(E1000Register.TransmitConfigurationWord) { Writable = 0xC000_FFFF },
        new(E1000Register.ReceiveConfigurationWord),
        new(E1000Register.TransmitControl) { Writable = 0x03FF_FFFA },
        new(E1000Register.InterPacketGap) { Reset = 0x0060_2006, Writable = 0x3FFF_FFFF },
        new(E1000Register.AdaptiveSpacing) { Writable = 0xFFFF },
        new(E1000Register.LedControl) { Reset = 0x0706_8302, Writable = 0xCFCF_CFCF },
        new(E1000Register.PacketBufferAllocation) { Reset = 0x0010_0030, Writable = 0x7F, IsLive = true },
        new(E1000Register.FlowControlLow) { Writable = 0x8000_FFF8 },
        new(E1000Register.FlowControlHigh) { Writable = 0xFFF8 },
        new(E1000Register.ReceiveFifoHead) { Writable = 0x1FFF },
        new(E1000Register.ReceiveFifoTail) { Writable = 0x1FFF },
        new(E1000Register.ReceiveFifoHeadSaved) { Writable = 0x1FFF },
        new(E1000Register.ReceiveFifoTailSaved) { Writable = 0x1FFF },
        new(E1000Register.ReceiveFifoCount) { Writable = 0x1FFF },
        new(E1000Register.ReceiveBase, 8) { Writable = 0xFFFF_FFFF_FFFF_FFF0 },
        new(E1000Register.ReceiveLength) { Writable = 0xF_FF80 },
        new(E1000Register.ReceiveHead) { Writable = 0xFFFF },
        new(E1000Register.ReceiveTail) { Writable = 0xFFFF },
        new(E1000Register.ReceiveDelay) { Writable = 0xFFFF },
        new(E1000Register.ReceiveDescriptorControl) { Reset = 0x0001_0000, Writable = 0x013F_3F3F },
        new(E1000Register.ReceiveAbsoluteDelay) { Writable = 0xFFFF },
        new(E1000Register.ReceiveSmallPacket) { Writable = 0xFFF },
        new(E1000Register.TransmitDmaControl) { Writable = 0x1 },
        new(E1000Register.TransmitFifoHead) { Writable = 0x1FFF },
        new(E1000Register.TransmitFifoTail) { Writable = 0x1FFF },
        new(E1000Register.TransmitFifoHeadSaved) { Writable = 0x1FFF },
        new(E1000Register.TransmitFifoTailSaved) { Writable = 0x1FFF },
        new(E1000Register.TransmitFifoCount) { Writable = 0x1FFF },
        new(E1000Register.TransmitBase, 8) { Writable = 0xFFFF_FFFF_FFFF_FFF0 },
        new(E1000Register.TransmitLength) { Writable = 0xF_FF80 },
        new(E1000Register.TransmitHead) { Writable = 0xFFFF },
        new(E1000Register.TransmitTail) { Writable = 0xFFFF },
        new(E1000Register.TransmitDelay) { Writable = 0xFFFF },
        new(E1000Register.TransmitDescriptorControl) { Writable = 0xFF3F_3F3F },
        new(E1000Register.TransmitAbsoluteDelay) { Writable = 0xFFFF },
        new(E1000Register.SegmentationPadding) { Reset = 0x0100_0400, Writable = All },
        .. Statistics,
        new(E1000Register.ReceiveChecksumControl) { Writable = 0x7FF },
        new(E1000Register.MulticastTable) { Writable = All, Count = TableLength },
        new(E1000Register.ReceiveAddress, 8) { Writable = 0x8003_FFFF_FFFF_FFFF, Count = Addresses, IsLive = true },
        new(E1000Register.VlanTable) { Writable = All, Count = TableLength },
        new(E1000Register.WakeUpControl) { Writable = 0xF },
        new(E1000Register.WakeUpFilter) { Writable = 0x000F_80FF },
        new(E1000Register.WakeUpStatus),
        new(E1000Register.ManagementControl) { Writable = 0x3F3F_FFFF },
        new(E1000Register.AddressesValid) { Writable = 0x0001_000F },
        new(E1000Register.WakeUpAddress4, 8) { Writable = All, Count = 4 },
        new(E1000Register.WakeUpAddress6) { Writable = All, Count = 4 },
        new(E1000Register.WakeUpLength),
        new(E1000Register.WakeUpPacket) { Count = 32 },
        new(E1000Register.FlexibleLength, 8) { Writable = 0x7FF, Count = 4 },
        new(E1000Register.FlexibleMask, 8) { Writable = 0xF, Count = 128 },
        new(E1000Register.FlexibleValue, 8) { Writable = All, Count = 128 },
    ];

    /// <summary>The table.</summary>
    public static ReadOnlySpan<RegisterSpec<E1000Register>> Table => s_table;

    /// <summary>Entry of the table of exact addresses.</summary>
    /// <param name="index">0 to 15.</param>
    public static E1000Register Address(int index) => E1000Register.ReceiveAddress.At(index, 8);

    /// <summary>One of several registers that lie behind each other.</summary>
    /// <param name="first">The first.</param>
    /// <param name="index">Which.</param>
    /// <param name="size">Bytes of each.</param>
    public static E1000Register At(this E1000Register first, int index, int size = 4) => (E1000Register)((int)first + (index * size));

    // All of them clear as they are read and stick at their highest value (13.7).
    private static RegisterSpec<E1000Register>[] Statistics =>
    [
        Statistic(E1000Register.CrcErrors, 9),
        Statistic(E1000Register.Collisions),
        Statistic(E1000Register.Defers, 5),
        Statistic(E1000Register.XonReceived, 15),
        Octets(E1000Register.GoodOctetsReceived),
        Octets(E1000Register.GoodOctetsTransmitted),
        Statistic(E1000Register.NoBuffers, 8),
        Octets(E1000Register.TotalOctetsReceived),
        Octets(E1000Register.TotalOctetsTransmitted),
        Statistic(E1000Register.TotalPacketsReceived, 12),
    ];

    private static RegisterSpec<E1000Register> Statistic(E1000Register first, int count = 1) => new(first) { ClearedByReading = All, Count = count };

    private static RegisterSpec<E1000Register> Octets(E1000Register register) => new(register, 8) { ClearedByReading = ulong.MaxValue };
}
