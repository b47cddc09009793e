namespace Emulator.Pci.Tests;

public sealed class IsaBridgeTests : IDisposable
{
    private readonly TestBoard _board = new();

    public void Dispose() => _board.Dispose();

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(4, 1, 3)]
    [InlineData(5, 1, 0)]
    [InlineData(3, 2, 3)]
    [InlineData(3, 4, 1)]
    [InlineData(0, 1, 3)]
    [InlineData(31, 4, 1)]
    public void Pins_are_swizzled_over_the_slots(int slot, int pin, int pirq) =>
        Assert.Equal(pirq, PciInterruptRouter.Pirq(slot, pin));

    [Fact]
    public void A_pin_reaches_the_interrupt_that_its_wire_is_routed_to()
    {
        var function = _board.Add(new TestFunction(pin: 1), 3);
        _board.SetConfig(8, 0x62, 1, 11);
        function.Interrupt.Set(true);
        Assert.Equal([11], Asserted());
        function.Interrupt.Set(false);
        Assert.Empty(Asserted());
    }

    [Fact]
    public void A_shared_line_stays_asserted_until_its_last_source_lets_go()
    {
        var a = _board.Add(new TestFunction("a", 1), 3);
        var b = _board.Add(new TestFunction("b", 1), 7);
        var c = _board.Add(new TestFunction("c", 1), 4);
        FirmwareSetup.Run(_board.HostBridge);
        a.Interrupt.Set(true);
        a.Interrupt.Set(true);
        b.Interrupt.Set(true);
        c.Interrupt.Set(true);
        Assert.Equal([11], Asserted());
        a.Interrupt.Set(false);
        Assert.Equal([11], Asserted());
        b.Interrupt.Set(false);
        Assert.Equal([11], Asserted());
        c.Interrupt.Set(false);
        Assert.Empty(Asserted());
        Assert.Equal(2, _board.Isa[11].Changes);
    }

    [Fact]
    public void Rerouting_an_asserted_wire_moves_its_level()
    {
        var function = _board.Add(new TestFunction(pin: 2), 1 + 2, 1);
        function.Interrupt.Set(true);
        Assert.Empty(Asserted());
        _board.SetConfig(8, 0x63, 1, 5);
        Assert.Equal([5], Asserted());
        _board.SetConfig(8, 0x60, 4, 0x09808080);
        Assert.Equal([9], Asserted());
        _board.SetConfig(8, 0x63, 1, 0x89);
        Assert.Empty(Asserted());
        Assert.Equal(-1, _board.Bus.Interrupts.IsaInterrupt(3));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(13)]
    public void Interrupts_that_belong_to_the_board_cannot_be_routed_to(int irq)
    {
        var function = _board.Add(new TestFunction(pin: 1), 3);
        function.Interrupt.Set(true);
        _board.SetConfig(8, 0x62, 1, (uint)irq);
        Assert.Empty(Asserted());
    }

    [Fact]
    public void Interrupt_disable_silences_the_pin_and_leaves_the_status_bit()
    {
        var function = _board.Add(new TestFunction(pin: 1), 3);
        _board.SetConfig(8, 0x62, 1, 11);
        function.Interrupt.Set(true);
        Assert.Equal(8U, _board.Config(3 * 8, 6, 2) & 8);
        _board.SetConfig(3 * 8, 4, 2, 0x400);
        Assert.Empty(Asserted());
        Assert.Equal(8U, _board.Config(3 * 8, 6, 2) & 8);
        _board.SetConfig(3 * 8, 4, 2, 0);
        Assert.Equal([11], Asserted());
        function.Interrupt.Set(false);
        Assert.Equal(0U, _board.Config(3 * 8, 6, 2) & 8);
    }

    [Fact]
    public void Sources_driven_from_several_threads_leave_no_level_behind()
    {
        FirmwareSetup.Run(_board.HostBridge);
        var threads = new List<Thread>();
        for (var slot = 2; slot < 6; slot++)
        {
            var function = _board.Add(new TestFunction(pin: 1), slot);
            threads.Add(new Thread(() =>
            {
                for (var i = 0; i < 20_000; i++)
                {
                    function.Interrupt.Set(true);
                    function.Interrupt.Set(false);
                }
            }));
        }

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.Empty(Asserted());
    }

    [Fact]
    public void Only_interrupts_that_can_be_levels_are_writable_in_the_edge_level_registers()
    {
        _board.Ports.Write(0x4D0, 1, 0xFF);
        _board.Ports.Write(0x4D1, 1, 0xFF);
        _board.Ports.Read(0x4D0, 1, out var low);
        _board.Ports.Read(0x4D1, 1, out var high);
        Assert.Equal((0xF8UL, 0xDEUL), (low, high));
        Assert.Equal(0xDEF8, _board.IsaBridge.LevelTriggered);
        Assert.Equal([0x00F8, 0xDEF8], _board.TriggerModes);
        _board.Ports.Write(0x4D0, 2, 0x0C00);
        Assert.Equal(0x0C00, _board.IsaBridge.LevelTriggered);
        _board.Bus.Reset();
        Assert.Equal(0, _board.TriggerModes[^1]);
    }

    [Fact]
    public void A_reset_is_made_by_the_edge_of_its_bit_in_the_kind_that_was_chosen()
    {
        _board.Ports.Write(0xCF9, 1, 0x02);
        Assert.Empty(_board.Resets);
        _board.Ports.Write(0xCF9, 1, 0x06);
        _board.Ports.Write(0xCF9, 1, 0x06);
        Assert.Equal([ResetKind.Hard], _board.Resets);
        _board.Ports.Write(0xCF9, 1, 0x00);
        _board.Ports.Write(0xCF9, 1, 0xFD);
        Assert.Equal([ResetKind.Hard, ResetKind.Soft], _board.Resets);
        _board.Ports.Read(0xCF9, 1, out var value);
        Assert.Equal(4UL, value);
    }

    [Fact]
    public void A_dword_over_the_reset_register_is_a_configuration_address()
    {
        _board.Ports.Write(0xCF8, 4, 0x80000600);
        Assert.Empty(_board.Resets);
        _board.Ports.Read(0xCF8, 4, out var address);
        Assert.Equal(0x80000600UL, address);
    }

    [Fact]
    public void Reset_values_are_those_of_the_part()
    {
        Assert.Equal(0x80808080U, _board.Config(8, 0x60));
        Assert.Equal(0x02000007U, _board.Config(8, 4));
        Assert.Equal(0x4DU, _board.Config(8, 0x4C, 1));
        _board.SetConfig(8, 0x60, 4, 0xFFFFFFFF);
        Assert.Equal(0x8F8F8F8FU, _board.Config(8, 0x60));
    }

    private int[] Asserted() => [.. Enumerable.Range(0, 16).Where(irq => _board.Isa[irq].Level)];
}
