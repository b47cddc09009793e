using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Writes packets into the ring of the RTL8139. On the I/O thread.</summary>
internal sealed class Rtl8139ReceiveRing(Rtl8139Function function)
{
    /// <summary>The longest packet, with its frame check sequence: longer ones are LONG.</summary>
    public const int LongestPacket = 4096;

    private const int LargestWithNoWrap = 0x8000;

    /// <summary>Puts a packet into the ring and shows it to the driver.</summary>
    /// <param name="packet">With its frame check sequence, at most <see cref="LongestPacket"/> bytes.</param>
    /// <param name="status">What kind it is.</param>
    /// <param name="reception">What the registers say; copied anew when the packet is in.</param>
    public Rtl8139Outcome Put(ReadOnlySpan<byte> packet, Rtl8139PacketStatus status, ref Rtl8139Reception reception)
    {
        // A full ring would look like an empty one.
        var needed = (Rtl8139PacketHeader.Size + packet.Length + 3) & ~3;
        if (needed >= reception.Free)
        {
            return Rtl8139Outcome.Full;
        }

        var header = new Rtl8139PacketHeader(status | Rtl8139PacketStatus.Ok, packet.Length);
        var written = Write(packet, header, in reception);
        if (written == DmaStatus.NotBusMaster)
        {
            return Rtl8139Outcome.Wait;
        }

        if (written != DmaStatus.Ok)
        {
            function.Fault(written);
            return Rtl8139Outcome.Lost;
        }

        function.MoveWritePointer((reception.Write + needed) & (reception.RingSize - 1), ref reception);
        return Rtl8139Outcome.Done;
    }

    // rtl8139.rx.packet-header-cbr: the packet, then the header by one store, then CBR. Pairs with the read barrier in
    // rtl8139_rx() between reading CR and the ring.
    private DmaStatus Write(ReadOnlySpan<byte> packet, Rtl8139PacketHeader header, in Rtl8139Reception reception)
    {
        var address = reception.Ring + (uint)reception.Write;
        var body = address + Rtl8139PacketHeader.Size;
        var room = reception.RingSize - (reception.Write + Rtl8139PacketHeader.Size);
        var goesOn = (reception.Configuration & Rtl8139ReceiveConfiguration.NoWrap) != 0 && reception.RingSize <= LargestWithNoWrap;
        if (packet.Length > room && !goesOn)
        {
            var status = room == 0 ? DmaStatus.Ok : function.Dma.Write(body, packet[..room]);
            if (status != DmaStatus.Ok)
            {
                return status;
            }

            body = reception.Ring;
            packet = packet[room..];
        }

        return function.Dma.WriteThenPublish(body, packet, address, Unsafe.BitCast<Rtl8139PacketHeader, uint>(header), Rtl8139Sites.PacketHeaderCbr);
    }
}
