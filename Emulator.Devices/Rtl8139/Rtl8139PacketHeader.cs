using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>Bits of the status that stands before a packet in the receive ring (data sheet, "Receive Status").</summary>
[Flags]
public enum Rtl8139PacketStatus : ushort
{
    /// <summary>ROK: it is good.</summary>
    Ok = 1 << 0,

    /// <summary>BAR: to all stations.</summary>
    Broadcast = 1 << 13,

    /// <summary>PAM: to this station.</summary>
    Physical = 1 << 14,

    /// <summary>MAR: to a group.</summary>
    Multicast = 1 << 15,
}

/// <summary>What stands before a packet in the receive ring: 4 bytes, on a multiple of 4 from the start of the ring.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public readonly struct Rtl8139PacketHeader
{
    /// <summary>Bytes.</summary>
    public const int Size = 4;

    /// <summary>What came.</summary>
    [FieldOffset(0)]
    public readonly Rtl8139PacketStatus Status;

    /// <summary>Bytes of the packet, its frame check sequence with it.</summary>
    [FieldOffset(2)]
    public readonly ushort Length;

    /// <summary>Puts one together.</summary>
    /// <param name="status">What came.</param>
    /// <param name="length">Bytes of the packet, its frame check sequence with it.</param>
    public Rtl8139PacketHeader(Rtl8139PacketStatus status, int length) => (Status, Length) = (status, (ushort)length);
}
