using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>A descriptor of C+ but for its first word, which has OWN. 12 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = BodySize)]
public readonly struct Rtl8139Descriptor
{
    /// <summary>Bytes of a descriptor, its first word with it.</summary>
    public const int Size = 16;

    /// <summary>How many a ring has at most.</summary>
    public const int Most = 64;

    /// <summary>Where this structure starts in a descriptor.</summary>
    public const int BodyOffset = 4;

    /// <summary>First word: OWN, the controller's.</summary>
    public const uint Own = 1U << 31;

    /// <summary>First word: EOR, the last of the ring.</summary>
    public const uint EndOfRing = 1 << 30;

    /// <summary>First word: FS, the packet's first.</summary>
    public const uint First = 1 << 29;

    /// <summary>First word: LS, the packet's last.</summary>
    public const uint Last = 1 << 28;

    /// <summary>Transmit, first word: LGSEN, bits 26:16 have the segment size.</summary>
    public const uint LargeSend = 1 << 27;

    /// <summary>Transmit, first word: where the segment size is.</summary>
    public const int SegmentShift = 16;

    /// <summary>Transmit, first word: the bits of the segment size.</summary>
    public const uint SegmentMask = 0x7FF;

    /// <summary>Transmit, first word, without LGSEN: IPCS, put in the checksum of IP.</summary>
    public const uint IpChecksum = 1 << 18;

    /// <summary>Transmit, first word, without LGSEN: UDPCS.</summary>
    public const uint UdpChecksum = 1 << 17;

    /// <summary>Transmit, first word, without LGSEN: TCPCS.</summary>
    public const uint TcpChecksum = 1 << 16;

    /// <summary>Transmit, first word: any of the three.</summary>
    public const uint AnyChecksum = IpChecksum | UdpChecksum | TcpChecksum;

    /// <summary>Transmit, first word: bytes in the buffer.</summary>
    public const uint TransmitSize = 0xFFFF;

    /// <summary>Transmit, first word as it is given back: what was asked for is no more, and nothing went wrong.</summary>
    public const uint TransmitStatus = 0x07FF_0000;

    /// <summary>Transmit status: UNF, there was too much.</summary>
    public const uint Underrun = 1 << 25;

    /// <summary>Transmit status: TES, one of the others is set.</summary>
    public const uint TransmitError = 1 << 23;

    /// <summary>Transmit status: LNKF, there was no link.</summary>
    public const uint LinkFailure = 1 << 21;

    /// <summary>Transmit, second word: TAGC, put in the tag in bits 15:0.</summary>
    public const uint InsertTag = 1 << 17;

    /// <summary>Receive, first word: bytes in the buffer; given back, of the packet.</summary>
    public const uint ReceiveSize = 0x1FFF;

    /// <summary>Receive, first word: MAR, PAM and BAR are those of <see cref="Rtl8139PacketStatus"/>, shifted.</summary>
    public const int PacketStatusShift = 11;

    /// <summary>Receive, first word: PID1–0, TCP.</summary>
    public const uint ProtocolTcp = 1 << 16;

    /// <summary>Receive, first word: PID1–0, UDP.</summary>
    public const uint ProtocolUdp = 2 << 16;

    /// <summary>Receive, first word: PID1–0, IP with something else.</summary>
    public const uint ProtocolIp = 3 << 16;

    /// <summary>Receive, first word: IPF, the checksum of IP is wrong.</summary>
    public const uint IpFailed = 1 << 15;

    /// <summary>Receive, first word: UDPF.</summary>
    public const uint UdpFailed = 1 << 14;

    /// <summary>Receive, first word: TCPF.</summary>
    public const uint TcpFailed = 1 << 13;

    /// <summary>Receive, second word: TAVA, a tag is in bits 15:0.</summary>
    public const uint TagAvailable = 1 << 16;

    private const int BodySize = Size - BodyOffset;

    /// <summary>The second word.</summary>
    [FieldOffset(0)]
    public readonly uint Options;

    /// <summary>Where the buffer is.</summary>
    [FieldOffset(4)]
    public readonly ulong Buffer;
}
