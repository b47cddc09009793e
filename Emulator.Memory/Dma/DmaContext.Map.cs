namespace Emulator.Memory;

// Mapping: the device works in place, behind one fence.
public sealed unsafe partial class DmaContext
{
    /// <summary>Maps RAM behind one fence, the one that an access of that direction would have.</summary>
    /// <param name="address">Any alignment.</param>
    /// <param name="length">Bytes, from 1; more than 2^31 - 1 are mapped in part.</param>
    /// <param name="direction">Read, and the device does not write; write, and it does.</param>
    /// <param name="mapping">To dispose; empty if the status is not <see cref="DmaStatus.Ok"/>.</param>
    /// <returns>The status of the first byte; see <see cref="DmaMapping.Length"/> for how far it goes.</returns>
    public DmaStatus Map(ulong address, uint length, DmaDirection direction, out DmaMapping mapping)
    {
        mapping = default;
        var next = direction == DmaDirection.Read ? NextRead : NextWrite;
        if (!Enter(next))
        {
            return Refuse(direction, address, (int)Math.Min(length, int.MaxValue));
        }

        _last = Unknown;
        return MapPiece(new DmaSegment(address, length), direction, out mapping);
    }

    /// <summary>Maps the pieces of a scatter-gather list behind one fence for all of them.</summary>
    /// <param name="segments">The list.</param>
    /// <param name="direction">As for one piece.</param>
    /// <param name="mappings">Takes as many mappings as there are segments, in order; each is to be disposed.</param>
    /// <param name="count">How many were mapped; fewer than the segments if the status is not <see cref="DmaStatus.Ok"/>.</param>
    /// <returns>The status of the first segment that could not be mapped.</returns>
    /// <exception cref="ArgumentException">There is no room for the mappings: a mistake in the device.</exception>
    public DmaStatus Map(ReadOnlySpan<DmaSegment> segments, DmaDirection direction, Span<DmaMapping> mappings, out int count)
    {
        if (mappings.Length < segments.Length)
        {
            throw new ArgumentException("There are fewer mappings than segments.", nameof(mappings));
        }

        count = 0;
        var next = direction == DmaDirection.Read ? NextRead : NextWrite;
        if (!Enter(next))
        {
            return Refuse(direction, segments.IsEmpty ? 0 : segments[0].Address, 0);
        }

        _last = Unknown;
        foreach (ref readonly var segment in segments)
        {
            if (count > 0)
            {
                Owner.Observer?.Begin(relaxed: true);
            }

            var status = MapPiece(segment, direction, out mappings[count]);
            if (status != DmaStatus.Ok)
            {
                return status;
            }

            count++;
        }

        return DmaStatus.Ok;
    }

    internal void Unmap(DmaDirection direction, ulong physical, byte* codeMap, int length, MappedCopy? copy)
    {
        _last = Unknown;
        if (direction != DmaDirection.Write)
        {
            return;
        }

        if (copy is not null)
        {
            Owner.Observer?.Begin(relaxed: true);
            copy.Store(physical, codeMap);
            Owner.Observer?.Accessed(DmaDirection.Write, physical, length, DmaStatus.Ok);
            return;
        }

        var pages = ((physical & OffsetInPage) + (ulong)length + OffsetInPage) / RamBlock.PageSize;
        for (ulong page = 0; page < pages; page++)
        {
            if (Volatile.Read(ref codeMap[page]) != 0)
            {
                _memory.NotifyWritten(codeMap + page, physical + (page * RamBlock.PageSize));
            }
        }
    }

    private DmaStatus MapPiece(in DmaSegment segment, DmaDirection direction, out DmaMapping mapping)
    {
        mapping = default;
        var wanted = (int)Math.Min(segment.Length, int.MaxValue);
        if (wanted == 0)
        {
            return DmaStatus.Ok;
        }

        var status = Locate(segment.Address, segment.Address, wanted, direction, out var first);
        if (status == DmaStatus.Ok)
        {
            var length = first.Count;
            while (length < wanted
                && Locate(segment.Address, segment.Address + (ulong)length, wanted - length, direction, out var more) == DmaStatus.Ok
                && more.Host == first.Host + length
                && more.Physical == first.Physical + (ulong)length)
            {
                length += more.Count;
            }

            var copy = Owner.Initiator is { } initiator && initiator.Memory.Covers(first.Physical)
                ? new MappedCopy(initiator, first.Host, first.Physical, length, direction)
                : null;
            mapping = new DmaMapping(this, first.Host, first.CodeByte, first.Physical, length, direction, copy);
        }

        return Ended(direction, segment.Address, wanted, status);
    }
}
