using System.Buffers.Binary;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Sends what C+'s two rings of descriptors say. On the I/O thread.</summary>
internal sealed class Rtl8139CPlusTransmitter(Rtl8139Function function, Rtl8139Transmitter transmitter)
{
    private const int TagAt = 12;
    private const int TagSize = 4;
    private const ushort TagType = 0x8100;

    private readonly byte[] _packet = new byte[NetworkPort.LargestFrame];
    private readonly byte[] _tagged = new byte[NetworkPort.LargestFrame + TagSize];
    private readonly Rtl8139LargeSend _segments = new();
    private Rtl8139DescriptorRing _normal;
    private Rtl8139DescriptorRing _high;
    private Phase _phase;
    private bool _isHigh;
    private int _length;
    private bool _isTooLong;
    private bool _isCut;

    // The packet's last descriptor.
    private ulong _address;
    private uint _word;
    private uint _options;

    // What a packet is in the middle of.
    private enum Phase : byte
    {
        // None of its descriptors was read.
        None,

        // There are more descriptors.
        Gathering,

        // It goes out.
        Sending,

        // It is out, and its last descriptor is to be given back.
        Completing,
    }

    // The bit of the ring that the packet is from.
    private Rtl8139TransmitPoll Polled => _isHigh ? Rtl8139TransmitPoll.High : Rtl8139TransmitPoll.Normal;

    /// <summary>Back to the start of the rings; what a packet was in the middle of is over.</summary>
    public void Restart()
    {
        _normal.Restart();
        _high.Restart();
        _phase = Phase.None;
    }

    /// <summary>Sends what there is, for as many steps as a ring has descriptors.</summary>
    /// <returns>True if there may be more.</returns>
    public bool SendSome(in Rtl8139Transmission transmission)
    {
        for (var i = 0; i < Rtl8139Descriptor.Most; i++)
        {
            if (i > 0 && (function.Queue.IsStale || function.Stamp != transmission.Stamp))
            {
                return true;
            }

            var outcome = _phase switch
            {
                Phase.Sending => Send(in transmission),
                Phase.Completing => Complete(in transmission),
                _ => Gather(in transmission),
            };
            if (outcome != Rtl8139Outcome.Done)
            {
                return outcome == Rtl8139Outcome.Full;
            }
        }

        return true;
    }

    // Takes a descriptor. Full: a ring is at its end, and another may not be.
    private Rtl8139Outcome Gather(in Rtl8139Transmission transmission)
    {
        if (_phase == Phase.None)
        {
            if ((transmission.Poll & (Rtl8139TransmitPoll.High | Rtl8139TransmitPoll.Normal)) == 0)
            {
                return Rtl8139Outcome.Wait;
            }

            _isHigh = (transmission.Poll & Rtl8139TransmitPoll.High) != 0;
        }

        ref var ring = ref _isHigh ? ref _high : ref _normal;
        var start = _isHigh ? transmission.HighRing : transmission.NormalRing;
        var status = ring.Load(function.Dma, start, out var word, out var body);
        if (status != DmaStatus.Ok)
        {
            return Refused(status, in transmission);
        }

        if ((word & Rtl8139Descriptor.Own) == 0)
        {
            return EndRing(in transmission);
        }

        var address = ring.Address(start);
        if (function.Dma.IsSwapped(Rtl8139Sites.ReadBeforeOwn))
        {
            _ = function.Dma.Publish(address, Status(word, 0), Rtl8139Sites.ReadBeforeOwn);
        }

        var before = _length;
        status = Append(word, in body);
        if (status != DmaStatus.Ok)
        {
            return Refused(status, in transmission);
        }

        (_address, _word, _options) = (address, word, body.Options);
        if ((word & Rtl8139Descriptor.Last) != 0)
        {
            ring.Advance(word);
            Begin();
            return Rtl8139Outcome.Done;
        }

        status = GiveBack(0);
        if (status != DmaStatus.Ok)
        {
            _length = before;
            return Refused(status, in transmission);
        }

        ring.Advance(word);
        _phase = Phase.Gathering;
        return Rtl8139Outcome.Done;
    }

    private DmaStatus Append(uint word, in Rtl8139Descriptor body)
    {
        if (_phase == Phase.None || (word & Rtl8139Descriptor.First) != 0)
        {
            (_length, _isTooLong) = (0, false);
        }

        var size = (int)(word & Rtl8139Descriptor.TransmitSize);
        if (size > _packet.Length - _length)
        {
            _isTooLong = true;
        }

        if (_isTooLong || size == 0)
        {
            return DmaStatus.Ok;
        }

        var status = function.Dma.Read(body.Buffer, _packet.AsSpan(_length, size));
        _length += status == DmaStatus.Ok ? size : 0;
        return status;
    }

