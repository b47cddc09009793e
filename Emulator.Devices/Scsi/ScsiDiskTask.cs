namespace Emulator.Devices;

/// <summary>A command on its way through a <see cref="ScsiDisk"/>.</summary>
internal sealed class ScsiDiskTask : ScsiTask
{
    /// <summary>Bytes of a buffer: the longest piece in which data is moved.</summary>
    public const int PieceLength = 128 * 1024;

    /// <summary>The longest reply there is room for.</summary>
    public const int ReplyLength = 4096;

    private readonly ScsiDiskRequest _request;
    private ScsiCommandBlock _command;
    private byte[]? _buffer;
    private byte[]? _medium;
    private ScsiSense? _held;
    private ScsiSense? _terminal;

    /// <summary>One for the pool.</summary>
    /// <param name="disk">The unit.</param>
    public ScsiDiskTask(ScsiDisk disk) => (Disk, _request) = (disk, new(this));

    /// <summary>The unit.</summary>
    public ScsiDisk Disk { get; }

    /// <summary>The CDB.</summary>
    public ref readonly ScsiCommandBlock Command => ref _command;

    /// <summary>The row of its command, if there is one.</summary>
    public ScsiOperation? Operation { get; private set; }

    /// <summary>Its place among the others.</summary>
    public ScsiTaskAttribute Attribute { get; private set; }

    /// <summary>True until its turn comes.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>True if something of it is with the disk.</summary>
    public bool IsUnderWay => _request.IsUnderWay;

    /// <summary>True if it was given up.</summary>
    public bool IsAborted { get; private set; }

    /// <summary>True if it has failed and waits to say so.</summary>
    public bool IsHeld => _held is not null;

    /// <summary>The first block that is still to be done.</summary>
    public long Block { get; private set; }

    /// <summary>How many blocks are.</summary>
    public long Remaining { get; private set; }

    /// <summary>Bytes of the next piece of them, as far as it goes through a buffer.</summary>
    public int Piece => (int)Math.Min(Remaining * Disk.BlockSize, PieceLength);

    /// <summary>The initiator's data.</summary>
    public Memory<byte> Buffer => _buffer ??= Disk.Buffers.Rent();

    /// <summary>The command's own: how far it is in a list.</summary>
    public int Position { get; set; }

    /// <summary>What is read from the medium to be compared with it.</summary>
    public Memory<byte> Medium => _medium ??= Disk.Buffers.Rent();

    /// <summary>What the disk has done last.</summary>
    public BlockOperation LastOperation => _request.Operation;

    /// <summary>Makes it new.</summary>
    public void Set(ReadOnlySpan<byte> command, ScsiTaskAttribute attribute, object? context)
    {
        _command.Set(command);
        Operation = ScsiOperationTable.Find(_command, Disk);
        (Attribute, Context, State, Data) = (attribute, context, ScsiTaskState.Busy, default);
        (IsWaiting, IsAborted, _held, _terminal, Block, Remaining, Position) = (true, false, null, null, 0, 0, 0);
    }

    /// <summary>Its turn has come.</summary>
    public void Begin()
    {
        IsWaiting = false;
        if (Disk.Refusal(this) is { } sense)
        {
            Fail(sense);
        }
        else
        {
            Operation!.Command.Begin(this);
        }
    }

    /// <summary>Takes the blocks that the CDB names; fails if they are not all there.</summary>
    /// <returns>True if there is any to be done; otherwise it has ended.</returns>
    public bool TakeRange(long block, long count)
    {
        if (!IsInRange(block, count))
        {
            return false;
        }

        SetRange(block, count);
        if (count == 0)
        {
            Good();
        }

        return count > 0;
    }

    /// <summary>True if there are all the blocks; otherwise it has failed.</summary>
    public bool IsInRange(long block, long count)
    {
        var isInRange = Disk.Contains(block, count);
        if (!isInRange)
        {
            Fail(ScsiSense.OutOfRange);
        }

        return isInRange;
    }

    /// <summary>Takes blocks that have been looked at.</summary>
    public void SetRange(long block, long count) => (Block, Remaining) = (block, count);

    /// <summary>A piece is done.</summary>
    /// <returns>True if there is more.</returns>
    public bool Advance(long bytes)
    {
        var blocks = bytes / Disk.BlockSize;
        (Block, Remaining) = (Block + blocks, Remaining - blocks);
        return Remaining > 0;
    }

    /// <summary>Asks the disk for something, from <see cref="Block"/> on. It goes on with <see cref="ScsiDiskCommand.Ended"/>, or fails.</summary>
    public void Ask(BlockOperation operation, long length, Memory<byte> buffer = default, bool force = false, bool mayUnmap = false)
    {
        (_request.Operation, _request.Offset, _request.Length, _request.Buffer) = (operation, Block * Disk.BlockSize, length, buffer);
        (_request.ForceUnitAccess, _request.MayUnmap) = (force, mayUnmap);
        (State, Data, _request.IsUnderWay) = (ScsiTaskState.Busy, default, true);
        Disk.Backing.Submit(_request);
    }

