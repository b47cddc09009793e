namespace Emulator.Devices;

/// <summary>Keeps what is written in memory, in front of a disk that is not changed. Flushes mean nothing, as all of it is gone with the process.</summary>
/// <param name="below">The disk.</param>
public sealed class SnapshotBackEnd(IBlockBackEnd below) : BlockFilter(below)
{
    private const int SectorShift = 9;
    private const int ChunkShift = 16;
    private const int ChunkSize = 1 << ChunkShift;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Chunk> _chunks = [];

    /// <inheritdoc/>
    public override bool IsReadOnly => false;

    /// <inheritdoc/>
    public override bool CanDiscard => false;

    /// <inheritdoc/>
    protected override BlockStatus? Starting(FilteredRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Operation == BlockOperation.Read)
        {
            return null;
        }

        lock (_gate)
        {
            for (long done = 0; done < request.Length && request.Operation is BlockOperation.Write or BlockOperation.WriteZeroes; done += 1 << SectorShift)
            {
                var (chunk, sector) = Find(request.Offset + done, isMade: true);
                chunk!.IsWritten[sector] = true;
                var place = chunk.Data.AsSpan(sector << SectorShift, 1 << SectorShift);
                if (request.Operation == BlockOperation.Write)
                {
                    request.Buffer.Span.Slice((int)done, 1 << SectorShift).CopyTo(place);
                }
                else
                {
                    place.Clear();
                }
            }
        }

        return BlockStatus.Ok;
    }

    /// <inheritdoc/>
    protected override BlockStatus Ending(FilteredRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is { Operation: BlockOperation.Read, Status: BlockStatus.Ok })
        {
            lock (_gate)
            {
                for (var done = 0; done < request.Length; done += 1 << SectorShift)
                {
                    if (Find(request.Offset + done, isMade: false) is ({ } chunk, var sector) && chunk.IsWritten[sector])
                    {
                        chunk.Data.AsSpan(sector << SectorShift, 1 << SectorShift).CopyTo(request.Buffer.Span[done..]);
                    }
                }
            }
        }

        return request.Status;
    }

    private (Chunk? Chunk, int Sector) Find(long offset, bool isMade)
    {
        if (!_chunks.TryGetValue(offset >> ChunkShift, out var chunk) && isMade)
        {
            _chunks.Add(offset >> ChunkShift, chunk = new Chunk());
        }

        return (chunk, (int)(offset & (ChunkSize - 1)) >> SectorShift);
    }

    private sealed class Chunk
    {
        public byte[] Data { get; } = new byte[ChunkSize];

        public bool[] IsWritten { get; } = new bool[ChunkSize >> SectorShift];
    }
}
