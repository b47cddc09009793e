using System.Collections.Immutable;

namespace Emulator.Host.Machine;

/// <summary>Where a PC of a given RAM size has what: the one description that the memory map, the loaders and the tables read.</summary>
public sealed class MemoryLayout
{
    /// <summary>End of conventional memory as the BIOS reports it: the last KiB below 640 KiB is its own data area.</summary>
    public const ulong ConventionalEnd = 0x9FC00;

    /// <summary>Start of the legacy video window; no RAM is seen there.</summary>
    public const ulong VideoWindow = 0xA0000;

    /// <summary>Start of the option ROM area, which is RAM or ROM as the host bridge's PAM registers say.</summary>
    public const ulong ShadowArea = 0xC0000;

    /// <summary>Start of the BIOS's 64 KiB below 1 MiB, kept from the guest in the memory map.</summary>
    public const ulong BiosArea = 0xF0000;

    /// <summary>1 MiB.</summary>
    public const ulong ExtendedMemory = 0x10_0000;

    /// <summary>4 GiB: RAM that finds no room below starts again here.</summary>
    public const ulong HighMemory = 1UL << 32;

    /// <summary>What a BIOS keeps at the end of low RAM for the tables it builds.</summary>
    public const ulong TableSpace = 128 << 10;

    /// <summary>What a firmware image of 256 KiB takes below 4 GiB, reserved in the memory map even without one.</summary>
    public const ulong FirmwareWindow = 256 << 10;

    // What AMD's processors, as which QEMU's default model presents itself, keep for HyperTransport below 1 TiB.
    private const ulong HyperTransport = 0xFD_0000_0000;
    private const ulong HyperTransportSize = 0x3_0000_0000;

    /// <summary>Describes a machine.</summary>
    /// <param name="lowRamSize">RAM below the PCI hole in bytes, at least 1 MiB.</param>
    /// <param name="highRamSize">RAM from 4 GiB up in bytes.</param>
    public MemoryLayout(ulong lowRamSize, ulong highRamSize = 0) => (LowRamSize, HighRamSize) = (lowRamSize, highRamSize);

    /// <summary>RAM from address 0, in bytes; the PCI hole starts where it ends.</summary>
    public ulong LowRamSize { get; }

    /// <summary>RAM from 4 GiB up, in bytes.</summary>
    public ulong HighRamSize { get; }

    /// <summary>Where an image may ask to be: below the video window, from the shadow area to the PCI hole, from 4 GiB up.</summary>
    public IEnumerable<PhysicalRange> LoadableRanges
    {
        get
        {
            yield return new PhysicalRange(0, VideoWindow);
            yield return new PhysicalRange(ShadowArea, LowRamSize - ShadowArea);
            if (HighRamSize > 0)
            {
                yield return new PhysicalRange(HighMemory, HighRamSize);
            }
        }
    }

    /// <summary>The memory map as BIOS function E820 reports it, ascending.</summary>
    public ImmutableArray<MemoryMapEntry> MemoryMap
    {
        get
        {
            var map = ImmutableArray.CreateBuilder<MemoryMapEntry>();
            map.Add(new MemoryMapEntry(0, ConventionalEnd, MemoryMapKind.Usable));
            map.Add(new MemoryMapEntry(ConventionalEnd, VideoWindow - ConventionalEnd, MemoryMapKind.Reserved));
            map.Add(new MemoryMapEntry(BiosArea, ExtendedMemory - BiosArea, MemoryMapKind.Reserved));
            if (UsableLowEnd > ExtendedMemory)
            {
                map.Add(new MemoryMapEntry(ExtendedMemory, UsableLowEnd - ExtendedMemory, MemoryMapKind.Usable));
                map.Add(new MemoryMapEntry(UsableLowEnd, LowRamSize - UsableLowEnd, MemoryMapKind.Reserved));
            }

            map.Add(new MemoryMapEntry(HighMemory - FirmwareWindow, FirmwareWindow, MemoryMapKind.Reserved));
            if (HighRamSize > 0)
            {
                map.Add(new MemoryMapEntry(HighMemory, HighRamSize, MemoryMapKind.Usable));
            }

            map.Add(new MemoryMapEntry(HyperTransport, HyperTransportSize, MemoryMapKind.Reserved));
            return map.ToImmutable();
        }
    }

    /// <summary>End of the low RAM that the memory map offers.</summary>
    public ulong UsableLowEnd => LowRamSize > ExtendedMemory + TableSpace ? LowRamSize - TableSpace : Math.Min(LowRamSize, ExtendedMemory);
}

/// <summary>A range of guest-physical addresses.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Size">Bytes, at least 1; does not reach beyond 2^64.</param>
public readonly record struct PhysicalRange(ulong Start, ulong Size)
{
    /// <summary>The last byte.</summary>
    public ulong Last => Start + (Size - 1);

    /// <summary>True if the other range lies wholly inside.</summary>
    public bool Contains(PhysicalRange other) => other.Start >= Start && other.Last <= Last;

    /// <summary>True if the two share a byte.</summary>
    public bool Overlaps(PhysicalRange other) => other.Start <= Last && Start <= other.Last;

    /// <inheritdoc/>
    public override string ToString() => $"0x{Start:x}-0x{Last:x}";
}

/// <summary>What a piece of the memory map is; the numbers are those of BIOS function E820.</summary>
public enum MemoryMapKind
{
    /// <summary>RAM that the guest may use.</summary>
    Usable = 1,

    /// <summary>Not for the guest.</summary>
    Reserved = 2,
}

/// <summary>A piece of the memory map.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Kind">What it is.</param>
public readonly record struct MemoryMapEntry(ulong Start, ulong Size, MemoryMapKind Kind);
