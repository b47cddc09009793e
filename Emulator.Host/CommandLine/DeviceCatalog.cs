using System.Collections.Frozen;
using Emulator.Devices;
using Emulator.Host.Functions;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Host.CommandLine;

/// <summary>What <c>-device</c> takes; the parser, the <c>devices</c> verb and the machine read this one table.</summary>
internal static class DeviceCatalog
{
    /// <summary>The models by name order.</summary>
    public static IReadOnlyList<DeviceModel> Models { get; } =
    [
        new("isa-debug-exit", "Ends the process with what the guest writes",
        [
            DeviceProperty.Number("iobase", 0x501, 0, 0xFFFF, "first port"),
            DeviceProperty.Number("iosize", 2, 1, 8, "number of ports"),
            DeviceProperty.Choice("status", ["shifted", "raw"], "a written v ends with (v << 1) | 1, or with v itself"),
        ]),
        new("isa-debugcon", "A port whose bytes go to a character back end",
        [
            DeviceProperty.Number("iobase", 0xE9, 0, 0xFFFF, "the port"),
            DeviceProperty.Number("readback", 0xE9, 0, 0xFF, "what the port reads as"),
            DeviceProperty.Text("chardev", "", "id of a -chardev; required"),
        ]),
        new("isa-serial", "A 16550A on the ISA bus",
        [
            DeviceProperty.Number("index", ulong.MaxValue, 0, 3, "0 is COM1 … 3 is COM4; the first free one if not given"),
            DeviceProperty.Text("chardev", "", "id of a -chardev; required"),
        ]),
        DmaTestModel.Model,
        E1000Model.Model,
    ];

    private static readonly FrozenDictionary<string, DeviceModel> s_byName = Models.ToFrozenDictionary(m => m.Name);

    /// <summary>Checks a <c>-device</c> value.</summary>
    public static Result<DeviceDescription> Parse(string text)
    {
        var list = PropertyList.Parse(text);
        if (list.Head.StartsWith("driver=", StringComparison.Ordinal))
        {
            list = list with { Head = list.Head["driver=".Length..] };
        }

        if (!s_byName.TryGetValue(list.Head, out var model))
        {
            return new Failure($"unknown device '{list.Head}'{Suggestion.For(list.Head, Models.Select(m => m.Name))}");
        }

        var device = new DeviceDescription(model);
        foreach (var property in list.Properties)
        {
            var definition = Array.Find(model.Properties, p => p.Name == property.Name);
            if (definition is null)
            {
                if (property.Name == "id")
                {
                    continue;
                }

                return new Failure($"device '{model.Name}' has no property '{property.Name}'{Suggestion.For(property.Name, model.Properties.Select(p => p.Name))}");
            }

            if (device.Set(definition, property.Value) is { } error)
            {
                return new Failure($"property '{property.Name}' of '{model.Name}': {error}");
            }
        }

        return CheckPorts(device);
    }

    private static Result<DeviceDescription> CheckPorts(DeviceDescription device)
    {
        if (device.Model.Name == "isa-debug-exit" && device.Number("iobase") + device.Number("iosize") > 0x10000)
        {
            return new Failure("property 'iosize' of 'isa-debug-exit': the ports would end beyond 0xffff");
        }

        return device;
    }
}

/// <summary>A model that <c>-device</c> takes.</summary>
/// <param name="Name">QEMU's name for it.</param>
/// <param name="Meaning">What it is, in a line.</param>
/// <param name="Properties">What may follow the name.</param>
internal sealed record DeviceModel(string Name, string Meaning, DeviceProperty[] Properties)
{
    // What every function has, whatever it is.
    private static readonly DeviceProperty[] s_ofFunctions =
    [
        DeviceProperty.Text("id", "", "what messages and its thread are called; its model and place if not given"),
        DeviceProperty.Checked("addr", "SLOT[.FUNCTION]", PciPlace.Check, "place on the bus, hexadecimal; the first free slot from 2 if not given"),
        DeviceProperty.Words("dma-ordering", DmaOrderings.AllNames.Split(", "), "the order of its accesses to memory; -dma-ordering's if not given"),
        DeviceProperty.Text("iothread", "", "id of an -object iothread; a thread of its own if not given"),
    ];

    private static readonly DeviceProperty[] s_ofControllers =
    [
        DeviceProperty.Checked("mac", "XX:XX:XX:XX:XX:XX", CheckMac, "its station address; 52:54:00:12:34:56 and up if not given"),
        DeviceProperty.Text("netdev", "", "id of a -netdev; nothing is in its socket if not given"),
    ];

    /// <summary>Makes the function; null for what is not on the PCI bus.</summary>
    public Func<FunctionParts, PciFunction>? Make { get; private init; }

    /// <summary>Where the function itself owes its driver an order, beside what every function does.</summary>
    public IReadOnlyList<OrderingSite> Sites { get; private init; } = [];

    /// <summary>True for a function of the PCI bus.</summary>
    public bool IsFunction => Make is not null;

