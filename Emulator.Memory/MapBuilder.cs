namespace Emulator.Memory;

/// <summary>Flattens overlapping regions into an <see cref="AddressMap"/>.</summary>
internal static class MapBuilder
{
    private const ulong PageMask = RamBlock.PageSize - 1;

    /// <summary>Flattens; <paramref name="regions"/> are in the order they were added.</summary>
    public static AddressMap Build(List<MemoryRegion> regions)
    {
        var visible = regions.FindAll(region => region.Enabled);
        var starts = Boundaries(visible);
        var ranges = new List<MapRange>();
        for (var i = 0; i < starts.Count;)
        {
            var top = TopAt(visible, starts[i]);
            var next = i + 1;
            while (next < starts.Count && TopAt(visible, starts[next]) == top)
            {
                next++;
            }

            AddPiece(ranges, starts[i], next < starts.Count ? starts[next] - 1 : ulong.MaxValue, top);
            i = next;
        }

        return new AddressMap([.. ranges]);
    }

    private static List<ulong> Boundaries(List<MemoryRegion> regions)
    {
        var starts = new SortedSet<ulong> { 0 };
        foreach (var region in regions)
        {
            starts.Add(region.Base);
            if (region.Last != ulong.MaxValue)
            {
                starts.Add(region.Last + 1);
            }
        }

        return [.. starts];
    }

    private static MemoryRegion? TopAt(List<MemoryRegion> regions, ulong address)
    {
        MemoryRegion? top = null;
        foreach (var region in regions)
        {
            if (address >= region.Base && address <= region.Last && (top is null || region.Priority >= top.Priority))
            {
                top = region;
            }
        }

        return top;
    }

    // Whoever maps RAM does so by the page. Where something smaller covers part of one, what is left of the page is
    // reached like registers.
    private static void AddPiece(List<MapRange> ranges, ulong first, ulong last, MemoryRegion? region)
    {
        if (region is null || region.Kind == RegionKind.Mmio)
        {
            Add(ranges, first, last, region, region);
            return;
        }

        var lead = (0 - first) & PageMask;
        if (lead > last - first)
        {
            Add(ranges, first, last, region, region.Fragments);
            return;
        }

        if (lead != 0)
        {
            Add(ranges, first, first + lead - 1, region, region.Fragments);
            first += lead;
        }

        var trail = (last + 1) & PageMask;
        if (last - first >= trail)
        {
            Add(ranges, first, last - trail, region, region);
        }

        if (trail != 0)
        {
            Add(ranges, last - trail + 1, last, region, region.Fragments);
        }
    }

    private static void Add(List<MapRange> ranges, ulong first, ulong last, MemoryRegion? placed, MemoryRegion? answers) =>
        ranges.Add(new MapRange(first, last, answers, placed is null ? 0 : first - placed.Base));
}
