namespace Emulator.Devices;

/// <summary>What a block device offers beyond what its disk says.</summary>
public sealed record VirtioBlkOptions
{
    /// <summary>The most queues.</summary>
    public const int MostQueues = 64;

    /// <summary>Queues, 1 to <see cref="MostQueues"/>.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>The most entries of a queue: a power of two from 4 to 1024.</summary>
    public int QueueSize { get; init; } = 256;

    /// <summary>The most buffers of a request; 0 for two less than a queue has entries.</summary>
    public int MostBuffers { get; init; }

    /// <summary>The most bytes of a buffer; 0 if nothing is said about that.</summary>
    public uint MostBytes { get; init; }

    /// <summary>True if the driver may switch the cache on and off.</summary>
    public bool HasConfigurableCache { get; init; } = true;

    /// <summary>True if discards are offered, of a disk that can be changed.</summary>
    public bool HasDiscard { get; init; } = true;

    /// <summary>True if zeroes are offered, of a disk that can be changed.</summary>
    public bool HasWriteZeroes { get; init; } = true;
}
