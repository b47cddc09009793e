using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Stores frames in the receive ring (8254x manual, 3.2). On the I/O thread, but for what says otherwise.</summary>
/// <remarks>
/// One frame is held: what there are no descriptors for stays here, whole or in part, until the driver gives some, and the
/// frames behind it stay on the wire. A loopback hands its frames to <see cref="Take"/> from the transmitter's work, on the
/// same thread; nothing here leads back there.
/// </remarks>
internal sealed class E1000Receiver(E1000Function function, NetworkPort port) : IoWork
{
    // Frames, and descriptors, a turn.
    private const int Turn = 128;
    private const int DescriptorsPerTurn = 2048;

    private readonly E1000Filter _filter = new();
    private readonly E1000ReceivedFrame _frame = new();
    private readonly E1000Statistics _statistics = new();
    private volatile bool _ringWritten;
    private bool _filterWritten = true;

    // What the registers said when the turn began.
    private E1000Ring _ring;
    private E1000ReceiveControl _control;
    private int _bufferSize;
    private int _smallPacket;
    private bool _isEnabled;
    private bool _isVlanMode;
    private ulong _checksums;

    // Of the frame that is held.
    private int _stored;
    private int _skipped;
    private bool _hasNoBuffers;

    private bool _hasReceived;
    private E1000Cause _causes;
    private int _descriptorsLeft;

    /// <summary>True if the turn has cost what it may: what is held is stored in another.</summary>
    public bool IsSpent => _descriptorsLeft == 0;

    /// <summary>The driver has written a register of the ring other than its tail, or switched the receiver off: what is held is
    /// dropped. Under the device's lock.</summary>
    public void RingWritten() => _ringWritten = true;

    /// <summary>The driver has written a register that decides what is received. Under the device's lock.</summary>
    public void FilterWritten() => _filterWritten = true;

    /// <summary>Forgets everything. Under the device's lock, with the queue reset.</summary>
    public void Reset()
    {
        Abandon();
        _statistics.Clear();
        (_ringWritten, _filterWritten, _isEnabled) = (false, true, false);
    }

    /// <summary>Takes the registers over. Under the device's lock.</summary>
    public void Begin(RegisterFile<E1000Register> registers)
    {
        if (_ringWritten)
        {
            Abandon();
            _ringWritten = false;
        }

        _control = (E1000ReceiveControl)registers[E1000Register.ReceiveControl];
        _isEnabled = (_control & E1000ReceiveControl.Enable) != 0;
        _ring.Load(
            registers[E1000Register.ReceiveBase],
            registers[E1000Register.ReceiveLength],
            registers[E1000Register.ReceiveHead],
            registers[E1000Register.ReceiveTail]);
        _bufferSize = _control.BufferSize();
        _isVlanMode = function.IsVlanMode;
        _checksums = registers[E1000Register.ReceiveChecksumControl];
        _smallPacket = (int)registers[E1000Register.ReceiveSmallPacket];
        if (_filterWritten)
        {
            _filter.Load(registers);
            _filterWritten = false;
        }

        (_causes, _hasReceived, _descriptorsLeft) = (0, false, DescriptorsPerTurn);
    }

    /// <summary>Puts back what has changed. Under the device's lock.</summary>
    /// <returns>What is to be raised.</returns>
    public E1000Cause End(RegisterFile<E1000Register> registers)
    {
        if (!_ringWritten)
        {
            registers[E1000Register.ReceiveHead] = (ulong)_ring.Head;
        }

        _statistics.AddTo(registers);
        if (!_hasReceived)
        {
            return _causes;
        }

        if (_ring.Available <= _ring.Count >> _control.LowShift())
        {
            _causes |= E1000Cause.ReceiveLow;
        }

        var delay = registers[E1000Register.ReceiveDelay];
        if (delay == 0)
        {
            _causes |= E1000Cause.ReceiveTimer;
            function.ReceiveDelay.Cancel();
        }
        else
        {
            function.ReceiveDelay.Start(delay, registers[E1000Register.ReceiveAbsoluteDelay]);
        }

        return _causes;
    }

