using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Emulator.Host.Machine;
using Emulator.Pci;

namespace Emulator.Host.Tests.Firmware;

public sealed class DifferentiatedTableTests
{
    [Fact]
    public void Routing_agrees_with_the_board_for_every_slot_and_pin()
    {
        using var board = new FirmwareBoard();
        var routes = (object[])new AmlReader(board.DifferentiatedTable).Value("_PRT");
        Assert.Equal(32 * 4, routes.Length);
        foreach (var route in routes.Cast<object[]>())
        {
            var (slot, pin) = ((int)((ulong)route[0] >> 16), (int)(ulong)route[1] + 1);
            Assert.Equal(0xFFFFUL, (ulong)route[0] & 0xFFFF);
            Assert.Equal(0UL, route[2]);
            Assert.Equal((ulong)board.Bus.Interrupts.IsaInterrupt(PciInterruptRouter.Pirq(slot, pin)), route[3]);
        }

        Assert.Equal(128, routes.Cast<object[]>().Select(route => (route[0], route[1])).Distinct().Count());
    }

    [Fact]
    public void Soft_off_is_sleep_type_0()
    {
        using var board = new FirmwareBoard();
        Assert.Equal([0UL, 0UL, 0UL, 0UL], (object[])new AmlReader(board.DifferentiatedTable).Value("_S5_"));
    }

    [Theory]
    [InlineData(16UL << 20, false)]
    [InlineData(5UL << 30, true)]
    public void The_bridge_s_windows_are_where_firmware_puts_BARs(ulong ramSize, bool wideWindow)
    {
        using var board = new FirmwareBoard(ramSize: ramSize, wideWindow: wideWindow);
        var windows = MemoryWindows((byte[])new AmlReader(board.DifferentiatedTable).Value("_CRS")).ToArray();
        Assert.Equal((0xA0000UL, 0xBFFFFUL), windows[0]);
        Assert.Equal((0xE0000000UL, 0xFEBFFFFFUL), windows[1]);
        Assert.Equal(wideWindow ? 3 : 2, windows.Length);
        foreach (var bar in board.Bus.Functions.SelectMany(function => function.Bars))
        {
            Assert.Contains(windows, window => bar.Address >= window.First && bar.Address + bar.Size - 1 <= window.Last);
        }

        Assert.All(board.Layout.MemoryMap.Where(entry => entry.Kind == MemoryMapKind.Usable), entry =>
            Assert.DoesNotContain(windows, window => window.First < entry.Start + entry.Size && window.Last >= entry.Start));
    }

    /// <summary>ACPICA's own compiler reads what was written here and, from its own reading, writes it again.</summary>
    [Theory]
    [InlineData(1, 16UL << 20, false)]
    [InlineData(255, 5UL << 30, true)]
    public async Task Iasl_takes_every_table_apart_and_together_without_an_error_or_a_warning(int processors, ulong ramSize, bool wideWindow)
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "iasl"))),
            "there is no iasl; on Debian: apt-get install acpica-tools");
        using var board = new FirmwareBoard(processors, ramSize, wideWindow);
        var folder = Directory.CreateTempSubdirectory("tables-");
        try
        {
            foreach (var (name, range) in board.Found.Where(table => table.Name is "FACP" or "APIC" or "FACS" or "DSDT" or "RSDT" or "XSDT"))
            {
                var file = Path.Combine(folder.FullName, name);
                await File.WriteAllBytesAsync(file + ".dat", board.Bytes(range.Start, (int)range.Size), TestContext.Current.CancellationToken);
                var apart = await IaslAsync("-d", file + ".dat");
                Assert.DoesNotContain("Error", apart, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("Warning", apart, StringComparison.OrdinalIgnoreCase);
                var together = await IaslAsync(file + ".dsl");
                Assert.True(together.Contains("0 Errors", StringComparison.Ordinal) && !together.Contains("Warning ", StringComparison.Ordinal), together);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> IaslAsync(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("iasl", words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var all = output + await error;
        Assert.True(process.ExitCode == 0, all);
        return all;
    }

    private static IEnumerable<(ulong First, ulong Last)> MemoryWindows(byte[] resources)
    {
        for (var at = 0; resources[at] != 0x79;)
        {
            var isLarge = (resources[at] & 0x80) != 0;
            if (resources[at] is 0x87 or 0x8A && resources[at + 3] == 0)
            {
                var wide = resources[at] == 0x8A;
                ulong[] numbers = [.. Enumerable.Range(0, 5).Select(i => wide
                    ? BinaryPrimitives.ReadUInt64LittleEndian(resources.AsSpan(at + 6 + (i * 8)))
                    : BinaryPrimitives.ReadUInt32LittleEndian(resources.AsSpan(at + 6 + (i * 4))))];
                Assert.Equal(numbers[2] - numbers[1] + 1, numbers[4]);
                yield return (numbers[1], numbers[2]);
            }

            at += isLarge ? 3 + BinaryPrimitives.ReadUInt16LittleEndian(resources.AsSpan(at + 1)) : 1 + (resources[at] & 7);
        }
    }

    /// <summary>Reads the constants behind names, as far as packages, buffers and integers go.</summary>
    private sealed class AmlReader(byte[] table)
    {
        private int _at;

        /// <summary>What the first object of that name is.</summary>
        public object Value(string name)
        {
            _at = table.AsSpan().IndexOf((byte[])[0x08, .. Encoding.ASCII.GetBytes(name)]) + 5;
            Assert.NotEqual(4, _at);
            return Read();
        }

        private object Read()
        {
            var op = table[_at++];
            switch (op)
            {
                case 0 or 1:
                    return (ulong)op;
                case 0x0A:
                    return Number(1);
                case 0x0B:
                    return Number(2);
                case 0x0C:
                    return Number(4);
                case 0x0E:
                    return Number(8);
                case 0x11:
                    var end = Length();
                    var size = (int)(ulong)Read();
                    Assert.Equal(end, _at + size);
                    _at = end;
                    return table[(end - size)..end];
                case 0x12:
                    end = Length();
                    var elements = new object[table[_at++]];
                    for (var i = 0; i < elements.Length; i++)
                    {
                        elements[i] = Read();
                    }

                    Assert.Equal(end, _at);
                    return elements;
                default:
                    Assert.Fail($"opcode {op:X2} at {_at - 1:X}");
                    return 0;
            }
        }

        // Where what the length counts ends.
        private int Length()
        {
            var start = _at;
            var lead = table[_at++];
            var length = lead & 0x3F;
            if (lead >> 6 != 0)
            {
                length = lead & 0xF;
                for (var i = 0; i < lead >> 6; i++)
                {
                    length |= table[_at++] << (4 + (8 * i));
                }
            }

            return start + length;
        }

        private ulong Number(int size)
        {
            ulong value = 0;
            for (var i = 0; i < size; i++)
            {
                value |= (ulong)table[_at++] << (8 * i);
            }

            return value;
        }
    }
}
