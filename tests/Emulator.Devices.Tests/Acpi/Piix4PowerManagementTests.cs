using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

public sealed class Piix4PowerManagementTests : IDisposable
{
    private const int DevFn = (1 << 3) | 3;

    private readonly ManualClock clock = new();
    private readonly GuestMemory memory = new();
    private readonly PortSpace ports = new();
    private readonly RamBlock ram = new("ram", 1 << 20);
    private readonly RecordingLine[] isa = [.. Enumerable.Range(0, 16).Select(_ => new RecordingLine())];
    private readonly PciBus bus;
    private readonly I440FxHostBridge bridge;
    private readonly Piix4PowerManagement function;

    public Piix4PowerManagementTests()
    {
        bus = new PciBus(memory, ports);
        bridge = new I440FxHostBridge(bus, ram);
        _ = new Piix3IsaBridge(bus, isa);
        function = new Piix4PowerManagement(bus, clock, isa[FirmwareSetup.SystemControlInterrupt]);
    }

    public void Dispose()
    {
        function.Dispose();
        memory.Dispose();
        ram.Dispose();
    }

    [Fact]
    public void It_is_the_function_that_guests_know()
    {
        Assert.Equal(0x71138086U, bus.ReadConfig(0, DevFn, 0, 4));
        Assert.Equal(0x06800003U, bus.ReadConfig(0, DevFn, 8, 4));
        Assert.Equal(0x02800000U, bus.ReadConfig(0, DevFn, 4, 4));
        Assert.Equal(1U, bus.ReadConfig(0, DevFn, PciRegister.InterruptPin, 1));
        Assert.Equal(1U, bus.ReadConfig(0, DevFn, 0x40, 4));
        Assert.Equal(0U, bus.ReadConfig(0, DevFn, 0xD2, 1));
        Assert.False(Answers(0x600));
    }

    [Fact]
    public void Firmware_puts_the_ports_where_the_tables_say_and_tells_the_interrupt()
    {
        FirmwareSetup.Run(bridge);
        Assert.Equal(0x601U, bus.ReadConfig(0, DevFn, 0x40, 4));
        Assert.Equal(9U, bus.ReadConfig(0, DevFn, PciRegister.InterruptLine, 1));
        Assert.True(Answers(FirmwareSetup.PowerManagementPorts));
        clock.Advance(1_000_000);
        ports.Read(0x608, 4, out var timer);
        Assert.Equal(3579UL, timer);
    }

    [Fact]
    public void The_ports_move_with_their_base_and_close_with_their_enable_bit()
    {
        bus.WriteConfig(0, DevFn, 0x80, 1, 0xFF);
        Assert.Equal(1U, bus.ReadConfig(0, DevFn, 0x80, 1));
        Assert.False(Answers(0));
        bus.WriteConfig(0, DevFn, 0x40, 4, 0xFFFFB03F);
        Assert.Equal(0xB001U, bus.ReadConfig(0, DevFn, 0x40, 4));
        Assert.True(Answers(0xB000));
        bus.WriteConfig(0, DevFn, 0x41, 1, 0xB1);
        Assert.True(Answers(0xB100) && !Answers(0xB000));
        bus.WriteConfig(0, DevFn, 0x80, 1, 0);
        Assert.False(Answers(0xB100));
        bus.WriteConfig(0, DevFn, 0x80, 1, 1);
        Assert.True(Answers(0xB100));
        bus.Reset();
        Assert.False(Answers(0xB100));
        Assert.Equal(1U, bus.ReadConfig(0, DevFn, 0x40, 4));
    }

    [Fact]
    public void An_overflow_of_the_timer_raises_IRQ_9_until_its_status_is_cleared()
    {
        FirmwareSetup.Run(bridge);
        function.Registers.HandOver(PmRegisters.AcpiEnable);
        ports.Write(0x602, 2, 1);
        clock.Advance(2_400_000_000);
        Assert.Equal([9], Enumerable.Range(0, 16).Where(irq => isa[irq].Level));
        ports.Write(0x600, 2, 1);
        Assert.False(isa[9].Level);
    }

    [Fact]
    public void A_reset_lets_the_interrupt_go()
    {
        FirmwareSetup.Run(bridge);
        function.Registers.HandOver(PmRegisters.AcpiEnable);
        ports.Write(0x602, 2, 1);
        clock.Advance(2_400_000_000);
        bus.Reset();
        Assert.False(isa[9].Level);
    }

    private bool Answers(ushort port) => ports.Read(port, 2, out _) == BusStatus.Ok;
}
