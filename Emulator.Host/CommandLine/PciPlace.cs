using System.Globalization;

namespace Emulator.Host.CommandLine;

/// <summary>Where functions go on the PCI bus: <c>addr=SLOT[.FUNCTION]</c>, both hexadecimal as in QEMU.</summary>
internal static class PciPlace
{
    // The bridges have 0 and 1.
    private const int FirstFreeSlot = 2;
    private const int LastSlot = 31;

    /// <summary>What is wrong with an address, or null.</summary>
    public static string? Check(string text) =>
        TryParse(text, out _) ? null : $"'{text}' is not a place on the bus; give a slot from 2 to 1f, and a function from 0 to 7 behind a point: addr=4.0";

    /// <summary>Reads an address as slot × 8 + function.</summary>
    public static bool TryParse(string text, out int devFn)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var function = 0;
        var isRight = TryParseHex(point < 0 ? text : text[..point], out var slot) && slot is >= FirstFreeSlot and <= LastSlot;
        if (point >= 0)
        {
            isRight &= TryParseHex(text[(point + 1)..], out function) && function <= 7;
        }

        devFn = (slot << 3) | function;
        return isRight;
    }

    /// <summary>Gives each function its place, those that ask for one first; returns what is wrong, or null.</summary>
    public static string? Assign(IEnumerable<DeviceDescription> devices)
    {
        var functions = devices.Where(device => device.Model.IsFunction).ToArray();
        var taken = new Dictionary<int, DeviceDescription>();
        foreach (var device in functions.Where(device => device.Text("addr").Length > 0))
        {
            _ = TryParse(device.Text("addr"), out var devFn);
            if (!taken.TryAdd(devFn, device))
            {
                return $"-device {device.Name}: property 'addr': {taken[devFn].Label} is at {Format(devFn)} already; give another place";
            }

            device.DevFn = devFn;
        }

        foreach (var device in functions.Where(device => device.Text("addr").Length == 0))
        {
            var slot = FirstFreeSlot;
            while (slot <= LastSlot && taken.Keys.Any(place => place >> 3 == slot))
            {
                slot++;
            }

            if (slot > LastSlot)
            {
                return $"-device {device.Name}: there is no slot free; give it a function of a slot that is in use: addr=2.1";
            }

            device.DevFn = slot << 3;
            taken.Add(device.DevFn, device);
        }

        return null;
    }

    /// <summary>A place as <c>addr=</c> takes it: slot.function, the slot hexadecimal.</summary>
    public static string Format(int devFn) => $"{devFn >> 3:x}.{devFn & 7}";

    private static bool TryParseHex(string text, out int value)
    {
        var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
    }
}
