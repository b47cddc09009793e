namespace Emulator.Memory.Tests;

public sealed unsafe class AddressMapTests
{
    [Fact]
    public void An_empty_map_is_one_unassigned_piece()
    {
        using var memory = new GuestMemory();
        Assert.Equal(1, memory.Map.Ranges.Length);
        ref readonly var all = ref memory.Map.Find(0x1234);
        Assert.Equal((0UL, ulong.MaxValue, RegionKind.Unassigned), (all.First, all.Last, all.Kind));
        Assert.Null(all.Region);
    }

    [Fact]
    public void A_bar_of_higher_priority_covers_RAM_and_one_of_lower_priority_does_not()
    {
        using var memory = new GuestMemory();
        var block = new RamBlock("ram", 0x10000);
        var ram = memory.AddRam("ram", 0, block, 0, 0x10000);
        var above = memory.AddMmio("above", 0x4000, 0x1000, new Registers(0x1000), priority: 1);
        var below = memory.AddMmio("below", 0x8000, 0x10000, new Registers(0x10000), priority: -1);
        Assert.Same(ram, memory.Map.Find(0x3FFF).Region);
        Assert.Same(above, memory.Map.Find(0x4000).Region);
        Assert.Same(above, memory.Map.Find(0x4FFF).Region);
        Assert.Same(ram, memory.Map.Find(0x5000).Region);
        Assert.Same(ram, memory.Map.Find(0xFFFF).Region);
        Assert.Same(below, memory.Map.Find(0x10000).Region);
        Assert.Equal(0x8000UL, memory.Map.Find(0x10000).RegionOffset);
        Assert.True(memory.Map.Find(0x5000).Host == block.Host + 0x5000);
        Assert.True(memory.Map.Find(0x5000).CodeMap == block.CodeMap + 5);
    }

    [Fact]
    public void Of_equal_priorities_the_region_added_later_is_seen()
    {
        using var memory = new GuestMemory();
        memory.AddMmio("early", 0, 0x1000, new Registers(0x1000));
        var late = memory.AddMmio("late", 0, 0x1000, new Registers(0x1000));
        Assert.Same(late, memory.Map.Find(0).Region);
    }

    [Fact]
    public void RAM_pieces_stay_on_page_boundaries_where_a_small_bar_covers_part_of_a_page()
    {
        using var memory = new GuestMemory();
        memory.AddRam("ram", 0, new RamBlock("ram", 0x4000), 0, 0x4000);
        memory.AddMmio("bar", 0x1100, 0x80, new Registers(0x80), priority: 1);
        Assert.Equal(RegionKind.Ram, memory.Map.Find(0xFFF).Kind);
        Assert.Equal(RegionKind.Mmio, memory.Map.Find(0x1000).Kind);
        Assert.Equal(RegionKind.Mmio, memory.Map.Find(0x1FFF).Kind);
        Assert.Equal(RegionKind.Ram, memory.Map.Find(0x2000).Kind);
        memory.Write(0x10FC, 8, 0x1122334455667788);
        Assert.Equal(BusStatus.Ok, memory.Read(0x10FC, 4, out var left));
        Assert.Equal(BusStatus.Ok, memory.Read(0x1180, 4, out var right));
        Assert.Equal((0x55667788UL, 0UL), (left, right));
    }

    [Fact]
    public void A_region_that_ends_at_the_top_of_the_address_space_is_found_there()
    {
        using var memory = new GuestMemory();
        var top = memory.AddMmio("top", ulong.MaxValue - 0xFFF, 0x1000, new Registers(0x1000));
        Assert.Same(top, memory.Map.Find(ulong.MaxValue).Region);
        Assert.Throws<ArgumentException>(() => memory.Move(top, ulong.MaxValue - 0xFFE));
        Assert.Same(top, memory.Map.Find(ulong.MaxValue).Region);
    }

    [Fact]
    public void Memory_is_placed_by_whole_pages_only()
    {
        using var memory = new GuestMemory();
        var block = new RamBlock("ram", 0x4000);
        var ram = memory.AddRam("ram", 0, block, 0, 0x4000);
        Assert.Throws<ArgumentException>(() => memory.AddRam("x", 0x10, block, 0, 0x1000));
        Assert.Throws<ArgumentException>(() => memory.AddRam("x", 0, block, 0x10, 0x1000));
        Assert.Throws<ArgumentException>(() => memory.AddRam("x", 0, block, 0, 0x10));
        Assert.Throws<ArgumentException>(() => memory.AddRam("x", 0, block, 0x1000, 0x4000));
        Assert.Throws<ArgumentException>(() => memory.Move(ram, 0x800));
    }

    [Fact]
    public void Several_changes_in_one_batch_are_one_swap()
    {
        using var memory = new GuestMemory();
        var witness = new Witness();
        memory.AddObserver(witness);
        var before = memory.Generation;
        using (memory.Change())
        {
            var a = memory.AddMmio("a", 0, 0x1000, new Registers(0x1000));
            using (memory.Change())
            {
                memory.Move(a, 0x5000);
            }

            memory.AddMmio("b", 0x9000, 0x1000, new Registers(0x1000));
            Assert.Equal(1, memory.Map.Ranges.Length);
        }

        Assert.Equal(before + 1, memory.Generation);
        Assert.Equal(1, witness.Maps);
        Assert.Equal(5, memory.Map.Ranges.Length);
    }

    [Fact]
    public void A_change_that_changes_nothing_keeps_the_map()
    {
        using var memory = new GuestMemory();
        var region = memory.AddMmio("a", 0x1000, 0x1000, new Registers(0x1000));
        var map = memory.Map;
        memory.Move(region, 0x1000);
        memory.SetEnabled(region, true);
        Assert.Same(map, memory.Map);
        memory.Remove(region);
        memory.Remove(region);
        Assert.Equal(1, memory.Map.Ranges.Length);
    }

    [Fact]
    public void An_old_map_still_describes_what_it_described()
    {
        using var memory = new GuestMemory();
        var region = memory.AddMmio("bar", 0x1000, 0x1000, new Registers(0x1000));
        var old = memory.Map;
        memory.Move(region, 0x8000);
        Assert.Same(region, old.Find(0x1000).Region);
        Assert.Null(memory.Map.Find(0x1000).Region);
        Assert.Same(region, memory.Map.Find(0x8000).Region);
    }
}
