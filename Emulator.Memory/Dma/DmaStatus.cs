namespace Emulator.Memory;

/// <summary>What became of a DMA access. The device reports it to its driver as its data sheet says.</summary>
public enum DmaStatus : byte
{
    /// <summary>All of it was done.</summary>
    Ok,

    /// <summary>Bus mastering is off, or was turned off while the access was under way: the rest of it did not happen.</summary>
    NotBusMaster,

    /// <summary>Nobody takes the access there: no memory, or a write to ROM (master abort).</summary>
    Unassigned,

    /// <summary>There are registers, the function's own or another's. DMA never runs a register handler.</summary>
    Registers,

    /// <summary>The translator has no translation for it.</summary>
    IommuFault,
}

/// <summary>Which way the data goes, as the device sees it.</summary>
public enum DmaDirection : byte
{
    /// <summary>From guest memory into the device.</summary>
    Read,

    /// <summary>From the device into guest memory.</summary>
    Write,
}

/// <summary>A piece of guest memory in a scatter-gather list.</summary>
/// <param name="Address">Guest-physical, or what the translator takes.</param>
/// <param name="Length">Bytes.</param>
public readonly record struct DmaSegment(ulong Address, uint Length);
