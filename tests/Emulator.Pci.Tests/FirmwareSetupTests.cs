using Emulator.Memory;

namespace Emulator.Pci.Tests;

public sealed class FirmwareSetupTests
{
    [Fact]
    public void Windows_are_where_guests_find_them_under_the_usual_firmware()
    {
        using var board = new TestBoard();
        var display = board.Add(
            new TestFunction("display").WithMemory(0, 16 << 20, new Constant(1), prefetchable: true).WithMemory(2, 0x1000, new Constant(2)).WithRom(new RamBlock("rom", 0x10000)), 2);
        var network = board.Add(
            new TestFunction("network", 1).WithMemory(0, 0x20000, new Constant(3)).WithIo(1, 64, new Constant(4)).WithRom(new RamBlock("rom", 0x40000)), 3);
        var disk = board.Add(new TestFunction("disk", 1).WithIo(4, 16, new Constant(5)), 4);
        Assert.Empty(FirmwareSetup.Run(board.HostBridge));
        Assert.Equal([0xFD000000UL, 0xFEBF0000, null], display.Bars.Select(bar => bar.Address));
        Assert.Equal([0xFEBC0000UL, 0xC000UL, null], network.Bars.Select(bar => bar.Address));
        Assert.Equal((0xFEBE0000U, 0xFEB80000U), (board.Config(2 * 8, 0x30), board.Config(3 * 8, 0x30)));
        Assert.Equal(0xC040UL, disk.Bars[0].Address);
        Assert.Equal(3U, board.Load(0xFEBC0000));
    }

    [Fact]
    public void Decoding_is_on_and_bus_mastering_is_left_to_the_driver()
    {
        using var board = new TestBoard();
        board.Add(new TestFunction(), 3);
        FirmwareSetup.Run(board.HostBridge);
        Assert.Equal(0x103U, board.Config(3 * 8, 4, 2));
        Assert.Equal(0x103U, board.Config(0, 4, 2));
    }

    [Fact]
    public void Interrupt_lines_say_where_the_pins_are_routed_and_those_inputs_are_levels()
    {
        using var board = new TestBoard();
        for (var slot = 2; slot < 6; slot++)
        {
            board.Add(new TestFunction(pin: 1), slot);
        }

        board.Add(new TestFunction(), 6);
        FirmwareSetup.Run(board.HostBridge);
        Assert.Equal([10U, 11U, 11U, 10U, 0U], Enumerable.Range(2, 5).Select(slot => board.Config(slot * 8, 0x3C, 1)));
        Assert.Equal(0x0B0B0A0AU, board.Config(8, 0x60));
        Assert.Equal(0x0E00, board.IsaBridge.LevelTriggered);
    }

    [Fact]
    public void Shadow_RAM_is_open_for_tables_and_then_protected()
    {
        using var board = new TestBoard();
        FirmwareSetup.Run(board.HostBridge);
        Assert.Equal(BusStatus.Ok, board.Memory.Write(0xF0000, 4, 0x12345678));
        FirmwareSetup.ProtectTables(board.HostBridge);
        Assert.Equal(BusStatus.ReadOnly, board.Memory.Write(0xF0000, 4, 0));
        Assert.Equal(0x12345678U, board.Load(0xF0000));
        Assert.Equal(BusStatus.Ok, board.Memory.Write(0xE0000, 4, 1));
    }

    [Fact]
    public void Every_window_is_aligned_inside_the_hole_and_apart_from_the_others()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var random = new Random(seed);
            using var board = new TestBoard();
            for (var slot = 2; slot < 12; slot++)
            {
                var function = new TestFunction($"f{slot}", random.Next(5));
                for (var index = 0; index < 6; index += 2)
                {
                    if (random.Next(3) == 0)
                    {
                        function.WithIo(index, 4 << random.Next(7), new Constant(1));
                    }
                    else
                    {
                        function.WithMemory(index, 16UL << random.Next(18), new Constant(2), random.Next(2) == 0, random.Next(2) == 0);
                    }
                }

                board.Add(function, slot);
            }

            Assert.Empty(FirmwareSetup.Run(board.HostBridge));
            var bars = board.Bus.Functions.SelectMany(function => function.Bars).ToArray();
            foreach (var bar in bars)
            {
                var address = Assert.NotNull(bar.Address);
                Assert.True(address % bar.Size == 0, $"seed {seed}: {address:X} is not aligned to {bar.Size:X}");
                var (first, last) = bar.Kind == PciBarKind.Io ? (0xC000UL, 0x10000UL) : (0xE0000000, 0xFEC00000);
                Assert.True(address >= first && address + bar.Size <= last, $"seed {seed}: {address:X} is outside the hole");
                Assert.True(
                    Array.TrueForAll(bars, other => other == bar || (other.Kind == PciBarKind.Io) != (bar.Kind == PciBarKind.Io)
                        || other.Address >= address + bar.Size || address >= other.Address + other.Size),
                    $"seed {seed}: {address:X} overlaps another");
            }
        }
    }

    [Fact]
    public void What_does_not_fit_into_the_hole_goes_above_RAM_if_it_can_and_is_named_if_it_cannot()
    {
        using var board = new TestBoard(ramSize: 1UL << 32);
        var wide = board.Add(new TestFunction("wide").WithMemory(0, 1UL << 30, new Constant(0x66), prefetchable: true, is64Bit: true), 2);
        var narrow = board.Add(new TestFunction("narrow").WithMemory(0, 0x1000, new Constant(1)), 3);
        Assert.Empty(FirmwareSetup.Run(board.HostBridge));
        Assert.Equal(0x140000000UL, wide.Bars[0].Address);
        Assert.Equal(0xFEBFF000UL, narrow.Bars[0].Address);
        Assert.Equal(0x66U, board.Load(0x17FFFFFFC));

        using var full = new TestBoard();
        var huge = full.Add(new TestFunction("huge").WithMemory(0, 1UL << 30, new Constant(1)), 2);
        Assert.Equal([huge.Bars[0]], FirmwareSetup.Run(full.HostBridge));
        Assert.Null(huge.Bars[0].Address);
    }
}
