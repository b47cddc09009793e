using Emulator.Host.Machine;

namespace Emulator.Host.Tests.Machine;

public sealed class MemoryLayoutTests
{
    [Theory]
    [InlineData(1UL << 20, 0UL)]
    [InlineData(64UL << 20, 0UL)]
    [InlineData(0xC000_0000UL, 2UL << 30)]
    public void The_memory_map_is_ascending_and_disjoint_and_offers_only_ram(ulong low, ulong high)
    {
        var layout = new MemoryLayout(low, high);
        var before = 0UL;
        foreach (var entry in layout.MemoryMap)
        {
            Assert.True(entry.Start >= before);
            Assert.NotEqual(0UL, entry.Size);
            before = entry.Start + entry.Size;
            if (entry.Kind == MemoryMapKind.Usable)
            {
                Assert.Contains(layout.LoadableRanges, r => r.Contains(new PhysicalRange(entry.Start, entry.Size)));
            }
        }
    }

    [Fact]
    public void The_map_of_128_megabytes_is_the_one_that_guests_know()
    {
        (ulong, ulong, MemoryMapKind)[] expected =
        [
            (0, 0x9FC00, MemoryMapKind.Usable), (0x9FC00, 0x400, MemoryMapKind.Reserved), (0xF0000, 0x10000, MemoryMapKind.Reserved),
            (0x100000, 0x7EE0000, MemoryMapKind.Usable), (0x7FE0000, 0x20000, MemoryMapKind.Reserved),
            (0xFFFC0000, 0x40000, MemoryMapKind.Reserved), (0xFD_0000_0000, 0x3_0000_0000, MemoryMapKind.Reserved),
        ];
        Assert.Equal(expected, new MemoryLayout(128 << 20).MemoryMap.Select(e => (e.Start, e.Size, e.Kind)));
    }
}
