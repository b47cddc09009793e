using System.Collections.Frozen;
using Emulator.Devices;
using Emulator.Host.Disks;
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
        Rtl8139Models.CPlus,
        Rtl8139Models.C,
        E1000Model.Model,
        .. Eepro100Models.All,
        .. VirtioBlkModels.All,
        Lsi53c895aModel.Model,
        ScsiDiskModel.Model,
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

        return Create(list.Head, list.Properties);
    }

    /// <summary>A device of a model, if its properties are right.</summary>
    public static Result<DeviceDescription> Create(string name, IReadOnlyList<Property> properties)
    {
        if (!s_byName.TryGetValue(name, out var model))
        {
            return new Failure($"unknown device '{name}'{Suggestion.For(name, Models.Select(m => m.Name))}");
        }

        var device = new DeviceDescription(model);
        return device.Set("device", properties.Where(property => property.Name != "id" || device.Takes("id"))) is { } mistake
            ? new Failure(mistake)
            : Check(device);
    }

    private static Result<DeviceDescription> Check(DeviceDescription device)
    {
        if (device.Model.Name == "isa-debug-exit" && device.Number("iobase") + device.Number("iosize") > 0x10000)
        {
            return new Failure("property 'iosize' of 'isa-debug-exit': the ports would end beyond 0xffff");
        }

        return (DiskOptions.Check(device) ?? device.Model.Check?.Invoke(device)) is { } mistake ? new Failure(mistake) : device;
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
        DeviceProperty.Text("romfile", "", "file that its expansion ROM holds; it has none if not given", "FILE"),
        DeviceProperty.Number("rombar", 1, 0, 1, "0: the expansion ROM is left out"),
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

    /// <summary>Says what is wrong with its properties as a whole, or null; null if nothing can be.</summary>
    public Func<DeviceDescription, string?>? Check { get; init; }

    /// <summary>True for a function of the PCI bus.</summary>
    public bool IsFunction => Make is not null;

    /// <summary>Makes the logical unit; null for what is not on a SCSI bus.</summary>
    public Func<UnitParts, ScsiLogicalUnit>? MakeUnit { get; private init; }

    /// <summary>True for what is on a SCSI bus.</summary>
    public bool IsScsiUnit => MakeUnit is not null;

    /// <summary>True for a function that has a SCSI bus.</summary>
    public bool HasScsiBus { get; private init; }

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

    /// <summary>As <see cref="Function"/>, for one that is a disk.</summary>
    /// <param name="name">QEMU's name for it.</param>
    /// <param name="meaning">What it is, in a line.</param>
    /// <param name="properties">What it takes beside what every function and every disk takes.</param>
    /// <param name="sites">Its ordering sites.</param>
    /// <param name="make">Makes it from, among other things, <see cref="FunctionParts.Disk"/>.</param>
    public static DeviceModel DiskFunction(
        string name, string meaning, DeviceProperty[] properties, IReadOnlyList<OrderingSite> sites, Func<FunctionParts, PciFunction> make) =>
        Function(name, meaning, [.. DiskOptions.Properties, .. properties], sites, make);

    /// <summary>As <see cref="Function"/>, for a SCSI controller.</summary>
    /// <typeparam name="T">The function.</typeparam>
    /// <param name="name">QEMU's name for it.</param>
    /// <param name="meaning">What it is, in a line.</param>
    /// <param name="properties">What it takes beside what every function takes.</param>
    /// <param name="sites">Its ordering sites.</param>
    /// <param name="make">Makes it; it and its units are put on their buses by the machine.</param>
    public static DeviceModel ScsiController<T>(
        string name, string meaning, DeviceProperty[] properties, IReadOnlyList<OrderingSite> sites, Func<FunctionParts, T> make)
        where T : PciFunction, IScsiController =>
        Function(name, meaning, properties, sites, make) with { HasScsiBus = true };

    /// <summary>A disk on a SCSI bus.</summary>
    /// <param name="name">QEMU's name for it.</param>
    /// <param name="meaning">What it is, in a line.</param>
    /// <param name="properties">What it takes beside what every disk and every SCSI device takes.</param>
    /// <param name="make">Makes it; it is put on the bus by the machine.</param>
    public static DeviceModel ScsiDisk(string name, string meaning, DeviceProperty[] properties, Func<UnitParts, ScsiLogicalUnit> make) =>
        new(name, meaning, [DeviceProperty.Text("id", "", "what messages call it"), .. ScsiPlace.Properties, .. DiskOptions.Properties, .. properties])
        {
            MakeUnit = make,
        };

    private static string? CheckMac(string text) =>
        !MacAddress.TryParse(text, out var address) ? $"'{text}' is not an address; give six bytes in hexadecimal, such as 52:54:00:12:34:56"
        : address.IsGroup ? $"'{text}' is the address of a group; the lowest bit of the first byte must be 0"
        : null;
}

/// <summary>A <c>-device</c> of the command line, checked against its model.</summary>
public sealed class DeviceDescription : PropertyValues
{
    internal DeviceDescription(DeviceModel model)
        : base(model.Name, model.Properties) => Model = model;

    /// <summary>What messages call it: its id, or its model's name.</summary>
    public string Label => IsGiven("id") ? Text("id") : Name;

    /// <summary>A function's place on the bus, slot × 8 + function, once all devices are known.</summary>
    public int DevFn { get; internal set; }

    /// <summary>A SCSI device's controller, once all devices are known.</summary>
    public DeviceDescription? Controller { get; internal set; }

    /// <summary>A SCSI device's target, once all devices are known.</summary>
    public int Target { get; internal set; }

    /// <summary>A SCSI device's logical unit number, once all devices are known.</summary>
    public int Lun { get; internal set; }

    internal DeviceModel Model { get; }
}
