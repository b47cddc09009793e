using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>RU: stores frames where descriptors say (8255x manual, 6.4.3).</summary>
/// <remarks>
/// A unit that is idle lets frames go by. One that is suspended, or has no descriptors, leaves them on the wire, which pushes back on
/// the sender; the real one loses them.
/// </remarks>
/// <param name="function">The device.</param>
internal sealed class Eepro100ReceiveUnit(Eepro100Function function) : IoWork
{
    private const int FramesPerRun = 32;

    private readonly Eepro100BlockList _list = new(function);
    private readonly Eepro100ReceiveBuffers _buffers = new(function);
    private readonly byte[] _padded = new byte[Eepro100ReceivedFrame.ShortestFrame];

    /// <summary>RUS. Any thread.</summary>
    public Eepro100UnitState State => _list.State;

    /// <summary>True while a command is not accepted yet. Any thread.</summary>
    public bool IsTold => _list.IsTold;

    /// <summary>The driver gives a command. Under the device's lock.</summary>
    /// <param name="command">Lower bits of the SCB command byte.</param>
    /// <param name="pointer">SCB general pointer.</param>
    /// <returns>True if the unit is to be posted.</returns>
    public bool Accept(Eepro100ReceiveUnitCommand command, uint pointer)
    {
        switch (command)
        {
            case Eepro100ReceiveUnitCommand.Start:
                _list.Start(pointer);
                return true;
            case Eepro100ReceiveUnitCommand.Resume:
                _list.Resume(always: false);
                return true;
            case Eepro100ReceiveUnitCommand.BufferResume:
                _list.ResumeBuffers();
                return true;
            case Eepro100ReceiveUnitCommand.Abort:
                _list.Abort();
                return true;
            case Eepro100ReceiveUnitCommand.LoadBase:
                _list.LoadBase(pointer);
                _buffers.LoadBase(pointer);
                return false;
            default:
                return false;
        }
    }

    /// <summary>As after a reset. Under the device's lock, with nothing running.</summary>
    /// <param name="isSelective">True to keep what was loaded.</param>
    public void Reset(bool isSelective)
    {
        _list.Reset(keepBase: isSelective);
        _buffers.Reset(keepBase: isSelective);
    }

    /// <summary>Receives what the transmitter has sent in loopback; it is lost if there is no descriptor. On the I/O thread.</summary>
    /// <param name="data">The frame, of any length.</param>
    /// <param name="isGood">False if its frame check sequence is wrong.</param>
    public void Loop(ReadOnlySpan<byte> data, bool isGood)
    {
        var isReady = TryContinue();
        if (State != Eepro100UnitState.Idle && Eepro100ReceivedFrame.TryTake(function, data, isGood, out var frame) && !(isReady && Store(in frame)))
        {
            function.Statistics.ReceiveResourceErrors++;
        }
    }

    /// <inheritdoc/>
    protected internal override void Run()
    {
        for (var i = 0; i < FramesPerRun; i++)
        {
            if (function.Queue.IsStale)
            {
                return;
            }

            var isReady = TryContinue();
            if (!function.Port.TryPeek(out var data))
            {
                return;
            }

            if (State != Eepro100UnitState.Idle && function.Link.IsUp && !function.IsLoopback
                && Eepro100ReceivedFrame.TryTake(function, Pad(data), isGood: true, out var frame) && !(isReady && Store(in frame)))
            {
                // It stays on the wire.
                return;
            }

            function.Port.Consume();
        }

        function.Queue.Post(this);
    }

    private bool TryContinue()
    {
        var isReady = _list.TryContinue(out var begins);
        if (begins)
        {
            _buffers.Begin();
        }

        return isReady;
    }

    // What is behind the wire need not pad; a real sender would have.
    private ReadOnlySpan<byte> Pad(ReadOnlySpan<byte> data)
    {
        if (data.Length >= _padded.Length)
        {
            return data;
        }

        data.CopyTo(_padded);
        _padded.AsSpan(data.Length).Clear();
        return _padded;
    }

