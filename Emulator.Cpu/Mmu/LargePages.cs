using System.Runtime.InteropServices;

namespace Emulator.Cpu;

/// <summary>
/// Where translations by large pages may stand in the TLB. It holds 4 KiB pieces of them, and one INVLPG has to
/// forget them all (SDM volume 3, 4.10.4.1): an address noted here flushes everything, any other one page.
/// </summary>
/// <remarks>A bit stands for many addresses, so an answer of yes may be wrong, which costs time only.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LargePages
{
    private const int LargeShift = 22;
    private const int LargeBits = 4096;
    private const int HugeShift = 30;
    private const int HugeBits = 1024;

    // By the 4 MiB around pages of 2 and 4 MiB, and by the 1 GiB of pages that large.
    private fixed ulong _large[LargeBits / 64];
    private fixed ulong _huge[HugeBits / 64];

    /// <summary>Remembers that an address was translated by a page of 2^<paramref name="pageBits"/> bytes.</summary>
    public static void Note(CpuState* cpu, ulong linear, int pageBits)
    {
        if (pageBits == HugeShift)
        {
            cpu->LargePages._huge[Word(linear >> HugeShift, HugeBits)] |= 1UL << (int)(linear >> HugeShift & 63);
        }
        else
        {
            cpu->LargePages._large[Word(linear >> LargeShift, LargeBits)] |= 1UL << (int)(linear >> LargeShift & 63);
        }
    }

    /// <summary>True if the address may have been translated by a large page since the last <see cref="Clear"/>.</summary>
    public static bool MayCover(CpuState* cpu, ulong linear) =>
        (cpu->LargePages._huge[Word(linear >> HugeShift, HugeBits)] >> (int)(linear >> HugeShift & 63) & 1) != 0
        || (cpu->LargePages._large[Word(linear >> LargeShift, LargeBits)] >> (int)(linear >> LargeShift & 63) & 1) != 0;

    /// <summary>Forgets them all; only together with the whole TLB.</summary>
    public static void Clear(CpuState* cpu) => cpu->LargePages = default;

    private static ulong Word(ulong key, uint bits) => key % bits / 64;
}
