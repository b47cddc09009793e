using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>Writes down every change and every flush, with its data, when it starts and when it ends: what a loss of power may leave follows from that.</summary>
/// <remarks>
/// An end is written down before whoever asked is told of it. A write whose end stands before the start of a flush whose end is there and says
/// <see cref="BlockStatus.Ok"/> is stable, and so is one with <see cref="BlockRequest.ForceUnitAccess"/> whose end says so; of any other that has
/// started, each 512 bytes may be there or not.
/// </remarks>
/// <param name="below">What carries the requests out.</param>
/// <param name="log">Gets the events; <see cref="BlockLog.Read"/> reads them. One that buffers nothing holds up to the moment at which the process was killed.</param>
public sealed class LoggingBackEnd(IBlockBackEnd below, Stream log) : BlockFilter(below)
{
    private readonly Lock _gate = new();
    private readonly byte[] _header = new byte[BlockLog.HeaderSize];

    /// <inheritdoc/>
    protected override BlockStatus? Starting(FilteredRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Record(request, BlockStatus.Pending, request.Operation == BlockOperation.Write ? request.Buffer.Span : []);
        return null;
    }

    /// <inheritdoc/>
    protected override BlockStatus Ending(FilteredRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Record(request, request.Status, []);
        return request.Status;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        log.Dispose();
    }

    private void Record(FilteredRequest request, BlockStatus status, ReadOnlySpan<byte> data)
    {
        if (request.Operation == BlockOperation.Read)
        {
            return;
        }

        lock (_gate)
        {
            BlockLog.Format(_header, request, status);
            log.Write(_header);
            log.Write(data);
        }
    }
}

/// <summary>The log of a <see cref="LoggingBackEnd"/>.</summary>
public static class BlockLog
{
    // Number, place and length, 8 bytes each, little-endian; operation, status, force unit access, may unmap, a byte each; 4 of nothing.
    internal const int HeaderSize = 32;

    /// <summary>The events in order, up to the end or to one that was cut off.</summary>
    /// <param name="log">Is read from where it stands.</param>
    public static IEnumerable<BlockEvent> Read(Stream log)
    {
        ArgumentNullException.ThrowIfNull(log);
        var header = new byte[HeaderSize];
        while (log.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) == HeaderSize)
        {
            var found = Parse(header);
            var data = new byte[found is { Operation: BlockOperation.Write, IsEnd: false } ? found.Length : 0];
            if (log.ReadAtLeast(data, data.Length, throwOnEndOfStream: false) < data.Length)
            {
                yield break;
            }

            yield return found with { Data = data };
        }
    }

    internal static void Format(Span<byte> header, FilteredRequest request, BlockStatus status)
    {
        BinaryPrimitives.WriteInt64LittleEndian(header, request.Number);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], request.Offset);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], request.Length);
        header[24] = (byte)request.Operation;
        header[25] = (byte)status;
        header[26] = request.ForceUnitAccess ? (byte)1 : (byte)0;
        header[27] = request.MayUnmap ? (byte)1 : (byte)0;
    }

    private static BlockEvent Parse(ReadOnlySpan<byte> header) => new(
        BinaryPrimitives.ReadInt64LittleEndian(header),
        (BlockOperation)header[24],
        (BlockStatus)header[25],
        BinaryPrimitives.ReadInt64LittleEndian(header[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(header[16..]),
        header[26] != 0,
        header[27] != 0,
        ReadOnlyMemory<byte>.Empty);
}

/// <summary>A start or an end in a <see cref="BlockLog"/>.</summary>
/// <param name="Number">Which request; its start and its end have the same.</param>
/// <param name="Operation">What was asked for; never a read.</param>
/// <param name="Status">How it ended; <see cref="BlockStatus.Pending"/> for a start.</param>
/// <param name="Offset">Bytes from the beginning of the disk.</param>
/// <param name="Length">Bytes.</param>
/// <param name="ForceUnitAccess">True if it was to be stable when it ended.</param>
/// <param name="MayUnmap">True for zeroes that may be a hole.</param>
/// <param name="Data">What a write's start writes; else empty.</param>
public readonly record struct BlockEvent(
    long Number, BlockOperation Operation, BlockStatus Status, long Offset, long Length, bool ForceUnitAccess, bool MayUnmap, ReadOnlyMemory<byte> Data)
{
    /// <summary>True for an end.</summary>
    public bool IsEnd => Status != BlockStatus.Pending;
}
