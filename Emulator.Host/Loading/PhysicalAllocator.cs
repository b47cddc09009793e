using Emulator.Host.Machine;

namespace Emulator.Host.Loading;

/// <summary>Finds room in guest RAM beside what the image itself asks for.</summary>
internal sealed class PhysicalAllocator
{
    // The interrupt vectors, the BIOS data area and what a BIOS uses for itself.
    private static readonly PhysicalRange s_biosData = new(0, 0x1000);

    private readonly MemoryLayout _layout;
    private readonly List<PhysicalRange> _taken = [s_biosData, new(MemoryLayout.ConventionalEnd, MemoryLayout.VideoWindow - MemoryLayout.ConventionalEnd)];

    /// <summary>All of a machine's RAM is free but what a BIOS keeps.</summary>
    public PhysicalAllocator(MemoryLayout layout) => _layout = layout;

    /// <summary>Keeps a range that an image names; null, or why it cannot have it.</summary>
    /// <param name="range">The range, which may lie over the BIOS's data.</param>
    /// <param name="what">What the range is, for the message.</param>
    public string? Claim(PhysicalRange range, string what)
    {
        foreach (var ram in _layout.LoadableRanges)
        {
            if (ram.Contains(range))
            {
                _taken.Add(range);
                return null;
            }
        }

        var least = range.Last < MemoryLayout.HighMemory && range.Start >= MemoryLayout.ExtendedMemory && range.Last >= _layout.LowRamSize
            ? "; give more by -m"
            : "";
        return $"{what} needs memory at {range}, where there is no RAM{least}";
    }

    /// <summary>Takes the first free room of a size between two addresses; null if there is none.</summary>
    /// <param name="size">Bytes, at least 1.</param>
    /// <param name="alignment">A power of two.</param>
    /// <param name="from">The lowest address.</param>
    /// <param name="end">The address behind the highest.</param>
    public ulong? Take(ulong size, ulong alignment, ulong from, ulong end)
    {
        foreach (var ram in _layout.LoadableRanges)
        {
            var at = Align(Math.Max(ram.Start, from), alignment);
            while (at < end && end - at >= size && ram.Contains(new PhysicalRange(at, size)))
            {
                var wanted = new PhysicalRange(at, size);
                var obstacle = _taken.FindIndex(t => t.Overlaps(wanted));
                if (obstacle < 0)
                {
                    _taken.Add(wanted);
                    return at;
                }

                at = Align(_taken[obstacle].Last + 1, alignment);
            }
        }

        return null;
    }

    private static ulong Align(ulong address, ulong alignment) => (address + alignment - 1) & ~(alignment - 1);
}
