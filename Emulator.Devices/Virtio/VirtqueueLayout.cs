using System.Numerics;

namespace Emulator.Devices;

/// <summary>Where the three parts of a split virtqueue are (virtio 1.2, 2.7), and the offsets in them.</summary>
/// <param name="Descriptors">Guest-physical address of the descriptor table.</param>
/// <param name="Available">Of the available ring, which the driver writes.</param>
/// <param name="Used">Of the used ring, which the device writes.</param>
/// <param name="Size">Entries: a power of two.</param>
public readonly record struct VirtqueueLayout(ulong Descriptors, ulong Available, ulong Used, int Size)
{
    /// <summary>The most entries that a queue here has.</summary>
    public const int MostEntries = 1024;

    /// <summary>The interrupts or notifications of a ring are not wanted: bit 0 of its flags, which are its first word.</summary>
    public const ushort Unwanted = 1;

    /// <summary>Bytes from the start of either ring to its index.</summary>
    public const int Index = 2;

    /// <summary>Bytes from the start of either ring to its first entry.</summary>
    public const int Ring = 4;

    /// <summary>Bytes of an element of the used ring: the chain's head, and how much was written.</summary>
    public const int UsedElement = 8;

    private const int AvailableEntry = 2;
    private const int LegacyAlignment = 4096;

    /// <summary>Bytes of the descriptor table.</summary>
    public ulong DescriptorsLength => (ulong)Size * VirtqueueDescriptor.Size;

    /// <summary>Bytes of the available ring with used_event behind it.</summary>
    public ulong AvailableLength => (ulong)(Ring + (Size * AvailableEntry) + sizeof(ushort));

    /// <summary>Bytes of the used ring with avail_event behind it.</summary>
    public ulong UsedLength => (ulong)(Ring + (Size * UsedElement) + sizeof(ushort));

    /// <summary>Where the driver says at which used.idx it wants an interrupt.</summary>
    public ulong UsedEvent => Available + AvailableLength - sizeof(ushort);

    /// <summary>Where the device says at which avail.idx it wants a notification.</summary>
    public ulong AvailableEvent => Used + UsedLength - sizeof(ushort);

    /// <summary>True if size and alignment are as they must be (2.7), and nothing reaches past the top of the address space.</summary>
    public bool IsWellFormed =>
        Size is > 0 and <= MostEntries && BitOperations.IsPow2(Size)
        && (Descriptors & (VirtqueueDescriptor.Size - 1)) == 0 && (Available & 1) == 0 && (Used & 3) == 0
        && Fits(Descriptors, DescriptorsLength) && Fits(Available, AvailableLength) && Fits(Used, UsedLength);

    /// <summary>The layout of a legacy queue, one part behind the other (2.7.2).</summary>
    /// <param name="page">The number of the page that it starts at.</param>
    /// <param name="size">Entries.</param>
    public static VirtqueueLayout Legacy(uint page, int size)
    {
        var layout = new VirtqueueLayout((ulong)page * LegacyAlignment, 0, 0, size);
        layout = layout with { Available = layout.Descriptors + layout.DescriptorsLength };
        var end = layout.Available + layout.AvailableLength;
        return layout with { Used = (end + LegacyAlignment - 1) & ~(ulong)(LegacyAlignment - 1) };
    }

    /// <summary>Where an entry of the available ring is.</summary>
    /// <param name="index">A free-running index.</param>
    public ulong AvailableAt(ushort index) => Available + Ring + (ulong)((index & (Size - 1)) * AvailableEntry);

    /// <summary>Where an element of the used ring is.</summary>
    /// <param name="index">A free-running index.</param>
    public ulong UsedAt(ushort index) => Used + Ring + (ulong)((index & (Size - 1)) * UsedElement);

    private static bool Fits(ulong address, ulong length) => address <= ulong.MaxValue - length;
}
