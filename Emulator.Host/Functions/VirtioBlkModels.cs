using System.Numerics;
using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Pci;

namespace Emulator.Host.Functions;

/// <summary><c>-device virtio-blk-pci</c>, and the two names that say which interfaces it has.</summary>
internal static class VirtioBlkModels
{
    private const int LongestSerial = 20;
    private const int LeastQueueSize = 4;

    private static readonly DeviceProperty[] s_properties =
    [
        DeviceProperty.Number("num-queues", 1, 1, VirtioBlkOptions.MostQueues, "how many queues it has"),
        DeviceProperty.Checked("queue-size", "N", CheckQueueSize, "the most entries of a queue, a power of two", "256"),
        DeviceProperty.Number("seg-max", 0, 0, VirtqueueChain.MostBuffers - 2, "the most buffers of a request; 0: two less than queue-size"),
        DeviceProperty.Number("size-max", 0, 0, uint.MaxValue, "the most bytes of a buffer; 0: nothing is said about it"),
        DeviceProperty.Choice("config-wce", ["on", "off"], "on: the driver may switch the write cache on and off"),
        DeviceProperty.Choice("discard", ["on", "off"], "on: discards are offered"),
        DeviceProperty.Choice("write-zeroes", ["on", "off"], "on: writing of zeroes is offered"),
        DeviceProperty.Number("vectors", ulong.MaxValue, 0, MsixCapability.MostVectors, "MSI-X vectors, 0 for no MSI-X; one more than queues if not given"),
        DeviceProperty.Choice("indirect_desc", ["on", "off"], "on: tables of descriptors are offered"),
        DeviceProperty.Choice("event_idx", ["on", "off"], "on: event indices are offered"),
    ];

    private static readonly DeviceProperty[] s_interfaces =
    [
        DeviceProperty.Choice("disable-legacy", ["off", "on"], "on: no ports of virtio before 1.0"),
        DeviceProperty.Choice("disable-modern", ["off", "on"], "on: nothing of virtio 1.0 and later"),
    ];

    /// <summary>All three.</summary>
    public static IReadOnlyList<DeviceModel> All { get; } =
    [
        Make(
            "virtio-blk-pci",
            "A virtio block device, transitional unless told otherwise (docs/devices/virtio-blk.md)",
            [.. s_interfaces, .. s_properties],
            device => (!device.IsOn("disable-legacy"), !device.IsOn("disable-modern"))),
        Make("virtio-blk-pci-transitional", "A virtio block device for drivers of virtio 1.0 and of before", s_properties, _ => (true, true)),
        Make("virtio-blk-pci-non-transitional", "A virtio block device for drivers of virtio 1.0 and later", s_properties, _ => (false, true)),
    ];

    private static DeviceModel Make(string name, string meaning, DeviceProperty[] properties, Func<DeviceDescription, (bool Legacy, bool Modern)> interfaces) =>
        DeviceModel.DiskFunction(name, meaning, properties, VirtioSites.All, parts => Create(parts, interfaces(parts.Device))) with
        {
            Check = device => CheckSerial(device) ?? CheckInterfaces(interfaces(device)),
        };

    private static VirtioPciFunction Create(FunctionParts parts, (bool Legacy, bool Modern) interfaces)
    {
        var device = parts.Device;
        var queues = (int)device.Number("num-queues")!.Value;
        var block = new VirtioBlkDevice(parts.Disk, new VirtioBlkOptions
        {
            Queues = queues,
            QueueSize = (int)device.Number("queue-size")!.Value,
            MostBuffers = (int)device.Number("seg-max")!.Value,
            MostBytes = (uint)device.Number("size-max")!.Value,
            HasConfigurableCache = device.IsOn("config-wce"),
            HasDiscard = device.IsOn("discard"),
            HasWriteZeroes = device.IsOn("write-zeroes"),
        });
        return new VirtioPciFunction(parts.Name, parts.Thread, block, new VirtioPciOptions
        {
            HasLegacy = interfaces.Legacy,
            HasModern = interfaces.Modern,
            Vectors = (int)(device.Number("vectors") ?? (ulong)queues + 1),
            HasIndirectDescriptors = device.IsOn("indirect_desc"),
            HasEventIndex = device.IsOn("event_idx"),
        });
    }

    private static string? CheckQueueSize(string text) =>
        Numbers.TryParse(text, out var size) && size >= LeastQueueSize && size <= VirtqueueLayout.MostEntries && BitOperations.IsPow2(size)
            ? null
            : $"'{text}' is not a power of two between {LeastQueueSize} and {VirtqueueLayout.MostEntries}";

    private static string? CheckSerial(DeviceDescription device) => device.Text("serial").Length > LongestSerial
        ? $"property 'serial' of '{device.Name}': '{device.Text("serial")}' is too long; virtio has room for {LongestSerial} characters"
        : null;

    private static string? CheckInterfaces((bool Legacy, bool Modern) interfaces) => interfaces is (false, false)
        ? "properties 'disable-legacy' and 'disable-modern' of 'virtio-blk-pci': with both on there is no device left; give one of them"
        : null;
}
