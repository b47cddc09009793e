using Emulator.Memory.Tests.Dma;

namespace Emulator.Memory.Tests;

public sealed unsafe class DirtyPagesTests : IDisposable
{
    private readonly DmaBoard _board = new(DmaOrdering.Relaxed);
    private readonly DirtyPages _dirty;
    private readonly ulong[] _pages = new ulong[1];

    public DirtyPagesTests() => _dirty = _board.Memory.WatchDirty(_board.Ram);

    public void Dispose()
    {
        _dirty.Dispose();
        _board.Dispose();
    }

    [Fact]
    public void At_first_every_page_is_clean() => Assert.Equal(0u, Collect());

    [Fact]
    public void Every_kind_of_write_by_DMA_marks_its_pages_and_no_read_does()
    {
        _board.Dma.Store(0x1000, 1u);
        Assert.Equal(0b10u, Collect());
        _board.Dma.Store(0x1004, 1u);
        _board.Dma.StoreRelaxed<byte>(0x2FFF, 1);
        _board.Dma.Publish(0x4000, 1ul);
        _board.Dma.Write(0x5FFF, [1, 2]);
        _board.Dma.SendMessage(0x8000, 1);
        Assert.Equal(0b1_0110_0000 | 0b1_0110u, Collect());
        _board.Dma.Write(0, new byte[0x2800]);
        Assert.Equal(0b111u, Collect());
        _board.Dma.Read(0, new byte[0x8000]);
        _board.Dma.Load(0x9000, out uint _);
        _board.Dma.Map(0, 0x10000, DmaDirection.Read, out var mapping);
        mapping.Dispose();
        Assert.Equal(0u, Collect());
    }

    [Fact]
    public void A_mapping_marks_when_it_is_disposed_whatever_was_collected_meanwhile()
    {
        _board.Dma.Map(0x1FFF, 0x1002, DmaDirection.Write, out var mapping);
        mapping.Bytes.Fill(1);
        Assert.Equal(0u, Collect());
        mapping.Dispose();
        Assert.Equal(0b1110u, Collect());
    }

    [Fact]
    public void What_is_refused_marks_nothing()
    {
        _board.Owner.SetBusMaster(false);
        _board.Dma.Store(0x1000, 1u);
        _board.Owner.SetBusMaster(true);
        _board.Dma.Store(DmaBoard.SecondRam, 1u);
        _board.Dma.Store(DmaBoard.RegisterBase, 1u);
        Assert.Equal(0u, Collect());
    }

    [Fact]
    public void Writes_over_the_bus_mark()
    {
        _board.Memory.Write(0x3FFC, 8, 1);
        _board.Memory.Write(0x6000, 1, 1);
        _board.Memory.Write(0x7FFF, [1, 2]);
        _board.Memory.Read(0xA000, 8, out _);
        Assert.Equal(0b1_1101_1000u, Collect());
    }

    [Fact]
    public void A_page_that_is_shared_with_registers_is_marked_too()
    {
        _board.Memory.AddMmio("hole", 0x3000, 16, new Constant(0), priority: 1);
        _board.Memory.Write(0x3800, 4, 1);
        Assert.Equal(0b1000u, Collect());
    }

    [Fact]
    public void Memory_seen_at_two_addresses_is_one()
    {
        _board.Memory.AddRam("alias", 0x10000000, _board.Ram, 0x1000, 0x1000);
        _board.Dma.Store(0x10000000, 1u);
        Assert.Equal(0b10u, Collect());
    }

    [Fact]
    public void Decoded_code_and_watching_share_a_byte_and_do_not_disturb_each_other()
    {
        var witness = new Witness();
        _board.Memory.AddObserver(witness);
        _board.Dma.Store(0x3000, 1u);
        Assert.Empty(witness.Pages);
        _board.Ram.CodeMap[3]++;
        Assert.Equal(0b1000u, Collect());
        Assert.Equal(RamBlock.Watched + 1, _board.Ram.CodeMap[3]);
        _board.Dma.Store(0x3000, 1u);
        _board.Dma.Store(0x3000, 1u);
        Assert.Equal([0x3000ul, 0x3000], witness.Pages);
        Assert.Equal(0b1000u, Collect());
        _dirty.Dispose();
        Assert.Equal(1, _board.Ram.CodeMap[3]);
    }

    [Fact]
    public void The_processors_are_asked_once_for_a_collection_that_found_something()
    {
        var witness = new Witness();
        _board.Memory.AddObserver(witness);
        Collect();
        Assert.Equal(0, witness.Watches);
        _board.Dma.Write(0, new byte[0x8000]);
        Collect();
        Assert.Equal(1, witness.Watches);
    }

    [Fact]
    public void One_watches_at_a_time_and_what_is_not_watched_costs_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => _board.Memory.WatchDirty(_board.Ram));
        _dirty.Dispose();
        _dirty.Dispose();
        Assert.False(new Span<byte>(_board.Ram.CodeMap, 16).ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => _dirty.Collect(_pages));
        using var again = _board.Memory.WatchDirty(_board.Ram);
        Assert.Equal(16, again.Count);
        _board.Dma.Store(0, 1u);
        Assert.Equal(1, again.Collect([]));
        using var large = new DmaBoard();
        large.Memory.AddRam("large", 0x10000000, new RamBlock("large", 65 << 12), 0, 65 << 12);
        using var many = large.Memory.WatchDirty(large.Memory.Map.Find(0x10000000).Region!.Block!);
        Assert.Throws<ArgumentException>(() => many.Collect(_pages));
        using var other = new RamBlock("other", 0x1000);
        Assert.Throws<ArgumentException>(() => _board.Memory.WatchDirty(other));
    }

    [Fact]
    public void No_write_is_lost_between_two_collections()
    {
        const uint Rounds = 100_000;
        var seen = new uint[16];
        var done = false;
        var device = new Thread(() =>
        {
            for (uint i = 1; i <= Rounds; i++)
            {
                _board.Dma.Store((i & 15) * RamBlock.PageSize, i);
            }

            Volatile.Write(ref done, true);
        });
        device.Start();
        var last = false;
        while (!last)
        {
            // One more after the end: what is dirty then was written before.
            last = Volatile.Read(ref done);
            _pages[0] = 0;
            _dirty.Collect(_pages);
            for (var page = 0; page < 16; page++)
            {
                if ((_pages[0] & (1UL << page)) != 0)
                {
                    seen[page] = Volatile.Read(ref *(uint*)(_board.Ram.Host + (page * 4096)));
                }
            }
        }

        device.Join();
        for (var page = 0; page < 16; page++)
        {
            Assert.Equal(*(uint*)(_board.Ram.Host + (page * 4096)), seen[page]);
        }
    }

    private ulong Collect()
    {
        _pages[0] = 0;
        var count = _dirty.Collect(_pages);
        Assert.Equal(System.Numerics.BitOperations.PopCount(_pages[0]), count);
        return _pages[0];
    }
}