    /// <summary>Takes a frame that comes from the controller itself: between <see cref="Begin"/> and <see cref="End"/>, and behind
    /// the transmitter's barrier, which stands behind both tails.</summary>
    /// <param name="frame">Any length.</param>
    /// <param name="wrongFcs">The frame check sequence it has, if that is wrong.</param>
    /// <returns>False if there is no room: until the driver gives descriptors, or in another turn if <see cref="IsSpent"/>.</returns>
    public bool Take(ReadOnlySpan<byte> frame, uint? wrongFcs)
    {
        if (!_isEnabled)
        {
            return true;
        }

        if (!Store() || !HasBuffers)
        {
            return false;
        }

        Receive(frame, wrongFcs);
        _ = Store();
        return true;
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        bool isOnWire;
        lock (function.Lock)
        {
            if (function.IsHalted)
            {
                return;
            }

            Begin(function.Registers);
            isOnWire = _isEnabled && function.IsLinkUp && !function.IsLoopback;
        }

        if (_isEnabled)
        {
            // e1000.tail-before-descriptor: pairs with the driver's write barrier between its descriptors and the tail.
            function.Dma.ReadBarrier(E1000Sites.TailBeforeDescriptor);
        }

        var again = Walk(isOnWire);
        E1000Cause causes;
        lock (function.Lock)
        {
            if (function.IsHalted)
            {
                return;
            }

            causes = End(function.Registers);
        }

        function.Raise(causes);
        if (again)
        {
            function.Queue.Post(this);
        }
    }

    // A ring that is useless has room for everything, which is then missed.
    private bool HasBuffers => !_ring.IsUsable || _ring.Available > 0;

    // True if there is more to do than a turn may cost.
    private bool Walk(bool isOnWire)
    {
        for (var frames = 0; frames < Turn; frames++)
        {
            if (function.Queue.IsStale || _ringWritten)
            {
                return true;
            }

            if (_isEnabled && !Store())
            {
                return IsSpent;
            }

            if (!port.TryPeek(out var frame))
            {
                return false;
            }

            if (isOnWire)
            {
                if (!HasBuffers)
                {
                    CountNoBuffers();
                    return false;
                }

                Receive(frame, null);
            }

            port.Consume();
        }

        return true;
    }

    private void CountNoBuffers()
    {
        if (!_hasNoBuffers)
        {
            _hasNoBuffers = true;
            _statistics.Count(E1000Register.NoBuffers);
        }
    }

    // Holds the frame, if it is for this station.
    private void Receive(ReadOnlySpan<byte> frame, uint? wrongFcs)
    {
        _hasNoBuffers = false;
        _statistics.CountReceived(frame.Length);
        if (frame.Length > E1000ReceivedFrame.Longest)
        {
            _statistics.Count(E1000Register.Oversized);
            return;
        }

        frame = _frame.Pad(frame);
        var passes = _filter.Passes(frame, out var isInexact, out var pause);
        if (pause != 0)
        {
            _statistics.Count(pause > 0 ? E1000Register.XoffReceived : E1000Register.XonReceived);
        }

        if (!passes || !IsGood(frame, wrongFcs))
        {
            return;
        }

        _frame.Take(frame, wrongFcs, new E1000ReceivedFrame.Settings(
            (_control & E1000ReceiveControl.StripCrc) != 0, _isVlanMode && _filter.IsTagged(frame), isInexact, _checksums));
        (_stored, _skipped) = (0, 0);
        if (frame.Length <= _smallPacket)
        {
            _causes |= E1000Cause.SmallPacket;
        }
    }

