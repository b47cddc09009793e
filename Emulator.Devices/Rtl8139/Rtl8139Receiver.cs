using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Takes packets off the wire, or out of the loop, and gives them to the ring or to descriptors. On the I/O thread.</summary>
internal sealed class Rtl8139Receiver : IoWork, IDisposable
{
    // How many packets a turn takes.
    private const int Turn = 32;

    // Drivers of C+ give descriptors without telling: how often to look while a packet waits for one.
    private const long LookAgainNanoseconds = 50_000;

    // What the wire carries is at least so long; back ends leave out what pads it.
    private const int ShortestFrame = 60;
    private const int CrcSize = 4;
    private const int EthernetType = 12;
    private const int TagSize = 4;
    private const ushort TagType = 0x8100;

    private readonly Rtl8139Function _function;
    private readonly IClock _clock;
    private readonly ITimer _lookAgain;
    private readonly Rtl8139ReceiveRing _ring;
    private readonly Rtl8139CPlusReceiver _cplus;
    private readonly byte[] _packet = new byte[Rtl8139CPlusReceiver.LongestPacket + CrcSize + TagSize];
    private volatile bool _isBusy;
    private bool _isStarved;

    /// <summary>A receiver with nothing to do.</summary>
    public Rtl8139Receiver(Rtl8139Function function, IClock clock)
    {
        (_function, _clock) = (function, clock);
        _lookAgain = clock.CreateTimer($"{function.Name} receive", () => function.Queue.Post(this));
        _ring = new Rtl8139ReceiveRing(function);
        _cplus = new Rtl8139CPlusReceiver(function);
    }

    /// <summary>True while a packet may be on its way into memory. Any thread; set under the device's lock, with what the registers say.</summary>
    public bool IsBusy
    {
        get => _isBusy;
        set => _isBusy = value;
    }

    /// <inheritdoc/>
    public void Dispose() => _lookAgain.Dispose();

    /// <summary>Receives what this controller sends. It does not wait for room: what finds none is lost.</summary>
    /// <param name="frame">Without its frame check sequence.</param>
    public void LoopBack(ReadOnlySpan<byte> frame)
    {
        _function.Load(out Rtl8139Reception reception);
        if (reception.IsOn && Take(frame, ref reception) is Rtl8139Outcome.Full or Rtl8139Outcome.Wait)
        {
            _function.CountMissed();
            _function.Raise(Rtl8139Cause.FifoOverflow);
        }

        _isBusy = false;
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        var more = TakeSome();
        _isBusy = false;
        if (more)
        {
            _function.Queue.Post(this);
        }
    }

    // False if there is nothing to take, or what there is stays on the wire.
    private bool TakeSome()
    {
        _function.Load(out Rtl8139Reception reception);
        _function.Dma.ReadBarrier(Rtl8139Sites.PollBeforeDescriptor);
        for (var taken = 0; taken < Turn; taken++)
        {
            if (_function.Queue.IsStale || !_function.Port.TryPeek(out var frame))
            {
                return false;
            }

            if (reception.Stamp != _function.Stamp)
            {
                _function.Load(out reception);
            }

            if (reception is { IsOn: true, IsLoopback: false } && Take(frame, ref reception) is Rtl8139Outcome.Full or Rtl8139Outcome.Wait)
            {
                return false;
            }

            _function.Port.Consume();
        }

        return true;
    }

    private Rtl8139Outcome Take(ReadOnlySpan<byte> frame, ref Rtl8139Reception reception)
    {
        var longest = reception.IsCPlus ? Rtl8139CPlusReceiver.LongestPacket : Rtl8139ReceiveRing.LongestPacket;
        if (frame.Length > longest - CrcSize)
        {
            _function.Tally.CountReceiveError();
            _function.Raise(Rtl8139Cause.ReceiveError);
            return Rtl8139Outcome.Lost;
        }

        var length = Fill(frame);
        if (!Rtl8139ReceiveFilter.Accepts(_packet, in reception, out var status))
        {
            return Rtl8139Outcome.Lost;
        }

        // Drivers may receive before they have said where to.
        if (reception.IsCPlus ? reception.Descriptors == 0 : reception.Ring == 0)
        {
            return Rtl8139Outcome.Lost;
        }

        if (!_function.Dma.IsBusMaster)
        {
            return Rtl8139Outcome.Wait;
        }

        var outcome = reception.IsCPlus ? PutIntoDescriptors(length, status, in reception) : _ring.Put(_packet.AsSpan(0, Seal(length)), status, ref reception);
        switch (outcome)
        {
            case Rtl8139Outcome.Done:
                _isStarved = false;
                _function.Tally.CountReceived(status);
                _function.Raise(Rtl8139Cause.ReceiveOk);
                break;
            case Rtl8139Outcome.Full:
                TellFull(in reception);
                break;
            default:
                break;
        }

        return outcome;
    }

    // Of a ring each time the driver has read too little; of descriptors once, for nothing of the driver's had it look again.
    private void TellFull(in Rtl8139Reception reception)
    {
        if (!reception.IsCPlus || !_isStarved)
        {
            _function.Raise(Rtl8139Cause.ReceiveOverflow);
        }

        _isStarved = reception.IsCPlus;
        if (reception.IsCPlus)
        {
            _lookAgain.Arm(_clock.NowNanoseconds + LookAgainNanoseconds);
        }
    }

    private Rtl8139Outcome PutIntoDescriptors(int length, Rtl8139PacketStatus status, in Rtl8139Reception reception)
    {
        uint tag = 0;
        var end = Seal(length);
        if ((reception.CPlus & Rtl8139CPlusCommand.ReceiveVlan) != 0 && BinaryPrimitives.ReadUInt16BigEndian(_packet.AsSpan(EthernetType)) == TagType)
        {
            // As the bytes are on the wire, which is not the order of a word.
            tag = Rtl8139Descriptor.TagAvailable | BinaryPrimitives.ReadUInt16LittleEndian(_packet.AsSpan(EthernetType + 2));
            end = TakeOutTag(end);
        }

        var word = (uint)status << Rtl8139Descriptor.PacketStatusShift;
        if ((reception.CPlus & Rtl8139CPlusCommand.ReceiveChecksum) != 0)
        {
            word |= Rtl8139Checksum.Check(_packet.AsSpan(0, end - CrcSize));
        }

        return _cplus.Put(_packet.AsSpan(0, end), word, tag, in reception);
    }

    // What came, padded.
    private int Fill(ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_packet);
        if (frame.Length >= ShortestFrame)
        {
            return frame.Length;
        }

        _packet.AsSpan(frame.Length, ShortestFrame - frame.Length).Clear();
        return ShortestFrame;
    }

    // Appends the frame check sequence.
    private int Seal(int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_packet.AsSpan(length), EthernetCrc.Compute(_packet.AsSpan(0, length)));
        return length + CrcSize;
    }

    // The rest closes up, and is padded again before the frame check sequence, which is still that of what was on the wire.
    private int TakeOutTag(int length)
    {
        _packet.AsSpan(EthernetType + TagSize, length - EthernetType - TagSize).CopyTo(_packet.AsSpan(EthernetType));
        length -= TagSize;
        if (length >= ShortestFrame + CrcSize)
        {
            return length;
        }

        var crc = BinaryPrimitives.ReadUInt32LittleEndian(_packet.AsSpan(length - CrcSize));
        _packet.AsSpan(length - CrcSize, ShortestFrame + CrcSize - length).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(_packet.AsSpan(ShortestFrame), crc);
        return ShortestFrame + CrcSize;
    }
}
