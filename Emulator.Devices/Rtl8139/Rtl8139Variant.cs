namespace Emulator.Devices;

/// <summary>Which of the parts that share the identity 10EC:8139. Drivers tell them by the PCI revision.</summary>
public enum Rtl8139Variant : byte
{
    /// <summary>RTL8139C, PCI revision 10: a receive ring and four transmit descriptors. Linux drives it with 8139too.</summary>
    C = 0x10,

    /// <summary>RTL8139C+, PCI revision 20: also rings of descriptors in memory and offloads. Linux drives it with 8139cp.</summary>
    CPlus = 0x20,
}
