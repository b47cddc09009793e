using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>
/// Where a virtqueue owes its driver an order. It uses the relaxed accesses: these fences are all there are, whatever the bus orders (decision 0012).
/// </summary>
public static class VirtioSites
{
    /// <summary>In <c>Virtqueue.FindAvailable</c>.</summary>
    public static OrderingSite AvailableIndexBeforeRing { get; } = new(
        "virtio.avail-idx-before-ring",
        "reads avail.idx, read barrier, reads the ring's entry, the descriptors and what they point to",
        "writes descriptors and the ring's entry, write barrier, writes avail.idx",
        "MP")
    {
        IsRelaxed = true,
    };

    /// <summary>In <c>Virtqueue.Return</c>.</summary>
    public static OrderingSite UsedElementBeforeIndex { get; } = new(
        "virtio.used-elem-before-idx",
        "does with the buffers what it has to, writes the used element, then used.idx by one store behind all of it",
        "reads used.idx, read barrier, reads the element and the buffers, or fills them anew",
        "MP")
    {
        HasPair = true,
        IsRelaxed = true,
    };

    /// <summary>In <c>Virtqueue.TakeInterrupt</c>.</summary>
    public static OrderingSite EventIndexUsed { get; } = new(
        "virtio.event-idx.used",
        "writes used.idx, full fence, reads used_event or avail.flags: whether to interrupt",
        "writes used_event or avail.flags, full fence, reads used.idx again before it waits for an interrupt",
        "SB")
    {
        IsRelaxed = true,
    };

    /// <summary>In <c>Virtqueue.AllowNotifications</c>.</summary>
    public static OrderingSite EventIndexAvailable { get; } = new(
        "virtio.event-idx.avail",
        "writes avail_event or used.flags, full fence, reads avail.idx again before it waits for a notification",
        "writes avail.idx, full fence, reads avail_event or used.flags: whether to notify",
        "SB")
    {
        IsRelaxed = true,
    };

    /// <summary>Every site of a virtqueue.</summary>
    public static IReadOnlyList<OrderingSite> All { get; } = [AvailableIndexBeforeRing, UsedElementBeforeIndex, EventIndexUsed, EventIndexAvailable];
}
