namespace Emulator.Devices;

/// <summary>The common configuration, offsets in its structure (virtio 1.2, 4.1.4.3).</summary>
public enum VirtioPciRegister : ushort
{
    /// <summary>Which 32 of the offered features the next register shows.</summary>
    DeviceFeatureSelect = 0x00,

    /// <summary>Those.</summary>
    DeviceFeature = 0x04,

    /// <summary>Which 32 of the accepted features the next register has.</summary>
    DriverFeatureSelect = 0x08,

    /// <summary>Those.</summary>
    DriverFeature = 0x0C,

    /// <summary>The MSI-X vector of configuration changes, word.</summary>
    ConfigurationVector = 0x10,

    /// <summary>How many queues there are, word.</summary>
    Queues = 0x12,

    /// <summary><see cref="VirtioStatus"/>, byte.</summary>
    Status = 0x14,

    /// <summary>Changes with the configuration, byte.</summary>
    ConfigurationGeneration = 0x15,

    /// <summary>Which queue the following registers are of, word.</summary>
    QueueSelect = 0x16,

    /// <summary>Entries, word; 0 if there is no such queue.</summary>
    QueueSize = 0x18,

    /// <summary>The queue's MSI-X vector, word.</summary>
    QueueVector = 0x1A,

    /// <summary>1 once the queue is enabled, word.</summary>
    QueueEnable = 0x1C,

    /// <summary>The queue's place among the notification registers, word.</summary>
    QueueNotifyOffset = 0x1E,

    /// <summary>Address of the descriptor table, 8 bytes.</summary>
    QueueDescriptors = 0x20,

    /// <summary>Address of the available ring, 8 bytes.</summary>
    QueueAvailable = 0x28,

    /// <summary>Address of the used ring, 8 bytes.</summary>
    QueueUsed = 0x30,
}

/// <summary>The legacy interface, offsets in its ports (virtio 1.2, 4.1.4.10). What is behind the status of interrupts moves with MSI-X.</summary>
public enum VirtioLegacyRegister : ushort
{
    /// <summary>Features 31:0 that are offered.</summary>
    DeviceFeatures = 0x00,

    /// <summary>Features 31:0 that are accepted.</summary>
    DriverFeatures = 0x04,

    /// <summary>The number of the page that the selected queue is in; 0 while it has none.</summary>
    QueuePage = 0x08,

    /// <summary>Entries, word.</summary>
    QueueSize = 0x0C,

    /// <summary>Which queue, word.</summary>
    QueueSelect = 0x0E,

    /// <summary>The number of a queue to look at, word.</summary>
    QueueNotify = 0x10,

    /// <summary><see cref="VirtioStatus"/>, byte.</summary>
    Status = 0x12,

    /// <summary><see cref="VirtioInterrupts"/>, byte; reading clears it.</summary>
    InterruptStatus = 0x13,

    /// <summary>The MSI-X vector of configuration changes, word; here only while MSI-X is enabled.</summary>
    ConfigurationVector = 0x14,

    /// <summary>The queue's MSI-X vector, word; here only while MSI-X is enabled.</summary>
    QueueVector = 0x16,
}

/// <summary>Where things are in the windows, and the tables of registers.</summary>
public static class VirtioPciRegisters
{
    /// <summary>The window of ports, if there is a legacy interface.</summary>
    public const int LegacyWindow = 0;

    /// <summary>The window of the MSI-X table.</summary>
    public const int MessageWindow = 1;

    /// <summary>The window of the structures of virtio 1.0 and later.</summary>
    public const int ModernWindow = 4;

    /// <summary>Bytes of that window, and of each of its four parts.</summary>
    public const int ModernLength = 4 * PartLength;

    /// <summary>Bytes of each part.</summary>
    public const int PartLength = 0x1000;

    /// <summary>Where the status of interrupts is in it.</summary>
    public const int InterruptStatus = PartLength;

    /// <summary>Where the device's configuration is in it.</summary>
    public const int Configuration = 2 * PartLength;

    /// <summary>Where the notification registers are in it.</summary>
    public const int Notification = 3 * PartLength;

    /// <summary>Bytes from one queue's notification register to the next one's.</summary>
    public const int NotifyMultiplier = 4;

    /// <summary>Bytes of the common configuration.</summary>
    public const int CommonLength = 0x38;

    /// <summary>The vector that is none.</summary>
    public const ushort NoVector = 0xFFFF;

    /// <summary>Where the device's configuration is behind the ports, with MSI-X and without.</summary>
    /// <param name="messages">True if MSI-X is enabled.</param>
    public static int LegacyConfiguration(bool messages) => messages ? LegacyLength : LegacyLength - 4;

    /// <summary>Bytes of the legacy registers.</summary>
    internal const int LegacyLength = 0x18;

    /// <summary>The common configuration.</summary>
    public static ReadOnlySpan<RegisterSpec<VirtioPciRegister>> Common => s_common;

    /// <summary>The legacy registers.</summary>
    internal static ReadOnlySpan<RegisterSpec<VirtioLegacyRegister>> Legacy => s_legacy;

    private static readonly RegisterSpec<VirtioPciRegister>[] s_common =
    [
        new(VirtioPciRegister.DeviceFeatureSelect) { Writable = 0xFFFF_FFFF },
        new(VirtioPciRegister.DeviceFeature) { IsLive = true },
        new(VirtioPciRegister.DriverFeatureSelect) { Writable = 0xFFFF_FFFF },
        new(VirtioPciRegister.DriverFeature) { IsLive = true },
        new(VirtioPciRegister.ConfigurationVector, 2) { Reset = NoVector, IsLive = true },
        new(VirtioPciRegister.Queues, 2) { IsLive = true },
        new(VirtioPciRegister.Status, 1) { IsLive = true },
        new(VirtioPciRegister.ConfigurationGeneration, 1),
        new(VirtioPciRegister.QueueSelect, 2) { Writable = 0xFFFF },
        new(VirtioPciRegister.QueueSize, 2) { IsLive = true },
        new(VirtioPciRegister.QueueVector, 2) { IsLive = true },
        new(VirtioPciRegister.QueueEnable, 2) { IsLive = true },
        new(VirtioPciRegister.QueueNotifyOffset, 2) { IsLive = true },
        new(VirtioPciRegister.QueueDescriptors, 8) { IsLive = true },
        new(VirtioPciRegister.QueueAvailable, 8) { IsLive = true },
        new(VirtioPciRegister.QueueUsed, 8) { IsLive = true },
    ];

    private static readonly RegisterSpec<VirtioLegacyRegister>[] s_legacy =
    [
        new(VirtioLegacyRegister.DeviceFeatures) { IsLive = true },
        new(VirtioLegacyRegister.DriverFeatures) { IsLive = true },
        new(VirtioLegacyRegister.QueuePage) { IsLive = true },
        new(VirtioLegacyRegister.QueueSize, 2) { IsLive = true },
        new(VirtioLegacyRegister.QueueSelect, 2) { Writable = 0xFFFF },
        new(VirtioLegacyRegister.QueueNotify, 2),
        new(VirtioLegacyRegister.Status, 1) { IsLive = true },
        new(VirtioLegacyRegister.InterruptStatus, 1) { IsLive = true },
        new(VirtioLegacyRegister.ConfigurationVector, 2) { IsLive = true },
        new(VirtioLegacyRegister.QueueVector, 2) { IsLive = true },
    ];
}
