using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Sends what the four descriptors in registers say, in turn. On the I/O thread.</summary>
internal sealed class Rtl8139NormalTransmitter(Rtl8139Function function, Rtl8139Transmitter transmitter)
{
    private readonly byte[] _packet = new byte[(int)Rtl8139TransmitStatus.Size + 1];
    private int _current;

    /// <summary>Back to the first descriptor.</summary>
    public void Restart() => _current = 0;

    /// <summary>Sends what there is, but no more than the four.</summary>
    /// <returns>True if there may be more.</returns>
    public bool SendSome(in Rtl8139Transmission transmission)
    {
        for (var i = 0; i < Rtl8139Registers.Transmits; i++)
        {
            if (i > 0 && (function.Queue.IsStale || function.Stamp != transmission.Stamp))
            {
                return true;
            }

            var (status, address) = function.LoadTransmit(_current);
            if ((status & Rtl8139TransmitStatus.Own) != 0 || !TrySend((int)(status & Rtl8139TransmitStatus.Size), address, in transmission))
            {
                return false;
            }

            _current = (_current + 1) % Rtl8139Registers.Transmits;
        }

        return true;
    }

    private bool TrySend(int size, uint address, in Rtl8139Transmission transmission)
    {
        if (!transmission.IsLoopback && !function.Port.HasRoom(size))
        {
            return false;
        }

        var isUp = transmission.IsLoopback || function.Port.IsLinkUp;
        var done = Rtl8139TransmitStatus.Own | Rtl8139TransmitStatus.Ok | (isUp ? 0 : Rtl8139TransmitStatus.CarrierLost);
        if (function.Dma.IsSwapped(Rtl8139Sites.ReadBeforeOwn))
        {
            function.CompleteTransmit(_current, done, transmission.Epoch);
            function.Raise(Rtl8139Cause.TransmitOk);
        }

        var packet = _packet.AsSpan(0, size);
        var read = size == 0 ? DmaStatus.Ok : function.Dma.Read(address, packet);
        if (read == DmaStatus.NotBusMaster)
        {
            return false;
        }

        // rtl8139.tx.read-before-own: what is read stays before OWN. Pairs with the driver's own write of the buffer, which it
        // makes once it has read OWN.
        function.Dma.ReadBarrier(Rtl8139Sites.ReadBeforeOwn);
        if (read != DmaStatus.Ok)
        {
            function.Tally.CountAborted();
            function.CompleteTransmit(_current, Rtl8139TransmitStatus.Own | Rtl8139TransmitStatus.Aborted, transmission.Epoch);
            function.Raise(Rtl8139Cause.TransmitError);
            function.Fault(read);

            // The transmitter stays at it until CLRABT, or another packet in the same descriptor, has it sent again.
            return false;
        }

        // There is room: nobody else sends here.
        _ = transmitter.TrySend(packet, in transmission);
        function.Tally.CountTransmitted();
        function.CompleteTransmit(_current, done, transmission.Epoch);
        function.Raise(Rtl8139Cause.TransmitOk);
        return true;
    }
}
