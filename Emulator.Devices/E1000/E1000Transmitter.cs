using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Walks the transmit ring and sends what is in it (8254x manual, 3.3 and 3.4). On the I/O thread, but for what says otherwise.</summary>
/// <remarks>
/// Everything can stop in the middle of a descriptor: for want of room on the wire, because bus mastering is off, or
/// because the turn is over. It goes on where it was.
/// </remarks>
internal sealed class E1000Transmitter(E1000Function function, E1000Receiver receiver, NetworkPort port) : IoWork
{
    // What a turn may cost, in bytes; a descriptor and a frame cost something whatever their length.
    private const int Turn = 256 << 10;
    private const int LeastCost = 256;

    // Bytes read at once, so that a reset need not wait for long.
    private const int Chunk = 16 << 10;

    private readonly E1000Packet _packet = new();
    private readonly E1000Statistics _statistics = new();
    private volatile bool _ringWritten;
    private bool _tailWritten;

    // What the registers said when the turn began.
    private E1000Ring _ring;
    private int _left;
    private int _low;
    private bool _padShort;
    private bool _isLoopback;
    private bool _isLinkUp;
    private ushort _tagType;

    // The descriptor that is under way.
    private bool _hasDescriptor;
    private E1000TransmitDescriptor _descriptor;
    private int _offset;
    private bool _isClosed;
    private bool _isReported;

    private int _budget;
    private E1000Cause _causes;
    private bool _isDelayed;

    private enum Step
    {
        Done,
        Wait,
        GiveWay,
    }

    /// <summary>The driver has written a register of the ring other than its tail: what is under way is dropped. Under the device's lock.</summary>
    public void RingWritten() => _ringWritten = true;

    /// <summary>The driver has written the tail. Under the device's lock.</summary>
    public void TailWritten() => _tailWritten = true;

    /// <summary>Forgets everything. Under the device's lock, with the queue reset.</summary>
    public void Reset()
    {
        Abandon();
        _packet.Reset();
        _statistics.Clear();
        (_ringWritten, _tailWritten) = (false, false);
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        lock (function.Lock)
        {
            if (function.IsHalted || !Begin(function.Registers))
            {
                return;
            }
        }

        // e1000.tail-before-descriptor: pairs with the driver's write barrier between its descriptors and the tail.
        function.Dma.ReadBarrier(E1000Sites.TailBeforeDescriptor);
        var again = Walk();
        lock (function.Lock)
        {
            if (function.IsHalted)
            {
                return;
            }

            End(function.Registers);
        }

        function.Raise(_causes);
        if (_isLoopback && receiver.IsSpent)
        {
            function.Queue.Post(receiver);
        }

        if (again)
        {
            function.Queue.Post(this);
        }
    }

    // Under the device's lock.
    private bool Begin(RegisterFile<E1000Register> registers)
    {
        if (_ringWritten)
        {
            Abandon();
            _ringWritten = false;
        }

        var control = (E1000TransmitControl)registers[E1000Register.TransmitControl];
        if ((control & E1000TransmitControl.Enable) == 0)
        {
            return false;
        }

        _ring.Load(
            registers[E1000Register.TransmitBase],
            registers[E1000Register.TransmitLength],
            registers[E1000Register.TransmitHead],
            registers[E1000Register.TransmitTail]);
        if (_tailWritten || _ring.HasTail)
        {
            // A tail that is outside the ring lets the walk go once round it, each time it is written.
            (_left, _tailWritten) = (_ring.Available, false);
        }

        _low = (int)(registers[E1000Register.TransmitDescriptorControl] >> 25) * 8;
        _padShort = (control & E1000TransmitControl.PadShort) != 0;
        _tagType = function.IsVlanMode ? (ushort)registers[E1000Register.VlanType] : (ushort)0;
        _isLinkUp = function.IsLinkUp;
        _isLoopback = function.IsLoopback;
        if (_isLoopback)
        {
            receiver.Begin(registers);
        }

        (_causes, _isDelayed) = (0, false);
        return true;
    }

    // Under the device's lock.
    private void End(RegisterFile<E1000Register> registers)
    {
        if (!_ringWritten)
        {
            registers[E1000Register.TransmitHead] = (ulong)_ring.Head;
        }

        _statistics.AddTo(registers);
        var delay = registers[E1000Register.TransmitDelay];
        if (_isDelayed && delay == 0)
        {
            _causes |= E1000Cause.TransmitWritten;
        }

        if ((_causes & E1000Cause.TransmitWritten) != 0)
        {
            function.TransmitDelay.Cancel();
        }
        else if (_isDelayed)
        {
            function.TransmitDelay.Start(delay, registers[E1000Register.TransmitAbsoluteDelay]);
        }

        if (_isLoopback)
        {
            _causes |= receiver.End(registers);
        }
    }