    // False if the frame was not stored, and no descriptor is complete.
    private bool Store(in Eepro100ReceivedFrame frame)
    {
        Eepro100FrameDescriptor descriptor = default;
        var status = function.Dma.Read(_list.Address, MemoryMarshal.AsBytes(new Span<Eepro100FrameDescriptor>(ref descriptor)));
        var isFlexible = (descriptor.Flags & Eepro100BlockFlags.Flexible) != 0;
        var buffer = Eepro100FrameDescriptor.NoBuffer;
        if (status == DmaStatus.Ok && isFlexible && !_buffers.TryFindFirst(in descriptor, out buffer))
        {
            _list.Stop(Eepro100UnitState.NoBuffers, Eepro100Cause.ReceiveNotReady);
            return false;
        }

        if (status == DmaStatus.Ok && (isFlexible || descriptor.Room > 0))
        {
            status = Store(in frame, in descriptor, isFlexible, buffer);
            if (status == DmaStatus.Ok)
            {
                Finish(in descriptor);
                return true;
            }
        }

        if (status != DmaStatus.NotBusMaster)
        {
            // Refused, or a descriptor of no size: a mark that the driver is about to replace, and that stays as it is.
            _list.Stop(Eepro100UnitState.NoResources, Eepro100Cause.ReceiveNotReady);
        }

        return false;
    }

    private DmaStatus Store(in Eepro100ReceivedFrame frame, in Eepro100FrameDescriptor descriptor, bool isFlexible, uint buffer)
    {
        var count = Math.Min(descriptor.Room, frame.Length);
        var isAll = count == frame.Length;
        var status = count == 0 ? DmaStatus.Ok : frame.Write(function.Dma, _list.Address + Eepro100FrameDescriptor.Size, 0, count);
        if (status == DmaStatus.Ok && isFlexible && !isAll)
        {
            status = _buffers.Store(in frame, count, buffer, out isAll);
            if (status == DmaStatus.Ok)
            {
                status = function.Dma.Store(_list.Address + Eepro100FrameDescriptor.BufferOffset, buffer);
            }
        }

        return status != DmaStatus.Ok ? status : Complete(count, frame.Status | (isAll ? 0 : Eepro100FrameStatus.NoBufferSpace));
    }

    // eepro100.rfd.payload-count-status: the payload is written; the count, and then the status word alone. Pairs with the read barrier of a
    // driver that has found C and reads the count.
    private DmaStatus Complete(int count, Eepro100FrameStatus result)
    {
        const Eepro100FrameStatus Errors = Eepro100FrameStatus.NoBufferSpace | Eepro100FrameStatus.CrcError | Eepro100FrameStatus.Short;
        result |= Eepro100FrameStatus.Complete | ((result & Errors) == 0 ? Eepro100FrameStatus.Ok : 0);
        var word = (ushort)(count | Eepro100FrameDescriptor.CountIsValid);
        var status = function.Dma.WriteThenPublish(
            _list.Address + Eepro100FrameDescriptor.CountOffset,
            MemoryMarshal.AsBytes(new ReadOnlySpan<ushort>(in word)),
            _list.Address,
            (ushort)result,
            Eepro100Sites.PayloadCountStatus);
        if (status == DmaStatus.Ok)
        {
            function.Statistics.CountReceived(result);
        }

        return status;
    }

    private void Finish(in Eepro100FrameDescriptor descriptor)
    {
        function.Raise(Eepro100Cause.FrameReceived);
        if ((descriptor.Flags & Eepro100BlockFlags.EndOfList) != 0)
        {
            _list.Stop(Eepro100UnitState.NoResources, Eepro100Cause.ReceiveNotReady);
        }
        else if ((descriptor.Flags & Eepro100BlockFlags.Suspend) != 0)
        {
            _list.Suspend(descriptor.Flags, Eepro100Cause.ReceiveNotReady);
        }
        else
        {
            _list.Follow(descriptor.Link);
        }
    }
}
