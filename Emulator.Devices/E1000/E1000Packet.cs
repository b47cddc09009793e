using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>The packet that is put together from descriptors, and what becomes of it: one frame, or one a segment. On the I/O thread.</summary>
/// <remarks>Two contexts are kept, one for packets that are cut into segments and one for those that are not (8254x manual, 3.5.5).</remarks>
internal sealed class E1000Packet
{
    /// <summary>Bytes of the longest that is not cut; what is beyond is not sent.</summary>
    public const int Longest = NetworkPort.LargestFrame;

    private const int LongestHeader = byte.MaxValue;
    private const int TagSize = 4;
    private const int AddressesSize = 2 * MacAddress.Size;
    private const int FcsSize = 4;
    private const int ShortestFrame = 60;

    // Room for a tag before it.
    private readonly byte[] _bytes = new byte[TagSize + LongestHeader + Longest];
    private readonly byte[] _header = new byte[LongestHeader];
    private E1000Context _plain;
    private E1000Context _segmenting;

    // What a packet began with: another context in the middle of it is the next packet's.
    private E1000Context _cut;
    private bool _isBegun;
    private bool _isSegmented;
    private bool _isLast;
    private E1000PacketOptions _options;
    private int _size;
    private int _segments;
    private int _start;
    private int _length;

    /// <summary>True if it must not get onto the wire: the driver's descriptors were wrong, or its memory could not be read.</summary>
    public bool IsBroken { get; set; }

    /// <summary>True if a frame is ready to be sent.</summary>
    public bool IsReady { get; private set; }

    /// <summary>The frame that is ready.</summary>
    public ReadOnlySpan<byte> Frame => _bytes.AsSpan(_start, _length);

    /// <summary>The frame check sequence that the driver put behind that frame, if it is wrong.</summary>
    public uint? WrongFcs { get; private set; }

    /// <summary>How many bytes can be added before a segment is to be closed, or the rest is lost.</summary>
    public int Space => (_isSegmented ? _cut.HeaderLength + _cut.SegmentSize : Longest) - _size;

    /// <summary>True if there is another frame in it when it is full.</summary>
    public bool CanBeCut => _isSegmented && _cut.SegmentSize != 0 && !IsBroken;

    /// <summary>True if it ends in a frame: it has data, and headers if it needs them.</summary>
    public bool HasFrame => _size > 0 && (!_isSegmented || (_size >= _cut.HeaderLength && _cut.SegmentSize != 0));

    /// <summary>True if the frame that is ready is the last of several.</summary>
    public bool EndsSegments => _isSegmented && _isLast;

    /// <summary>Takes a context descriptor.</summary>
    public void SetContext(in E1000TransmitDescriptor descriptor)
    {
        ref readonly var context = ref MemoryMarshal.Cast<E1000TransmitDescriptor, E1000Context>(new ReadOnlySpan<E1000TransmitDescriptor>(in descriptor))[0];
        if ((context.Command & E1000ContextCommand.Segment) != 0)
        {
            _segmenting = context;
        }
        else
        {
            _plain = context;
        }
    }

    /// <summary>Takes a descriptor's options, if it is the packet's first.</summary>
    public void Open(in E1000TransmitDescriptor descriptor)
    {
        if (!_isBegun)
        {
            _isBegun = true;
            _isSegmented = descriptor.IsExtended && (descriptor.Command & E1000Command.Offload) != 0;
            _cut = _segmenting;
            _options = descriptor.IsExtended ? descriptor.Options : 0;
        }
    }

    /// <summary>Where the next bytes go.</summary>
    public Span<byte> Next(int count) => _bytes.AsSpan(TagSize + _size, count);

    /// <summary>The next bytes are there.</summary>
    public void Add(int count) => _size += count;

