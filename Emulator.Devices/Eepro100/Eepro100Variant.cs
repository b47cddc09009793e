using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>A stepping of the family, and what sets it apart (8255x manual, 2 and 4.2).</summary>
/// <param name="Name">QEMU's name for it.</param>
/// <param name="Meaning">What it is, in words.</param>
/// <param name="DeviceId">PCI device.</param>
/// <param name="RevisionId">PCI revision, by which drivers know the stepping.</param>
public sealed record Eepro100Variant(string Name, string Meaning, ushort DeviceId, byte RevisionId)
{
    /// <summary>82557, B-step.</summary>
    public static Eepro100Variant I82557B { get; } = new("i82557b", "Intel 82557B, 10/100 Mb/s Ethernet", 0x1229, 0x02) { Is82557 = true };

    /// <summary>82557, C-step.</summary>
    public static Eepro100Variant I82557C { get; } = new("i82557c", "Intel 82557C, 10/100 Mb/s Ethernet", 0x1229, 0x03) { Is82557 = true };

    /// <summary>82559, C-step.</summary>
    public static Eepro100Variant I82559C { get; } =
        new("i82559c", "Intel 82559C, 10/100 Mb/s Ethernet", 0x1229, 0x08) { SubsystemVendorId = 0x8086, SubsystemId = 0x0040 };

    /// <summary>82559ER.</summary>
    public static Eepro100Variant I82559ER { get; } = new("i82559er", "Intel 82559ER, 10/100 Mb/s Ethernet", 0x1209, 0x09);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Eepro100Variant> All { get; } = [I82557B, I82557C, I82559C, I82559ER];

    /// <summary>
    /// True for the 82557, which lacks what came with the 82558 and the 82559: a mask for each cause, extended transmit blocks and statistics,
    /// static resume, power management. It pads frames with 7Eh and can interrupt for a frame that was not sent well.
    /// </summary>
    public bool Is82557 { get; private init; }

    /// <summary>Vendor of the board.</summary>
    public ushort SubsystemVendorId { get; private init; } = 0x1AF4;

    /// <summary>The board.</summary>
    public ushort SubsystemId { get; private init; } = 0x1100;

    internal PciIdentity Identity =>
        new(0x8086, DeviceId, RevisionId, 0x020000) { SubsystemVendorId = SubsystemVendorId, SubsystemId = SubsystemId };
}