    // True if there is more to do than a turn may cost.
    private bool Walk()
    {
        _budget = Turn;
        while (_budget > 0)
        {
            if (function.Queue.IsStale || _ringWritten)
            {
                return true;
            }

            if (!_hasDescriptor && !Fetch())
            {
                return false;
            }

            switch (Work())
            {
                case Step.Wait:
                    return false;
                case Step.Done:
                    Advance();
                    break;
                default:
                    break;
            }
        }

        return true;
    }

    // A descriptor that cannot be read stays where it is: the next write of the tail tries again.
    private bool Fetch()
    {
        if (_left == 0)
        {
            return false;
        }

        _budget -= LeastCost;
        if (function.Dma.Read(_ring.Address, MemoryMarshal.AsBytes(new Span<E1000TransmitDescriptor>(ref _descriptor))) != DmaStatus.Ok)
        {
            return false;
        }

        (_hasDescriptor, _offset, _isClosed, _isReported) = (true, 0, false, false);
        return true;
    }

    private void Advance()
    {
        _hasDescriptor = false;
        _ring.Advance();
        _left--;
        _causes |= _left == 0 ? E1000Cause.TransmitEmpty : _left == _low ? E1000Cause.TransmitLow : 0;
    }

    // e1000.tx.read-before-dd: the buffer is read to its end before DD is stored. Pairs with the driver, which fills the
    // buffer anew once it has read DD.
    private Step Work()
    {
        if (function.Dma.IsSwapped(E1000Sites.ReadBeforeDone) && !Report())
        {
            return Step.Wait;
        }

        var step = _descriptor.IsContext ? TakeContext() : Send();
        return step == Step.Done && !Report() ? Step.Wait : step;
    }

    private Step TakeContext()
    {
        _packet.SetContext(in _descriptor);
        return Step.Done;
    }

    private Step Send()
    {
        _packet.Open(in _descriptor);

        // Without an address there is no data (3.3.1).
        var length = _descriptor.Address == 0 ? 0 : _descriptor.Length;
        while (_budget > 0)
        {
            if (_packet.IsReady)
            {
                if (!SendFrame())
                {
                    if (!_isLoopback || !receiver.IsSpent)
                    {
                        return Step.Wait;
                    }

                    _budget = 0;
                }
            }
            else if (_offset < length)
            {
                if (!ReadSome(length))
                {
                    return Step.Wait;
                }
            }
            else if (!_isClosed && (_descriptor.Command & E1000Command.EndOfPacket) != 0)
            {
                _isClosed = true;
                if (_packet.HasFrame)
                {
                    _packet.Close(in _descriptor, isLast: true, _padShort, _tagType);
                }
                else
                {
                    _packet.Clear();
                }
            }
            else
            {
                return Step.Done;
            }
        }

        return Step.GiveWay;
    }

    // False if bus mastering is off.
    private bool ReadSome(int length)
    {
        var count = Math.Min(Math.Min(length - _offset, _packet.Space), Chunk);
        if (count == 0)
        {
            if (_packet.CanBeCut)
            {
                _packet.Close(in _descriptor, isLast: false, _padShort, _tagType);
            }
            else
            {
                // Too long, or segments of no length: no progress is possible, and the rest is lost.
                _offset = length;
            }

            return true;
        }

        var status = function.Dma.Read(_descriptor.Address + (ulong)_offset, _packet.Next(count));
        if (status == DmaStatus.NotBusMaster)
        {
            return false;
        }

        _packet.IsBroken |= status != DmaStatus.Ok;
        _packet.Add(count);
        _offset += count;
        _budget -= count;
        return true;
    }

    // False if there is no room for it.
    private bool SendFrame()
    {
        var frame = _packet.Frame;
        if (!_packet.IsBroken)
        {
            if (_isLoopback ? !receiver.Take(frame, _packet.WrongFcs) : _isLinkUp && _packet.WrongFcs is null && !port.TrySend(frame))
            {
                return false;
            }

            _statistics.CountTransmitted(frame);
            if (_packet.EndsSegments)
            {
                _statistics.Count(E1000Register.SegmentedPackets);
            }
        }

        _budget -= LeastCost + frame.Length;
        _packet.Sent();
        return true;
    }

    // False if bus mastering is off. If the ring itself is not written to, there is nobody to tell.
    private bool Report()
    {
        if ((_descriptor.Command & E1000Command.ReportStatus) == 0 || _isReported)
        {
            return true;
        }

        var done = (_descriptor.Status & ~E1000TransmitStatus.Errors) | E1000TransmitStatus.Done;
        if (function.Dma.Publish(_ring.Address + E1000TransmitDescriptor.StatusOffset, (byte)done, E1000Sites.ReadBeforeDone) == DmaStatus.NotBusMaster)
        {
            return false;
        }

        _isReported = true;
        if ((_descriptor.Command & E1000Command.DelayInterrupt) != 0)
        {
            _isDelayed = true;
        }
        else
        {
            _causes |= E1000Cause.TransmitWritten;
        }

        return true;
    }

    private void Abandon()
    {
        _packet.Clear();
        (_hasDescriptor, _left) = (false, 0);
    }
}