    // Without LGSEN bits 18:16 ask for checksums; with it they are the segment size's.
    private void Begin()
    {
        _phase = Phase.Sending;
        _isCut = false;
        if ((_word & Rtl8139Descriptor.LargeSend) == 0)
        {
            Rtl8139Checksum.Insert(_packet.AsSpan(0, _length), _word);
        }
        else
        {
            _isCut = _segments.TryBegin(_packet.AsSpan(0, _length), (int)((_word >> Rtl8139Descriptor.SegmentShift) & Rtl8139Descriptor.SegmentMask));
        }
    }

    private Rtl8139Outcome Send(in Rtl8139Transmission transmission)
    {
        var packet = _packet.AsSpan(0, _length);
        if (!_isTooLong && !transmitter.TrySend(WithTag(_isCut ? _segments.Make(packet) : packet), in transmission))
        {
            return Rtl8139Outcome.Wait;
        }

        if (_isCut && !_isTooLong && !_segments.IsLast)
        {
            _segments.Advance();
            return Rtl8139Outcome.Done;
        }

        _phase = Phase.Completing;
        return Rtl8139Outcome.Done;
    }

    private Rtl8139Outcome Complete(in Rtl8139Transmission transmission)
    {
        var error = _isTooLong ? Rtl8139Descriptor.TransmitError | Rtl8139Descriptor.Underrun
            : !transmission.IsLoopback && !function.Port.IsLinkUp ? Rtl8139Descriptor.TransmitError | Rtl8139Descriptor.LinkFailure
            : 0;
        var status = GiveBack(error);
        if (status == DmaStatus.NotBusMaster)
        {
            return Rtl8139Outcome.Wait;
        }

        _phase = Phase.None;
        if (status != DmaStatus.Ok)
        {
            return Refused(status, in transmission);
        }

        function.SetLastTransmitted(_address);
        if (error == 0)
        {
            function.Tally.CountTransmitted();
        }
        else
        {
            function.Tally.CountTransmitError(error);
        }

        function.Raise(error == 0 ? Rtl8139Cause.TransmitOk : Rtl8139Cause.TransmitError);
        return Rtl8139Outcome.Done;
    }

    // rtl8139.tx.read-before-own: what was read from the buffer stays before OWN.
    private DmaStatus GiveBack(uint error) =>
        function.Dma.IsSwapped(Rtl8139Sites.ReadBeforeOwn)
            ? DmaStatus.Ok
            : function.Dma.Publish(_address, Status(_word, error), Rtl8139Sites.ReadBeforeOwn);

    private static uint Status(uint word, uint error) => (word & ~(Rtl8139Descriptor.Own | Rtl8139Descriptor.TransmitStatus)) | error;

    private ReadOnlySpan<byte> WithTag(ReadOnlySpan<byte> frame)
    {
        if ((_options & Rtl8139Descriptor.InsertTag) == 0 || frame.Length < TagAt)
        {
            return frame;
        }

        var tagged = _tagged.AsSpan(0, frame.Length + TagSize);
        frame[..TagAt].CopyTo(tagged);
        BinaryPrimitives.WriteUInt16BigEndian(tagged[TagAt..], TagType);

        // As the bytes are to be on the wire, which is not the order of a word.
        BinaryPrimitives.WriteUInt16LittleEndian(tagged[(TagAt + 2)..], (ushort)_options);
        frame[TagAt..].CopyTo(tagged[(TagAt + TagSize)..]);
        return tagged;
    }

    private Rtl8139Outcome EndRing(in Rtl8139Transmission transmission)
    {
        if (!function.EndPoll(Polled, transmission.Stamp))
        {
            return Rtl8139Outcome.Full;
        }

        function.Raise(Rtl8139Cause.NoTransmitDescriptor);

        // Out of the ring of high priority there is a way into the other, but not out of the middle of a packet.
        return _isHigh && _phase == Phase.None ? Rtl8139Outcome.Full : Rtl8139Outcome.Wait;
    }

    // A ring that is not where there is memory is not read again until the driver says so.
    private Rtl8139Outcome Refused(DmaStatus status, in Rtl8139Transmission transmission)
    {
        if (status == DmaStatus.NotBusMaster)
        {
            return Rtl8139Outcome.Wait;
        }

        _phase = Phase.None;
        function.Tally.CountAborted();
        function.Fault(status);
        return function.EndPoll(Polled, transmission.Stamp) ? Rtl8139Outcome.Wait : Rtl8139Outcome.Full;
    }
}
