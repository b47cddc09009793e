using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>A transmit descriptor as it lies in the ring, 16 bytes, little-endian: legacy or data (8254x manual, 3.3.3 and 3.3.7).</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public readonly struct E1000TransmitDescriptor
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>Where the status byte is.</summary>
    public const int StatusOffset = 12;

    /// <summary>Address of the buffer.</summary>
    [FieldOffset(0)]
    public readonly ulong Address;

    [FieldOffset(8)]
    private readonly uint _lower;

    /// <summary>STA, and reserved bits above it.</summary>
    [FieldOffset(StatusOffset)]
    public readonly E1000TransmitStatus Status;

    /// <summary>CSS of a legacy descriptor: where its checksum starts.</summary>
    [FieldOffset(13)]
    public readonly byte ChecksumStart;

    /// <summary>POPTS of a data descriptor.</summary>
    [FieldOffset(13)]
    public readonly E1000PacketOptions Options;

    /// <summary>The tag, if VLE is set.</summary>
    [FieldOffset(14)]
    public readonly ushort Special;

    /// <summary>Puts one together.</summary>
    /// <param name="address">Of the buffer.</param>
    /// <param name="lower">Length, CSO or DTYP, command.</param>
    /// <param name="options">CSS or POPTS.</param>
    /// <param name="special">The tag.</param>
    public E1000TransmitDescriptor(ulong address, uint lower, byte options = 0, ushort special = 0)
    {
        (Address, _lower, Special) = (address, lower, special);
        ChecksumStart = options;
    }

    /// <summary>DCMD.</summary>
    public E1000Command Command => (E1000Command)(_lower >> 24);

    /// <summary>True for a context or data descriptor.</summary>
    public bool IsExtended => (Command & E1000Command.Extension) != 0;

    /// <summary>True for a context descriptor: DTYP is 0. All others are data.</summary>
    public bool IsContext => IsExtended && ((_lower >> 20) & 0xF) == 0;

    /// <summary>Bytes in the buffer: 16 bits of a legacy descriptor, 20 of a data descriptor.</summary>
    public int Length => (int)(_lower & (IsExtended ? 0xF_FFFFU : 0xFFFF));

    /// <summary>CSO of a legacy descriptor: where its checksum goes.</summary>
    public int ChecksumOffset => (byte)(_lower >> 16);
}

/// <summary>A context descriptor: what the data descriptors behind it are to be done to (3.3.6).</summary>
[StructLayout(LayoutKind.Explicit, Size = E1000TransmitDescriptor.Size)]
public readonly struct E1000Context
{
    /// <summary>IPCSS: where the IP header starts.</summary>
    [FieldOffset(0)]
    public readonly byte IpStart;

    /// <summary>IPCSO: where its checksum goes.</summary>
    [FieldOffset(1)]
    public readonly byte IpOffset;

    /// <summary>IPCSE: the last byte that it covers; 0 for the packet's last.</summary>
    [FieldOffset(2)]
    public readonly ushort IpEnd;

    /// <summary>TUCSS: where the TCP or UDP header starts.</summary>
    [FieldOffset(4)]
    public readonly byte TransportStart;

    /// <summary>TUCSO: where its checksum goes.</summary>
    [FieldOffset(5)]
    public readonly byte TransportOffset;

    /// <summary>TUCSE: the last byte that it covers; 0 for the packet's last.</summary>
    [FieldOffset(6)]
    public readonly ushort TransportEnd;

    [FieldOffset(8)]
    private readonly uint _lower;

    /// <summary>HDRLEN: bytes of headers that each segment begins with.</summary>
    [FieldOffset(13)]
    public readonly byte HeaderLength;

    /// <summary>MSS: bytes of data behind them.</summary>
    [FieldOffset(14)]
    public readonly ushort SegmentSize;

    /// <summary>Puts one together.</summary>
    /// <param name="ip">IPCSS, IPCSO, IPCSE.</param>
    /// <param name="transport">TUCSS, TUCSO, TUCSE.</param>
    /// <param name="command">TUCMD.</param>
    /// <param name="payload">PAYLEN.</param>
    /// <param name="header">HDRLEN.</param>
    /// <param name="segment">MSS.</param>
    public E1000Context(
        (byte Start, byte Offset, ushort End) ip,
        (byte Start, byte Offset, ushort End) transport,
        E1000ContextCommand command,
        int payload = 0,
        byte header = 0,
        ushort segment = 0)
    {
        (IpStart, IpOffset, IpEnd) = ip;
        (TransportStart, TransportOffset, TransportEnd) = transport;
        _lower = (uint)(payload & 0xF_FFFF) | ((uint)command << 24);
        (HeaderLength, SegmentSize) = (header, segment);
    }

    /// <summary>TUCMD: TCP, IP, TSE.</summary>
    public E1000ContextCommand Command => (E1000ContextCommand)(_lower >> 24);
}

/// <summary>DCMD of legacy and data descriptors.</summary>
[Flags]
public enum E1000Command : byte
{
    /// <summary>EOP: the packet's last descriptor.</summary>
    EndOfPacket = 1 << 0,

    /// <summary>IFCS: the frame check sequence is put behind the packet; without it the packet ends in one.</summary>
    InsertFcs = 1 << 1,

    /// <summary>IC of a legacy descriptor: a checksum is put in. TSE of a data descriptor: the packet is cut into segments.</summary>
    Offload = 1 << 2,

    /// <summary>RS: DD is to be stored.</summary>
    ReportStatus = 1 << 3,

    /// <summary>DEXT: not a legacy descriptor.</summary>
    Extension = 1 << 5,

    /// <summary>VLE: a tag is put in.</summary>
    Vlan = 1 << 6,

    /// <summary>IDE: the interrupt may be delayed.</summary>
    DelayInterrupt = 1 << 7,
}

/// <summary>TUCMD of a context descriptor, which also has RS, DEXT and IDE where <see cref="E1000Command"/> has them.</summary>
[Flags]
public enum E1000ContextCommand : byte
{
    /// <summary>TCP; UDP without it.</summary>
    Tcp = 1 << 0,

    /// <summary>IP: version 4; 6 without it.</summary>
    Ip4 = 1 << 1,

    /// <summary>TSE: the context of packets that are cut into segments; there is another for those that are not.</summary>
    Segment = 1 << 2,

    /// <summary>RS.</summary>
    ReportStatus = 1 << 3,

    /// <summary>DEXT: must be set.</summary>
    Extension = 1 << 5,
}

/// <summary>POPTS of a packet's first data descriptor.</summary>
[Flags]
public enum E1000PacketOptions : byte
{
    /// <summary>IXSM: the IP header's checksum is put in.</summary>
    Ip = 1 << 0,

    /// <summary>TXSM: that of TCP or UDP is.</summary>
    Transport = 1 << 1,
}

/// <summary>STA.</summary>
[Flags]
public enum E1000TransmitStatus : byte
{
    /// <summary>DD: the descriptor and its buffer are the driver's again.</summary>
    Done = 1 << 0,

    /// <summary>EC, LC, TU: collisions and underruns, of which there are none.</summary>
    Errors = 0b111 << 1,
}
