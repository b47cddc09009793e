using Emulator.Devices;

namespace Emulator.Fuzz.Scsi;

/// <summary>What is behind a fuzzed disk: memory that ends its requests when the input says so, in that order, well or with an error. Looks at what it is asked for.</summary>
/// <param name="length">Bytes.</param>
/// <param name="isReadOnly">True if nothing can be changed.</param>
/// <param name="complain">Told of what a back end must not be asked for.</param>
internal sealed class MemoryBackEnd(int length, bool isReadOnly, Action<string, string> complain) : IBlockBackEnd
{
    private const int Sector = 512;

    // A task asks for one thing at a time, and the unit itself for a flush.
    private const int MostRequests = ScsiDisk.MaximumTasks + 16;

    private readonly byte[] _bytes = new byte[length];
    private readonly List<BlockRequest> _held = new(MostRequests);

    /// <inheritdoc/>
    public long Length => length;

    /// <inheritdoc/>
    public bool IsReadOnly => isReadOnly;

    /// <inheritdoc/>
    public bool CanDiscard => true;

    /// <summary>Requests that have not ended.</summary>
    public int Held => _held.Count;

    /// <inheritdoc/>
    public void Start(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isFlush = request.Operation == BlockOperation.Flush;
        var isWithin = request.Offset >= 0 && request.Length > 0 && request.Offset <= length - request.Length;
        var isWhole = (request.Offset | request.Length) % Sector == 0;
        var hasBuffer = request.Operation is not (BlockOperation.Read or BlockOperation.Write) || request.Buffer.Length == request.Length;
        if (!isFlush && !(isWithin && isWhole && hasBuffer))
        {
            complain("back end", $"{request.Operation} of {request.Length} bytes at {request.Offset} with a buffer of {request.Buffer.Length}; there are {length}");
        }

        if (isReadOnly && request.Operation is not (BlockOperation.Read or BlockOperation.Flush))
        {
            complain("back end", $"{request.Operation} of what may only be read");
        }

        _held.Add(request);
        if (_held.Count > MostRequests)
        {
            complain("back end", $"{_held.Count} requests at a time");
        }
    }

    /// <summary>Ends a request, if there is any.</summary>
    /// <param name="which">Of those held, the oldest is 0.</param>
    /// <param name="status">How; anything that a back end does not say is Ok.</param>
    public void End(int which, BlockStatus status)
    {
        if (_held.Count == 0)
        {
            return;
        }

        var request = _held[which];
        _held.RemoveAt(which);
        if (status is not (BlockStatus.IoError or BlockStatus.NoSpace or BlockStatus.NotSupported))
        {
            status = BlockStatus.Ok;
            CarryOut(request);
        }
        else if (request.Operation == BlockOperation.Write)
        {
            // A part may be done.
            request.Buffer.Span[..(request.Buffer.Length / 2)].CopyTo(_bytes.AsSpan((int)request.Offset));
        }

        request.Complete(status);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void CarryOut(BlockRequest request)
    {
        var part = request.Operation == BlockOperation.Flush ? default : _bytes.AsSpan((int)request.Offset, (int)request.Length);
        switch (request.Operation)
        {
            case BlockOperation.Read:
                part.CopyTo(request.Buffer.Span);
                break;
            case BlockOperation.Write:
                request.Buffer.Span.CopyTo(part);
                break;
            default:
                part.Clear();
                break;
        }
    }
}
