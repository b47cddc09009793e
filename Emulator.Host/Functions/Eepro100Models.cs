using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary><c>-device i82557b</c> and its relatives.</summary>
internal static class Eepro100Models
{
    /// <summary>A model for each of the family.</summary>
    public static IReadOnlyList<DeviceModel> All { get; } =
    [
        .. Eepro100Variant.All.Select(variant => DeviceModel.NetworkController(
            variant.Name,
            variant.Meaning,
            Eepro100Sites.All,
            parts => new Eepro100Function(parts.Name, variant, parts.Thread, parts.Clock, parts.Port, parts.Mac))),
    ];
}
