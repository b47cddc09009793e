using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed unsafe class BarTests : IDisposable
{
    private const int Slot3 = 3 * 8;
    private readonly TestBoard _board = new();

    public void Dispose() => _board.Dispose();

    [Theory]
    [InlineData(16UL, 0xFFFFFFF0U)]
    [InlineData(0x1000UL, 0xFFFFF000U)]
    [InlineData(0x20000UL, 0xFFFE0000U)]
    [InlineData(0x80000000UL, 0x80000000U)]
    public void A_memory_bar_answers_its_size_to_all_ones(ulong size, uint expected)
    {
        _board.Add(new TestFunction().WithMemory(0, size, new Constant(1)), 3);
        _board.SetConfig(Slot3, 0x10, 4, 0xFFFFFFFF);
        Assert.Equal(expected, _board.Config(Slot3, 0x10));
        _board.SetConfig(Slot3, 0x10, 4, 0);
        Assert.Equal(0U, _board.Config(Slot3, 0x10));
    }

    [Fact]
    public void The_kinds_of_bars_say_what_they_are_in_their_low_bits()
    {
        _board.Add(
            new TestFunction()
                .WithIo(0, 64, new Constant(1))
                .WithMemory(1, 0x1000, new Constant(2), prefetchable: true)
                .WithMemory(2, 0x200000000, new Constant(3), prefetchable: true, is64Bit: true)
                .WithMemory(4, 0x1000, new Constant(4), is64Bit: true),
            3);
        for (var offset = 0x10; offset <= 0x30; offset += 4)
        {
            _board.SetConfig(Slot3, offset, 4, 0xFFFFFFFF);
        }

        Assert.Equal(0xFFFFFFC1U, _board.Config(Slot3, 0x10));
        Assert.Equal(0xFFFFF008U, _board.Config(Slot3, 0x14));
        Assert.Equal(0x0000000CU, _board.Config(Slot3, 0x18));
        Assert.Equal(0xFFFFFFFEU, _board.Config(Slot3, 0x1C));
        Assert.Equal(0xFFFFF004U, _board.Config(Slot3, 0x20));
        Assert.Equal(0xFFFFFFFFU, _board.Config(Slot3, 0x24));
        Assert.Equal(0U, _board.Config(Slot3, 0x30));
    }

    [Fact]
    public void A_bar_that_was_not_described_reads_zero_whatever_is_written()
    {
        _board.Add(new TestFunction(), 3);
        _board.SetConfig(Slot3, 0x10, 4, 0xFFFFFFFF);
        Assert.Equal(0U, _board.Config(Slot3, 0x10));
    }

    [Fact]
    public void Windows_answer_only_while_the_command_register_enables_their_space()
    {
        _board.Add(new TestFunction().WithMemory(0, 0x1000, new Constant(0x11111111)).WithIo(1, 16, new Constant(0x22)), 3);
        _board.SetConfig(Slot3, 0x10, 4, 0xE0000000);
        _board.SetConfig(Slot3, 0x14, 4, 0xC000);
        Assert.Equal((0xFFFFFFFF, 0xFFU), (_board.Load(0xE0000000), Port(0xC000)));
        _board.SetConfig(Slot3, 4, 1, 1);
        Assert.Equal((0xFFFFFFFF, 0x22U), (_board.Load(0xE0000000), Port(0xC000)));
        _board.SetConfig(Slot3, 4, 2, 2);
        Assert.Equal((0x11111111U, 0xFFU), (_board.Load(0xE0000000), Port(0xC000)));
        _board.SetConfig(Slot3, 4, 2, 3);
        Assert.Equal((0x11111111U, 0x22U), (_board.Load(0xE0000000), Port(0xC000)));
    }

    [Fact]
    public void A_bar_moves_with_its_register_and_offsets_count_from_its_start()
    {
        var registers = new Constant(0x11111111);
        var function = _board.Add(new TestFunction().WithMemory(0, 0x1000, registers).WithIo(1, 16, registers), 3);
        _board.SetConfig(Slot3, 4, 2, 3);
        Assert.Null(function.Bars[0].Address);
        _board.SetConfig(Slot3, 0x10, 4, 0xE0000000);
        _board.SetConfig(Slot3, 0x10, 4, 0xE8000000);
        Assert.Equal(0xE8000000UL, function.Bars[0].Address);
        Assert.Equal(0xFFFFFFFF, _board.Load(0xE0000000));
        _board.Memory.Write(0xE8000010, 4, 0xABCD);
        Assert.Equal((0x10UL, 0xABCDUL), (registers.LastOffset, registers.LastWrite));
        _board.SetConfig(Slot3, 0x14, 4, 0xC100);
        _board.SetConfig(Slot3, 0x15, 1, 0xC2);
        Assert.Equal(0xFFU, Port(0xC100));
        _board.Ports.Write(0xC204, 4, 0x1234);
        Assert.Equal((4UL, 0x1234UL), (registers.LastOffset, registers.LastWrite));
    }

    [Fact]
    public void A_64_bit_bar_moves_above_4_GiB_and_back()
    {
        _board.Add(new TestFunction().WithMemory(0, 0x4000, new Constant(0x33333333), is64Bit: true), 3);
        _board.SetConfig(Slot3, 4, 2, 2);
        _board.SetConfig(Slot3, 0x10, 4, 0xE0000000);
        Assert.Equal(0x33333333U, _board.Load(0xE0000000));
        _board.SetConfig(Slot3, 0x14, 4, 0x80);
        Assert.Equal(0xFFFFFFFF, _board.Load(0xE0000000));
        Assert.Equal(0x33333333U, _board.Load(0x80E0003FFC));
        _board.SetConfig(Slot3, 0x14, 4, 0xFFFFFFFF);
        _board.SetConfig(Slot3, 0x10, 4, 0xFFFFFFFF);
        Assert.Equal(0xFFFFFFFF, _board.Load(0x80E0000000));
        _board.SetConfig(Slot3, 0x14, 4, 0);
        _board.SetConfig(Slot3, 0x10, 4, 0xE0000000);
        Assert.Equal(0x33333333U, _board.Load(0xE0000000));
    }

    [Fact]
    public void Sizing_with_decoding_left_on_puts_no_window_over_the_top_of_memory()
    {
        var firmware = new RamBlock("bios", 0x20000);
        firmware.Load(0x1FFF0, [0xEA, 0x5B, 0xE0, 0x00]);
        using var board = new TestBoard(firmware);
        board.Add(new TestFunction().WithMemory(0, 0x1000, new Constant(0x11111111)).WithIo(1, 256, new Constant(1)), 3);
        board.SetConfig(Slot3, 4, 2, 3);
        board.SetConfig(Slot3, 0x10, 4, 0xFFFFFFFF);
        board.SetConfig(Slot3, 0x14, 4, 0xFFFFFFFF);
        Assert.Equal(0x00E05BEAU, board.Load(0xFFFFFFF0));
        board.Ports.Read(0xFF00, 1, out var port);
        Assert.Equal(0xFFUL, port);
    }

    [Fact]
    public void RAM_hides_a_bar_that_the_guest_puts_over_it()
    {
        _board.Add(new TestFunction().WithMemory(0, 0x1000, new Constant(0x11111111)), 3);
        _board.Memory.Write(0x200000, 4, 0xCAFE);
        _board.SetConfig(Slot3, 4, 2, 2);
        _board.SetConfig(Slot3, 0x10, 4, 0x200000);
        Assert.Equal(0xCAFEU, _board.Load(0x200000));
    }

    [Fact]
    public void A_bar_of_RAM_is_RAM_in_the_map_and_keeps_its_content_when_moved()
    {
        var script = new RamBlock("script", 0x2000);
        _board.Add(new TestFunction().WithRam(0, script), 3);
        _board.SetConfig(Slot3, 4, 2, 2);
        _board.SetConfig(Slot3, 0x10, 4, 0xE0000000);
        Assert.Equal(BusStatus.Ok, _board.Memory.Write(0xE0000008, 4, 0x77));
        Assert.Equal(RegionKind.Ram, _board.Memory.Map.Find(0xE0000000).Kind);
        _board.SetConfig(Slot3, 0x10, 4, 0xE0100000);
        Assert.Equal(0x77U, _board.Load(0xE0100008));
        Assert.Equal(0xFFFFFFFF, _board.Load(0xE0000008));
    }

    [Fact]
    public void An_expansion_ROM_answers_with_both_its_own_enable_and_memory_space()
    {
        var rom = new RamBlock("rom", 0x10000);
        rom.Load(0, [0x55, 0xAA, 0x80, 0xCB]);
        _board.Add(new TestFunction().WithRom(rom), 3);
        _board.SetConfig(Slot3, 0x30, 4, 0xFFFFFFFE);
        Assert.Equal(0xFFFF0000U, _board.Config(Slot3, 0x30));
        _board.SetConfig(Slot3, 0x30, 4, 0xE0000000);
        _board.SetConfig(Slot3, 4, 2, 2);
        Assert.Equal(0xFFFFFFFF, _board.Load(0xE0000000));
        _board.SetConfig(Slot3, 0x30, 4, 0xE0000001);
        Assert.Equal(0xCB80AA55U, _board.Load(0xE0000000));
        Assert.Equal(BusStatus.ReadOnly, _board.Memory.Write(0xE0000000, 4, 0));
        _board.SetConfig(Slot3, 4, 2, 0);
        Assert.Equal(0xFFFFFFFF, _board.Load(0xE0000000));
    }

    [Fact]
    public void A_bar_that_moves_under_readers_is_at_one_place_or_the_other()
    {
        _board.Add(new TestFunction().WithMemory(0, 0x1000, new Constant(0x5A5A5A5A)).WithIo(1, 16, new Constant(0x5A)), 3);
        _board.SetConfig(Slot3, 4, 2, 3);
        using var started = new ManualResetEventSlim();
        var stop = false;
        var broken = "";
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                foreach (var address in new ulong[] { 0xE0000000, 0xE1000000 })
                {
                    var value = _board.Load(address);
                    broken = value is 0x5A5A5A5A or 0xFFFFFFFF ? broken : $"{value:X} at {address:X}";
                }

                var homes = 0;
                foreach (ref readonly var range in _board.Memory.Map.Ranges)
                {
                    homes += range.First is 0xE0000000 or 0xE1000000 && range.Kind == RegionKind.Mmio ? 1 : 0;
                }

                broken = homes <= 1 ? broken : "two homes";
                var port = Port(0xC000) & Port(0xC100);
                broken = port is 0x5A or 0xFF ? broken : $"{port:X} at a port";
                var config = _board.Bus.ReadConfig(0, Slot3, 0x10, 4);
                broken = config is 0 or 0xE0000000 or 0xE1000000 ? broken : $"{config:X} in configuration";
                started.Set();
            }
        });
        reader.Start();
        Assert.True(started.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        for (var i = 0; i < 2000; i++)
        {
            _board.Bus.WriteConfig(0, Slot3, 0x10, 4, i % 2 == 0 ? 0xE0000000 : 0xE1000000);
            _board.Bus.WriteConfig(0, Slot3, 0x14, 4, i % 2 == 0 ? 0xC000U : 0xC100U);
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal("", broken);
    }

    [Fact]
    public void Bars_that_cannot_be_are_refused_when_the_function_is_described()
    {
        var target = new Constant(0);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithMemory(0, 24, target));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithMemory(0, 8, target));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithIo(6, 16, target));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithMemory(5, 16, target, is64Bit: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithMemory(0, 16, target, is64Bit: true).WithIo(1, 16, target));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestFunction().WithIo(1, 16, target).WithMemory(0, 16, target, is64Bit: true));
        var placed = _board.Add(new TestFunction(), 3);
        Assert.Throws<InvalidOperationException>(() => placed.WithIo(0, 16, target));
    }

    private uint Port(ushort port)
    {
        _board.Ports.Read(port, 1, out var value);
        return (uint)value;
    }
}
