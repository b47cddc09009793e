using System.Diagnostics.CodeAnalysis;
using Emulator.Devices;

namespace Emulator.Host.Disks.Nbd;

/// <summary>What was asked of a server and has not ended: cuts it up, knows what was sent and what was answered, and what must be sent again.</summary>
/// <remarks>Under the back end's lock. Allocates only while its pool grows.</remarks>
/// <param name="export">What the server can do.</param>
/// <param name="unflushed">Kept up to date with what is answered.</param>
internal sealed class NbdRequests(NbdExport export, UnflushedWrites unflushed)
{
    /// <summary>How many pieces are under way at once.</summary>
    public const int MostPieces = 64;

    // What the server cannot answer on so many connections is what ends them.
    private const int MostAttempts = 8;

    private const int ZeroesLength = 64 << 10;

    private static readonly ReadOnlyMemory<byte> s_zeroes = new byte[ZeroesLength];

    private readonly Stack<NbdTransfer> _pool = new();
    private readonly Queue<NbdTransfer> _uncut = new();
    private readonly NbdPiece[] _pieces = [.. Enumerable.Range(0, MostPieces + 1).Select(index => new NbdPiece(index))];
    private readonly Queue<int> _waiting = new(MostPieces + 1);
    private readonly Stack<int> _idle = new(Enumerable.Range(0, MostPieces).Reverse());
    private ulong _sends;
    private long _changes;
    private bool _wantsFlush;
    private bool _isFlushBroken;

    /// <summary>How many of the disk's requests have not ended.</summary>
    public int Count { get; private set; }

    /// <summary>True if a piece could be sent.</summary>
    public bool HasWork => _waiting.Count > 0 || (_wantsFlush && OwnFlush.State == NbdPieceState.Idle) || (_uncut.Count > 0 && _idle.Count > 0);

    // The last piece is for flushes of our own, so that there is always one.
    private NbdPiece OwnFlush => _pieces[MostPieces];

    private bool IsKept => export.Can(NbdExportFlags.Flush) && !_isFlushBroken;

    /// <summary>Takes a request of the disk.</summary>
    public void Add(BlockRequest request)
    {
        if (request.Operation == BlockOperation.Flush
            ? _isFlushBroken || !export.Can(NbdExportFlags.Flush)
            : request.Length == 0 || (request.Operation == BlockOperation.Discard && !export.Can(NbdExportFlags.Trim)))
        {
            request.Complete(request.Operation == BlockOperation.Flush && _isFlushBroken ? BlockStatus.IoError : BlockStatus.Ok);
            return;
        }

        var transfer = _pool.TryPop(out var pooled) ? pooled : new NbdTransfer();
        (transfer.Request, transfer.Cut, transfer.Pieces, transfer.Status) = (request, 0, 0, BlockStatus.Ok);
        _uncut.Enqueue(transfer);
        Count++;
    }

    /// <summary>True if the server's blocks allow it.</summary>
    public bool IsAligned(BlockRequest request) => ((request.Offset | request.Length) & (export.MinimumBlock - 1)) == 0;

    /// <summary>The next piece to send; it counts as sent.</summary>
    public bool TryTake(out NbdMessage message)
    {
        if (!_waiting.TryDequeue(out var index))
        {
            if (_wantsFlush && OwnFlush.State == NbdPieceState.Idle)
            {
                index = MostPieces;
                (OwnFlush.Message, OwnFlush.Attempts) = (new NbdMessage { Command = NbdCommand.Flush }, 0);
            }
            else if (_uncut.Count > 0 && _idle.TryPop(out index))
            {
                Cut(_uncut.Peek(), _pieces[index]);
            }
            else
            {
                message = default;
                return false;
            }
        }

        var piece = _pieces[index];
        message = piece.Message with { Cookie = (_sends++ << 8) | (uint)index };
        (piece.Message, piece.State) = (message, NbdPieceState.Sent);
        piece.Attempts++;
        if (message.Command == NbdCommand.Flush)
        {
            piece.Number = _changes;
            _wantsFlush = false;
        }

        return true;
    }

    /// <summary>What a reply is to.</summary>
    /// <returns>False if nothing of that name was sent.</returns>
    public bool TryFind(ulong cookie, [NotNullWhen(true)] out NbdPiece? piece)
    {
        var index = cookie & 0xFF;
        piece = index <= MostPieces ? _pieces[index] : null;
        return piece is { State: NbdPieceState.Sent } && piece.Message.Cookie == cookie;
    }

    /// <summary>A reply has come, with all that is behind it.</summary>
    /// <param name="piece">To what.</param>
    /// <param name="status">What it says.</param>
    public void Answered(NbdPiece piece, BlockStatus status)
    {
        if (piece.Message.Command == NbdCommand.Flush)
        {
            var number = piece.Number;
            End(piece, status);
            if (status == BlockStatus.Ok)
            {
                MakeStable(number);
            }
            else
            {
                BreakFlushes();
            }
        }
        else if (piece.Message.Command == NbdCommand.Read || status != BlockStatus.Ok || !IsKept)
        {
            var isUnstable = status == BlockStatus.Ok && NeedsFlush(piece) && _isFlushBroken;
            End(piece, isUnstable ? BlockStatus.IoError : status);
        }
        else
        {
            (piece.State, piece.Number, piece.Attempts) = (NbdPieceState.Unstable, ++_changes, 0);
            Settle(piece);
        }
    }

