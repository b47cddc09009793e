using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>Where the 8255x owes its driver an order.</summary>
public static class Eepro100Sites
{
    /// <summary>In <c>Eepro100CommandUnit.Execute</c>, and with the completion word of dumped statistics.</summary>
    public static OrderingSite WorkBeforeStatus { get; } = new(
        "eepro100.cb.work-before-status",
        "does the command, then stores C and OK with one store of the 16-bit status word alone",
        "reads C, read barrier, frees the buffers or reads the result",
        "MP")
    {
        HasPair = true,
    };

    /// <summary>In <c>Eepro100ReceiveUnit.Complete</c>.</summary>
    public static OrderingSite PayloadCountStatus { get; } = new(
        "eepro100.rfd.payload-count-status",
        "writes the payload, then the actual count, then C and OK with one store of the status word",
        "reads C, read barrier, reads the count and the payload",
        "MP")
    {
        HasPair = true,
    };

    /// <summary>In <c>Eepro100BlockList.GoOn</c>.</summary>
    public static OrderingSite SuspendRecheck { get; } = new(
        "eepro100.suspend-recheck",
        "sets the state to suspended, full fence, looks at the S bit and at the resume latch again",
        "clears the S bit of the last block, full fence, looks at the state, resumes if it is suspended",
        "SB");

    /// <summary>In <c>Eepro100BlockList.TryContinue</c> and <c>LoadLink</c>.</summary>
    public static OrderingSite CommandBeforeBlock { get; } = new(
        "eepro100.command-before-block",
        "takes the SCB command, or finds no S or EL in the block before; read barrier, reads the block",
        "fills the block, write barrier, writes the SCB command, or clears S or EL in the block before",
        "MP");

    /// <summary>Every site of the function.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } = [WorkBeforeStatus, PayloadCountStatus, SuspendRecheck, CommandBeforeBlock];
}
