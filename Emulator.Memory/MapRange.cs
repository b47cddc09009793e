namespace Emulator.Memory;

/// <summary>A piece of the flattened map. Pieces are disjoint and ascending and cover all of the 2^64 addresses.</summary>
public readonly unsafe struct MapRange
{
    /// <summary>Guest-physical address of the first byte.</summary>
    public readonly ulong First;

    /// <summary>Guest-physical address of the last byte.</summary>
    public readonly ulong Last;

    /// <summary>What answers here. RAM and ROM pieces start and end on page boundaries.</summary>
    public readonly RegionKind Kind;

    /// <summary>The region that answers; null if none does.</summary>
    public readonly MemoryRegion? Region;

    /// <summary>Offset of <see cref="First"/> in <see cref="Region"/>, in bytes.</summary>
    public readonly ulong RegionOffset;

    /// <summary>Host address of <see cref="First"/> in RAM and ROM, else null.</summary>
    public readonly byte* Host;

    /// <summary>The byte of <see cref="RamBlock.CodeMap"/> for the page of <see cref="First"/> in RAM and ROM, else null.</summary>
    public readonly byte* CodeMap;

    internal MapRange(ulong first, ulong last, MemoryRegion? region, ulong regionOffset)
    {
        First = first;
        Last = last;
        Region = region;
        RegionOffset = regionOffset;
        if (region is null)
        {
            return;
        }

        Kind = region.Kind;
        if (Kind != RegionKind.Mmio)
        {
            var offset = region.BlockOffset + regionOffset;
            Host = region.Block!.Host + offset;
            CodeMap = region.Block.CodeMap + (offset / RamBlock.PageSize);
        }
    }
}
