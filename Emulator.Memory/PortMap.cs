namespace Emulator.Memory;

/// <summary>A piece of the flattened ports. <see cref="Offset"/> is that of the first port in its region.</summary>
internal readonly record struct PortRange(int First, int Last, PortRegion? Region, int Offset);

/// <summary>One state of the port space. Immutable.</summary>
internal sealed class PortMap
{
    private readonly PortRange[] _ranges;

    // For each port the number of its piece: guests poll ports, and this is half the time of a search.
    private readonly ushort[] _pieces = new ushort[PortSpace.Ports];

    /// <summary>Flattens; <paramref name="regions"/> are in the order they were added.</summary>
    public PortMap(List<PortRegion> regions)
    {
        var visible = regions.FindAll(region => region.Enabled);
        var ranges = new List<PortRange>();
        for (var first = 0; first < PortSpace.Ports;)
        {
            var top = TopAt(visible, first);
            var next = NextBoundary(visible, first);
            while (next < PortSpace.Ports && TopAt(visible, next) == top)
            {
                next = NextBoundary(visible, next);
            }

            ranges.Add(new PortRange(first, next - 1, top, top is null ? 0 : first - top.First));
            first = next;
        }

        _ranges = [.. ranges];
        for (var i = 0; i < _ranges.Length; i++)
        {
            _pieces.AsSpan(_ranges[i].First, _ranges[i].Last - _ranges[i].First + 1).Fill((ushort)i);
        }
    }

    /// <summary>All pieces, ascending, without gaps.</summary>
    public ReadOnlySpan<PortRange> Ranges => _ranges;

    /// <summary>The piece that covers a port.</summary>
    public ref readonly PortRange Find(int port) => ref _ranges[_pieces[port]];

    private static PortRegion? TopAt(List<PortRegion> regions, int port)
    {
        PortRegion? top = null;
        foreach (var region in regions)
        {
            if (port >= region.First && port <= region.Last && (top is null || region.Priority >= top.Priority))
            {
                top = region;
            }
        }

        return top;
    }

    private static int NextBoundary(List<PortRegion> regions, int after)
    {
        var next = PortSpace.Ports;
        foreach (var region in regions)
        {
            if (region.First > after)
            {
                next = Math.Min(next, region.First);
            }

            if (region.Last >= after)
            {
                next = Math.Min(next, region.Last + 1);
            }
        }

        return next;
    }
}
