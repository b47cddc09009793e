namespace Emulator.Memory;

/// <summary>A window of RAM, ROM or registers that can be placed in the guest-physical address space.</summary>
/// <remarks>Made and changed through <see cref="GuestMemory"/> only; what readers see is the <see cref="AddressMap"/>.</remarks>
public sealed class MemoryRegion
{
    internal MemoryRegion(string name, ulong size, RegionKind kind, int priority)
    {
        Name = name;
        Size = size;
        Kind = kind;
        Priority = priority;
    }

    /// <summary>What messages and the monitor call it.</summary>
    public string Name { get; }

    /// <summary>Bytes.</summary>
    public ulong Size { get; }

    /// <summary>RAM, ROM or registers.</summary>
    public RegionKind Kind { get; internal set; }

    /// <summary>Where regions overlap the higher one is seen; of equals, the one added later.</summary>
    public int Priority { get; }

    /// <summary>Guest-physical address of the first byte.</summary>
    public ulong Base { get; internal set; }

    /// <summary>False while the region answers nowhere.</summary>
    public bool Enabled { get; internal set; } = true;

    /// <summary>The registers of an MMIO region; of a ROM, who is told of writes, if anyone.</summary>
    public IBusTarget? Target { get; internal init; }

    /// <summary>The widest single access that <see cref="Target"/> is given, in bytes: 1, 2, 4 or 8.</summary>
    public int Widest { get; internal init; } = 8;

    /// <summary>The memory of a RAM or ROM region.</summary>
    public RamBlock? Block { get; internal init; }

    /// <summary>Where in <see cref="Block"/> the region starts, in bytes.</summary>
    public ulong BlockOffset { get; internal init; }

    /// <summary>Guest-physical address of the last byte.</summary>
    public ulong Last => Base + (Size - 1);

    /// <summary>The bytes of a RAM or ROM region that share their page with something else.</summary>
    internal MemoryRegion? Fragments { get; init; }
}
