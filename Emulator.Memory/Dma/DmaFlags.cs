namespace Emulator.Memory;

/// <summary>The word through which the bus rules a context.</summary>
/// <remarks>
/// Bits 0–17 are the ordering's row, worked out when it is set: three bits of <see cref="DmaFence"/> for a read and for a
/// write, after nothing known, after a read, after a write. The access path shifts and issues; it knows no ordering.
/// </remarks>
internal static class DmaFlags
{
    /// <summary>Equal to no flags word.</summary>
    public const int Never = -1;

    /// <summary>The function may be a bus master.</summary>
    public const int BusMaster = 1 << 21;

    /// <summary>An observer, a translator, a simulated memory or a mutated site is attached.</summary>
    public const int Attached = 1 << 22;

    private const int OrderingShift = 18;

    public static DmaOrdering Ordering(int flags) => (DmaOrdering)((flags >> OrderingShift) & 7);

    public static int Of(DmaOrdering ordering, bool busMaster, bool attached)
    {
        var row = 0;
        var shift = 0;
        foreach (var last in (ReadOnlySpan<DmaDirection?>)[null, DmaDirection.Read, DmaDirection.Write])
        {
            foreach (var next in (ReadOnlySpan<DmaDirection>)[DmaDirection.Read, DmaDirection.Write])
            {
                row |= (int)DmaOrderings.Between(ordering, last, next) << shift;
                shift += 3;
            }
        }

        return row | ((int)ordering << OrderingShift) | (busMaster ? BusMaster : 0) | (attached ? Attached : 0);
    }
}
