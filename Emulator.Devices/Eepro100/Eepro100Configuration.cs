namespace Emulator.Devices;

/// <summary>What CONFIGURE, the individual address setup and the multicast setup have said (8255x manual, 6.4.2.2 to 6.4.2.4). On the I/O thread.</summary>
internal sealed class Eepro100Configuration
{
    /// <summary>Configuration bytes of the largest controller in the family.</summary>
    public const int Size = 32;

    // Byte 6: standard transmit blocks and statistics; byte 18: padding.
    private static readonly byte[] s_defaults =
    [
        0x16, 0x08, 0x00, 0x00, 0x00, 0x00, 0x32, 0x03, 0x01, 0x00, 0x2E, 0x00, 0x60, 0x00, 0xF2, 0x48, 0x00, 0x40, 0xF2, 0x80, 0x3F, 0x05,
    ];

    private static readonly MacAddress s_broadcast = MacAddress.Read([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);

    private readonly byte[] _bytes = new byte[Size];
    private ulong _hashes;

    /// <summary>The configuration bytes.</summary>
    public Span<byte> Bytes => _bytes;

    /// <summary>The station's address.</summary>
    public MacAddress Address { get; set; }

    /// <summary>The hash table, a bit for each value of the hash.</summary>
    public ulong Hashes => _hashes;

    /// <summary>Byte 6, bit 2, of the 82557: interrupts for a frame that was not sent well. Of the 82559: statistics with the TCO counters.</summary>
    public bool TransmitNotOkInterrupt => (_bytes[6] & 0x04) != 0;

    /// <summary>Byte 6, bit 3: CNA for idle alone, not for suspended.</summary>
    public bool InterruptsWhenIdleOnly => (_bytes[6] & 0x08) != 0;

    /// <summary>Byte 6, bit 4, 0: transmit blocks have two buffer descriptors inside.</summary>
    public bool ExtendedTransmitBlocks => (_bytes[6] & 0x10) == 0;

    /// <summary>Byte 6, bit 5, 0: statistics with the counters of flow control.</summary>
    public bool ExtendedStatistics => (_bytes[6] & 0x20) == 0;

    /// <summary>Byte 6, bit 7: bad frames are stored.</summary>
    public bool SaveBadFrames => (_bytes[6] & 0x80) != 0;

    /// <summary>Byte 7, bit 0: frames of less than 64 bytes are not stored.</summary>
    public bool DiscardShort => (_bytes[7] & 0x01) != 0;

    /// <summary>Byte 10, bit 3, 0: the station's address is put into frames that are sent.</summary>
    public bool InsertSourceAddress => (_bytes[10] & 0x08) == 0;

    /// <summary>Byte 10, bits 7:6: what is sent comes back, by whichever way.</summary>
    public bool IsLoopback => (_bytes[10] & 0xC0) != 0;

    /// <summary>Byte 18, bit 0: the padding behind a length field is not stored.</summary>
    public bool StripPadding => (_bytes[18] & 0x01) != 0;

    /// <summary>Byte 18, bit 1: frames that are sent are padded to 64 bytes.</summary>
    public bool PadTransmitted => (_bytes[18] & 0x02) != 0;

    /// <summary>Byte 18, bit 2: the frame check sequence is stored behind the data.</summary>
    public bool StoreCrc => (_bytes[18] & 0x04) != 0;

    /// <summary>Byte 18, bit 3: frames of more than 1518 bytes are stored.</summary>
    public bool LongFrames => (_bytes[18] & 0x08) != 0;

    private bool IsPromiscuous => (_bytes[15] & 0x01) != 0;

    private bool BroadcastDisabled => (_bytes[15] & 0x02) != 0;

    private bool IgnoreLocalBit => (_bytes[15] & 0x10) != 0;

    private bool MultipleAddresses => (_bytes[20] & 0x40) != 0;

    private bool AllMulticast => (_bytes[21] & 0x08) != 0;

    /// <summary>As after a reset.</summary>
    /// <param name="address">The station's.</param>
    public void Reset(MacAddress address)
    {
        Array.Clear(_bytes);
        s_defaults.CopyTo(_bytes, 0);
        Address = address;
        _hashes = 0;
    }

    /// <summary>Forgets all addresses of the multicast setup.</summary>
    public void ClearHashes() => _hashes = 0;

    /// <summary>Adds an address of the multicast setup.</summary>
    /// <param name="address">Six bytes.</param>
    public void AddHash(ReadOnlySpan<byte> address) => _hashes |= 1UL << EthernetCrc.MulticastHash(address);

    /// <summary>Whether a frame is for this station.</summary>
    /// <param name="frame">From the destination's address.</param>
    /// <param name="status">What its descriptor says about the address.</param>
    public bool Accepts(ReadOnlySpan<byte> frame, out Eepro100FrameStatus status)
    {
        status = 0;
        if (frame.Length < MacAddress.Size)
        {
            return false;
        }

        var destination = MacAddress.Read(frame);
        if (destination == Address || (IgnoreLocalBit && IsOwnButForLocalBit(frame)))
        {
            return true;
        }

        status = Eepro100FrameStatus.NotIndividualAddress;
        if (destination == s_broadcast ? !BroadcastDisabled
            : destination.IsGroup ? AllMulticast || IsHashed(frame)
            : MultipleAddresses && IsHashed(frame))
        {
            return true;
        }

        status |= Eepro100FrameStatus.NoAddressMatch;
        return IsPromiscuous;
    }

    private bool IsHashed(ReadOnlySpan<byte> frame) => ((_hashes >> EthernetCrc.MulticastHash(frame)) & 1) != 0;

    private bool IsOwnButForLocalBit(ReadOnlySpan<byte> frame)
    {
        const byte Local = 0x02;
        Span<byte> own = stackalloc byte[MacAddress.Size];
        Address.CopyTo(own);
        return (own[0] | Local) == (frame[0] | Local) && own[1..].SequenceEqual(frame[1..MacAddress.Size]);
    }
}
