using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary><c>-device lsi53c895a</c>.</summary>
internal static class Lsi53c895aModel
{
    public static DeviceModel Model { get; } = DeviceModel.ScsiController(
        "lsi53c895a",
        "An LSI53C895A SCSI controller (docs/devices/lsi53c895a.md)",
        [DeviceProperty.Number("parity-errors", 0, 0, uint.MaxValue, "every so many bytes one from a target has bad parity; 0: none has")],
        LsiSites.All,
        parts => new Lsi53c895aFunction(parts.Name, parts.Thread, parts.Clock, (uint)parts.Device.Number("parity-errors")!.Value));
}
