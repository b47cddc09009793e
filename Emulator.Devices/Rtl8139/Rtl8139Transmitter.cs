using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Sends packets: from the four descriptors in registers, or from C+'s in memory. On the I/O thread.</summary>
internal sealed class Rtl8139Transmitter : IoWork
{
    private const int CrcSize = 4;

    private readonly Rtl8139Function _function;
    private readonly Rtl8139Receiver _receiver;
    private readonly Rtl8139NormalTransmitter _normal;
    private readonly Rtl8139CPlusTransmitter _cplus;
    private volatile bool _isBusy;
    private int _epoch;

    /// <summary>A transmitter with nothing to do.</summary>
    public Rtl8139Transmitter(Rtl8139Function function, Rtl8139Receiver receiver)
    {
        (_function, _receiver) = (function, receiver);
        _normal = new Rtl8139NormalTransmitter(function, this);
        _cplus = new Rtl8139CPlusTransmitter(function, this);
    }

    /// <summary>True while a packet may be read from memory. Any thread; set under the device's lock, with what the registers say.</summary>
    public bool IsBusy
    {
        get => _isBusy;
        set => _isBusy = value;
    }

    /// <summary>Sends a packet, out of the socket or round the loop.</summary>
    /// <param name="packet">What was in the driver's buffers.</param>
    /// <param name="transmission">What the registers say.</param>
    /// <returns>False if there is no room on the wire: it is sent again when there is.</returns>
    public bool TrySend(ReadOnlySpan<byte> packet, in Rtl8139Transmission transmission)
    {
        if ((transmission.Configuration & Rtl8139TransmitConfiguration.NoCrc) != 0)
        {
            // It brings its own frame check sequence; with a wrong one nobody takes it.
            var length = packet.Length - CrcSize;
            if (length <= 0 || BinaryPrimitives.ReadUInt32LittleEndian(packet[length..]) != EthernetCrc.Compute(packet[..length]))
            {
                return true;
            }

            packet = packet[..length];
        }

        if (!transmission.IsLoopback)
        {
            return _function.Port.TrySend(packet);
        }

        _receiver.LoopBack(packet);
        return true;
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        _function.Load(out Rtl8139Transmission transmission);
        if (_epoch != transmission.Epoch)
        {
            _epoch = transmission.Epoch;
            _normal.Restart();
            _cplus.Restart();
        }

        if (transmission.IsOn && _function.Dma.IsBusMaster && !_function.Queue.IsStale)
        {
            // rtl8139.poll-before-descriptor: pairs with the driver's write barrier before TPPoll or TSD.
            _function.Dma.ReadBarrier(Rtl8139Sites.PollBeforeDescriptor);
            if (transmission.IsCPlus ? _cplus.SendSome(transmission) : _normal.SendSome(transmission))
            {
                _function.Queue.Post(this);
            }
        }

        _isBusy = false;
    }
}
