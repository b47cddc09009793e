namespace Emulator.Devices;

/// <summary>The registers' sizes, reset values and masks.</summary>
/// <remarks>Registers that 9346CR locks are writable nowhere here: <see cref="Rtl8139Function"/> writes them if they are not locked.</remarks>
public static class Rtl8139Registers
{
    /// <summary>Bytes of registers, in both windows.</summary>
    public const int Length = 0x100;

    /// <summary>Transmit descriptors in registers.</summary>
    public const int Transmits = 4;

    /// <summary>The bits of BMCR that 9346CR locks: speed, negotiation, duplex.</summary>
    public const ushort LockedMode = 0x3100;

    /// <summary>CONFIG1, bits that may be written: LEDS1–0, DVRLOAD, LWACT, VPD, PMEn.</summary>
    public const byte WritableConfig1 = 0xF3;

    /// <summary>CONFIG3, bits that may be written: PARM_En, Magic, LinkUp.</summary>
    public const byte WritableConfig3 = 0x70;

    /// <summary>CONFIG4, bits that may be written: all but 3 and 1.</summary>
    public const byte WritableConfig4 = 0xF5;

    /// <summary>IDR, bits that may be written.</summary>
    public const ulong WritableAddress = 0xFFFF_FFFF_FFFF;

    // MEMMAP, IOMAP, PMEn.
    private const byte Config1Reset = 0x0D;

    /// <summary>The table of a part.</summary>
    /// <param name="variant">Which part.</param>
    /// <param name="address">The station's, IDR's reset value.</param>
    public static RegisterSpec<Rtl8139Register>[] Table(Rtl8139Variant variant, MacAddress address)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        address.CopyTo(bytes);
        var version = variant == Rtl8139Variant.C ? Rtl8139TransmitConfiguration.VersionC : Rtl8139TransmitConfiguration.VersionCPlus;
        RegisterSpec<Rtl8139Register>[] common =
        [
            new(Rtl8139Register.Address, 8) { Reset = BitConverter.ToUInt64(bytes), IsLive = true },
            new(Rtl8139Register.MulticastFilter, 8) { Writable = ulong.MaxValue },
            new(Rtl8139Register.TransmitStatus) { Reset = (ulong)Rtl8139TransmitStatus.Own, Count = Transmits, IsLive = true },
            new(Rtl8139Register.TransmitAddress) { Writable = 0xFFFF_FFFF, Count = Transmits },
            new(Rtl8139Register.ReceiveBufferStart) { Writable = 0xFFFF_FFFF },
            new(Rtl8139Register.EarlyReceiveCount, 2),
            new(Rtl8139Register.EarlyReceiveStatus, 1),
            new(Rtl8139Register.Command, 1)
            {
                Reset = (ulong)Rtl8139Command.BufferEmpty,
                Writable = (ulong)(Rtl8139Command.TransmitEnable | Rtl8139Command.ReceiveEnable),
                IsLive = true,
            },
            new(Rtl8139Register.ReadPointer, 2) { Reset = 0xFFF0, Writable = 0xFFFF },
            new(Rtl8139Register.WritePointer, 2),
            new(Rtl8139Register.InterruptMask, 2) { Writable = 0xFFFF },
            new(Rtl8139Register.InterruptStatus, 2) { IsLive = true },
            new(Rtl8139Register.TransmitConfiguration) { Reset = (ulong)version, Writable = 0x0307_07F0 },
            new(Rtl8139Register.ReceiveConfiguration) { Writable = 0x0F03_FFBF },
            new(Rtl8139Register.TimerCount) { IsLive = true },
            new(Rtl8139Register.MissedPackets) { IsLive = true },
            new(Rtl8139Register.EepromCommand, 1) { Writable = 0xCE, IsLive = true },
            new(Rtl8139Register.Config0, 1),
            new(Rtl8139Register.Config1, 1) { Reset = Config1Reset, IsLive = true },
            new(Rtl8139Register.TimerInterrupt) { Writable = 0xFFFF_FFFF },
            new(Rtl8139Register.MediaStatus, 1)
            {
                Reset = (ulong)(Rtl8139MediaStatus.AuxiliaryPower | Rtl8139MediaStatus.NoLink),
                Writable = (ulong)Rtl8139MediaStatus.FlowControl,
                IsLive = true,
            },
            new(Rtl8139Register.Config3, 1) { Reset = 0x01, IsLive = true },
            new(Rtl8139Register.Config4, 1) { IsLive = true },
            new(Rtl8139Register.HaltClock, 1) { IsLive = true },
            new(Rtl8139Register.MultipleInterrupt, 2) { Writable = 0x0FFF },
            new(Rtl8139Register.Revision, 1) { Reset = (ulong)variant },
            new(Rtl8139Register.TransmitSummary, 2) { Reset = 0x000F, IsLive = true },
            new(Rtl8139Register.BasicModeControl, 2) { Reset = Rtl8139Media.ControlReset, IsLive = true },
            new(Rtl8139Register.BasicModeStatus, 2) { Reset = Rtl8139Media.StatusReset, IsLive = true },
            new(Rtl8139Register.Advertisement, 2) { Reset = Rtl8139Media.AbilityReset, IsLive = true },
            new(Rtl8139Register.PartnerAbility, 2) { IsLive = true },
            new(Rtl8139Register.Expansion, 2) { IsLive = true },
            new(Rtl8139Register.Disconnects, 2),
            new(Rtl8139Register.FalseCarriers, 2),
            new(Rtl8139Register.NegotiationTest, 2) { Writable = 0x0080 },
            new(Rtl8139Register.ReceiveErrors, 2),
            new(Rtl8139Register.LinkConfiguration, 2) { Reset = 0x03C0, Writable = 0x03E5, IsLive = true },
            new(Rtl8139Register.PhyParameter1) { Writable = 0xFFFF_FFFF },
            new(Rtl8139Register.TwisterParameter) { Writable = 0xFFFF_FFFF },
            new(Rtl8139Register.PhyParameter2, 1) { Writable = 0xFF },
            new(Rtl8139Register.WakeupCrc, 1) { Writable = 0xFF, Count = 8 },
            new(Rtl8139Register.WakeupMask, 8) { Writable = ulong.MaxValue, Count = 8 },
            new(Rtl8139Register.WakeupLastByte, 1) { Writable = 0xFF, Count = 8 },
            new(Rtl8139Register.Config5, 1) { Writable = 0x7F },
        ];
        RegisterSpec<Rtl8139Register>[] ofCPlus =
        [
            new(Rtl8139Register.LastTransmitted, 2),
            new(Rtl8139Register.TransmitPoll, 1) { IsLive = true },
            new(Rtl8139Register.CPlusCommand, 2) { Writable = 0x007B, IsLive = true },
            new(Rtl8139Register.ReceiveDescriptors, 8) { Writable = ~0xFFUL },
            new(Rtl8139Register.EarlyTransmitThreshold, 1) { Writable = 0x3F },
        ];
        return variant == Rtl8139Variant.C ? common : [.. common, .. ofCPlus];
    }
}
