using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>Configuration mechanism 1: CONFADD at 0xCF8, CONFDATA at 0xCFC (PCI 2.2, 3.2.2.3.2).</summary>
/// <remarks>
/// Only a dword at 0xCF8 reaches CONFADD; narrower accesses there go on to the bus, where only 0xCF9 has an owner.
/// One CONFADD for all processors, as on the real part: the guest takes a lock around the pair.
/// </remarks>
internal sealed class PciConfigPorts(PciBus bus) : IBusTarget
{
    public const ushort FirstPort = 0xCF8;
    public const int Count = 8;

    private const uint Enable = 0x80000000;
    private const uint Implemented = 0x80FFFFFC;

    private uint _address;

    public void Reset() => Volatile.Write(ref _address, 0);

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        var address = Volatile.Read(ref _address);
        value = address;
        if (offset < 4)
        {
            return offset == 0 && size == 4 ? BusStatus.Ok : Refuse(offset, size);
        }

        if ((address & Enable) == 0)
        {
            return BusStatus.Unassigned;
        }

        value = bus.ReadConfig((int)(address >> 16) & 0xFF, (int)(address >> 8) & 0xFF, Register(address, offset), size);
        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong value)
    {
        var address = Volatile.Read(ref _address);
        if (offset < 4)
        {
            if (offset != 0 || size != 4)
            {
                return Refuse(offset, size);
            }

            Volatile.Write(ref _address, (uint)value & Implemented);
            return BusStatus.Ok;
        }

        if ((address & Enable) == 0)
        {
            return BusStatus.Unassigned;
        }

        bus.WriteConfig((int)(address >> 16) & 0xFF, (int)(address >> 8) & 0xFF, Register(address, offset), size, (uint)value);
        return BusStatus.Ok;
    }

    private static int Register(uint address, ulong offset) => (int)(address & 0xFC) + (int)(offset - 4);

    // What reaches from CONFADD into CONFDATA is two transactions.
    private static BusStatus Refuse(ulong offset, int size) =>
        offset + (ulong)size > 4 ? BusStatus.InvalidSize : BusStatus.InvalidRegister;
}
