using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>The registers, through both windows, and what is behind them.</summary>
public class Eepro100RegisterTests
{
    public static TheoryData<string> Names => [.. Eepro100Variant.All.Select(variant => variant.Name)];

    [Fact]
    public void The_memory_window_is_as_the_table_says()
    {
        using var nic = new Eepro100Driver();
        Unplug(nic);
        RegisterSweep.Check(
            Eepro100Registers.Table.ToArray(),
            Eepro100Registers.Length,
            (ulong offset, int size, out ulong value) => nic.Board.Memory.Read(NicBoard<Eepro100Function>.Window(0) + offset, size, out value),
            (offset, size, value) => nic.Board.Memory.Write(NicBoard<Eepro100Function>.Window(0) + offset, size, value),
            () => nic.Reset());
    }

    [Fact]
    public void The_port_window_is_as_the_table_says()
    {
        using var nic = new Eepro100Driver();
        Unplug(nic);
        RegisterSweep.Check(
            Eepro100Registers.Table.ToArray(),
            Eepro100Registers.Length,
            (ulong offset, int size, out ulong value) => nic.Board.Ports.Read((ushort)(NicBoard<Eepro100Function>.Port(1) + offset), size, out value),
            (offset, size, value) => nic.Board.Ports.Write((ushort)(NicBoard<Eepro100Function>.Port(1) + offset), size, value),
            () => nic.Reset(),
            widest: 4);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Identity_and_windows_are_the_familys(string name)
    {
        var variant = Eepro100Variant.All.Single(v => v.Name == name);
        using var nic = new Eepro100Driver(variant);
        Assert.Equal(0x8086U | ((uint)variant.DeviceId << 16), nic.Board.Config(0, 4));
        Assert.Equal(0x02000000U | variant.RevisionId, nic.Board.Config(8, 4));
        Assert.Equal(1U, nic.Board.Config(PciRegister.InterruptPin, 1));
        Assert.Equal(
            [(PciBarKind.Memory32, 0x1000UL), (PciBarKind.Io, 0x40UL), (PciBarKind.Memory32, 0x20000UL)],
            nic.Function.Bars.Select(bar => (bar.Kind, bar.Size)));
        Assert.Equal(0xFFFFFFFFUL, nic.Board.Load(NicBoard<Eepro100Function>.Window(2) + 0x1000));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_EEPROM_read_by_its_pins_has_the_address_and_the_checksum(string name)
    {
        using var nic = new Eepro100Driver(Eepro100Variant.All.Single(v => v.Name == name));
        ushort sum = 0;
        var words = new ushort[64];
        for (var i = 0; i < 64; i++)
        {
            sum += words[i] = ReadEeprom(nic, i);
        }

        Assert.Equal(0xBABA, sum);
        Assert.Equal([0x5452, 0x1200, 0x5634], words[..3]);
        Assert.Equal(name.StartsWith("i82557", StringComparison.Ordinal) ? 1 : 2, words[5] >> 8);
    }

    [Fact]
    public void The_PHY_is_an_82555_at_address_1_and_there_is_no_other()
    {
        using var nic = new Eepro100Driver();
        Assert.Equal((0x02A8, 0x0154), (ReadPhy(nic, 1, 2), ReadPhy(nic, 1, 3)));
        Assert.Equal(0xFFFF, ReadPhy(nic, 0, 2));
        ReadPhy(nic, 1, 1);
        Assert.Equal(0x782D, ReadPhy(nic, 1, 1));
        Assert.Equal(7UL, nic.Read(Eepro100Register.GeneralStatus, 1));
    }

    [Fact]
    public void The_link_follows_the_wire()
    {
        using var nic = new Eepro100Driver();
        Unplug(nic);
        Assert.Equal(0UL, nic.Read(Eepro100Register.GeneralStatus, 1));
        nic.Board.BackEnd.SetUp(true);
        nic.Settle();
        Assert.Equal(0UL, nic.Read(Eepro100Register.GeneralStatus, 1));
        nic.Board.Advance(MiiPhy.NegotiationNanoseconds);
        Assert.Equal(7UL, nic.Read(Eepro100Register.GeneralStatus, 1));
    }

    [Fact]
    public void An_MDI_transaction_interrupts_if_it_asks_for_it()
    {
        using var nic = new Eepro100Driver();
        nic.Write(Eepro100Register.MdiControl, 0x08210000);
        Assert.Equal((Eepro100Cause)0, nic.Causes);
        nic.Write(Eepro100Register.MdiControl, 0x28210000);
        Assert.Equal((Eepro100Cause.Mdi, true), (nic.Causes, nic.Board.Interrupts));
        nic.Acknowledge();
        Assert.Equal(((Eepro100Cause)0, false), (nic.Causes, nic.Board.Interrupts));
    }

    [Fact]
    public void The_software_interrupt_is_masked_by_M_alone()
    {
        using var nic = new Eepro100Driver();
        nic.Write(Eepro100Register.InterruptMask, 0xFE, 1);
        Assert.Equal((Eepro100Cause.Software, true), (nic.Causes, nic.Board.Interrupts));
        Assert.Equal(0xFCUL, nic.Read(Eepro100Register.InterruptMask, 1));
        nic.Write(Eepro100Register.InterruptMask, 0x01, 1);
        Assert.False(nic.Board.Interrupts);
        nic.Write(Eepro100Register.InterruptMask, 0x00, 1);
        Assert.True(nic.Board.Interrupts);
        nic.Write(Eepro100Register.UnitStatus, 0xFF00, 2);
        Assert.Equal((Eepro100Cause)0, nic.Causes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void From_the_82558_on_each_cause_has_a_mask(string name)
    {
        using var nic = new Eepro100Driver(Eepro100Variant.All.Single(v => v.Name == name));
        nic.Write(Eepro100Register.InterruptMask, 0xA0, 1);
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.Nop | Eepro100Driver.Interrupt));
        Assert.Equal(Eepro100Cause.CommandExecuted | Eepro100Cause.CommandUnitNotActive, nic.Causes);
        Assert.Equal(name.StartsWith("i82557", StringComparison.Ordinal), nic.Board.Interrupts);
    }

    [Fact]
    public void The_self_test_passes_and_leaves_a_controller_as_after_a_reset()
    {
        using var nic = new Eepro100Driver();
        nic.Write(Eepro100Register.InterruptMask, 0x01, 1);
        nic.Board.Store(0x8000, 0);
        nic.Board.Store(0x8004, 0xFFFFFFFF);
        nic.Write(Eepro100Register.Port, 0x8000 | (ulong)Eepro100PortCommand.SelfTest);
        nic.Settle();
        Assert.NotEqual(0UL, nic.Board.Load(0x8000));
        Assert.Equal(0UL, nic.Board.Load(0x8004));
        Assert.Equal(0UL, nic.Read(Eepro100Register.InterruptMask, 1));
    }

    [Fact]
    public void PORT_is_executed_by_its_highest_byte()
    {
        using var nic = new Eepro100Driver();
        nic.Write(Eepro100Register.Pointer, 0x1234);
        nic.Write(Eepro100Register.Port, 0, 2);
        Assert.Equal(0x1234UL, nic.Read(Eepro100Register.Pointer));
        nic.Board.Ports.Write((ushort)(NicBoard<Eepro100Function>.Port(1) + (int)Eepro100Register.Port + 2), 2, 0);
        Assert.Equal(0UL, nic.Read(Eepro100Register.Pointer));
    }

    [Fact]
    public void PORT_dumps_596_bytes()
    {
        using var nic = new Eepro100Driver();
        nic.Board.Put(0x8000, Enumerable.Repeat((byte)0xCC, 700).ToArray());
        nic.Write(Eepro100Register.Port, 0x8000 | (ulong)Eepro100PortCommand.Dump);
        nic.Settle();
        var dump = nic.Board.Bytes(0x8000, 700);
        Assert.Equal(0x16, dump[0]);
        Assert.Equal((0, 0xCC), (dump[595], dump[596]));
    }

    [Fact]
    public void A_selective_reset_keeps_what_was_configured_and_loaded()
    {
        using var nic = new Eepro100Driver();
        nic.Command(Eepro100ReceiveUnitCommand.LoadBase, 0x100);
        nic.ConfigureWith(bytes => bytes[15] |= 1);
        nic.PutRing(2);
        nic.Reset(Eepro100PortCommand.SelectiveReset);
        Assert.Equal((0, 0), (nic.CommandUnit, nic.ReceiveUnit));
        nic.Command(Eepro100ReceiveUnitCommand.Start, Eepro100Driver.Frame(0) - 0x100);
        nic.Board.Send(Eepro100Driver.FrameTo(MacAddress.Default(5)));
        nic.Settle();
        Assert.Equal(0xA026, nic.FrameStatus());
    }

    private static void Unplug(Eepro100Driver nic)
    {
        nic.Board.BackEnd.SetUp(false);
        nic.Settle();
    }

    private static int ReadPhy(Eepro100Driver nic, int phy, int register)
    {
        nic.Write(Eepro100Register.MdiControl, (uint)Eepro100Mdi.Read | ((uint)phy << 21) | ((uint)register << 16));
        var control = nic.Read(Eepro100Register.MdiControl);
        Assert.NotEqual(0UL, control & (uint)Eepro100Mdi.Ready);
        return (int)(control & 0xFFFF);
    }

    // As Linux does it: CS and SK high first, then a start bit, the operation and the address.
    private static ushort ReadEeprom(Eepro100Driver nic, int index)
    {
        var command = (0b110 << 6) | index;
        Pins(3);
        for (var bit = 8; bit >= 0; bit--)
        {
            Clock((command >> bit) & 1);
        }

        Assert.Equal(0UL, nic.Read(Eepro100Register.EepromControl, 1) & 8);
        ushort word = 0;
        for (var bit = 0; bit < 16; bit++)
        {
            Clock(0);
            word = (ushort)((word << 1) | (ushort)((nic.Read(Eepro100Register.EepromControl, 1) >> 3) & 1));
        }

        Pins(0);
        return word;

        void Clock(int data)
        {
            Pins(2 | (data << 2));
            Pins(3 | (data << 2));
        }

        void Pins(int value) => nic.Write(Eepro100Register.EepromControl, (ulong)value, 1);
    }
}
