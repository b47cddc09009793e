namespace Emulator.Devices;

/// <summary>What a disk says of itself, whatever is behind it.</summary>
public sealed record DiskProperties
{
    /// <summary>What messages call it: the drive's id.</summary>
    public string Name { get; init; } = "";

    /// <summary>At most 20 printable ASCII characters for virtio-blk, 36 for SCSI; empty for none.</summary>
    public string Serial { get; init; } = "";

    /// <summary>Bytes of the smallest thing the guest can address: a power of two from 512 to 32768.</summary>
    public int LogicalBlockSize { get; init; } = 512;

    /// <summary>Bytes of the smallest thing that is written without reading first: a power of two, at least the logical size.</summary>
    public int PhysicalBlockSize { get; init; } = 512;

    /// <summary>True if a completed write may be lost without a flush, and the guest is told so. A guest may change it (<see cref="Disk.HasWriteCache"/>); a reset restores it.</summary>
    public bool HasWriteCache { get; init; } = true;

    /// <summary>False if discards end well and do nothing, and zeroes are never holes.</summary>
    public bool Discards { get; init; } = true;

    /// <summary>False if flushes end well and do nothing: a loss of power may leave anything.</summary>
    public bool Flushes { get; init; } = true;

    /// <summary>What becomes of an error in reading.</summary>
    public ErrorPolicy ReadErrors { get; init; }

    /// <summary>What becomes of an error in writing, and in whatever else is not reading.</summary>
    public ErrorPolicy WriteErrors { get; init; }
}
