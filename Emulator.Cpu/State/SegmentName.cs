namespace Emulator.Cpu;

/// <summary>The segment registers in their encoding order, and the two system ones.</summary>
public enum SegmentName
{
    /// <summary>Extra segment.</summary>
    Es = 0,
    /// <summary>Code segment.</summary>
    Cs = 1,
    /// <summary>Stack segment.</summary>
    Ss = 2,
    /// <summary>Data segment.</summary>
    Ds = 3,
    /// <summary>FS.</summary>
    Fs = 4,
    /// <summary>GS.</summary>
    Gs = 5,
    /// <summary>Local descriptor table register.</summary>
    Ldtr = 6,
    /// <summary>Task register.</summary>
    Tr = 7,
}

/// <summary>A segment register with its hidden part (SDM volume 3, 3.4.3).</summary>
public struct Segment
{
    /// <summary>Linear base address.</summary>
    public ulong Base;

    /// <summary>Highest offset, in bytes, granularity already applied.</summary>
    public uint Limit;

    /// <summary>The visible selector.</summary>
    public ushort Selector;

    /// <summary>The descriptor's access rights, bits 8–15 and 20–23 of its high dword shifted right by 8: type 0–3, S 4, DPL 5–6, P 7, AVL 12, L 13, D/B 14, G 15. Zero marks an unusable (null) segment.</summary>
    public ushort Attributes;
}
