using System.Buffers.Binary;
using System.Text;

namespace Emulator.Host.Tracing;

/// <summary>
/// A trace as a capture file for Wireshark: a packet for each event, at the machine's time, its line of the trace as the payload of an
/// exported PDU, which says by itself that it is JSON, and what the columns should have.
/// </summary>
internal static class PcapTrace
{
    // EXP_PDU_TAG_*; big-endian, as all of a tag.
    private const ushort DissectorName = 12;
    private const ushort ProtocolColumn = 33;
    private const ushort InformationColumn = 36;
    private const ushort EndOfTags = 0;

    /// <summary>Writes it.</summary>
    /// <param name="output">Where to; not closed.</param>
    /// <param name="picture">The trace.</param>
    public static void Write(Stream output, TracePicture picture)
    {
        var file = new PcapFile(output, PcapFile.UpperPdu, inNanoseconds: true);
        using var writer = new TraceWriter();
        using var packet = new MemoryStream();
        for (var i = 0; i < picture.Events.Length; i++)
        {
            var e = picture.Events[i];
            packet.SetLength(0);
            WriteTag(packet, DissectorName, "json");
            WriteTag(packet, ProtocolColumn, e.Lane);
            WriteTag(packet, InformationColumn, TraceWords.Of(e));
            WriteTag(packet, EndOfTags, "");
            packet.Write(writer.Line(e).TrimEnd((byte)'\n'));
            file.Write(e.Time, packet.GetBuffer().AsSpan(0, (int)packet.Length), (int)packet.Length);
        }
    }

    /// <summary>Type, length, value, which is filled up to words.</summary>
    private static void WriteTag(MemoryStream packet, ushort type, string text)
    {
        var value = Encoding.UTF8.GetBytes(text);
        var padded = (value.Length + 3) & ~3;
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(head, type);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)padded);
        packet.Write(head);
        packet.Write(value);
        packet.Write(stackalloc byte[padded - value.Length]);
    }
}
