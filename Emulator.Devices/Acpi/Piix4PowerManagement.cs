using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>Function 3 of the 82371AB (PIIX4) at 00:01.3: the power management ports, where the guest places them.</summary>
/// <remarks>
/// The function says INTA, as the part does; its interrupt is the system control interrupt, wired to IRQ 9 on the
/// board. Not implemented: the SMBus controller, whose registers say that it is off, and the device monitors, whose
/// registers store.
/// </remarks>
public sealed class Piix4PowerManagement : PciFunction, IDisposable
{
    private const int DevFnOfPart = (1 << 3) | 3;
    private const int PowerManagementBase = 0x40;
    private const int PowerManagementMiscellaneous = 0x80;
    private const int IoSpaceEnable = 1;

    // The bridges and the RAM are decoded first, whatever the guest lays over them.
    private const int Priority = -1;

    private PortRegion? _ports;
    private ushort _first;

    /// <summary>Puts the function on the board.</summary>
    /// <param name="bus">The bus; the function takes 00:01.3.</param>
    /// <param name="clock">What the timer counts.</param>
    /// <param name="sci">The system control interrupt, <see cref="FirmwareSetup.SystemControlInterrupt"/>.</param>
    public Piix4PowerManagement(PciBus bus, IClock clock, InterruptLine sci)
        : base("piix4-pm", new PciIdentity(0x8086, 0x7113, 3, 0x068000))
    {
        ArgumentNullException.ThrowIfNull(bus);
        Registers = new PmRegisters(clock, sci);
        Config.SetBits(PciRegister.Status, 2, 0x0680, 0x0280);
        UseInterruptPin(1);

        // 82371AB, 7.1: PMBA's bit 0 says "I/O" and cannot be changed.
        Config.Define(PowerManagementBase, 4, 1, 0xFFC0);
        for (var offset = 0x44; offset < PowerManagementMiscellaneous; offset += 4)
        {
            Config.Define(offset, 4, 0, uint.MaxValue);
        }

        Config.Define(PowerManagementMiscellaneous, 1, 0, IoSpaceEnable);
        Config.Define(0x90, 4, 1, 0xFFF0);
        ReserveRegisters(0xE0);
        bus.Add(this, DevFnOfPart);
    }

    /// <summary>The ports behind PMBA.</summary>
    public PmRegisters Registers { get; }

    /// <inheritdoc/>
    public void Dispose() => Registers.Dispose();

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if (offset + size > PowerManagementBase && offset <= PowerManagementMiscellaneous)
        {
            Place();
        }
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        Place();
        Registers.Reset();
    }

    // Only PMIOSE opens the ports; the command register's bit is the SMBus controller's (82371AB, 7.1.3 and 7.1.24).
    private void Place()
    {
        var enabled = (Config.ReadByte(PowerManagementMiscellaneous) & IoSpaceEnable) != 0;
        var first = (ushort)(enabled ? Config.Read(PowerManagementBase, 4) & 0xFFC0 : 0);
        if (first == _first)
        {
            return;
        }

        _first = first;
        if (_ports is null)
        {
            _ports = Bus!.Ports.Add("power management", first, PmRegisters.Length, Registers, widest: 4, Priority);
            return;
        }

        if (first != 0)
        {
            Bus!.Ports.Move(_ports, first);
        }

        Bus!.Ports.SetEnabled(_ports, first != 0);
    }
}
