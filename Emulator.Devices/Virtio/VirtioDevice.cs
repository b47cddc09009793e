namespace Emulator.Devices;

/// <summary>What a virtio device is, whatever transport it is behind: its identity, its features, its configuration, and what it does with its queues.</summary>
/// <param name="type">The device type (virtio 1.2, 5): 2 for a block device.</param>
/// <param name="transitionalId">The PCI device ID with a legacy interface (4.1.2.1): 0x1001 for a block device.</param>
/// <param name="classCode">The PCI class, 24 bits.</param>
/// <param name="queues">How many queues it has.</param>
/// <param name="queueSize">The most entries of each: a power of two up to <see cref="VirtqueueLayout.MostEntries"/>.</param>
public abstract class VirtioDevice(ushort type, ushort transitionalId, uint classCode, int queues, int queueSize)
{
    private VirtioPciFunction? _transport;

    /// <summary>The device type.</summary>
    public ushort Type => type;

    /// <summary>The PCI device ID with a legacy interface.</summary>
    public ushort TransitionalId => transitionalId;

    /// <summary>The PCI class, 24 bits.</summary>
    public uint ClassCode => classCode;

    /// <summary>How many queues it has.</summary>
    public int Queues => queues;

    /// <summary>The most entries of each.</summary>
    public int QueueSize => queueSize;

    /// <summary>The device's own feature bits that it offers.</summary>
    public abstract VirtioFeatures Features { get; }

    /// <summary>The device's configuration (2.5). Under the transport's lock.</summary>
    public abstract ReadOnlySpan<byte> Configuration { get; }

    /// <summary>What is in front of it.</summary>
    protected VirtioPciFunction Transport => _transport!;

    /// <summary>The driver writes a byte of the configuration. Under the transport's lock.</summary>
    /// <param name="offset">Less than the configuration's length.</param>
    /// <param name="value">What.</param>
    /// <param name="features">What the driver has accepted.</param>
    protected internal virtual void WriteConfiguration(int offset, byte value, VirtioFeatures features)
    {
    }

    /// <summary>Does what there is to do with a queue: it was notified, or may have been. On the I/O thread, without a lock.</summary>
    /// <param name="queue">Started, and not broken. What the device returned to it is told by <see cref="VirtioPciFunction.Signal"/>.</param>
    protected internal abstract void Serve(Virtqueue queue);

    /// <summary>Gives up whatever it is doing, and is as it was when it was made. Under the transport's lock, with none of its work running.</summary>
    protected internal abstract void Reset();

    /// <summary>Told once that it is in its transport, which has an I/O queue by now.</summary>
    protected virtual void OnAttached()
    {
    }

    internal void Attach(VirtioPciFunction transport)
    {
        _transport = transport;
        OnAttached();
    }
}
