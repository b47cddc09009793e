using Emulator.Host.Machine;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Host.Tests.Firmware;

public sealed class FirmwareTablesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(255)]
    public void Both_roots_lead_to_every_processor(int processors)
    {
        using var board = new FirmwareBoard(processors);
        Assert.Equal(board.Tables, board.ExtendedTables);
        Assert.Equal(["FACP", "APIC"], board.Tables.Select(address => board.Text(address, 4)));
        var local = board.MadtEntries().Where(entry => entry[0] == 0).ToArray();
        Assert.Equal(Enumerable.Range(0, processors).Select(i => (byte)i), local.Select(entry => entry[3]));
        Assert.All(local, entry => Assert.Equal((entry[3], 1), (entry[2], entry[4])));

        var listed = board.MultiprocessorEntries().Where(entry => entry[0] == 0).ToArray();
        Assert.Equal(Enumerable.Range(0, processors).Select(i => (byte)i), listed.Select(entry => entry[1]));
        Assert.Equal([3, .. Enumerable.Repeat(1, processors - 1)], listed.Select(entry => (int)entry[3]));
        Assert.All(listed, entry => Assert.Equal((FirmwareBoard.Signature, FirmwareBoard.Features), (BitConverter.ToUInt32(entry, 4), BitConverter.ToUInt32(entry, 8))));
    }

    [Theory]
    [InlineData(1UL << 20)]
    [InlineData((1UL << 20) + (64 << 10))]
    [InlineData(16UL << 20)]
    [InlineData(5UL << 30)]
    public void Every_table_adds_up_to_zero_and_none_lies_in_memory_that_the_guest_may_use(ulong ramSize)
    {
        using var board = new FirmwareBoard(8, ramSize);
        var found = board.Found.ToArray();
        Assert.Equal(["RSDP", "RSDT", "XSDT", "FACP", "APIC", "FACS", "DSDT", "_MP_", "PCMP"], found.Select(table => table.Name));
        foreach (var (name, range) in found)
        {
            if (name != "FACS")
            {
                Assert.True(board.Bytes(range.Start, (int)range.Size).Sum(b => b) % 256 == 0, $"the checksum of {name}");
            }

            Assert.True(range.Start % (name == "FACS" ? 64UL : 16) == 0, $"the alignment of {name}");
            var entries = board.Layout.MemoryMap.Where(entry => new PhysicalRange(entry.Start, entry.Size).Overlaps(range)).ToArray();
            Assert.All(entries, entry => Assert.Equal(MemoryMapKind.Reserved, entry.Kind));
            Assert.All(found, other => Assert.True(other.Name == name || !other.Range.Overlaps(range), $"{other.Name} over {name}"));
        }
    }

    [Fact]
    public void The_description_of_fixed_hardware_names_ports_that_answer()
    {
        using var board = new FirmwareBoard();
        var fadt = board.Table("FACP");
        Assert.Equal((244U, 3), (board.Dword(fadt + 4), board.Bytes(fadt + 8, 1)[0]));
        Assert.Equal(9, board.Word(fadt + 46));
        Assert.Equal((0xB2U, 0xF1, 0xF0), (board.Dword(fadt + 48), board.Bytes(fadt + 52, 1)[0], board.Bytes(fadt + 53, 1)[0]));
        Assert.Equal((0x600U, 0x604U, 0x608U, 0x60CU), (board.Dword(fadt + 56), board.Dword(fadt + 64), board.Dword(fadt + 76), board.Dword(fadt + 80)));
        Assert.Equal([4, 2, 0, 4, 4, 0], board.Bytes(fadt + 88, 6));
        Assert.Equal(0x32, board.Bytes(fadt + 108, 1)[0]);
        Assert.Equal(3, board.Word(fadt + 109));
        Assert.Equal([1, 8, 0, 0, 0xF9, 0x0C, 0, 0, 0, 0, 0, 0, 6], board.Bytes(fadt + 116, 13));
        Assert.Equal(board.Dword(fadt + 40), board.Qword(fadt + 140));
        Assert.Equal([0x600UL, 0UL, 0x604, 0, 0, 0x608, 0x60C, 0], Enumerable.Range(0, 8).Select(i => board.Qword(fadt + 152 + ((ulong)i * 12))));
        foreach (var (port, size) in ((ushort, int)[])[(0x600, 4), (0x604, 2), (0x608, 4), (0x60C, 4)])
        {
            Assert.Equal(BusStatus.Ok, board.Ports.Read(port, size, out _));
        }
    }

    [Fact]
    public void Interrupts_that_are_not_what_ISA_has_are_overridden()
    {
        using var board = new FirmwareBoard();
        Assert.Equal(
            ["02 0A 00 00 02 00 00 00 00 00", .. ((int[])[5, 9, 10, 11]).Select(irq => $"02 0A 00 {irq:X2} {irq:X2} 00 00 00 0D 00")],
            board.MadtEntries().Where(entry => entry[0] == 2).Select(Hex));
        Assert.Equal(["01 0C 00 00 00 00 C0 FE 00 00 00 00"], board.MadtEntries().Where(entry => entry[0] == 1).Select(Hex));
        Assert.Equal(["04 06 FF 00 00 01"], board.MadtEntries().Where(entry => entry[0] == 4).Select(Hex));
    }

    [Fact]
    public void The_multiprocessor_table_lists_each_pin_in_use_once_and_the_ISA_interrupts_that_are_left()
    {
        using var board = new FirmwareBoard();
        var entries = board.MultiprocessorEntries();
        Assert.Equal(["01 00 50 43 49 20 20 20", "01 01 49 53 41 20 20 20"], entries.Where(entry => entry[0] == 1).Select(Hex));
        Assert.Equal(["02 00 20 01 00 00 C0 FE"], entries.Where(entry => entry[0] == 2).Select(Hex));
        Assert.Equal(["04 03 00 00 01 00 00 00", "04 01 00 00 01 00 FF 01"], entries.Where(entry => entry[0] == 4).Select(Hex));

        var pci = entries.Where(entry => entry[0] == 3 && entry[4] == 0).ToDictionary(entry => entry[5], entry => entry[7]);
        Assert.Equal(6 + 1, pci.Count);     // six slots, and power management
        Assert.Equal(FirmwareSetup.SystemControlInterrupt, pci[1 << 2]);
        foreach (var function in board.Bus.Functions.Where(f => f.DevFn >= 16))
        {
            var (slot, pin) = (function.DevFn >> 3, function.Config.ReadByte(PciRegister.InterruptPin));
            Assert.Equal(board.Bus.Interrupts.IsaInterrupt(PciInterruptRouter.Pirq(slot, pin)), pci[(byte)((slot << 2) | (pin - 1))]);
        }

        var isa = entries.Where(entry => entry[0] == 3 && entry[4] == 1).ToDictionary(entry => entry[5], entry => entry[7]);
        Assert.Equal([0, 1, 3, 4, 5, 6, 7, 8, 12, 13, 14, 15], isa.Keys.Order().Select(irq => (int)irq));
        Assert.All(isa, pair => Assert.Equal(pair.Key == 0 ? 2 : pair.Key, pair.Value));
    }

    [Fact]
    public void Writing_the_tables_again_after_a_reset_gives_the_same_bytes()
    {
        using var board = new FirmwareBoard(2);
        var before = board.Found.Select(table => Hex(board.Bytes(table.Range.Start, (int)table.Range.Size))).ToArray();
        board.Bus.Reset();
        FirmwareSetup.Run(board.Bridge);
        Host.Firmware.FirmwareTables.Write(board.Memory, board.Layout, board.Description);
        Assert.Equal(before, board.Found.Select(table => Hex(board.Bytes(table.Range.Start, (int)table.Range.Size))));
    }

    private static string Hex(byte[] bytes) => string.Join(' ', bytes.Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
}
