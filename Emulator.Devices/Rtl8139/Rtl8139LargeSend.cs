using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Cuts a TCP packet into segments, one at a time and as many as there is room for on the wire.</summary>
internal sealed class Rtl8139LargeSend
{
    private const byte Finish = 0x01;
    private const byte Push = 0x08;
    private const byte WindowReduced = 0x80;
    private const int TotalLength = Ipv4Frame.HeaderAt + 2;
    private const int Identification = Ipv4Frame.HeaderAt + 4;
    private const int Sequence = 4;
    private const int Flags = 13;

    // Ethernet, the longest headers of IP and TCP, the largest segment.
    private readonly byte[] _segment = new byte[Ipv4Frame.HeaderAt + 60 + 60 + (int)Rtl8139Descriptor.SegmentMask];

    private Ipv4Frame _ip;
    private int _headers;
    private int _data;
    private int _size;
    private int _done;
    private ushort _number;

    /// <summary>Begins a packet; false if it is none that can be cut, which is sent as it is.</summary>
    /// <param name="packet">Without the frame check sequence.</param>
    /// <param name="size">Bytes of data in a segment, from the descriptor.</param>
    public bool TryBegin(ReadOnlySpan<byte> packet, int size)
    {
        if (size == 0 || !Ipv4Frame.TryParse(packet, out _ip) || _ip is not { Protocol: Ipv4Frame.Tcp, IsFragment: false })
        {
            return false;
        }

        var tcp = Rtl8139Checksum.TcpHeaderLength(packet, in _ip);
        if (tcp == 0)
        {
            return false;
        }

        (_headers, _data, _size, _done, _number) = (_ip.PayloadAt + tcp, _ip.PayloadLength - tcp, size, 0, 0);
        return true;
    }

    /// <summary>True once the segment that was made last is the packet's last.</summary>
    public bool IsLast => _done + _size >= _data;

    /// <summary>Makes the segment whose turn it is.</summary>
    /// <param name="packet">The packet it was begun with.</param>
    public ReadOnlySpan<byte> Make(ReadOnlySpan<byte> packet)
    {
        var length = Math.Min(_size, _data - _done);
        var segment = _segment.AsSpan(0, _headers + length);
        packet[.._headers].CopyTo(segment);
        packet.Slice(_headers + _done, length).CopyTo(segment[_headers..]);

        BinaryPrimitives.WriteUInt16BigEndian(segment[TotalLength..], (ushort)(segment.Length - Ipv4Frame.HeaderAt));
        var identification = segment[Identification..];
        BinaryPrimitives.WriteUInt16BigEndian(identification, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(identification) + _number));
        var tcp = segment[_ip.PayloadAt..];
        BinaryPrimitives.WriteUInt32BigEndian(tcp[Sequence..], BinaryPrimitives.ReadUInt32BigEndian(tcp[Sequence..]) + (uint)_done);
        tcp[Flags] &= (byte)~((IsLast ? 0 : Finish | Push) | (_done == 0 ? 0 : WindowReduced));

        // Bounds are those of the packet, which had them all.
        if (Ipv4Frame.TryParse(segment, out var ip))
        {
            Rtl8139Checksum.Seal(segment, in ip);
        }

        return segment;
    }

    /// <summary>Goes on to the next.</summary>
    public void Advance()
    {
        _done += _size;
        _number++;
    }
}
