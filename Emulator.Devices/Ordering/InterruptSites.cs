using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>What every function owes its driver about interrupts, whatever else it does.</summary>
public static class InterruptSites
{
    /// <summary>In <see cref="InterruptCause"/>: both sides.</summary>
    public static OrderingSite MaskRecheck { get; } = new(
        "irq.mask-recheck",
        "sets the cause, full fence, tests the mask; sets the mask, full fence, tests the cause",
        "unmasks and expects what is pending",
        "SB");

    /// <summary>All three.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } = [MaskRecheck, BusSites.MessageAfterData, BusSites.FlushedByRead];
}
