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

    /// <summary>In <see cref="Memory.DmaContext.SendMessage"/>, which MSI and MSI-X send by.</summary>
    public static OrderingSite MessageAfterData { get; } = new(
        "msi.after-data",
        "stores the message behind everything the function wrote",
        "reads data in the handler, with no register read",
        "ISA2");

    /// <summary>At each register read through a BAR, in Emulator.Pci.</summary>
    public static OrderingSite FlushedByRead { get; } = new(
        "intx.flushed-by-read",
        "a register read returns only when the writes before it are visible",
        "reads the cause register first",
        "ISA2");

    /// <summary>All three.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } = [MaskRecheck, MessageAfterData, FlushedByRead];
}
