namespace Emulator.Cpu;

/// <summary>Bits of a paging-structure entry (SDM volume 3, 4.3 to 4.5).</summary>
internal static class PageEntry
{
    public const ulong Present = 1 << 0;
    public const ulong Writable = 1 << 1;
    public const ulong User = 1 << 2;
    public const ulong WriteThrough = 1 << 3;
    public const ulong CacheDisable = 1 << 4;
    public const ulong Accessed = 1 << 5;

    /// <summary>Of entries that map a page.</summary>
    public const ulong Dirty = 1 << 6;

    /// <summary>PS: the entry maps a large page. In an entry of the last level the same bit is PAT.</summary>
    public const ulong PageSize = 1 << 7;

    /// <summary>Of entries that map a page.</summary>
    public const ulong Global = 1 << 8;

    /// <summary>PAT in an entry that maps a large page.</summary>
    public const ulong LargePageAttribute = 1 << 12;

    public const ulong NoExecute = 1UL << 63;

    /// <summary>MAXPHYADDR: bits of a guest-physical address, as CPUID leaf 80000008 reports.</summary>
    public const int PhysicalAddressBits = 40;

    /// <summary>Bits of a linear address in 4-level paging.</summary>
    public const int LinearAddressBits = 48;

    /// <summary>The 4 KiB-aligned physical address in a 64-bit entry.</summary>
    public const ulong AddressMask = (1UL << PhysicalAddressBits) - 0x1000;

    /// <summary>The 4 KiB-aligned physical address in a 32-bit entry.</summary>
    public const ulong NarrowAddressMask = 0xFFFF_F000;

    /// <summary>Reserved in every entry of 4-level paging: address bits that the processor does not have.</summary>
    public const ulong ReservedFourLevel = (1UL << 52) - (1UL << PhysicalAddressBits);

    /// <summary>Reserved in page-directory and page-table entries of PAE paging, where bits 62:52 are not software's.</summary>
    public const ulong ReservedPae = (1UL << 63) - (1UL << PhysicalAddressBits);

    /// <summary>Reserved in page-directory-pointer entries of PAE paging (SDM volume 3, table 4-8).</summary>
    public const ulong ReservedPdpte = ~((1UL << PhysicalAddressBits) - 1) | 0x1E6;

    /// <summary>Reserved in a 32-bit entry that maps 4 MiB: bits 20:13 are address bits 39:32 (PSE-36).</summary>
    public const ulong ReservedLargeNarrow = 1 << 21;
}