    /// <summary>Asks the disk for a flush.</summary>
    public void Flush() => Ask(BlockOperation.Flush, 0);

    /// <summary>Says what is in the buffer, as far as ALLOCATION LENGTH goes.</summary>
    public void Reply(int length) => Reply(length, _command.ListLength);

    /// <summary>Says what is in the buffer.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="allocated">How many the initiator has room for.</param>
    public void Reply(int length, uint allocated) => Offer((int)Math.Min(length, allocated));

    /// <summary>Has data for the initiator in the buffer; without any it ends well.</summary>
    public void Offer(int length) => Move(ScsiTaskState.DataIn, length);

    /// <summary>Wants the initiator's data in the buffer; if that is none it goes on with none.</summary>
    public void Want(int length)
    {
        if (length == 0)
        {
            Operation!.Command.Moved(this, 0);
        }
        else
        {
            Move(ScsiTaskState.DataOut, length);
        }
    }

    /// <summary>Ends well.</summary>
    public void Good() => End(ScsiStatus.Good);

    /// <summary>Ends with sense data; now, or when the initiator has taken those of another.</summary>
    public void Fail(ScsiSense sense)
    {
        (State, Data) = (ScsiTaskState.Busy, default);
        if (Disk.KeepSense(this, sense))
        {
            End(ScsiStatus.CheckCondition);
        }
        else
        {
            _held = sense;
        }
    }

    /// <summary>Fails again, if it is held.</summary>
    public void FailHeld()
    {
        if (_held is { } sense)
        {
            _held = null;
            Fail(sense);
        }
    }

    /// <summary>Ends.</summary>
    public void End(ScsiStatus status)
    {
        (State, Status, Data) = (ScsiTaskState.Ended, status, default);
        ReturnBuffers();
        Disk.Ended(this);
    }

    /// <inheritdoc/>
    public override void Continue(int moved)
    {
        if (State is ScsiTaskState.DataIn or ScsiTaskState.DataOut && !IsAborted)
        {
            Operation!.Command.Moved(this, Math.Clamp(moved, 0, Data.Length));
        }
    }

    /// <inheritdoc/>
    public override void Terminate(ScsiSense sense)
    {
        if (State is ScsiTaskState.DataIn or ScsiTaskState.DataOut)
        {
            Fail(sense);
        }
        else if (State == ScsiTaskState.Busy && _held is null)
        {
            _terminal = sense;
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        if (State != ScsiTaskState.Ended && !IsAborted)
        {
            if (IsUnderWay)
            {
                Disk.Backing.Cancel(_request);
            }

            Abandon();
            Disk.Aborted(this);
        }
    }

    /// <summary>Forgets the initiator; what is with the disk stays there, with its buffer, until it comes back.</summary>
    public void Abandon()
    {
        (IsAborted, State, Data, Context, _held) = (true, ScsiTaskState.Busy, default, null, null);
        if (!IsUnderWay)
        {
            ReturnBuffers();
        }
    }

    /// <summary>What it asked of the disk has come back.</summary>
    public void Completed()
    {
        _request.IsUnderWay = false;
        if (IsAborted)
        {
            ReturnBuffers();
        }
        else if (_terminal is { } sense)
        {
            Operation!.Command.Failed(this);
            Fail(sense);
        }
        else if (_request.Status == BlockStatus.Ok)
        {
            Operation!.Command.Ended(this);
        }
        else
        {
            Operation!.Command.Failed(this);
            Fail(SenseOf(_request.Status));
        }
    }

    private void Move(ScsiTaskState direction, int length)
    {
        if (length == 0)
        {
            Good();
        }
        else
        {
            (State, Data) = (direction, Buffer[..length]);
        }
    }

    private ScsiSense SenseOf(BlockStatus status) => status switch
    {
        BlockStatus.NoSpace => ScsiSense.SpaceAllocationFailed with { Information = Place },
        BlockStatus.ReadOnly => ScsiSense.WriteProtected with { Information = Place },
        BlockStatus.OutOfRange => ScsiSense.OutOfRange with { Information = Place },
        BlockStatus.NotSupported => ScsiSense.InvalidField,
        _ when _request.Operation == BlockOperation.Read => ScsiSense.ReadError with { Information = Place },
        _ => ScsiSense.WriteError with { Information = Place },
    };

    // A flush has no place.
    private long? Place => _request.Operation == BlockOperation.Flush ? null : Block;

    private void ReturnBuffers()
    {
        Disk.Buffers.Return(_buffer);
        Disk.Buffers.Return(_medium);
        (_buffer, _medium) = (null, null);
    }
}
