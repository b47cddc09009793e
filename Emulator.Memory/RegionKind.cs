namespace Emulator.Memory;

/// <summary>What answers at an address.</summary>
public enum RegionKind : byte
{
    /// <summary>Nothing: reads float to all ones, writes are dropped.</summary>
    Unassigned,

    /// <summary>Memory that is read and written in place.</summary>
    Ram,

    /// <summary>Memory that is read in place; a write does not change it.</summary>
    Rom,

    /// <summary>Registers behind an <see cref="IBusTarget"/>.</summary>
    Mmio,
}
