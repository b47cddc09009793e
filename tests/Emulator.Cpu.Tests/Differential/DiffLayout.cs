namespace Emulator.Cpu.Tests.Differential;

/// <summary>
/// Linear addresses that the host process and the guest have in common, so that pointers, return addresses and
/// RIP-relative operands are the same number on both sides.
/// </summary>
/// <remarks>
/// Everything lies below 2 GiB: 32-bit addresses, absolute displacements and 67h prefixes reach it. Many cases are
/// laid out at once, each in a slot of code and a slot of data of its own, and run in one batch.
/// </remarks>
internal static class DiffLayout
{
    public const int PageSize = 4096;

    /// <summary>Cases a batch holds.</summary>
    public const int Slots = 64;

    /// <summary>Data slots: a read-only page, two writable ones, one that is not mapped.</summary>
    public const ulong Data = 0x1000_0000;
    public const int DataStride = 4 * PageSize;
    public const int WritableOffset = PageSize;
    public const int WritableSize = 2 * PageSize;

    /// <summary>Code slots: a landing pad for backward branches, the code, a pad behind it, a pad for forward branches.</summary>
    public const ulong Code = 0x2000_0000;
    public const int CodeStride = 2048;

    /// <summary>Bytes of a slot that may be used; the rest is room to shift it.</summary>
    public const int CodeSize = 1920;

    /// <summary>Bytes that all code slots take, an even number of pages.</summary>
    public const int CodeLength = (Slots * CodeStride) + (2 * PageSize);

    public const int BackwardPad = 0;
    public const int Entry = 64;
    public const int ForwardPad = 144;

    /// <summary>A pad stores its number here: memory natively, where the jump behind the store is then taken; an MMIO exit in the guest.</summary>
    public const ulong Stop = 0x3000_0000;

    /// <summary>What <see cref="PadLength"/> bytes of a pad take: the store (11 bytes) and the jump (5).</summary>
    public const int PadLength = 16;

    /// <summary>The native driver's variables and its code.</summary>
    public const ulong Driver = 0x3001_0000;
    public const ulong DriverCode = 0x3002_0000;

    /// <summary>The base of GS on both sides; the host's C library uses FS alone.</summary>
    public const ulong GsBase = 0x0070_0000;

    // Pads, by the number they store.
    public const uint StoppedBehind = 1;
    public const uint StoppedForward = 2;
    public const uint StoppedBackward = 3;

    // Selectors as Linux gives them to a 64-bit program.
    public const ushort UserCode = 0x33;
    public const ushort UserData = 0x2B;

    /// <summary>CF PF AF ZF SF OF.</summary>
    public const ulong ArithmeticFlags = 0x8D5;

    /// <summary>What of RFLAGS is compared: the above, DF, IOPL, AC, ID and IF. Not NT: the host clears it whenever it interrupts the program.</summary>
    public const ulong ComparedFlags = ArithmeticFlags | 0x400 | 0x3000 | 0x4_0000 | 0x20_0000 | 0x200;

    public static ulong DataSlot(int slot) => Data + ((ulong)slot * DataStride);

    /// <summary>
    /// Where a code slot begins. In each odd slot the entry lies just before a page's end: 1–14 bytes before it,
    /// where a single instruction crosses it, or up to 60, where a program does.
    /// </summary>
    public static ulong CodeSlot(int slot)
    {
        int shift = 0;
        if ((slot & 1) != 0)
        {
            int crossing = (slot & 2) == 0 ? 1 + ((slot >> 2) % 14) : 15 + ((slot >> 2) * 3);
            shift = Entry - crossing;
        }

        return Code + CodeStride - (2 * Entry) + (ulong)((slot * CodeStride) + shift);
    }
}