    /// <summary>A function of the PCI bus.</summary>
    /// <param name="name">QEMU's name for it.</param>
    /// <param name="meaning">What it is, in a line.</param>
    /// <param name="properties">What it takes beside what every function takes.</param>
    /// <param name="sites">Its ordering sites.</param>
    /// <param name="make">Makes it; it is put on the bus by the machine.</param>
    public static DeviceModel Function(
        string name, string meaning, DeviceProperty[] properties, IReadOnlyList<OrderingSite> sites, Func<FunctionParts, PciFunction> make) =>
        new(name, meaning, [.. s_ofFunctions, .. properties]) { Make = make, Sites = sites };

    /// <summary>As <see cref="Function"/>, for a network controller.</summary>
    /// <param name="name">QEMU's name for it.</param>
    /// <param name="meaning">What it is, in a line.</param>
    /// <param name="sites">Its ordering sites.</param>
    /// <param name="make">Makes it; it is put on the bus by the machine.</param>
    public static DeviceModel NetworkController(
        string name, string meaning, IReadOnlyList<OrderingSite> sites, Func<FunctionParts, PciFunction> make) =>
        Function(name, meaning, s_ofControllers, sites, make);

    private static string? CheckMac(string text) =>
        !MacAddress.TryParse(text, out var address) ? $"'{text}' is not an address; give six bytes in hexadecimal, such as 52:54:00:12:34:56"
        : address.IsGroup ? $"'{text}' is the address of a group; the lowest bit of the first byte must be 0"
        : null;
}

/// <summary>A property of a <see cref="DeviceModel"/>.</summary>
internal sealed record DeviceProperty
{
    /// <summary>The word before the equals sign.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required string Meaning { get; init; }

    /// <summary>The value if it is not given; empty if there is none.</summary>
    public string Default { get; private init; } = "";

    /// <summary>The words it takes, or null.</summary>
    public string[]? Choices { get; private init; }

    /// <summary>What says what is wrong with a value, or null.</summary>
    public Func<string, string?>? Test { get; private init; }

    /// <summary>What the help calls the value.</summary>
    public string ValueName { get; private init; } = "ID";

    /// <summary>The bounds of a number, or null.</summary>
    public (ulong Least, ulong Most)? Bounds { get; private init; }

    /// <summary>A number between bounds; a default beyond them means none.</summary>
    public static DeviceProperty Number(string name, ulong @default, ulong least, ulong most, string meaning) => new()
    {
        Name = name,
        Meaning = meaning,
        Bounds = (least, most),
        Default = @default > most ? "" : @default > 9 ? $"0x{@default:x}" : $"{@default}",
    };

    /// <summary>One of some words, the first being the default.</summary>
    public static DeviceProperty Choice(string name, string[] choices, string meaning) =>
        new() { Name = name, Meaning = meaning, Choices = choices, Default = choices[0] };

    /// <summary>One of some words, or none of them.</summary>
    public static DeviceProperty Words(string name, string[] choices, string meaning) =>
        new() { Name = name, Meaning = meaning, Choices = choices };

    /// <summary>Text that something must be right about.</summary>
    public static DeviceProperty Checked(string name, string valueName, Func<string, string?> test, string meaning) =>
        new() { Name = name, Meaning = meaning, ValueName = valueName, Test = test };

    /// <summary>Any text.</summary>
    public static DeviceProperty Text(string name, string @default, string meaning) =>
        new() { Name = name, Meaning = meaning, Default = @default };

    /// <summary>Null if the value will do, else what is wrong with it.</summary>
    public string? Check(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return $"a value is missing: {Name}={Expected}";
        }

        if (Choices is not null && !Choices.Contains(value))
        {
            return $"'{value}' is not one of {string.Join(", ", Choices)}";
        }

        if (Bounds is not { } bounds)
        {
            return Test?.Invoke(value);
        }

        return !Numbers.TryParse(value, out var number) ? $"'{value}' is not a number"
            : number < bounds.Least || number > bounds.Most ? $"'{value}' is not between {bounds.Least} and 0x{bounds.Most:x}"
            : null;
    }

    /// <summary>What may stand behind the equals sign.</summary>
    public string Expected => Choices is not null ? string.Join("|", Choices) : Bounds is not null ? "NUMBER" : ValueName;
}

/// <summary>A <c>-device</c> of the command line, checked against its model.</summary>
public sealed class DeviceDescription
{
    private readonly Dictionary<string, string> _values = [];

    internal DeviceDescription(DeviceModel model) => Model = model;

    /// <summary>The model's name.</summary>
    public string Name => Model.Name;

    /// <summary>What messages call it: its id, or its model's name.</summary>
    public string Label => _values.GetValueOrDefault("id", Name);

    /// <summary>A function's place on the bus, slot × 8 + function, once all devices are known.</summary>
    public int DevFn { get; internal set; }

    internal DeviceModel Model { get; }

    /// <summary>Sets a property; returns what is wrong with the value, or null.</summary>
    internal string? Set(DeviceProperty property, string? value)
    {
        if (property.Check(value) is { } error)
        {
            return error;
        }

        _values[property.Name] = value!;
        return null;
    }

    /// <summary>A property's value, its default if it was not given, empty if it has none.</summary>
    public string Text(string property) =>
        _values.TryGetValue(property, out var value) ? value : Model.Properties.First(p => p.Name == property).Default;

    /// <summary>A numeric property's value; null if it was not given and has no default.</summary>
    public ulong? Number(string property) => Numbers.TryParse(Text(property), out var value) ? value : null;
}
