using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Where the 53C895A owes its driver an order. Its SCRIPTS rely on the chip's making their accesses one after the other.</summary>
public static class LsiSites
{
    /// <summary>In <c>LsiScripts</c>: after SIGP was taken by a read of CTEST2, and where WAIT RESELECT jumps because of it.</summary>
    public static OrderingSite SigpBeforeQueue { get; } = new(
        "lsi.sigp-before-queue",
        "clears SIGP, full fence, loads the start queue",
        "fills the queue, then sets SIGP",
        "R");

    /// <summary>In <c>LsiMemory.Write</c>: before each write of SCRIPTS. The pair is the status, and all that is written between it and the interrupt.</summary>
    public static OrderingSite DataStatusInterrupt { get; } = new(
        "lsi.data-status-interrupt",
        "writes data, status and done queue in the order of the SCRIPTS, then interrupts",
        "finds an entry in the done queue, read barrier, reads status and data",
        "MP")
    {
        HasPair = true,
    };

    /// <summary>In <c>LsiMemory.Read</c>: after each read of SCRIPTS.</summary>
    public static OrderingSite QueueBeforeBlock { get; } = new(
        "lsi.queue-before-block",
        "loads an entry of a queue, read barrier, loads the block it names",
        "fills the block, write barrier, puts it into the queue",
        "MP");

    /// <summary>In <c>LsiScripts.Begin</c>.</summary>
    public static OrderingSite StartBeforeScript { get; } = new(
        "lsi.start-before-script",
        "takes the start address, read barrier, fetches the instruction there",
        "writes SCRIPTS and tables, then DSP or the start bit",
        "MP");

    /// <summary>Every site of the function.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } = [SigpBeforeQueue, DataStatusInterrupt, QueueBeforeBlock, StartBeforeScript];
}
