namespace Emulator.Pci;

/// <summary>Who a function says it is (PCI 2.2, 6.2.1).</summary>
/// <param name="VendorId">Who made it.</param>
/// <param name="DeviceId">Which of the vendor's.</param>
/// <param name="RevisionId">Which stepping.</param>
/// <param name="ClassCode">Base class, sub-class and programming interface, 24 bits.</param>
public readonly record struct PciIdentity(ushort VendorId, ushort DeviceId, byte RevisionId, uint ClassCode)
{
    /// <summary>Vendor of the board. By default what drivers know as a virtual machine's.</summary>
    public ushort SubsystemVendorId { get; init; } = 0x1AF4;

    /// <summary>The board.</summary>
    public ushort SubsystemId { get; init; } = 0x1100;
}
