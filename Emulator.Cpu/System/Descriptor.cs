namespace Emulator.Cpu;

/// <summary>The type field of system descriptors (SDM volume 3, table 3-2).</summary>
internal static class SystemType
{
    public const int AvailableTss16 = 1;
    public const int Ldt = 2;
    public const int BusyTss16 = 3;
    public const int CallGate16 = 4;
    public const int TaskGate = 5;
    public const int InterruptGate16 = 6;
    public const int TrapGate16 = 7;
    public const int AvailableTss = 9;
    public const int BusyTss = 11;
    public const int CallGate = 12;
    public const int InterruptGate = 14;
    public const int TrapGate = 15;

    /// <summary>In a TSS type: busy.</summary>
    public const int BusyBit = 2;

    /// <summary>In a gate or TSS type: 32 bits wide (64 in long mode), not 16.</summary>
    public const int WideBit = 8;
}

/// <summary>
/// A descriptor as it stands in memory: a segment (SDM volume 3, 3.4.5), or a gate (5.8.3, 6.11), whose fields lie elsewhere.
/// </summary>
/// <param name="low">The first eight bytes.</param>
/// <param name="high">The second eight of a system descriptor in long mode, otherwise 0.</param>
/// <param name="address">Linear address of the first byte.</param>
internal readonly struct Descriptor(ulong low, ulong high, ulong address)
{
    /// <summary>Offset in a descriptor of the byte that holds type, S, DPL and P.</summary>
    public const int AccessByte = 5;

    /// <summary>Linear address of the first byte.</summary>
    public ulong Address => address;

    /// <summary>Bits 8–23 of the second dword, with bits 16–19 (limit) left out: see <see cref="Segment.Attributes"/>.</summary>
    public int Attributes => (int)(low >> 40) & 0xF0FF;

    /// <summary>The second dword.</summary>
    public uint SecondDword => (uint)(low >> 32);

    /// <summary>The third and fourth dwords.</summary>
    public ulong High => high;

    /// <summary>The four type bits.</summary>
    public int Type => (int)(low >> 40) & SegmentAttributes.TypeMask;

    public bool IsSystem => (Attributes & SegmentAttributes.NotSystem) == 0;

    public bool IsPresent => (Attributes & SegmentAttributes.Present) != 0;

    public int Dpl => (Attributes & SegmentAttributes.DplMask) >> SegmentAttributes.DplShift;

    public bool IsCode => Has(SegmentAttributes.NotSystem | SegmentAttributes.Code);

    public bool IsData => !IsSystem && (Type & SegmentAttributes.Code) == 0;

    public bool IsConforming => Has(SegmentAttributes.NotSystem | SegmentAttributes.Code | SegmentAttributes.Conforming);

    public bool IsReadable => IsData || Has(SegmentAttributes.NotSystem | SegmentAttributes.Code | SegmentAttributes.Readable);

    public bool IsWritable => IsData && Has(SegmentAttributes.Writable);

    /// <summary>L of a code segment.</summary>
    public bool IsLong => Has(SegmentAttributes.Long);

    /// <summary>D or B.</summary>
    public bool IsBig => Has(SegmentAttributes.Big);

    /// <summary>A segment's base; 64 bits for system segments in long mode.</summary>
    public ulong Base => (low >> 16 & 0xFFFFFF) | (low >> 56 << 24) | (high << 32);

    /// <summary>A segment's highest offset in bytes.</summary>
    public uint Limit
    {
        get
        {
            var raw = (uint)(low & 0xFFFF) | ((uint)(low >> 32) & 0xF0000);
            return Has(SegmentAttributes.Granularity) ? raw << 12 | 0xFFF : raw;
        }
    }

    /// <summary>The selector in a gate.</summary>
    public ushort GateSelector => (ushort)(low >> 16);

    /// <summary>The entry point in a gate, as wide as the gate.</summary>
    public ulong GateOffset
    {
        get
        {
            var offset = (low & 0xFFFF) | (high << 32);
            return IsWideGate ? offset | (low >> 32 & 0xFFFF0000) : offset;
        }
    }

    /// <summary>True for 32-bit gates and the 64-bit ones of long mode.</summary>
    public bool IsWideGate => (Type & SystemType.WideBit) != 0;

    /// <summary>Parameters a call gate copies: words or doublewords, 0–31.</summary>
    public int ParameterCount => (int)(low >> 32) & 31;

    /// <summary>Interrupt stack table index, 0 for none.</summary>
    public int InterruptStack => (int)(low >> 32) & 7;

    /// <summary>True if a code segment's L and D are both set, which long mode refuses.</summary>
    public bool IsLongAndBig => Has(SegmentAttributes.Long | SegmentAttributes.Big);

    /// <summary>The segment register's contents after a load; code and data become accessed.</summary>
    public Segment ToSegment(ushort selector) => new()
    {
        Base = Base,
        Limit = Limit,
        Selector = selector,
        Attributes = (ushort)(IsSystem ? Attributes : Attributes | SegmentAttributes.Accessed),
    };

    private bool Has(int bits) => (Attributes & bits) == bits;
}

/// <summary>The parts of a selector (SDM volume 3, 3.4.2).</summary>
internal static class Selector
{
    public const int RplMask = 3;
    public const int LocalTable = 4;

    public static int Rpl(ushort selector) => selector & RplMask;

    public static bool IsNull(ushort selector) => selector < 4;

    public static bool IsLocal(ushort selector) => (selector & LocalTable) != 0;

    /// <summary>The error code that names the selector.</summary>
    public static uint ErrorCode(ushort selector) => (uint)(selector & ~RplMask);

    public static ushort WithRpl(ushort selector, int rpl) => (ushort)((selector & ~RplMask) | rpl);
}
