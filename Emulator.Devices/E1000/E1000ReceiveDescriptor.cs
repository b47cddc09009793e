using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>The upper half of a receive descriptor, behind the address of its buffer (8254x manual, 3.2.3).</summary>
[StructLayout(LayoutKind.Explicit, Size = 8)]
public readonly struct E1000ReceiveBody
{
    /// <summary>Bytes of a whole descriptor.</summary>
    public const int DescriptorSize = 16;

    /// <summary>Where the body is in it.</summary>
    public const int Offset = 8;

    /// <summary>Where the status byte is in it.</summary>
    public const int StatusOffset = 12;

    /// <summary>Bytes in the buffer.</summary>
    [FieldOffset(0)]
    public readonly ushort Length;

    /// <summary>The packet checksum.</summary>
    [FieldOffset(2)]
    public readonly ushort Checksum;

    /// <summary>The status, which hands the descriptor over.</summary>
    [FieldOffset(4)]
    public readonly E1000ReceiveStatus Status;

    /// <summary>What was wrong.</summary>
    [FieldOffset(5)]
    public readonly E1000ReceiveErrors Errors;

    /// <summary>The tag that was taken out.</summary>
    [FieldOffset(6)]
    public readonly ushort Special;

    /// <summary>A body without its status.</summary>
    /// <param name="length">Bytes in the buffer.</param>
    /// <param name="checksum">The packet checksum.</param>
    /// <param name="errors">What was wrong.</param>
    /// <param name="special">The tag that was taken out.</param>
    public E1000ReceiveBody(int length, ushort checksum, E1000ReceiveErrors errors, ushort special) =>
        (Length, Checksum, Errors, Special) = ((ushort)length, checksum, errors, special);
}

/// <summary>A receive descriptor's status.</summary>
[Flags]
public enum E1000ReceiveStatus : byte
{
    /// <summary>DD: the descriptor is the driver's again.</summary>
    Done = 1 << 0,

    /// <summary>EOP: the packet's last.</summary>
    EndOfPacket = 1 << 1,

    /// <summary>IXSM: the next two say nothing.</summary>
    IgnoreChecksums = 1 << 2,

    /// <summary>VP: the packet had a tag.</summary>
    Vlan = 1 << 3,

    /// <summary>TCPCS: TCP's or UDP's checksum was looked at.</summary>
    TransportChecked = 1 << 5,

    /// <summary>IPCS: the IP header's was.</summary>
    IpChecked = 1 << 6,

    /// <summary>PIF: it may be for somebody else.</summary>
    PassedInexact = 1 << 7,
}

/// <summary>A receive descriptor's errors.</summary>
[Flags]
public enum E1000ReceiveErrors : byte
{
    /// <summary>CE: the frame check sequence is wrong.</summary>
    Crc = 1 << 0,

    /// <summary>TCPE: TCP's or UDP's checksum is wrong.</summary>
    Transport = 1 << 5,

    /// <summary>IPE: the IP header's is.</summary>
    Ip = 1 << 6,

    /// <summary>RXE: the data did not get into memory.</summary>
    Data = 1 << 7,
}
