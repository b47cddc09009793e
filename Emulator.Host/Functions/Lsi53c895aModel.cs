using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary><c>-device lsi53c895a</c>.</summary>
internal static class Lsi53c895aModel
{
    public static DeviceModel Model { get; } = DeviceModel.ScsiController(
        "lsi53c895a",
        "An LSI53C895A SCSI controller (docs/devices/lsi53c895a.md)",
        [],
        LsiSites.All,
        parts => new Lsi53c895aFunction(parts.Name, parts.Thread, parts.Clock));
}
