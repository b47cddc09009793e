using Emulator.Memory.Tests.Models;

namespace Emulator.Memory.Tests.Dma;

/// <summary>A context whose accesses go through a simulated memory: what its orderings, fences and sites are there.</summary>
public sealed class DmaSimulationTests : IDisposable
{
    private const ulong X = 0x100;
    private const ulong Y = 0x200;
    private const ulong Messages = 0x500000;

    private static readonly OrderingSite s_site = new("test.site", "an obligation", "a reliance", "MP") { HasPair = true };

    private readonly ByHand _choices = new();
    private readonly DmaBoard _board = new(DmaOrdering.Relaxed);
    private readonly MessageWindow _window = new();
    private SimulatedMemory _memory = null!;

    private DmaContext Dma => _board.Dma;

    public void Dispose() => _board.Dispose();

    [Theory]
    [InlineData(MemoryModel.Host)]
    [InlineData(MemoryModel.Tso)]
    [InlineData(MemoryModel.Weak)]
    public void Words_and_bytes_go_through_the_model_and_are_seen_by_their_own_context(MemoryModel model)
    {
        Simulate(model);
        var data = Enumerable.Range(1, 5000).Select(i => (byte)i).ToArray();
        Assert.Equal(DmaStatus.Ok, Dma.Store(X, 0x1122334455667788UL));
        Assert.Equal(DmaStatus.Ok, Dma.Store<ushort>(X + 3, 0xAAAA));
        Assert.Equal(DmaStatus.Ok, Dma.Load<ulong>(X, out var word));
        Assert.Equal(0x112233AAAA667788UL, word);
        Assert.Equal(model == MemoryModel.Host ? word : 0, _board.Word(X));
        Assert.Equal(DmaStatus.Ok, Dma.Write(0x1003, data));
        var back = new byte[data.Length];
        Assert.Equal(DmaStatus.Ok, Dma.Read(0x1003, back));
        Assert.Equal(data, back);
        _memory.Settle();
        Assert.Equal(word, _board.Word(X));
        Assert.Equal(DmaStatus.Ok, _board.Dma.Load<ulong>(0x1003 + 4992, out var tail));
        Assert.Equal(BitConverter.ToUInt64(data, 4992), tail);
    }

    [Fact]
    public void What_is_not_memory_is_refused_as_ever()
    {
        Simulate(MemoryModel.Weak);
        Assert.Equal(DmaStatus.Unassigned, Dma.Store(DmaBoard.Nobody, 1));
        Assert.Equal(DmaStatus.Registers, Dma.Load<uint>(DmaBoard.RegisterBase, out var value));
        Assert.Equal(0xFFFFFFFF, value);
        _board.Owner.SetBusMaster(false);
        Assert.Equal(DmaStatus.NotBusMaster, Dma.Store(X, 1));
        Assert.Equal(0, _memory.Ready);
    }

    [Fact]
    public void Memory_that_is_not_covered_is_written_at_once()
    {
        Simulate(MemoryModel.Weak);
        _memory.Cover(DmaBoard.SecondRam, DmaBoard.SecondRam + 0xFFF);
        _ = Dma.Store(X, 5UL);
        _ = Dma.Store(DmaBoard.SecondRam, 6UL);
        Assert.Equal((5UL, 0UL), (_board.Word(X), _board.Word(DmaBoard.SecondRam)));
    }

    // Of two stores, how many could be next; what a load after a store leaves waiting; whether a second load may be older.
    [Theory]
    [InlineData(DmaOrdering.Full, 1, 0, false)]
    [InlineData(DmaOrdering.Tracked, 1, 0, false)]
    [InlineData(DmaOrdering.Split, 1, 1, false)]
    [InlineData(DmaOrdering.Pci, 1, 0, true)]
    [InlineData(DmaOrdering.Relaxed, 2, 1, true)]
    public void An_ordering_is_in_the_weak_model_what_its_table_says(DmaOrdering ordering, int ready, int waiting, bool mayBeOld)
    {
        Simulate(MemoryModel.Weak);
        _board.Owner.SetOrdering(ordering);
        _ = Dma.Store(X, 1);
        _ = Dma.Store(Y, 1);
        Assert.Equal(ready, _memory.Ready);
        _memory.Settle();

        _ = Dma.Store(X, 2);
        _ = Dma.Load<uint>(Y, out _);
        Assert.Equal(waiting, _memory.Ready);
        _memory.Settle();

        Other(X, 3);
        Other(Y, 3);
        _ = Dma.Load<uint>(Y, out _);
        _choices.OfVersion = versions => versions - 1;
        _ = Dma.Load<uint>(X, out var second);
        Assert.Equal(mayBeOld, second != 3);
    }

