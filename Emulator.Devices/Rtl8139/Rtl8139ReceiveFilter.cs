using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Which packets RCR, IDR and MAR let in.</summary>
internal static class Rtl8139ReceiveFilter
{
    private const ulong BroadcastAddress = 0xFFFF_FFFF_FFFF;

    /// <summary>True if a packet is let in.</summary>
    /// <param name="frame">14 bytes or more.</param>
    /// <param name="reception">What the registers say.</param>
    /// <param name="status">What kind it is: bits of the receive status.</param>
    public static bool Accepts(ReadOnlySpan<byte> frame, in Rtl8139Reception reception, out Rtl8139PacketStatus status)
    {
        var destination = BinaryPrimitives.ReadUInt32LittleEndian(frame) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(frame[4..]) << 32);
        var configuration = reception.Configuration;
        if (destination == BroadcastAddress)
        {
            status = Rtl8139PacketStatus.Broadcast;
            return (configuration & Rtl8139ReceiveConfiguration.Broadcast) != 0;
        }

        if ((destination & 1) != 0)
        {
            status = Rtl8139PacketStatus.Multicast;
            return (configuration & Rtl8139ReceiveConfiguration.Multicast) != 0 && ((reception.Filter >> EthernetCrc.MulticastHash(frame)) & 1) != 0;
        }

        var mine = destination == reception.Address;
        status = mine ? Rtl8139PacketStatus.Physical : 0;
        return (configuration & Rtl8139ReceiveConfiguration.AllStations) != 0
            || (mine && (configuration & Rtl8139ReceiveConfiguration.ThisStation) != 0);
    }
}
