namespace Emulator.Pci.Tests;

public sealed class PciBusTests : IDisposable
{
    private const int Slot3 = 3 * 8;
    private readonly TestBoard _board = new();

    public void Dispose() => _board.Dispose();

    [Fact]
    public void What_is_absent_reads_all_ones_and_ignores_writes()
    {
        Assert.Equal(0xFFFFFFFF, _board.Config(Slot3, 0));
        Assert.Equal(0xFFFFU, _board.Config(Slot3, 0, 2));
        Assert.Equal(0xFFU, _board.Config(Slot3, 0xE, 1));
        _board.SetConfig(Slot3, 4, 2, 7);
        Assert.Equal(0xFFFFFFFF, _board.Bus.ReadConfig(1, 0, 0, 4));
        Assert.Equal(0xFFFFFFFF, _board.Bus.ReadConfig(0, 256, 0, 4));
        Assert.Equal(0xFFU, _board.Bus.ReadConfig(0, -1, 0, 1));
        Assert.Equal(0xFFFFU, _board.Bus.ReadConfig(0, 0, 256, 2));
        _board.Bus.WriteConfig(1, 0, 4, 2, 7);
        _board.Bus.WriteConfig(0, 256, 4, 2, 7);
        _board.Bus.WriteConfig(0, 0, -1, 4, 7);
    }

    [Fact]
    public void The_two_bridges_are_where_drivers_look_for_them()
    {
        Assert.Equal(0x12378086U, _board.Config(0, 0));
        Assert.Equal(0x06000002U, _board.Config(0, 8));
        Assert.Equal(0x00U, _board.Config(0, 0xE, 1));
        Assert.Equal(0x70008086U, _board.Config(8, 0));
        Assert.Equal(0x060100U, _board.Config(8, 8) >> 8);
        Assert.Equal(0x80U, _board.Config(8, 0xE, 1));
        Assert.Equal(0x11001AF4U, _board.Config(0, 0x2C));
    }

    [Fact]
    public void A_function_is_told_once_that_it_is_on_its_bus_with_its_DMA()
    {
        var function = new TestFunction();
        Assert.Empty(function.Attached);
        _board.Add(function, 3);
        Assert.Equal([true], function.Attached);
        _board.Bus.Reset();
        Assert.Throws<ArgumentException>(() => _board.Add(function, 4));
        Assert.Equal([true], function.Attached);
    }

    [Fact]
    public void A_slot_with_more_than_one_function_says_so_in_function_0()
    {
        _board.Add(new TestFunction("b"), 3, 2);
        var first = _board.Add(new TestFunction("a"), 3);
        Assert.Equal(0x80U, _board.Config(Slot3, 0xE, 1));
        Assert.Equal(0U, _board.Config(Slot3 + 2, 0xE, 1));
        _board.SetConfig(Slot3, 0xE, 1, 0);
        _board.Bus.Reset();
        Assert.Equal(0x80U, _board.Config(Slot3, 0xE, 1));
        Assert.Equal([_board.HostBridge, _board.IsaBridge, first], _board.Bus.Functions.Take(3));
        Assert.Equal(0xFFFFFFFF, _board.Config(Slot3 + 1, 0));
        Assert.Equal(2, _board.Bus.FreeSlot(0));
        Assert.Equal(4, _board.Bus.FreeSlot(3));
    }

