using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>The tally counters as they lie in memory, 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct Rtl8139TallyCounters
{
    /// <summary>Bytes.</summary>
    public const int Size = 64;

    /// <summary>TxOk.</summary>
    [FieldOffset(0)]
    public ulong Transmitted;

    /// <summary>RxOk.</summary>
    [FieldOffset(8)]
    public ulong Received;

    /// <summary>TxER.</summary>
    [FieldOffset(16)]
    public ulong TransmitErrors;

    /// <summary>RxEr.</summary>
    [FieldOffset(24)]
    public uint ReceiveErrors;

    /// <summary>MissPkt.</summary>
    [FieldOffset(28)]
    public ushort Missed;

    /// <summary>FAE.</summary>
    [FieldOffset(30)]
    public ushort AlignmentErrors;

    /// <summary>Tx1Col.</summary>
    [FieldOffset(32)]
    public uint OneCollision;

    /// <summary>TxMCol.</summary>
    [FieldOffset(36)]
    public uint Collisions;

    /// <summary>RxOkPhy.</summary>
    [FieldOffset(40)]
    public ulong ReceivedPhysical;

    /// <summary>RxOkBrd.</summary>
    [FieldOffset(48)]
    public ulong ReceivedBroadcast;

    /// <summary>RxOkMul.</summary>
    [FieldOffset(56)]
    public uint ReceivedMulticast;

    /// <summary>TxAbt.</summary>
    [FieldOffset(60)]
    public ushort Aborted;

    /// <summary>TxUndrn.</summary>
    [FieldOffset(62)]
    public ushort Underruns;
}

/// <summary>Counts packets. The I/O thread's, or whoever has it waiting.</summary>
internal sealed class Rtl8139Tally
{
    private Rtl8139TallyCounters _counters;

    /// <summary>TxOk.</summary>
    public void CountTransmitted() => _counters.Transmitted++;

    /// <summary>TxER, TxAbt.</summary>
    public void CountAborted()
    {
        _counters.TransmitErrors++;
        _counters.Aborted++;
    }

    /// <summary>TxER, and what the transmit status of C+ says it was.</summary>
    public void CountTransmitError(uint status)
    {
        _counters.TransmitErrors++;
        _counters.Underruns += (ushort)((status & Rtl8139Descriptor.Underrun) != 0 ? 1 : 0);
    }

    /// <summary>RxEr.</summary>
    public void CountReceiveError() => _counters.ReceiveErrors++;

    /// <summary>MissPkt.</summary>
    public void CountMissed() => _counters.Missed++;

    /// <summary>RxOk and what kind it was.</summary>
    public void CountReceived(Rtl8139PacketStatus kind)
    {
        _counters.Received++;
        _counters.ReceivedPhysical += (kind & Rtl8139PacketStatus.Physical) != 0 ? 1U : 0;
        _counters.ReceivedBroadcast += (kind & Rtl8139PacketStatus.Broadcast) != 0 ? 1U : 0;
        _counters.ReceivedMulticast += (kind & Rtl8139PacketStatus.Multicast) != 0 ? 1U : 0;
    }

    /// <summary>All to 0.</summary>
    public void Clear() => _counters = default;

    /// <summary>As they go into memory; good until the next is counted.</summary>
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(new ReadOnlySpan<Rtl8139TallyCounters>(in _counters));
}

/// <summary>Writes the counters where DTCCR says. On the I/O thread.</summary>
internal sealed class Rtl8139TallyDump(Rtl8139Function function) : IoWork
{
    private const ulong AddressMask = ~0x3FUL;

    /// <inheritdoc/>
    protected internal override void Run()
    {
        if (function.Queue.IsStale)
        {
            return;
        }

        // The driver waits for Cmd to read 0, and a register read ends behind what was written before.
        var status = function.Dma.Write(function.LoadDump() & AddressMask, function.Tally.Bytes);
        if (status == Memory.DmaStatus.NotBusMaster)
        {
            return;
        }

        function.EndDump();
        if (status != Memory.DmaStatus.Ok)
        {
            function.Fault(status);
        }
    }
}
