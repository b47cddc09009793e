using System.Buffers.Binary;

namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>Frames to send and to compare with.</summary>
internal static class Frames
{
    public static byte[] ToStation(int length, int fill = 1) => To(Rtl8139Board.Station, length, fill);

    public static byte[] To(MacAddress destination, int length, int fill = 1)
    {
        var frame = new byte[length];
        for (var i = 12; i < length; i++)
        {
            frame[i] = (byte)((i * 7) + fill);
        }

        destination.CopyTo(frame);
        MacAddress.Default(99).CopyTo(frame.AsSpan(6));

        // No protocol that anybody knows.
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x88B5);
        return frame;
    }

    public static byte[] Broadcast(int length) => To(Address("ff:ff:ff:ff:ff:ff"), length);

    public static MacAddress Address(string text)
    {
        Assert.True(MacAddress.TryParse(text, out var address));
        return address;
    }

    /// <summary>As it comes out of the ring: padded, with its frame check sequence.</summary>
    public static byte[] Sealed(byte[] frame)
    {
        var packet = new byte[Math.Max(60, frame.Length) + 4];
        frame.CopyTo(packet, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(packet.Length - 4), EthernetCrc.Compute(packet.AsSpan(0, packet.Length - 4)));
        return packet;
    }

    /// <summary>With a tag behind the addresses.</summary>
    public static byte[] Tagged(byte[] frame, ushort tag) => [.. frame[..12], 0x81, 0x00, (byte)(tag >> 8), (byte)tag, .. frame[12..]];

    /// <summary>IPv4 with a payload; no checksum is in it but what the payload brings.</summary>
    public static byte[] Ip(byte protocol, byte[] payload, int headerWords = 5, int totalLength = -1)
    {
        var frame = new byte[14 + (Math.Min(headerWords, 15) * 4) + payload.Length];
        ToStation(14).CopyTo(frame, 0);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), 0x0800);
        var ip = frame.AsSpan(14);
        ip[0] = (byte)(0x40 | headerWords);
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)(totalLength < 0 ? frame.Length - 14 : totalLength));
        BinaryPrimitives.WriteUInt16BigEndian(ip[4..], 0x1234);
        (ip[8], ip[9]) = (64, protocol);
        new byte[] { 10, 0, 0, 1, 10, 0, 0, 2 }.CopyTo(ip[12..]);
        payload.CopyTo(frame, frame.Length - payload.Length);
        return frame;
    }

    public static byte[] Tcp(int data, byte flags = 0x19, int headerWords = 5)
    {
        var segment = new byte[20 + data];
        BinaryPrimitives.WriteUInt16BigEndian(segment, 1000);
        BinaryPrimitives.WriteUInt32BigEndian(segment.AsSpan(4), 0xFFFF_FF00);
        segment[12] = (byte)(headerWords << 4);
        segment[13] = flags;
        for (var i = 0; i < data; i++)
        {
            segment[20 + i] = (byte)(i * 13);
        }

        return segment;
    }

    public static byte[] Udp(int data)
    {
        var datagram = new byte[8 + data];
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(4), (ushort)datagram.Length);
        for (var i = 0; i < data; i++)
        {
            datagram[8 + i] = (byte)(i + 3);
        }

        return datagram;
    }

    /// <summary>The ones' complement sum, added up word by word.</summary>
    public static ushort Sum(ReadOnlySpan<byte> bytes, uint sum = 0)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            sum += (uint)bytes[i] << ((i & 1) == 0 ? 8 : 0);
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }

    /// <summary>Whether the checksum of the IP header is right.</summary>
    public static bool IsIpRight(ReadOnlySpan<byte> frame) => Sum(frame.Slice(14, (frame[14] & 15) * 4)) == 0xFFFF;

    /// <summary>Whether the checksum of what is in the packet is right.</summary>
    public static bool IsPayloadRight(ReadOnlySpan<byte> frame)
    {
        var header = (frame[14] & 15) * 4;
        var length = BinaryPrimitives.ReadUInt16BigEndian(frame[16..]) - header;
        return Sum(frame.Slice(14 + header, length), (uint)(Sum(frame.Slice(26, 8)) + frame[23] + length)) == 0xFFFF;
    }
}
