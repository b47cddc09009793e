namespace Emulator.Cpu.Translation;

/// <summary>What a vCPU holds of one physical page: the blocks decoded from it and which bytes they were decoded from.</summary>
internal sealed unsafe class CodePage(byte* codeMap)
{
    private readonly ulong[] _decoded = new ulong[64];

    /// <summary>The page's byte in <see cref="Memory.RamBlock.CodeMap"/>; null for pages that are not RAM.</summary>
    public byte* CodeMap { get; } = codeMap;

    /// <summary>Keys of the blocks that hold bytes of this page.</summary>
    public List<ulong> Blocks { get; } = [];

    /// <summary>Notes that bytes were decoded; those beyond the page are another's.</summary>
    public void Mark(int offset, int length)
    {
        for (var i = offset; i < Math.Min(offset + length, 4096); i++)
        {
            _decoded[i >> 6] |= 1UL << (i & 63);
        }
    }

    /// <summary>True if any of these bytes were decoded.</summary>
    public bool Overlaps(int offset, int length)
    {
        for (var i = offset; i < offset + length; i++)
        {
            if ((_decoded[i >> 6] & 1UL << (i & 63)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Counts vCPUs that hold code of a page, in the low seven bits of its byte of the map.</summary>
    public static void Count(byte* codeMap, int change)
    {
        // As many are too many to count: the page is one of code from then on, which costs time and nothing else.
        const int Uncounted = 127;
        byte before;
        do
        {
            before = Volatile.Read(ref *codeMap);
            if ((before & Uncounted) == Uncounted)
            {
                return;
            }
        }
        while (Interlocked.CompareExchange(ref *codeMap, (byte)(before + change), before) != before);
    }
}
