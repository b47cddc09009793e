using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Looks at the checksums of a frame that came (8254x manual, 3.2.9): IP version 4, and TCP and UDP over both versions.</summary>
/// <remarks>
/// Of what it does not understand, or what is too short, it says that it was not looked at. Fragments have no checksum of
/// TCP's or UDP's that could be.
/// </remarks>
internal static class E1000ReceiveChecksums
{
    private const int EthernetHeader = 14;
    private const int TagSize = 4;
    private const ushort Tagged = 0x8100;
    private const ushort Ip4 = 0x0800;
    private const ushort Ip6 = 0x86DD;
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const ushort Fragment = 0x3FFF;

    /// <summary>Adds to a descriptor's status and errors.</summary>
    /// <param name="frame">60 bytes at least.</param>
    /// <param name="checks">Which are looked at.</param>
    /// <param name="status">IPCS and TCPCS.</param>
    /// <param name="errors">IPE and TCPE.</param>
    public static void Check(ReadOnlySpan<byte> frame, E1000ChecksumControl checks, ref E1000ReceiveStatus status, ref E1000ReceiveErrors errors)
    {
        var at = EthernetHeader;
        var type = Word(frame, at - 2);
        if (type == Tagged)
        {
            type = Word(frame, at + 2);
            at += TagSize;
        }

        var packet = frame[at..];
        if (type == Ip6)
        {
            Check6(packet, checks, ref status, ref errors);
        }
        else if (type == Ip4)
        {
            Check4(packet, checks, ref status, ref errors);
        }
    }

    private static void Check4(ReadOnlySpan<byte> packet, E1000ChecksumControl checks, ref E1000ReceiveStatus status, ref E1000ReceiveErrors errors)
    {
        var header = (packet[0] & 0xF) * 4;
        int total = Word(packet, 2);
        if (packet[0] >> 4 != 4 || header < 20 || header > total || total > packet.Length)
        {
            return;
        }

        if ((checks & E1000ChecksumControl.Ip) != 0)
        {
            status |= E1000ReceiveStatus.IpChecked;
            errors |= InternetChecksum.Sum(packet[..header]) == 0xFFFF ? 0 : E1000ReceiveErrors.Ip;
        }

        if ((checks & E1000ChecksumControl.Transport) != 0 && (Word(packet, 6) & Fragment) == 0)
        {
            CheckTransport(packet[header..total], packet[9], packet[12..20], ref status, ref errors);
        }
    }

    private static void Check6(ReadOnlySpan<byte> packet, E1000ChecksumControl checks, ref E1000ReceiveStatus status, ref E1000ReceiveErrors errors)
    {
        const int Header = 40;
        var length = Word(packet, 4);
        if (packet[0] >> 4 == 6 && Header + length <= packet.Length && (checks & E1000ChecksumControl.Transport) != 0)
        {
            CheckTransport(packet.Slice(Header, length), packet[6], packet[8..Header], ref status, ref errors);
        }
    }

    private static void CheckTransport(
        ReadOnlySpan<byte> segment, byte protocol, ReadOnlySpan<byte> addresses, ref E1000ReceiveStatus status, ref E1000ReceiveErrors errors)
    {
        var isTcp = protocol == Tcp && segment.Length >= 20;
        var isUdp = protocol == Udp && segment.Length >= 8 && Word(segment, 6) != 0;
        if (!isTcp && !isUdp)
        {
            return;
        }

        var pseudo = InternetChecksum.Sum(addresses) + (uint)protocol + (uint)segment.Length;
        status |= E1000ReceiveStatus.TransportChecked;
        errors |= InternetChecksum.Sum(segment, pseudo) == 0xFFFF ? 0 : E1000ReceiveErrors.Transport;
    }

    private static ushort Word(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);
}
