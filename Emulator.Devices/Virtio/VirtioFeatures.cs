namespace Emulator.Devices;

/// <summary>Feature bits of the transport and its queues (virtio 1.2, 6). Bits 0 to 23 are the device's own.</summary>
[Flags]
public enum VirtioFeatures : ulong
{
    /// <summary>Legacy: an interrupt as the queue runs empty, whatever the driver suppresses (6.3).</summary>
    NotifyOnEmpty = 1UL << 24,

    /// <summary>Legacy: no assumption about how a request is cut into descriptors; since 1.0 always so.</summary>
    AnyLayout = 1UL << 27,

    /// <summary>Descriptors may refer to a table of descriptors (2.7.5.3).</summary>
    IndirectDescriptors = 1UL << 28,

    /// <summary>used_event and avail_event say when to interrupt and to notify (2.7.7, 2.7.10).</summary>
    EventIndex = 1UL << 29,

    /// <summary>Legacy: set by drivers that do not negotiate; never offered (6.3).</summary>
    Bad = 1UL << 30,

    /// <summary>Virtio 1.0 or later.</summary>
    Version1 = 1UL << 32,
}

/// <summary>The device status field (virtio 1.2, 2.1).</summary>
[Flags]
public enum VirtioStatus : byte
{
    /// <summary>The guest has seen the device.</summary>
    Acknowledge = 1,

    /// <summary>It has a driver.</summary>
    Driver = 2,

    /// <summary>The driver is ready.</summary>
    DriverOk = 4,

    /// <summary>The features are agreed on.</summary>
    FeaturesOk = 8,

    /// <summary>The device has met an error that only a reset mends.</summary>
    NeedsReset = 0x40,

    /// <summary>The driver has given up.</summary>
    Failed = 0x80,
}

/// <summary>Bits of the ISR status (virtio 1.2, 4.1.4.5).</summary>
[Flags]
public enum VirtioInterrupts : uint
{
    /// <summary>A queue has used buffers.</summary>
    Queue = 1,

    /// <summary>Configuration or status has changed.</summary>
    Configuration = 2,
}
