namespace Emulator.Devices;

// MOVE MEMORY (technical manual, 5.7), LOAD and STORE (5.8).
internal sealed partial class LsiScripts
{
    private readonly byte[] _piece = new byte[PieceOfTurn];

    // A memory move under way.
    private bool _isCopying;
    private ulong _source;
    private ulong _destination;
    private uint _rest;
    private bool _isSourceIo;
    private bool _isDestinationIo;

    private Outcome ExecuteMemoryMove()
    {
        if (!_isCopying)
        {
            var outcome = BeginCopy();
            if (outcome != Outcome.Done)
            {
                return outcome;
            }
        }

        while (_rest > 0)
        {
            var length = (int)Math.Min(_rest, IsOwn(_source, _isSourceIo) || IsOwn(_destination, _isDestinationIo) ? 1U : PieceOfTurn);
            var piece = _piece.AsSpan(0, length);
            if (!_memory.Read(_source, piece, _isSourceIo) || !_memory.Write(_destination, piece, _isDestinationIo))
            {
                _isCopying = false;
                return Fault();
            }

            _source += (uint)length;
            _destination += (uint)length;
            _rest -= (uint)length;
            var outcome = EndPiece();
            if (outcome != Outcome.Done)
            {
                return outcome;
            }
        }

        _isCopying = false;
        return Outcome.Done;
    }

    private Outcome BeginCopy()
    {
        const uint Reserved = 0x1E000000;
        if (!FetchMore(out var destination))
        {
            return Fault();
        }

        if ((_instruction.First & Reserved) != 0 || ((_instruction.Second ^ destination) & 3) != 0)
        {
            return Illegal();
        }

        lock (_function.Lock)
        {
            var mode = (LsiDmaMode)Registers[LsiRegister.DmaMode];
            (_isSourceIo, _isDestinationIo) = ((mode & LsiDmaMode.SourceIo) != 0, (mode & LsiDmaMode.DestinationIo) != 0);
            _source = (Registers[LsiRegister.MemoryReadSelector] << 32) | _instruction.Second;
            _destination = (Registers[LsiRegister.MemoryWriteSelector] << 32) | destination;
        }

        (_isCopying, _rest) = (true, _instruction.Count);
        return Outcome.Done;
    }

    // What has to be looked at while a long instruction is under way.
    private Outcome EndPiece()
    {
        bool isSignalTaken;
        lock (_function.Lock)
        {
            if (!IsCurrent || !_function.IsRunning)
            {
                return Outcome.Stopped;
            }

            isSignalTaken = _function.TakeSignal();
        }

        if (isSignalTaken)
        {
            FenceSignal();
        }

        return --_budget > 0 ? Outcome.Done : Outcome.Yield;
    }

    private bool IsOwn(ulong address, bool isIo) => _function.IsOwn(address, 1, isIo, out _);

    private void EndMoves() => (_isCopying, _isMoving, _isParityWrong) = (false, false, false);

    private Outcome ExecuteLoadStore()
    {
        var count = _instruction.LoadStoreCount;
        var register = _instruction.LoadStoreRegister;
        var address = LoadStoreAddress();
        if (count is 0 or > 4 || ((register ^ (byte)address) & 3) != 0 || (register & 3) + count > 4)
        {
            return Illegal();
        }

        Span<byte> data = stackalloc byte[count];
        bool isSignalTaken;
        if (_instruction.IsLoad)
        {
            if (!_memory.Read(address, data))
            {
                return Fault();
            }

            lock (_function.Lock)
            {
                if (!IsCurrent)
                {
                    return Outcome.Stopped;
                }

                for (var i = 0; i < count; i++)
                {
                    WriteRegister(register + i, data[i]);
                }

                isSignalTaken = _function.TakeSignal();
            }
        }
        else
        {
            lock (_function.Lock)
            {
                if (!IsCurrent)
                {
                    return Outcome.Stopped;
                }

                for (var i = 0; i < count; i++)
                {
                    data[i] = ReadRegister(register + i);
                }

                isSignalTaken = _function.TakeSignal();
            }

            if (!_memory.Write(address, data))
            {
                return Fault();
            }
        }

        if (isSignalTaken)
        {
            FenceSignal();
        }

        return Outcome.Done;
    }

    private ulong LoadStoreAddress()
    {
        if (_instruction.IsDataRelative)
        {
            return DataRelative(_instruction.Offset);
        }

        lock (_function.Lock)
        {
            var selector = _instruction.IsLoad ? LsiRegister.MemoryReadSelector : LsiRegister.MemoryWriteSelector;
            return (Registers[selector] << 32) | _instruction.Second;
        }
    }
}
