namespace Emulator.Devices;

/// <summary>A back end in front of another, which sees each request at its start and at its end. Disposes of the other.</summary>
/// <param name="below">The other.</param>
public abstract class BlockFilter(IBlockBackEnd below) : IBlockBackEnd, IBlockCompletion
{
    private readonly Lock _gate = new();
    private readonly Stack<FilteredRequest> _free = [];
    private long _started;

    /// <inheritdoc/>
    public long Length => below.Length;

    /// <inheritdoc/>
    public virtual bool IsReadOnly => below.IsReadOnly;

    /// <inheritdoc/>
    public virtual bool CanDiscard => below.CanDiscard;

    /// <inheritdoc/>
    public void Start(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        FilteredRequest? own;
        long number;
        lock (_gate)
        {
            number = _started++;
            own = _free.TryPop(out var free) ? free : new FilteredRequest();
        }

        own.Take(request, number, this);
        if (Starting(own) is { } status)
        {
            own.Complete(status);
        }
        else
        {
            below.Start(own);
        }
    }

    void IBlockCompletion.Completed(BlockRequest request)
    {
        var own = (FilteredRequest)request;
        var (above, status) = (own.Above!, Ending(own));
        own.Above = null;
        lock (_gate)
        {
            _free.Push(own);
        }

        above.Complete(status);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Disposes of what is behind it.</summary>
    protected virtual void Dispose(bool disposing) => below.Dispose();

    /// <summary>A request is about to be started. Any thread.</summary>
    /// <param name="request">It.</param>
    /// <returns>Null to start it; else how it ends here.</returns>
    protected virtual BlockStatus? Starting(FilteredRequest request) => null;

    /// <summary>A request has ended, below or here, and nobody has been told. Any thread.</summary>
    /// <param name="request">It.</param>
    /// <returns>How whoever asked for it is told that it ended.</returns>
    protected virtual BlockStatus Ending(FilteredRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Status;
    }
}

/// <summary>What a <see cref="BlockFilter"/> asks for in place of what it was asked for.</summary>
public sealed class FilteredRequest : BlockRequest
{
    /// <summary>Counts those of the filter, from 0.</summary>
    public long Number { get; private set; }

    internal BlockRequest? Above { get; set; }

    internal void Take(BlockRequest above, long number, IBlockCompletion filter)
    {
        (Above, Number, Completion) = (above, number, filter);
        (Operation, Offset, Length, Buffer) = (above.Operation, above.Offset, above.Length, above.Buffer);
        (ForceUnitAccess, MayUnmap) = (above.ForceUnitAccess, above.MayUnmap);
        Begin();
    }
}
