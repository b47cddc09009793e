namespace Emulator.Devices;

/// <summary>A disk in the host's memory, all zeroes at first. Takes room only where something is written; each request ends before its start returns.</summary>
public sealed class RamBackEnd : IBlockBackEnd
{
    private const int ChunkShift = 16;
    private const int ChunkSize = 1 << ChunkShift;

    private readonly byte[]?[] _chunks;

    /// <summary>A disk of zeroes.</summary>
    /// <param name="length">Bytes, a multiple of 512.</param>
    public RamBackEnd(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(length & 511, 0, nameof(length));
        Length = length;
        _chunks = new byte[]?[(length + ChunkSize - 1) >> ChunkShift];
    }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public bool IsReadOnly { get; init; }

    /// <inheritdoc/>
    public bool CanDiscard => true;

    /// <inheritdoc/>
    public void Start(BlockRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        for (long done = 0; done < request.Length;)
        {
            var place = request.Offset + done;
            var (index, start) = ((int)(place >> ChunkShift), (int)(place & (ChunkSize - 1)));
            var count = (int)Math.Min(request.Length - done, ChunkSize - start);
            switch (request.Operation)
            {
                case BlockOperation.Read when Volatile.Read(ref _chunks[index]) is { } chunk:
                    chunk.AsSpan(start, count).CopyTo(request.Buffer.Span[(int)done..]);
                    break;
                case BlockOperation.Read:
                    request.Buffer.Span.Slice((int)done, count).Clear();
                    break;
                case BlockOperation.Write:
                    request.Buffer.Span.Slice((int)done, count).CopyTo(Chunk(index).AsSpan(start));
                    break;
                default:
                    Volatile.Read(ref _chunks[index])?.AsSpan(start, count).Clear();
                    break;
            }

            done += count;
        }

        request.Complete(BlockStatus.Ok);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private byte[] Chunk(int index)
    {
        if (Volatile.Read(ref _chunks[index]) is not { } chunk)
        {
            var made = new byte[ChunkSize];
            chunk = Interlocked.CompareExchange(ref _chunks[index], made, null) ?? made;
        }

        return chunk;
    }
}
