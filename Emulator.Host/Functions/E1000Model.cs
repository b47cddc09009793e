using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary><c>-device e1000</c>.</summary>
internal static class E1000Model
{
    public static DeviceModel Model { get; } = DeviceModel.NetworkController(
        "e1000",
        "An Intel 82540EM network controller (docs/devices/e1000.md)",
        E1000Sites.All,
        parts => new E1000Function(parts.Name, parts.Thread, parts.Clock, parts.Port, parts.Mac));
}
