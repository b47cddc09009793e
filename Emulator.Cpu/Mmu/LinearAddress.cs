namespace Emulator.Cpu;

/// <summary>What 4-level paging makes of a 64-bit address (SDM volume 1, 3.3.7.1).</summary>
internal static class LinearAddress
{
    /// <summary>True if bits 63:47 are all alike.</summary>
    public static bool IsCanonical(ulong address) =>
        (ulong)((long)address << (64 - PageEntry.LinearAddressBits) >> (64 - PageEntry.LinearAddressBits)) == address;
}
