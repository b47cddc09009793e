namespace Emulator.Devices;

/// <summary>What a <see cref="BlockRequest"/> asks for.</summary>
public enum BlockOperation : byte
{
    /// <summary>Fill the buffer from the disk.</summary>
    Read,

    /// <summary>Put the buffer on the disk; it may stay in a cache until a flush, unless <see cref="BlockRequest.ForceUnitAccess"/> is set.</summary>
    Write,

    /// <summary>Make stable every write that was completed before this was started. Has no place and no length.</summary>
    Flush,

    /// <summary>What is there is needed no longer, and may read as anything that is not another's data.</summary>
    Discard,

    /// <summary>What is there reads as zeroes from now on.</summary>
    WriteZeroes,
}
