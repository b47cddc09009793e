namespace Emulator.Memory.Tests;

/// <summary>The flattened map against a model that asks every region about every byte.</summary>
public sealed unsafe class AddressMapModelTests
{
    private const int Space = 0x10000;

    [Fact]
    public void Any_set_of_regions_flattens_to_what_a_byte_by_byte_model_says()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            try
            {
                Check(new Random(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}", e);
            }
        }
    }

    private static void Check(Random random)
    {
        using var memory = new GuestMemory();
        var block = new RamBlock("ram", Space);
        for (var i = 0; i < Space; i++)
        {
            block.Host[i] = (byte)random.Next(0xFF);
        }

        var regions = new List<MemoryRegion>();
        for (var step = 0; step < 24; step++)
        {
            using (memory.Change())
            {
                Change(random, memory, block, regions);
                Change(random, memory, block, regions);
            }

            CheckShape(memory.Map);
            CheckBytes(random, memory, regions);
        }
    }

    private static void Change(Random random, GuestMemory memory, RamBlock block, List<MemoryRegion> regions)
    {
        var page = (ulong)random.Next(Space / 4096) * 4096;
        var pages = (ulong)random.Next(1, 5) * 4096;
        var priority = random.Next(-1, 3);
        var any = regions.Count == 0 ? null : regions[random.Next(regions.Count)];
        switch (random.Next(7))
        {
            case 0:
                regions.Add(memory.AddRam("ram", page, block, (ulong)random.Next(8) * 4096, pages, priority));
                break;
            case 1:
                regions.Add(memory.AddRom("rom", page, block, (ulong)random.Next(8) * 4096, pages, priority));
                break;
            case 2:
            case 3:
                var size = random.Next(1, 0x1800);
                var registers = new Registers(size);
                random.NextBytes(registers.Bytes);
                regions.Add(memory.AddMmio("mmio", (ulong)random.Next(Space), (ulong)size, registers, priority));
                break;
            case 4 when any is not null:
                memory.Move(any, any.Block is null ? (ulong)random.Next(Space) : page);
                break;
            case 5 when any is not null:
                memory.SetEnabled(any, !any.Enabled);
                break;
            case 6 when any is not null:
                memory.Remove(any);
                regions.Remove(any);
                break;
        }
    }

    private static void CheckShape(AddressMap map)
    {
        ulong expected = 0;
        foreach (ref readonly var range in map.Ranges)
        {
            Assert.Equal(expected, range.First);
            Assert.True(range.Last >= range.First);
            Assert.Equal(range.Kind is RegionKind.Ram or RegionKind.Rom, range.Host != null);
            if (range.Host != null)
            {
                Assert.Equal(0UL, range.First % RamBlock.PageSize);
                Assert.Equal(RamBlock.PageSize - 1, range.Last % RamBlock.PageSize);
            }

            Assert.Equal(range.First, map.Find(range.First).First);
            Assert.Equal(range.First, map.Find(range.Last).First);
            expected = range.Last + 1;
        }

        Assert.Equal(0UL, expected);
    }

    private static void CheckBytes(Random random, GuestMemory memory, List<MemoryRegion> regions)
    {
        for (var i = 0; i < 100; i++)
        {
            var address = random.Next(Space + 0x2000);
            var length = random.Next(1, 40);
            var read = new byte[length];
            memory.Read((ulong)address, read);
            for (var at = 0; at < length; at++)
            {
                Assert.Equal(Model(regions, (ulong)(address + at)), read[at]);
            }

            var size = 1 << random.Next(4);
            memory.Read((ulong)address, size, out var word);
            for (var at = 0; at < 8; at++)
            {
                Assert.Equal(at < size ? Model(regions, (ulong)(address + at)) : 0, (byte)(word >> (at * 8)));
            }
        }
    }

    private static byte Model(List<MemoryRegion> regions, ulong address)
    {
        MemoryRegion? top = null;
        foreach (var region in regions)
        {
            if (region.Enabled && address >= region.Base && address - region.Base < region.Size && (top is null || region.Priority >= top.Priority))
            {
                top = region;
            }
        }

        return top switch
        {
            null => 0xFF,
            { Block: not null } => top.Block.Host[top.BlockOffset + (address - top.Base)],
            _ => ((Registers)top.Target!).Bytes[(int)(address - top.Base)],
        };
    }
}
