using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary><c>-device rtl8139</c> and <c>-device rtl8139c</c>.</summary>
internal static class Rtl8139Models
{
    public static DeviceModel CPlus { get; } = Make(
        "rtl8139", "A Realtek RTL8139C+, PCI revision 20, as QEMU has it (Linux: 8139cp; docs/devices/rtl8139.md)", Rtl8139Variant.CPlus);

    public static DeviceModel C { get; } = Make(
        "rtl8139c", "A Realtek RTL8139C, PCI revision 10, which QEMU has not (Linux: 8139too; docs/devices/rtl8139.md)", Rtl8139Variant.C);

    private static DeviceModel Make(string name, string meaning, Rtl8139Variant variant) => DeviceModel.NetworkController(
        name,
        meaning,
        Rtl8139Sites.All,
        parts => new Rtl8139Function(parts.Name, variant, parts.Thread, parts.Clock, parts.Port, parts.Mac));
}
