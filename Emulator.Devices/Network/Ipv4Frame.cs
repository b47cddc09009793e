using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Where the parts of an untagged Ethernet frame with an IPv4 packet are (RFC 791, 3.1). What is out of bounds is no such frame.</summary>
public readonly struct Ipv4Frame
{
    /// <summary>The protocol number of TCP.</summary>
    public const byte Tcp = 6;

    /// <summary>The protocol number of UDP.</summary>
    public const byte Udp = 17;

    /// <summary>Where the IP header starts.</summary>
    public const int HeaderAt = 14;

    private const int EthernetType = 12;
    private const ushort IpType = 0x0800;
    private const int SmallestHeader = 20;
    private const int ChecksumOffset = 10;
    private const int AddressesOffset = 12;
    private const int AddressesSize = 8;
    private const ushort MoreFragmentsOrOffset = 0x3FFF;

    private Ipv4Frame(int headerLength, int totalLength, byte protocol, bool isFragment)
    {
        (HeaderLength, PayloadLength, Protocol, IsFragment) = (headerLength, totalLength - headerLength, protocol, isFragment);
    }

    /// <summary>Bytes in the IP header, options with it.</summary>
    public int HeaderLength { get; }

    /// <summary>Bytes behind the header, what pads the frame not counted.</summary>
    public int PayloadLength { get; }

    /// <summary>What is in it.</summary>
    public byte Protocol { get; }

    /// <summary>True for a part of a packet.</summary>
    public bool IsFragment { get; }

    /// <summary>Where the payload starts.</summary>
    public int PayloadAt => HeaderAt + HeaderLength;

    /// <summary>Looks at a frame.</summary>
    /// <param name="frame">From the destination's address, without the frame check sequence.</param>
    /// <param name="ip">Where its parts are; all of them are in the frame.</param>
    public static bool TryParse(ReadOnlySpan<byte> frame, out Ipv4Frame ip)
    {
        ip = default;
        if (frame.Length < HeaderAt + SmallestHeader || BinaryPrimitives.ReadUInt16BigEndian(frame[EthernetType..]) != IpType || frame[HeaderAt] >> 4 != 4)
        {
            return false;
        }

        var header = (frame[HeaderAt] & 0xF) * 4;
        int total = BinaryPrimitives.ReadUInt16BigEndian(frame[(HeaderAt + 2)..]);
        if (header < SmallestHeader || header > total || total > frame.Length - HeaderAt)
        {
            return false;
        }

        var fragment = BinaryPrimitives.ReadUInt16BigEndian(frame[(HeaderAt + 6)..]);
        ip = new Ipv4Frame(header, total, frame[HeaderAt + 9], (fragment & MoreFragmentsOrOffset) != 0);
        return true;
    }

    /// <summary>The sum of the header: FFFF if its checksum is right.</summary>
    public ushort HeaderSum(ReadOnlySpan<byte> frame) => InternetChecksum.Sum(frame.Slice(HeaderAt, HeaderLength));

    /// <summary>The sum of payload and pseudo header: FFFF if the checksum in it is right (RFC 9293, 3.1).</summary>
    public ushort PayloadSum(ReadOnlySpan<byte> frame)
    {
        var sum = InternetChecksum.Sum(frame.Slice(HeaderAt + AddressesOffset, AddressesSize), (uint)(Protocol + PayloadLength));
        return InternetChecksum.Sum(frame.Slice(PayloadAt, PayloadLength), sum);
    }

    /// <summary>Puts the header's checksum in.</summary>
    public void SealHeader(Span<byte> frame)
    {
        var checksum = frame[(HeaderAt + ChecksumOffset)..];
        BinaryPrimitives.WriteUInt16BigEndian(checksum, 0);
        BinaryPrimitives.WriteUInt16BigEndian(checksum, (ushort)~HeaderSum(frame));
    }

    /// <summary>Puts the payload's checksum in.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="offset">Where it is in the payload.</param>
    public void SealPayload(Span<byte> frame, int offset)
    {
        var checksum = frame[(PayloadAt + offset)..];
        BinaryPrimitives.WriteUInt16BigEndian(checksum, 0);
        var sum = (ushort)~PayloadSum(frame);

        // UDP says with 0 that there is none.
        BinaryPrimitives.WriteUInt16BigEndian(checksum, sum == 0 && Protocol == Udp ? ushort.MaxValue : sum);
    }
}