    [Fact]
    public void The_fences_a_device_asks_for_stand_on_a_relaxed_bus()
    {
        Simulate(MemoryModel.Weak);
        (string Name, Action Between, int Ready)[] cases =
        [
            ("none", () => { }, 2),
            ("read", Dma.ReadBarrier, 2),
            ("write", Dma.WriteBarrier, 1),
            ("full", Dma.FullBarrier, 1),
            ("write at a site", () => Dma.WriteBarrier(s_site), 1),
            ("full at a site", () => Dma.FullBarrier(s_site), 1),
        ];
        foreach (var (name, between, ready) in cases)
        {
            _ = Dma.Store(X, 1);
            between();
            _ = Dma.Store(Y, 1);
            Assert.True(ready == _memory.Ready, name);
            _memory.Settle();
        }

        _ = Dma.Store(X, 2);
        _ = Dma.Publish(Y, 2);
        Assert.Equal(1, _memory.Ready);
    }

    [Theory]
    [InlineData(DmaOrdering.Relaxed, 2)]
    [InlineData(DmaOrdering.Pci, 1)]
    [InlineData(DmaOrdering.Full, 1)]
    public void At_a_dropped_site_the_fence_is_absent_and_the_buss_stays(DmaOrdering ordering, int ready)
    {
        Simulate(MemoryModel.Weak);
        _board.Owner.SetOrdering(ordering);
        _board.Owner.Mutate(s_site, SiteMutation.Dropped);
        Action[] seconds =
        [
            () => Dma.Publish(Y, 1, s_site),
            () =>
            {
                Dma.WriteBarrier(s_site);
                _ = Dma.Store(Y, 1);
            },
            () =>
            {
                Dma.FullBarrier(s_site);
                _ = Dma.Store(Y, 1);
            },
        ];
        foreach (var second in seconds)
        {
            _ = Dma.Store(X, 1);
            second();
            Assert.Equal(ready, _memory.Ready);
            _memory.Settle();
        }

        // Another site's fence, and one without a site, are not touched.
        _ = Dma.Store(X, 2);
        Dma.WriteBarrier(s_site with { Name = "another" });
        _ = Dma.Publish(Y, 2);
        Assert.Equal(1, _memory.Ready);
    }

    [Fact]
    public void At_a_dropped_site_a_read_barrier_is_absent()
    {
        Simulate(MemoryModel.Weak);
        _choices.OfVersion = _ => 0;
        foreach (var mutation in new[] { SiteMutation.None, SiteMutation.Dropped })
        {
            _board.Owner.Mutate(s_site, mutation);
            Other(X, 1);
            _ = Dma.Load<uint>(Y, out _);
            Dma.ReadBarrier(s_site);
            _choices.Versions.Clear();
            _ = Dma.Load<uint>(X, out _);
            Assert.Equal(mutation == SiteMutation.Dropped, _choices.Versions.Count == 1);
        }
    }

    [Theory]
    [InlineData(SiteMutation.None, DmaOrdering.Relaxed)]
    [InlineData(SiteMutation.Swapped, DmaOrdering.Relaxed)]
    [InlineData(SiteMutation.None, DmaOrdering.Pci)]
    [InlineData(SiteMutation.Swapped, DmaOrdering.Pci)]
    public void A_swapped_pair_is_made_in_the_other_order_under_every_ordering(SiteMutation mutation, DmaOrdering ordering)
    {
        Simulate(MemoryModel.Tso);
        _board.Owner.SetOrdering(ordering);
        _board.Owner.Mutate(s_site, mutation);
        Assert.Equal(DmaStatus.Ok, Dma.WriteThenPublish(X, [1, 0, 0, 0], Y, 1UL, s_site));
        _memory.MakeVisible(0);
        var (body, word) = mutation == SiteMutation.Swapped ? (0UL, 1UL) : (1UL, 0UL);
        Assert.Equal((body, word), (_board.Word(X), _board.Word(Y)));
        _memory.Settle();
        Assert.Equal((1UL, 1UL), (_board.Word(X), _board.Word(Y)));
    }

    [Fact]
    public void A_map_is_a_copy_whose_changes_are_stored_when_it_is_done()
    {
        Simulate(MemoryModel.Weak);
        Other(X, 0x11111111);
        Assert.Equal(DmaStatus.Ok, Dma.Map(X, 16, DmaDirection.Write, out var mapping));
        Assert.Equal(16, mapping.Length);
        Assert.Equal(0x11, mapping.Bytes[0]);
        mapping.Bytes[8] = 0x22;
        _memory.Settle();
        Assert.Equal(0UL, _board.Word(X + 8));
        mapping.Dispose();
        Assert.Equal((0UL, 1), (_board.Word(X + 8), _memory.Ready));
        _memory.Settle();
        Assert.Equal((0x11111111UL, 0x22UL), (_board.Word(X), _board.Word(X + 8)));
    }

