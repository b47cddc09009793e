namespace Emulator.Cpu;

/// <summary>What an access wants of a page.</summary>
internal enum PageAccess : byte
{
    /// <summary>A data read.</summary>
    Read,

    /// <summary>A data write, or a read that a write of the same instruction follows.</summary>
    Write,

    /// <summary>An instruction fetch.</summary>
    Execute,
}

/// <summary>Where a linear address leads.</summary>
internal readonly struct PageTranslation(ulong physical, int pageBits, bool global, bool writable)
{
    /// <summary>Guest-physical address of the byte.</summary>
    public ulong Physical { get; } = physical;

    /// <summary>log2 of the page's size: 12, 21, 22 or 30.</summary>
    public int PageBits { get; } = pageBits;

    /// <summary>The translation outlives a load of CR3 (its G bit is set and CR4.PGE is on).</summary>
    public bool Global { get; } = global;

    /// <summary>Writes at the privilege asked for need no further walk: they are permitted and the dirty bit is set.</summary>
    public bool Writable { get; } = writable;

    /// <summary>The same for another byte of its 4 KiB page.</summary>
    public PageTranslation At(ulong linear) => new((Physical & ~0xFFFUL) | (linear & 0xFFF), PageBits, Global, Writable);
}

/// <summary>Bits of a page fault's error code (SDM volume 3, 4.7).</summary>
internal static class PageFaultError
{
    /// <summary>P: a page is there, the access broke its rights or a reserved bit was set on the way to it.</summary>
    public const uint Present = 1 << 0;

    /// <summary>W/R: the access was a write.</summary>
    public const uint Write = 1 << 1;

    /// <summary>U/S: the access was made in user mode.</summary>
    public const uint User = 1 << 2;

    /// <summary>RSVD: a reserved bit was set in an entry.</summary>
    public const uint Reserved = 1 << 3;

    /// <summary>I/D: the access was an instruction fetch; reported only if SMEP or NX is on.</summary>
    public const uint Fetch = 1 << 4;
}
