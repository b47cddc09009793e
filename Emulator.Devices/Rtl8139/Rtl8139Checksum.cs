namespace Emulator.Devices;

/// <summary>Checksums of IPv4, TCP and UDP that C+ puts in and checks.</summary>
internal static class Rtl8139Checksum
{
    private const int TcpHeader = 20;
    private const int TcpChecksumOffset = 16;
    private const int UdpHeader = 8;
    private const int UdpChecksumOffset = 6;
    private const ushort Right = 0xFFFF;

    /// <summary>Puts the checksums in that a descriptor asks for. A frame whose headers are not whole stays as it is.</summary>
    /// <param name="frame">Without the frame check sequence.</param>
    /// <param name="word">The descriptor's first word, without LGSEN.</param>
    public static void Insert(Span<byte> frame, uint word)
    {
        if ((word & Rtl8139Descriptor.AnyChecksum) == 0 || !Ipv4Frame.TryParse(frame, out var ip))
        {
            return;
        }

        var tcp = (word & Rtl8139Descriptor.TcpChecksum) != 0 && ip is { Protocol: Ipv4Frame.Tcp, IsFragment: false };
        var udp = (word & Rtl8139Descriptor.UdpChecksum) != 0 && ip is { Protocol: Ipv4Frame.Udp, IsFragment: false };
        if ((tcp && TcpHeaderLength(frame, in ip) == 0) || (udp && ip.PayloadLength < UdpHeader))
        {
            return;
        }

        if ((word & Rtl8139Descriptor.IpChecksum) != 0)
        {
            ip.SealHeader(frame);
        }

        if (tcp || udp)
        {
            ip.SealPayload(frame, tcp ? TcpChecksumOffset : UdpChecksumOffset);
        }
    }

    /// <summary>Puts both checksums into a segment.</summary>
    public static void Seal(Span<byte> frame, in Ipv4Frame ip)
    {
        ip.SealHeader(frame);
        ip.SealPayload(frame, TcpChecksumOffset);
    }

    /// <summary>Bytes in the TCP header, options with it; 0 if it is not whole.</summary>
    public static int TcpHeaderLength(ReadOnlySpan<byte> frame, in Ipv4Frame ip)
    {
        if (ip.PayloadLength < TcpHeader)
        {
            return 0;
        }

        var length = frame[ip.PayloadAt + 12] >> 4 << 2;
        return length < TcpHeader || length > ip.PayloadLength ? 0 : length;
    }

    /// <summary>What a received frame is, and which of its checksums are wrong: bits of a descriptor's first word.</summary>
    /// <param name="frame">Without the frame check sequence.</param>
    public static uint Check(ReadOnlySpan<byte> frame)
    {
        if (!Ipv4Frame.TryParse(frame, out var ip))
        {
            return 0;
        }

        var failed = ip.HeaderSum(frame) == Right ? 0 : Rtl8139Descriptor.IpFailed;
        return failed | (ip switch
        {
            { Protocol: Ipv4Frame.Tcp, IsFragment: false } =>
                Rtl8139Descriptor.ProtocolTcp | (TcpHeaderLength(frame, in ip) != 0 && ip.PayloadSum(frame) == Right ? 0 : Rtl8139Descriptor.TcpFailed),
            { Protocol: Ipv4Frame.Udp, IsFragment: false } =>
                Rtl8139Descriptor.ProtocolUdp | (IsUdpRight(frame, in ip) ? 0 : Rtl8139Descriptor.UdpFailed),
            _ => Rtl8139Descriptor.ProtocolIp,
        });
    }

    // A checksum of 0 is none.
    private static bool IsUdpRight(ReadOnlySpan<byte> frame, in Ipv4Frame ip)
    {
        if (ip.PayloadLength < UdpHeader)
        {
            return false;
        }

        var checksum = frame.Slice(ip.PayloadAt + UdpChecksumOffset, 2);
        return (checksum[0] | checksum[1]) == 0 || ip.PayloadSum(frame) == Right;
    }
}
