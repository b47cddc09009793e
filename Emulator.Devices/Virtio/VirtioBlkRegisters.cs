namespace Emulator.Devices;

/// <summary>Feature bits of a block device (virtio 1.2, 5.2.3).</summary>
[Flags]
public enum VirtioBlkFeatures : ulong
{
    /// <summary>size_max: the most bytes of a buffer.</summary>
    SizeMax = 1 << 1,

    /// <summary>seg_max: the most buffers of a request.</summary>
    SegMax = 1 << 2,

    /// <summary>Cylinders, heads and sectors.</summary>
    Geometry = 1 << 4,

    /// <summary>Nothing can be changed.</summary>
    ReadOnly = 1 << 5,

    /// <summary>blk_size: the logical block.</summary>
    BlockSize = 1 << 6,

    /// <summary>There is a cache, and a request that flushes it.</summary>
    Flush = 1 << 9,

    /// <summary>The physical block, and sizes that go well.</summary>
    Topology = 1 << 10,

    /// <summary>The driver may switch the cache on and off.</summary>
    ConfigurableCache = 1 << 11,

    /// <summary>num_queues: there are several.</summary>
    MultipleQueues = 1 << 12,

    /// <summary>There is a request that discards.</summary>
    Discard = 1 << 13,

    /// <summary>There is a request that writes zeroes.</summary>
    WriteZeroes = 1 << 14,
}

/// <summary>Offsets in the configuration of a block device (5.2.4).</summary>
public static class VirtioBlkConfiguration
{
    /// <summary>Sectors of 512 bytes, 8 bytes.</summary>
    public const int Capacity = 0;

    /// <summary>The most bytes of a buffer.</summary>
    public const int SizeMax = 8;

    /// <summary>The most buffers of a request.</summary>
    public const int SegMax = 12;

    /// <summary>Cylinders, word; heads, byte; sectors of a track, byte.</summary>
    public const int Geometry = 16;

    /// <summary>Bytes of a logical block.</summary>
    public const int BlockSize = 20;

    /// <summary>
    /// Logical blocks of a physical one, as a power of two, byte; the first aligned logical block, byte; the least size that goes well, word; the best, dword.
    /// </summary>
    public const int Topology = 24;

    /// <summary>1 while the cache is on, byte.</summary>
    public const int Writeback = 32;

    /// <summary>How many queues there are, word.</summary>
    public const int Queues = 34;

    /// <summary>The most sectors of a discard.</summary>
    public const int MaxDiscardSectors = 36;

    /// <summary>The most segments of a discard.</summary>
    public const int MaxDiscardSegments = 40;

    /// <summary>Sectors by which discards are best aligned.</summary>
    public const int DiscardAlignment = 44;

    /// <summary>The most sectors of a request that writes zeroes.</summary>
    public const int MaxZeroesSectors = 48;

    /// <summary>The most segments of one.</summary>
    public const int MaxZeroesSegments = 52;

    /// <summary>1 if such a request may leave holes, byte.</summary>
    public const int ZeroesMayUnmap = 56;

    /// <summary>Bytes.</summary>
    public const int Length = 60;
}

/// <summary>What a request asks for (5.2.6).</summary>
public enum VirtioBlkType : uint
{
    /// <summary>Read.</summary>
    In = 0,

    /// <summary>Write.</summary>
    Out = 1,

    /// <summary>Make stable what has been written.</summary>
    Flush = 4,

    /// <summary>Read the serial number.</summary>
    GetId = 8,

    /// <summary>What is there is not needed any more.</summary>
    Discard = 11,

    /// <summary>Write zeroes.</summary>
    WriteZeroes = 13,
}

/// <summary>The last byte of a request (5.2.6).</summary>
public enum VirtioBlkStatus : byte
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>An error of the device or of the driver.</summary>
    IoError = 1,

    /// <summary>No such request.</summary>
    Unsupported = 2,
}
