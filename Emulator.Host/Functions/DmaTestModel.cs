using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary><c>-device dma-test</c>.</summary>
internal static class DmaTestModel
{
    public static DeviceModel Model { get; } = DeviceModel.Function(
        "dma-test",
        "A PCI function that moves data as a script in its registers says (docs/devices/dma-test.md)",
        [],
        DmaTestSites.All,
        parts => new DmaTestFunction(parts.Name, parts.Thread));
}
