using System.Globalization;
using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary><c>-device scsi-hd</c>.</summary>
internal static class ScsiDiskModel
{
    private static readonly ScsiDiskIdentity s_usual = new();

    public static DeviceModel Model { get; } = DeviceModel.ScsiDisk(
        "scsi-hd",
        "A SCSI disk (docs/devices/scsi-hd.md)",
        [
            Words("vendor", 8, "who made it", s_usual.Vendor),
            Words("product", 16, "what it is", s_usual.Product),
            Words("ver", 4, "its revision", s_usual.Version),
            Words("device_id", 20, "what names it where it has no serial number", ""),
            DeviceProperty.Number("wwn", 0, 0, ulong.MaxValue, "its world wide name; 0: it has none"),
            DeviceProperty.Checked("rotation_rate", "N", CheckRotation, "revolutions a minute; 1: it does not turn; 0: it does not say", "0"),
        ],
        parts => new ScsiDisk(parts.Disk, IdentityOf(parts.Device)));

    private static ScsiDiskIdentity IdentityOf(DeviceDescription device) => new()
    {
        Vendor = device.Text("vendor"),
        Product = device.Text("product"),
        Version = device.Text("ver"),
        DeviceId = device.Text("device_id") is { Length: > 0 } given ? given : device.Text("drive"),
        WorldWideName = device.Number("wwn")!.Value,
        RotationRate = (int)device.Number("rotation_rate")!.Value,
    };

    private static DeviceProperty Words(string name, int longest, string meaning, string usual) => DeviceProperty.Checked(
        name,
        "TEXT",
        text => text.Length <= longest && text.All(c => c is >= ' ' and <= '~') ? null : $"'{text}' is too long or not ASCII; give at most {longest} characters",
        meaning,
        usual);

    private static string? CheckRotation(string text) =>
        Numbers.TryParse(text, out var rate) && rate is 0 or 1 or (>= 1025 and <= 65534)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a rotation rate: 0, 1, or 1025 to 65534");
}