    [Fact]
    public void A_place_is_taken_once()
    {
        var function = _board.Add(new TestFunction("a"), 3);
        Assert.Contains("03.0 has a", Assert.Throws<ArgumentException>(() => _board.Add(new TestFunction("b"), 3)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _board.Add(function, 4));
    }

    [Fact]
    public void Only_a_dword_latches_the_address()
    {
        _board.Ports.Write(0xCF8, 4, 0x80000000);
        _board.Ports.Write(0xCF8, 1, 0x04);
        _board.Ports.Write(0xCFA, 2, 0x1234);
        _board.Ports.Read(0xCF8, 4, out var address);
        Assert.Equal(0x80000000UL, address);
        _board.Ports.Read(0xCF8, 2, out var word);
        Assert.Equal(0xFFFFUL, word);
        _board.Ports.Read(0xCFC, 2, out var vendor);
        Assert.Equal(0x8086UL, vendor);
    }

    [Fact]
    public void Reserved_address_bits_read_zero()
    {
        _board.Ports.Write(0xCF8, 4, 0xFFFFFFFF);
        _board.Ports.Read(0xCF8, 4, out var address);
        Assert.Equal(0x80FFFFFCUL, address);
    }

    [Fact]
    public void Without_the_enable_bit_the_data_ports_are_nobodys()
    {
        _board.Ports.Write(0xCF8, 4, 0);
        _board.Ports.Read(0xCFC, 4, out var value);
        Assert.Equal(0xFFFFFFFFUL, value);
        _board.Ports.Write(0xCFC, 4, 0);
    }

    [Fact]
    public void Bytes_and_words_at_the_data_ports_reach_their_lanes()
    {
        Assert.Equal(0x86U, _board.Config(0, 0, 1));
        Assert.Equal(0x80U, _board.Config(0, 1, 1));
        Assert.Equal(0x37U, _board.Config(0, 2, 1));
        Assert.Equal(0x12U, _board.Config(0, 3, 1));
        Assert.Equal(0x1237U, _board.Config(0, 2, 2));
        Assert.Equal(0x3780U, _board.Config(0, 1, 2));
        var function = _board.Add(new TestFunction(), 3);
        _board.SetConfig(Slot3, 0x3C, 1, 11);
        _board.SetConfig(Slot3, 0x0D, 1, 0x40);
        Assert.Equal((11U, 0x40U), (_board.Config(Slot3, 0x3C, 1), _board.Config(Slot3, 0x0D, 1)));
        Assert.Equal([(0x3C, 1), (0x0D, 1)], function.Written);
    }

    [Fact]
    public void Capabilities_form_a_list_that_the_status_register_announces()
    {
        var function = new TestFunction();
        var first = function.Capability(0x05, 10);
        var second = function.Capability(0x11, 12);
        _board.Add(function, 3);
        Assert.Equal((0x40, 0x4C), (first, second));
        Assert.Equal(0x10U, _board.Config(Slot3, 6, 2) & 0x10);
        Assert.Equal(0x4CU, _board.Config(Slot3, 0x34, 1));
        Assert.Equal(0x4011U, _board.Config(Slot3, 0x4C, 2));
        Assert.Equal(0x0005U, _board.Config(Slot3, 0x40, 2));
        Assert.Throws<InvalidOperationException>(() => function.Capability(9, 200));
    }

    [Fact]
    public void A_bus_reset_restores_configuration_and_takes_windows_away()
    {
        var function = _board.Add(new TestFunction(pin: 1).WithMemory(0, 0x1000, new Constant(0x11111111)), 3);
        FirmwareSetup.Run(_board.HostBridge);
        var address = function.Bars[0].Address!.Value;
        Assert.Equal(0x11111111U, _board.Load(address));
        function.Interrupt.Set(true);
        _board.Bus.Reset();
        Assert.Equal(0xFFFFFFFF, _board.Load(address));
        Assert.Equal((0U, 0U, 0U), (_board.Config(Slot3, 0x10), _board.Config(Slot3, 4), _board.Config(Slot3, 0x3C, 1)));
        Assert.DoesNotContain(_board.Isa, wire => wire.Level);
        Assert.Equal(1, function.ResetsSeen);
        FirmwareSetup.Run(_board.HostBridge);
        Assert.Equal(0x11111111U, _board.Load(address));
    }

    [Fact]
    public void No_access_throws_and_none_changes_a_read_only_bit()
    {
        _board.Add(
            new TestFunction(pin: 1)
                .WithMemory(0, 0x1000, new Constant(1))
                .WithIo(1, 64, new Constant(2))
                .WithMemory(2, 0x4000, new Constant(3), prefetchable: true, is64Bit: true)
                .WithRom(new Memory.RamBlock("rom", 0x1000)),
            3);
        const int Seed = 20;
        var random = new Random(Seed);
        foreach (var function in _board.Bus.Functions)
        {
            var before = Enumerable.Range(0, 64).Select(i => function.Config.Read(i * 4, 4)).ToArray();
            foreach (var size in new[] { 1, 2, 4 })
            {
                for (var offset = -4; offset < 260; offset++)
                {
                    foreach (var value in new uint[] { uint.MaxValue, 0, 0x55555555, (uint)random.Next() })
                    {
                        _board.Bus.WriteConfig(0, function.DevFn, offset, size, value);
                        _board.Bus.ReadConfig(0, function.DevFn, offset, size);
                    }
                }
            }

            for (var i = 0; i < 64; i++)
            {
                var fixedBits = ~function.Config.Changeable(i * 4, 4);
                var after = function.Config.Read(i * 4, 4);

                // D_LCK makes the rest of SMRAM read-only for good.
                fixedBits &= function == _board.HostBridge && i == 0x70 / 4 ? 0xFF00FFFF : 0xFFFFFFFF;
                Assert.True((before[i] & fixedBits) == (after & fixedBits), $"seed {Seed}: {function.Name} {i * 4:X2} was {before[i]:X8}, is {after:X8}");
            }
        }
    }

    [Fact]
    public void No_size_or_alignment_at_the_ports_throws()
    {
        for (var port = 0xCF4; port < 0xD04; port++)
        {
            foreach (var size in new[] { 1, 2, 4 })
            {
                foreach (var value in new[] { 0x80000000UL, 0x8000FFFCUL, 0xFFFFFFFFUL, 0UL })
                {
                    _board.Ports.Write((ushort)port, size, value);
                    _board.Ports.Read((ushort)port, size, out _);
                }
            }
        }

        for (var port = 0x4CD; port < 0x4D4; port++)
        {
            _board.Ports.Write((ushort)port, 4, 0xFFFFFFFF);
            _board.Ports.Read((ushort)port, 4, out _);
        }
    }
}