    /// <summary>The connection has ended: what was sent on it is to be sent again.</summary>
    public void Resend()
    {
        foreach (var piece in _pieces)
        {
            if (piece.State is NbdPieceState.Sent or NbdPieceState.Unstable)
            {
                if (piece.Attempts >= MostAttempts)
                {
                    End(piece, BlockStatus.IoError);
                }
                else
                {
                    piece.State = NbdPieceState.Waiting;
                    _waiting.Enqueue(piece.Index);
                }
            }
        }
    }

    /// <summary>Ends everything badly.</summary>
    public void Fail()
    {
        _waiting.Clear();
        foreach (var piece in _pieces)
        {
            if (piece.State != NbdPieceState.Idle)
            {
                End(piece, BlockStatus.IoError);
            }
        }

        while (_uncut.TryDequeue(out var transfer))
        {
            End(transfer, BlockStatus.IoError);
        }
    }

    /// <summary>The server may have lost what it had taken: no flush succeeds from now on.</summary>
    public void BreakFlushes()
    {
        _isFlushBroken = true;
        _wantsFlush = false;
        unflushed.Clear();
        foreach (var piece in _pieces)
        {
            if (piece.State == NbdPieceState.Unstable)
            {
                End(piece, NeedsFlush(piece) ? BlockStatus.IoError : BlockStatus.Ok);
            }
        }
    }

    // A server without FUA: a write, then a flush.
    private bool NeedsFlush(NbdPiece piece) =>
        piece.Transfer!.Request is { ForceUnitAccess: true, Operation: BlockOperation.Write or BlockOperation.WriteZeroes }
        && !export.Can(NbdExportFlags.ForceUnitAccess)
        && export.Can(NbdExportFlags.Flush);

    // Ends a change that is done as soon as a copy is kept; else at a flush, until which the request's own buffer is the copy.
    private void Settle(NbdPiece piece)
    {
        var isStable = (piece.Message.Flags & NbdProtocol.CommandForceUnitAccess) != 0;
        if (!NeedsFlush(piece) && ((isStable && unflushed.IsEmpty) || unflushed.TryAdd(piece.Number, piece.Message)))
        {
            End(piece, BlockStatus.Ok);
            _wantsFlush |= unflushed.IsHalfFull;
        }
        else
        {
            _wantsFlush = true;
        }
    }

    private void MakeStable(long number)
    {
        unflushed.Drop(number);
        _wantsFlush |= unflushed.IsHalfFull;
        foreach (var piece in _pieces)
        {
            if (piece.State != NbdPieceState.Unstable)
            {
                continue;
            }

            if (piece.Number <= number)
            {
                End(piece, BlockStatus.Ok);
            }
            else
            {
                Settle(piece);
            }
        }
    }

    private void Cut(NbdTransfer transfer, NbdPiece piece)
    {
        var request = transfer.Request!;
        var rest = request.Length - transfer.Cut;
        var (command, most) = request.Operation switch
        {
            BlockOperation.Read => (NbdCommand.Read, export.MaximumBlock),
            BlockOperation.Write => (NbdCommand.Write, export.MaximumBlock),
            BlockOperation.Discard => (NbdCommand.Trim, NbdExport.MaximumTrim),
            BlockOperation.WriteZeroes when export.Can(NbdExportFlags.WriteZeroes) => (NbdCommand.WriteZeroes, export.MaximumBlock),
            BlockOperation.WriteZeroes => (NbdCommand.Write, Math.Min(export.MaximumBlock, ZeroesLength)),
            _ => (NbdCommand.Flush, 0),
        };
        var length = (int)Math.Min(rest, most);
        var flags = command == NbdCommand.WriteZeroes && !(request.MayUnmap && export.Can(NbdExportFlags.Trim)) ? NbdProtocol.CommandNoHole : (ushort)0;
        if (command is NbdCommand.Write or NbdCommand.WriteZeroes && request.ForceUnitAccess && export.Can(NbdExportFlags.ForceUnitAccess))
        {
            flags |= NbdProtocol.CommandForceUnitAccess;
        }

        piece.Transfer = transfer;
        piece.Attempts = 0;
        piece.Buffer = command == NbdCommand.Read ? request.Buffer.Slice((int)transfer.Cut, length) : default;
        var payload = command != NbdCommand.Write ? default
            : request.Operation == BlockOperation.WriteZeroes ? s_zeroes[..length]
            : request.Buffer.Slice((int)transfer.Cut, length);
        piece.Message = new NbdMessage(command, flags, 0, command == NbdCommand.Flush ? 0 : request.Offset + transfer.Cut, length, payload);
        transfer.Cut += length;
        transfer.Pieces++;
        if (transfer.Cut == request.Length)
        {
            _uncut.Dequeue();
        }
    }

    private void End(NbdPiece piece, BlockStatus status)
    {
        var transfer = piece.Transfer;
        (piece.State, piece.Transfer, piece.Buffer, piece.Message) = (NbdPieceState.Idle, null, default, default);
        if (piece == OwnFlush)
        {
            return;
        }

        _idle.Push(piece.Index);
        transfer!.Pieces--;
        if (status != BlockStatus.Ok)
        {
            transfer.Status = transfer.Status == BlockStatus.Ok ? status : transfer.Status;
        }

        // After an error there is no point in the rest; it is the first of the queue, as it is being cut.
        if (transfer.Status != BlockStatus.Ok && transfer.Cut < transfer.Request!.Length)
        {
            transfer.Cut = transfer.Request.Length;
            _uncut.Dequeue();
        }

        if (transfer.Pieces == 0 && transfer.Cut == transfer.Request!.Length)
        {
            End(transfer, transfer.Status);
        }
    }

    private void End(NbdTransfer transfer, BlockStatus status)
    {
        var request = transfer.Request!;
        transfer.Request = null;
        _pool.Push(transfer);
        Count--;
        request.Complete(status);
    }
}