    [Fact]
    public void A_map_stores_no_byte_that_the_device_left_alone()
    {
        Simulate(MemoryModel.Weak);
        Assert.Equal(DmaStatus.Ok, Dma.Map(X, 16, DmaDirection.Write, out var mapping));
        mapping.Bytes[0] = 0xAA;
        mapping.Bytes[9] = 0xBB;

        // In RAM itself the device would have written its two bytes and nothing else.
        Other(X + 4, 0x11111111);
        Other(X + 12, 0x22222222);
        mapping.Dispose();
        _memory.Settle();
        Assert.Equal((0x11111111000000AAUL, 0x222222220000BB00UL), (_board.Word(X), _board.Word(X + 8)));
    }

    [Fact]
    public void A_map_for_reading_stores_nothing()
    {
        Simulate(MemoryModel.Weak);
        Assert.Equal(DmaStatus.Ok, Dma.Map(X, 16, DmaDirection.Read, out var mapping));
        mapping.Dispose();
        Assert.Equal(0, _memory.Ready);
    }

    [Theory]
    [InlineData(SiteMutation.None, DmaOrdering.Relaxed, 1)]
    [InlineData(SiteMutation.Dropped, DmaOrdering.Relaxed, 2)]
    [InlineData(SiteMutation.Dropped, DmaOrdering.Split, 1)]
    [InlineData(SiteMutation.None, DmaOrdering.Full, 0)]
    [InlineData(SiteMutation.Dropped, DmaOrdering.Full, 0)]
    public void A_message_stands_behind_the_data_as_far_as_its_site_and_the_bus_say(SiteMutation mutation, DmaOrdering ordering, int ready)
    {
        Simulate(MemoryModel.Weak);
        _board.Owner.SetOrdering(ordering);
        _board.Owner.Mutate(BusSites.MessageAfterData, mutation);
        _ = Dma.Store(X, 1UL);
        Assert.Equal(DmaStatus.Ok, Dma.SendMessage(Messages, 7));
        Assert.Equal(ready, _memory.Ready);
        Assert.Equal(ready == 0 ? 1 : 0, _window.Messages.Count);
        if (ready > 0)
        {
            _memory.MakeVisible(ready - 1);
            Assert.Equal(ready == 2 ? 1 : 0, _window.Messages.Count);
        }

        _memory.Settle();
        Assert.Equal([(Messages, 7u)], _window.Messages);
        Assert.Equal(1UL, _board.Word(X));
    }

    [Fact]
    public void A_message_to_memory_is_a_store_behind_the_data()
    {
        Simulate(MemoryModel.Weak);
        _ = Dma.Store(X, 1UL);
        Assert.Equal(DmaStatus.Ok, Dma.SendMessage(Y, 7));
        Assert.Equal(1, _memory.Ready);
        _memory.MakeVisible(0);
        Assert.Equal((1UL, 0UL), (_board.Word(X), _board.Word(Y)));
        _memory.Settle();
        Assert.Equal(7UL, _board.Word(Y));
    }

    [Theory]
    [InlineData(SiteMutation.None, 1)]
    [InlineData(SiteMutation.Dropped, 0)]
    public void A_read_of_the_functions_registers_shows_what_it_wrote(SiteMutation mutation, int seen)
    {
        Simulate(MemoryModel.Weak);
        _board.Owner.Mutate(BusSites.FlushedByRead, mutation);
        _ = Dma.Store(X, 1UL);
        _board.Owner.FlushPostedWrites();
        Assert.Equal((ulong)seen, _board.Word(X));
    }

    [Fact]
    public unsafe void A_simulated_store_is_noticed_where_code_was_decoded_when_it_becomes_visible()
    {
        Simulate(MemoryModel.Weak);
        var code = new CodeWitness();
        _board.Memory.AddObserver(code);
        Volatile.Write(ref *_board.Ram.CodeMap, 1);
        _ = Dma.Store(X, 1UL);
        Assert.Empty(code.Written);
        _memory.Settle();
        Assert.Equal([0UL], code.Written);
    }

    private void Simulate(MemoryModel model)
    {
        _memory = new SimulatedMemory(_board.Memory, model, _choices);
        _board.Memory.AddMmio("messages", Messages, 0x1000, _window);
        _board.Owner.Simulate(_memory.Add("device", isProcessor: false));
    }

    // A visible store by somebody else.
    private unsafe void Other(ulong address, uint value)
    {
        var other = _memory.Add("other", isProcessor: true);
        other.Store(_board.Ram.Host + address, _board.Ram.CodeMap, address, 4, value);
        other.Drain();
    }

    private sealed class CodeWitness : IMemoryObserver
    {
        public List<ulong> Written { get; } = [];

        public void CodeWritten(ulong physicalPage) => Written.Add(physicalPage);

        public void MapChanged()
        {
        }

        public void CodeDecoded(ulong physicalPage)
        {
        }

        public void PagesWatched()
        {
        }
    }
}