    // True for a frame that is to be stored: a good one, or RCTL.SBP is set.
    private bool IsGood(ReadOnlySpan<byte> frame, uint? wrongFcs)
    {
        var isGood = true;
        if (wrongFcs is not null)
        {
            _statistics.Count(E1000Register.CrcErrors);
            isGood = false;
        }
        else if (frame.Length > E1000ReceivedFrame.LongestWithout && (_control & E1000ReceiveControl.LongPackets) == 0)
        {
            _statistics.Count(E1000Register.Oversized);
            isGood = false;
        }
        else
        {
            _statistics.CountGood(frame);
        }

        return isGood || (_control & E1000ReceiveControl.StoreBad) != 0;
    }

    // Stores what is held. False if something is left: for want of descriptors, because bus mastering is off, or because the turn is spent.
    private bool Store()
    {
        while (_stored < _frame.Length)
        {
            if (!_ring.IsUsable || _skipped >= _ring.Count)
            {
                Miss();
                return true;
            }

            if (_ring.Available == 0)
            {
                CountNoBuffers();
                return false;
            }

            if (IsSpent)
            {
                return false;
            }

            _descriptorsLeft--;
            var address = _ring.Address;
            Unsafe.SkipInit(out Descriptor descriptor);
            var status = function.Dma.Read(address, MemoryMarshal.AsBytes(new Span<Descriptor>(ref descriptor)));
            if (status == DmaStatus.Ok)
            {
                status = descriptor.Address == 0 ? Skip(address, descriptor.Body.Status) : StorePart(address, descriptor.Address);
            }

            if (status == DmaStatus.NotBusMaster)
            {
                return false;
            }

            if (status != DmaStatus.Ok)
            {
                // The ring is where no memory is.
                Miss();
                return true;
            }

            _ring.Advance();
        }

        return true;
    }

    private DmaStatus StorePart(ulong descriptor, ulong buffer)
    {
        var part = _frame.Bytes(_stored, _bufferSize);
        var status = function.Dma.Write(buffer, part);
        if (status == DmaStatus.NotBusMaster)
        {
            return status;
        }

        // Data that no memory takes is lost; the packet goes on, and says so.
        var isLast = _stored + part.Length == _frame.Length;
        status = HandOver(descriptor, _frame.Body(part.Length, isLast, status == DmaStatus.Ok), _frame.Status(isLast));
        if (status == DmaStatus.Ok)
        {
            _stored += part.Length;
            _hasReceived |= isLast;
        }

        return status;
    }

    // A descriptor without a buffer takes no data and gets DD, and nothing else in it changes (3.2.7).
    private DmaStatus Skip(ulong descriptor, E1000ReceiveStatus before)
    {
        _skipped++;
        return function.Dma.Publish(descriptor + E1000ReceiveBody.StatusOffset, (byte)(before | E1000ReceiveStatus.Done), E1000Sites.BodyBeforeDone);
    }

    // e1000.rx.body-before-dd: packet and body first, with DD clear, then DD by one store of a byte. Pairs with the driver's
    // read barrier between reading DD and the rest.
    private DmaStatus HandOver(ulong descriptor, E1000ReceiveBody body, E1000ReceiveStatus status) => function.Dma.WriteThenPublish(
        descriptor + E1000ReceiveBody.Offset,
        MemoryMarshal.AsBytes(new ReadOnlySpan<E1000ReceiveBody>(in body)),
        descriptor + E1000ReceiveBody.StatusOffset,
        (byte)(status | E1000ReceiveStatus.Done),
        E1000Sites.BodyBeforeDone);

    private void Miss()
    {
        _statistics.Count(E1000Register.MissedPackets);
        _causes |= E1000Cause.ReceiveOverrun;
        Abandon();
    }

    private void Abandon()
    {
        _frame.Clear();
        (_stored, _skipped, _hasNoBuffers) = (0, 0, false);
    }

    [StructLayout(LayoutKind.Sequential, Size = E1000ReceiveBody.DescriptorSize)]
    private readonly struct Descriptor
    {
        public readonly ulong Address;
        public readonly E1000ReceiveBody Body;
    }
}
