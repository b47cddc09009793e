using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>What is done to a packet before it is sent: checksums, and headers that are the segment's own (8254x manual, 3.5 and 3.6).</summary>
/// <remarks>All offsets are the guest's. What is not in the packet is left alone.</remarks>
internal static class E1000Offload
{
    private const int Ip6HeaderLength = 40;
    private const byte FinAndPush = 0x09;

    /// <summary>Puts a checksum in: that of what is there, the field itself included.</summary>
    /// <param name="packet">The whole packet.</param>
    /// <param name="start">The first byte that it covers.</param>
    /// <param name="offset">Where it goes.</param>
    /// <param name="end">The last byte that it covers; 0 for the packet's last.</param>
    /// <param name="isUdp">True if 0 means that there is none: then all ones are the same.</param>
    public static void InsertChecksum(Span<byte> packet, int start, int offset, int end, bool isUdp = false)
    {
        var stop = end == 0 ? packet.Length : Math.Min(end + 1, packet.Length);
        if (start >= stop || offset + 2 > packet.Length)
        {
            return;
        }

        var checksum = (ushort)~InternetChecksum.Sum(packet[start..stop]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[offset..], checksum == 0 && isUdp ? (ushort)0xFFFF : checksum);
    }

    /// <summary>Turns the headers of the whole into those of a segment (3.5.8).</summary>
    /// <param name="segment">Headers as the driver wrote them, and the segment's data.</param>
    /// <param name="context">Where they are.</param>
    /// <param name="number">Segments before this one.</param>
    /// <param name="isLast">True for the last.</param>
    public static void PrepareSegment(Span<byte> segment, in E1000Context context, int number, bool isLast)
    {
        int ip = context.IpStart, transport = context.TransportStart;
        if ((context.Command & E1000ContextCommand.Ip4) != 0)
        {
            Set(segment, ip + 2, segment.Length - ip);
            Add(segment, ip + 4, number);
        }
        else
        {
            Set(segment, ip + 4, segment.Length - ip - Ip6HeaderLength);
        }

        if ((context.Command & E1000ContextCommand.Tcp) == 0)
        {
            Set(segment, transport + 4, segment.Length - transport);
            return;
        }

        if (transport + 14 <= segment.Length)
        {
            var sequence = segment[(transport + 4)..];
            BinaryPrimitives.WriteUInt32BigEndian(sequence, BinaryPrimitives.ReadUInt32BigEndian(sequence) + (uint)(number * context.SegmentSize));
            segment[transport + 13] &= isLast ? (byte)0xFF : unchecked((byte)~FinAndPush);
        }
    }

    /// <summary>Adds the length to the checksum of the pseudo header, which the driver put where the segment's goes.</summary>
    /// <param name="segment">The whole segment.</param>
    /// <param name="context">Where its headers are.</param>
    public static void AddLength(Span<byte> segment, in E1000Context context)
    {
        int offset = context.TransportOffset;
        if (offset + 2 <= segment.Length && segment.Length > context.TransportStart)
        {
            var field = segment[offset..];
            var sum = BinaryPrimitives.ReadUInt16BigEndian(field) + (ulong)(segment.Length - context.TransportStart);
            BinaryPrimitives.WriteUInt16BigEndian(field, InternetChecksum.Fold(sum));
        }
    }

    private static void Set(Span<byte> packet, int offset, int value)
    {
        if (offset + 2 <= packet.Length)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[offset..], (ushort)value);
        }
    }

    private static void Add(Span<byte> packet, int offset, int value)
    {
        if (offset + 2 <= packet.Length)
        {
            Set(packet, offset, BinaryPrimitives.ReadUInt16BigEndian(packet[offset..]) + value);
        }
    }
}
