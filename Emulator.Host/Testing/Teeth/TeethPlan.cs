using Emulator.Memory;

namespace Emulator.Host.Testing.Teeth;

/// <summary>Which trials there are: what the argument about DMA ordering says must be seen and must not.</summary>
/// <remarks>
/// Nothing broken: passes under every ordering in every model. A dropped fence: caught by the guest under relaxed in weak; where
/// the shape is store buffering, in tso and on the host's own memory as well; under full the bus has a barrier there of its own, and the guest passes, unless the
/// device does without the bus's barriers there: then it is caught under full too (decision 0012). A swapped
/// pair: caught under every ordering. A read before a write that must not pass it (shape LB) is in no model's power to show when only
/// the fence is missing, so that such a site is only swapped.
/// </remarks>
internal static class TeethPlan
{
    /// <summary>A guest with nothing broken.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="simulatedOnly">Leaves out the host's own memory.</param>
    public static IEnumerable<TeethTrial> Unbroken(GuestImage guest, bool simulatedOnly) =>
        from ordering in Enum.GetValues<DmaOrdering>()
        from model in Enum.GetValues<MemoryModel>()
        where !simulatedOnly || model != MemoryModel.Host
        select new TeethTrial(guest, null, SiteMutation.None, ordering, model);

    /// <summary>A guest with one site broken in each way that it can be.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="site">One of its sites.</param>
    /// <param name="simulatedOnly">Leaves out the host's own memory.</param>
    public static IEnumerable<TeethTrial> Broken(GuestImage guest, OrderingSite site, bool simulatedOnly)
    {
        if (CanBeDropped(site))
        {
            yield return new TeethTrial(guest, site, SiteMutation.Dropped, DmaOrdering.Relaxed, MemoryModel.Weak);
            if (IsTriedUnderFull(site))
            {
                yield return new TeethTrial(guest, site, SiteMutation.Dropped, DmaOrdering.Full, MemoryModel.Weak);
            }

            if (IsStoreBuffering(site))
            {
                yield return new TeethTrial(guest, site, SiteMutation.Dropped, DmaOrdering.Relaxed, MemoryModel.Tso);
                if (!simulatedOnly)
                {
                    yield return new TeethTrial(guest, site, SiteMutation.Dropped, DmaOrdering.Relaxed, MemoryModel.Host);
                }
            }
        }

        if (site.HasPair)
        {
            foreach (var ordering in Enum.GetValues<DmaOrdering>())
            {
                yield return new TeethTrial(guest, site, SiteMutation.Swapped, ordering, MemoryModel.Weak);
            }
        }
    }

    /// <summary>False for a load before a store: a load's value cannot come from the future.</summary>
    public static bool CanBeDropped(OrderingSite site) => site.Shape.Split(',', ' ', ';').Any(word => word is not ("" or "LB"));

    private static bool IsStoreBuffering(OrderingSite site) => site.Shape.Contains("SB", StringComparison.Ordinal);

    // What ends a register read is no access of the function's: the bus has nothing that stands there.
    private static bool IsTriedUnderFull(OrderingSite site) => site != BusSites.FlushedByRead;
}
