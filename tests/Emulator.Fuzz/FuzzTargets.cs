using Emulator.Devices;
using Emulator.Fuzz.Targets;

namespace Emulator.Fuzz;

/// <summary>The devices that are fuzzed, and whose registers are swept: a line each.</summary>
public static class FuzzTargets
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new DmaTestTarget(),
        new E1000Target(),
        new Eepro100Target(Eepro100Variant.I82557B),
        new Eepro100Target(Eepro100Variant.I82559C),
        new Rtl8139Target(Rtl8139Variant.C),
        new Rtl8139CPlusTarget(),
        new Lsi53c895aTarget(),
        new ScsiDiskTarget(),
        new VirtioBlkTarget(hasEvents: true),
        new VirtioBlkTarget(hasEvents: false),
    ];

    /// <summary>The one of a name, or null.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
