namespace Emulator.Devices;

/// <summary>A disk that forgets what is written, reads as zeroes, and takes no time: to measure what is in front of it.</summary>
/// <param name="length">Bytes, a multiple of 512.</param>
public sealed class NullBackEnd(long length) : IBlockBackEnd
{
    /// <inheritdoc/>
    public long Length => length;

    /// <inheritdoc/>
    public bool IsReadOnly { get; init; }

    /// <inheritdoc/>
    public bool CanDiscard => false;

    /// <inheritdoc/>
    public void Start(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Operation == BlockOperation.Read)
        {
            request.Buffer.Span.Clear();
        }

        request.Complete(BlockStatus.Ok);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
