namespace Emulator.Memory;

/// <summary>One state of the guest-physical address space. Immutable; readers on any thread need no lock.</summary>
public sealed class AddressMap
{
    private readonly MapRange[] _ranges;
    private readonly ulong[] _firsts;

    internal AddressMap(MapRange[] ranges)
    {
        _ranges = ranges;
        _firsts = Array.ConvertAll(ranges, range => range.First);
        HasAliases = FindAliases(ranges);
    }

    /// <summary>All pieces, ascending, without gaps.</summary>
    public ReadOnlySpan<MapRange> Ranges => _ranges;

    /// <summary>True if some page of RAM or ROM is seen at more than one address.</summary>
    internal bool HasAliases { get; }

    /// <summary>The piece that covers an address. There always is one.</summary>
    public ref readonly MapRange Find(ulong address)
    {
        // Separate from the ranges so that a search touches a cache line or two.
        var firsts = _firsts;
        var low = 0;
        var count = firsts.Length;
        while (count > 1)
        {
            var half = count >> 1;
            if (firsts[low + half] <= address)
            {
                low += half;
            }

            count -= half;
        }

        return ref _ranges[low];
    }

    private static unsafe bool FindAliases(MapRange[] ranges)
    {
        for (var i = 0; i < ranges.Length; i++)
        {
            for (var j = i + 1; j < ranges.Length && ranges[i].Host != null; j++)
            {
                if (ranges[j].Host != null
                    && ranges[i].Host <= ranges[j].Host + (ranges[j].Last - ranges[j].First)
                    && ranges[j].Host <= ranges[i].Host + (ranges[i].Last - ranges[i].First))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
