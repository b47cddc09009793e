namespace Emulator.Devices;

/// <summary>Bits of RCTL (8254x manual, 13.4.22).</summary>
[Flags]
public enum E1000ReceiveControl : uint
{
    /// <summary>EN.</summary>
    Enable = 1 << 1,

    /// <summary>SBP: frames with errors are stored too.</summary>
    StoreBad = 1 << 2,

    /// <summary>UPE: every unicast address.</summary>
    UnicastPromiscuous = 1 << 3,

    /// <summary>MPE: every multicast address.</summary>
    MulticastPromiscuous = 1 << 4,

    /// <summary>LPE: frames of more than 1522 bytes.</summary>
    LongPackets = 1 << 5,

    /// <summary>LBM: what is sent comes back.</summary>
    Loopback = 0b11 << 6,

    /// <summary>BAM: broadcasts.</summary>
    Broadcast = 1 << 15,

    /// <summary>VFE: of frames with a tag, only those that VFTA has.</summary>
    VlanFilter = 1 << 18,

    /// <summary>CFIEN: of those, only the ones whose CFI is as the next bit.</summary>
    CanonicalFilter = 1 << 19,

    /// <summary>CFI.</summary>
    Canonical = 1 << 20,

    /// <summary>DPF: PAUSE frames are not stored.</summary>
    DiscardPause = 1 << 22,

    /// <summary>PMCF: MAC control frames that are not PAUSE are stored, whatever their address.</summary>
    PassControl = 1 << 23,

    /// <summary>BSEX: buffers are 16 times as large.</summary>
    BufferSizeExtension = 1 << 25,

    /// <summary>SECRC: the frame check sequence is not stored.</summary>
    StripCrc = 1 << 26,

    /// <summary>What keeps its value.</summary>
    Writable = 0x06DF_B3FE,
}

/// <summary>Bits of TCTL (13.4.33).</summary>
[Flags]
public enum E1000TransmitControl : uint
{
    /// <summary>EN.</summary>
    Enable = 1 << 1,

    /// <summary>PSP: short packets are padded.</summary>
    PadShort = 1 << 3,
}

/// <summary>Bits of RXCSUM (13.4.39); PCSS, where the packet checksum starts, is in bits 7:0.</summary>
[Flags]
public enum E1000ChecksumControl : uint
{
    /// <summary>IPOFL: header checksums are looked at.</summary>
    Ip = 1 << 8,

    /// <summary>TUOFL: those of TCP and UDP are.</summary>
    Transport = 1 << 9,
}

/// <summary>RCTL's fields.</summary>
public static class E1000ReceiveControls
{
    /// <summary>BSIZE and BSEX: bytes of a buffer.</summary>
    /// <param name="control">RCTL.</param>
    public static int BufferSize(this E1000ReceiveControl control)
    {
        var shift = (int)((uint)control >> 16) & 3;
        return (control & E1000ReceiveControl.BufferSizeExtension) != 0 && shift != 0 ? 0x8000 >> shift : 0x800 >> shift;
    }

    /// <summary>MO: which twelve of the address's last two bytes' bits are the hash, as a distance to shift them right.</summary>
    /// <param name="control">RCTL.</param>
    public static int MulticastShift(this E1000ReceiveControl control) => ((uint)control >> 12 & 3) switch
    {
        0 => 4,
        1 => 3,
        2 => 2,
        _ => 0,
    };

    /// <summary>RDMTS: the part of the ring that is left when there are few descriptors, as a distance to shift the whole right.</summary>
    /// <param name="control">RCTL.</param>
    public static int LowShift(this E1000ReceiveControl control) => (int)((uint)control >> 8 & 3) + 1;
}
