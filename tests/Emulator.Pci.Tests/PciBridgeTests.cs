using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed class PciBridgeTests : IDisposable
{
    private const int BridgeSlot = 5;
    private const int Slot = 2;
    private const uint Everything = (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | PciCommand.BusMaster);
    private readonly TestBoard _board = new();
    private readonly PciBridge _outer;
    private readonly PciBridge _inner;

    public PciBridgeTests()
    {
        _outer = new PciBridge("outer", _board.Bus, TestBoard.DevFn(BridgeSlot));
        _inner = new PciBridge("inner", _outer.Secondary, TestBoard.DevFn(1));
    }

    public void Dispose() => _board.Dispose();

    [Fact]
    public void The_header_is_a_bridges()
    {
        Assert.Equal(0x244E8086U, _board.Config(TestBoard.DevFn(BridgeSlot), 0));
        Assert.Equal(0x060401U, _board.Config(TestBoard.DevFn(BridgeSlot), 8) >> 8);
        Assert.Equal(1U, _board.Config(TestBoard.DevFn(BridgeSlot), PciRegister.HeaderType, 1));
        Assert.Equal(0x00010001U, _board.Config(TestBoard.DevFn(BridgeSlot), PciBridgeRegister.PrefetchableBase));
        Assert.Equal(0U, _board.Config(TestBoard.DevFn(BridgeSlot), PciRegister.SubsystemVendorId));
    }

    [Fact]
    public void Configuration_accesses_go_down_the_bridges_whose_range_they_are_in()
    {
        _inner.Secondary.Add(new TestFunction(), TestBoard.DevFn(Slot));
        Assert.Equal(0xFFFFFFFF, Read(2, Slot, 0));
        Number();
        Assert.Equal((1, 2), (_outer.Secondary.Number, _inner.Secondary.Number));
        Assert.Equal(0x244E8086U, Read(1, 1, 0));
        Assert.Equal(0x56781234U, Read(2, Slot, 0));
        Assert.Equal(0xFFFFFFFF, Read(2, Slot + 1, 0));
        Assert.Equal(0xFFFFFFFF, Read(3, Slot, 0));
        Write(2, Slot, PciRegister.InterruptLine, 1, 9);
        Assert.Equal(9U, Read(2, Slot, PciRegister.InterruptLine, 1));
        Write(0, BridgeSlot, PciBridgeRegister.SubordinateBus, 1, 1);
        Assert.Equal(0xFFFFFFFF, Read(2, Slot, 0));
    }

    [Fact]
    public void Bus_numbers_that_make_no_sense_find_nobody()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            Write(0, BridgeSlot, PciBridgeRegister.PrimaryBus, 4, (uint)random.Next());
            Write(random.Next(256), 1, PciBridgeRegister.PrimaryBus, 4, (uint)random.Next());
            Read(random.Next(256), random.Next(32), 0);
        }

        Assert.Equal(0x12378086U, Read(0, 0, 0));
    }

    [Fact]
    public void A_function_masters_the_bus_while_its_own_bit_and_every_bridges_are_set()
    {
        var function = Below(out _);
        Assert.Equal(DmaStatus.Ok, function.Dma.Store(0x1000, 1u));
        foreach (var (bus, slot) in new[] { (0, BridgeSlot), (1, 1), (2, Slot) })
        {
            Write(bus, slot, PciRegister.Command, 2, Everything & ~(uint)PciCommand.BusMaster);
            Assert.Equal(DmaStatus.NotBusMaster, function.Dma.Store(0x1000, 2u));
            Assert.Equal(DmaStatus.NotBusMaster, function.Dma.SendMessage(0x1000, 2));
            Write(bus, slot, PciRegister.Command, 2, Everything);
            Assert.Equal(DmaStatus.Ok, function.Dma.Store(0x1000, 1u));
        }

        Assert.Equal(1U, _board.Load(0x1000));
        Assert.Equal(6, function.RefusedDma(DmaStatus.NotBusMaster));
    }

    [Fact]
    public void Windows_below_answer_while_every_bridge_forwards()
    {
        Below(out var window);
        Assert.Equal(7U, _board.Load(window));
        Write(0, BridgeSlot, PciRegister.Command, 2, (uint)PciCommand.BusMaster);
        Assert.Equal(0xFFFFFFFF, _board.Load(window));
        Write(0, BridgeSlot, PciRegister.Command, 2, Everything);
        Assert.Equal(7U, _board.Load(window));
    }

    [Fact]
    public void The_ordering_is_that_of_the_bus_above_unless_there_is_one_below()
    {
        var function = Below(out _);
        Assert.Equal(DmaOrdering.Full, function.Dma.Ordering);
        _board.Bus.DmaOrdering = DmaOrdering.Split;
        Assert.Equal(DmaOrdering.Split, function.Dma.Ordering);
        _outer.Secondary.DmaOrdering = DmaOrdering.Pci;
        Assert.Equal((DmaOrdering.Pci, DmaOrdering.Pci), (function.Dma.Ordering, _inner.Secondary.DmaOrdering));
        _inner.Secondary.DmaOrdering = DmaOrdering.Tracked;
        _board.Bus.DmaOrdering = DmaOrdering.Relaxed;
        _outer.Secondary.DmaOrdering = DmaOrdering.Full;
        Assert.Equal(DmaOrdering.Tracked, function.Dma.Ordering);
        _inner.Secondary.InheritDmaOrdering();
        Assert.Equal(DmaOrdering.Full, function.Dma.Ordering);
        _outer.Secondary.InheritDmaOrdering();
        Assert.Equal(DmaOrdering.Relaxed, function.Dma.Ordering);
        function.DmaOrderingOverride = DmaOrdering.Split;
        _board.Bus.DmaOrdering = DmaOrdering.Full;
        Assert.Equal(DmaOrdering.Split, function.Dma.Ordering);
        function.DmaOrderingOverride = null;
        Assert.Equal(DmaOrdering.Full, function.Dma.Ordering);
    }

    [Fact]
    public void Interrupt_pins_turn_by_the_slot_at_each_bridge()
    {
        var function = Below(out _, pin: 1);
        FirmwareSetup.Run(_board.HostBridge);

        // INTA of slot 2 is INTC of slot 1 above, INTD of slot 5 above that: PIRQ (5 - 1 + 3) mod 4.
        function.Interrupt.Set(true);
        Assert.True(_board.Isa[_board.Bus.Interrupts.IsaInterrupt(3)].Level);
        function.Interrupt.Set(false);
        Assert.DoesNotContain(_board.Isa, wire => wire.Level);
    }

    [Fact]
    public void A_reset_of_the_bus_below_leaves_the_bridge()
    {
        var function = Below(out var window);
        Write(0, BridgeSlot, PciBridgeRegister.Control, 2, PciBridgeRegister.SecondaryReset);
        Assert.Equal(1, function.ResetsSeen);
        Assert.False(function.Dma.IsBusMaster);
        Assert.Equal(0xFFFFFFFF, _board.Load(window));
        Write(0, BridgeSlot, PciBridgeRegister.Control, 2, PciBridgeRegister.SecondaryReset);
        Assert.Equal(1, function.ResetsSeen);
        Assert.Equal(1, _outer.Secondary.Number);
        _board.Bus.Reset();
        Assert.Equal(2, function.ResetsSeen);
        Assert.Equal(0, _outer.Secondary.Number);
    }

    private TestFunction Below(out ulong window, int pin = 0)
    {
        window = 0xE0000000;
        var function = new TestFunction(pin: pin).WithMemory(0, 0x1000, new Constant(7));
        _inner.Secondary.Add(function, TestBoard.DevFn(Slot));
        Number();
        Write(2, Slot, PciRegister.BaseAddress0, 4, (uint)window);
        Write(2, Slot, PciRegister.Command, 2, Everything);
        Write(1, 1, PciRegister.Command, 2, Everything);
        Write(0, BridgeSlot, PciRegister.Command, 2, Everything);
        return function;
    }

    private void Number()
    {
        Write(0, BridgeSlot, PciBridgeRegister.PrimaryBus, 4, 0x00020100);
        Write(1, 1, PciBridgeRegister.PrimaryBus, 4, 0x00020201);
    }

    private uint Read(int bus, int slot, int offset, int size = 4) => _board.Bus.ReadConfig(bus, TestBoard.DevFn(slot), offset, size);

    private void Write(int bus, int slot, int offset, int size, uint value) =>
        _board.Bus.WriteConfig(bus, TestBoard.DevFn(slot), offset, size, value);
}
