namespace Emulator.Devices;

/// <summary>How a <see cref="BlockRequest"/> ended.</summary>
public enum BlockStatus : byte
{
    /// <summary>It has not.</summary>
    Pending,

    /// <summary>All of it is done.</summary>
    Ok,

    /// <summary>The host could not (EIO and whatever has no name here): a part may be done.</summary>
    IoError,

    /// <summary>The host has no room for it (ENOSPC, EDQUOT): a part may be done.</summary>
    NoSpace,

    /// <summary>A change of a disk that may only be read. The guest's mistake; nothing is done.</summary>
    ReadOnly,

    /// <summary>It reaches past the end of the disk, or is not of whole logical blocks. The guest's mistake; nothing is done.</summary>
    OutOfRange,

    /// <summary>What is behind the disk cannot do that; nothing is done.</summary>
    NotSupported,

    /// <summary>Its owner gave it up (<see cref="Disk.Cancel()"/>): it may be done or not, and nobody is to be told.</summary>
    Cancelled,
}
