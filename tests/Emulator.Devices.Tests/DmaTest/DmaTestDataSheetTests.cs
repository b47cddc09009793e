using System.Globalization;

namespace Emulator.Devices.Tests;

/// <summary>docs/devices/dma-test.md says what the code does.</summary>
public class DmaTestDataSheetTests
{
    private static readonly string[][] s_rows = [.. File.ReadLines(Find()).Where(line => line.StartsWith('|')).Select(Cells)];

    [Fact]
    public void Its_registers_are_those_of_the_table()
    {
        foreach (var spec in DmaTestRegisters.Table)
        {
            var offset = ((int)spec.Register).ToString("X2", CultureInfo.InvariantCulture);
            if (spec.Count > 1)
            {
                Assert.Contains(s_rows, row => row[0].StartsWith(offset, StringComparison.Ordinal) && row[1] == $"{spec.Count}×{spec.Size}");
                continue;
            }

            var row = Assert.Single(s_rows, row => row[0] == offset && row.Length == 6);
            Assert.Equal($"{spec.Size}", row[1]);
            Assert.Equal($"{spec.Register}", row[2].Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
            Assert.Equal(spec.Reset, ulong.Parse(row[4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            Assert.Equal(row[3].StartsWith("RW", StringComparison.Ordinal), spec.Writable != 0 || spec.Register == DmaTestRegister.ScriptData);
        }
    }

    [Fact]
    public void Its_instructions_are_those_there_are()
    {
        var codes = s_rows.Where(row => row.Length == 3 && row[0].Length == 2 && row[2] != "").Select(row => row[0]).ToHashSet();
        Assert.All(Enum.GetValues<DmaTestOpcode>(), opcode => Assert.Contains(((byte)opcode).ToString("X2", CultureInfo.InvariantCulture), codes));
    }

    [Fact]
    public void Its_ordering_sites_are_those_the_code_names()
    {
        var sites = s_rows.Where(row => row[0].StartsWith('`')).Select(row => row[0].Trim('`'));
        Assert.Equal([.. DmaTestSites.All.Concat(InterruptSites.All).Select(site => site.Name)], sites);
    }

    private static string[] Cells(string line) => [.. line.Replace("\\|", "or", StringComparison.Ordinal).Trim('|').Split('|').Select(cell => cell.Trim())];

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "docs", "devices", "dma-test.md")))
        {
            folder = folder.Parent ?? throw new FileNotFoundException("dma-test.md");
        }

        return Path.Combine(folder.FullName, "docs", "devices", "dma-test.md");
    }
}