    /// <summary>Makes a frame of what is there.</summary>
    /// <param name="descriptor">The one that it ends in.</param>
    /// <param name="isLast">False for a segment that others follow.</param>
    /// <param name="padShort">TCTL.PSP.</param>
    /// <param name="tagType">VET if tags are put in, or 0.</param>
    public void Close(in E1000TransmitDescriptor descriptor, bool isLast, bool padShort, ushort tagType)
    {
        var packet = _bytes.AsSpan(TagSize, _size);
        if (_isSegmented)
        {
            Segment(packet, isLast);
        }
        else if (descriptor.IsExtended)
        {
            PutChecksums(packet, in _plain);
        }
        else if ((descriptor.Command & E1000Command.Offload) != 0)
        {
            E1000Offload.InsertChecksum(packet, descriptor.ChecksumStart, descriptor.ChecksumOffset, 0);
        }

        (_isLast, IsReady, _start, _length, WrongFcs) = (isLast, true, TagSize, _size, null);
        if (!_isSegmented && (descriptor.Command & E1000Command.InsertFcs) == 0)
        {
            TakeFcs(packet);
        }
        else if (_size < ShortestFrame && padShort)
        {
            _bytes.AsSpan(TagSize + _size, ShortestFrame - _size).Clear();
            _length = ShortestFrame;
        }

        if (tagType != 0 && (descriptor.Command & E1000Command.Vlan) != 0 && _length >= AddressesSize)
        {
            InsertTag(tagType, descriptor.Special);
        }
    }

    /// <summary>The frame is sent, or lost: the next segment, or the next packet, begins.</summary>
    public void Sent()
    {
        IsReady = false;
        if (_isLast)
        {
            Clear();
            return;
        }

        _segments++;
        _size = _cut.HeaderLength;
        _header.AsSpan(0, _size).CopyTo(_bytes.AsSpan(TagSize));
    }

    /// <summary>Drops what is there. The contexts stay.</summary>
    public void Clear()
    {
        (_isBegun, _isSegmented, IsBroken, IsReady) = (false, false, false, false);
        (_options, _size, _segments) = (0, 0, 0);
    }

    /// <summary>Drops the contexts too.</summary>
    public void Reset()
    {
        Clear();
        (_plain, _segmenting) = (default, default);
    }

    private void Segment(Span<byte> packet, bool isLast)
    {
        if (_segments == 0)
        {
            packet[.._cut.HeaderLength].CopyTo(_header);
        }

        E1000Offload.PrepareSegment(packet, in _cut, _segments, isLast);
        if ((_options & E1000PacketOptions.Transport) != 0)
        {
            E1000Offload.AddLength(packet, in _cut);
        }

        PutChecksums(packet, in _cut);
    }

    private void PutChecksums(Span<byte> packet, in E1000Context context)
    {
        if ((_options & E1000PacketOptions.Transport) != 0)
        {
            var isUdp = (context.Command & E1000ContextCommand.Tcp) == 0;
            E1000Offload.InsertChecksum(packet, context.TransportStart, context.TransportOffset, context.TransportEnd, isUdp);
        }

        if ((_options & E1000PacketOptions.Ip) != 0)
        {
            E1000Offload.InsertChecksum(packet, context.IpStart, context.IpOffset, context.IpEnd);
        }
    }

    // The driver's own frame check sequence: the wire carries none, but a wrong one is what the receiver would find.
    private void TakeFcs(ReadOnlySpan<byte> packet)
    {
        if (packet.Length <= FcsSize)
        {
            IsBroken = true;
            return;
        }

        _length -= FcsSize;
        var fcs = BinaryPrimitives.ReadUInt32LittleEndian(packet[_length..]);
        WrongFcs = fcs == EthernetCrc.Compute(packet[.._length]) ? null : fcs;
    }

    private void InsertTag(ushort type, ushort tag)
    {
        _bytes.AsSpan(TagSize, AddressesSize).CopyTo(_bytes);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(AddressesSize), type);
        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(AddressesSize + 2), tag);
        (_start, _length) = (0, _length + TagSize);
    }
}
