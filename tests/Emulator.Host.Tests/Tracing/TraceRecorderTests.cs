using Emulator.Host.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Tests.Tracing;

public sealed class TraceRecorderTests
{
    private static readonly OrderingSite s_site = new("test.body-before-flag", "", "", "MP") { HasPair = true };

    [Fact]
    public void Accesses_have_their_fences_their_site_and_when_they_became_visible()
    {
        using var board = new TraceBoard(DmaOrdering.Split);
        board.Dma.Store(0x1000, 0x11U);
        board.Dma.Publish(0x1040, 0x22U, s_site);
        board.Dma.WriteRelaxed(0x2000, new byte[24]);
        board.Dma.WriteBarrier(s_site);
        board.Dma.Load(0x1000, out uint _);

        var events = board.End();

        Assert.Equal(
            [TraceKind.Write, TraceKind.Publish, TraceKind.Write, TraceKind.Fence, TraceKind.Read],
            events.Select(e => e.Kind));
        Assert.All(events, e => Assert.Equal("D0", e.Lane));
        Assert.Equal([1, 2, 3, 4, 5], events.Select(e => e.Sequence));
        var (data, flag, block) = (events[0], events[1], events[2]);
        Assert.Equal((0x1000UL, 4, 0x11UL, "split"), (data.Address, data.Length, data.Value!.Value, data.Ordering));
        Assert.Equal(["store"], data.Fences);
        Assert.Equal(["store", "release"], flag.Fences);
        Assert.Equal(s_site.Name, flag.Site);
        Assert.True(data.Visible!.Value.Last < flag.Visible!.Value.First);
        Assert.True(block is { Relaxed: true, Value: null, Length: 24, Fences: [] });
        Assert.True(block.Visible!.Value.First < block.Visible!.Value.Last);
        Assert.Equal((s_site.Name, "store"), (events[3].Site, events[3].Fences.Single()));
        Assert.Equal([1], events[4].From);
        Assert.True(events.Zip(events.Skip(1)).All(pair => pair.First.Time < pair.Second.Time));
    }

    [Fact]
    public void A_message_is_behind_its_release_and_the_bus_fence_behind_it_is_an_event_of_its_own()
    {
        using var board = new TraceBoard();
        board.Dma.SendMessage(0x3000, 0x41);

        var events = board.End();

        Assert.Equal([TraceKind.Message, TraceKind.Fence], events.Select(e => e.Kind));
        Assert.Equal(["full", "release"], events[0].Fences);
        Assert.Equal((0x41UL, BusSites.MessageAfterData.Name), (events[0].Value!.Value, events[0].Site));
        Assert.Equal(["full"], events[1].Fences);
    }

    [Fact]
    public void Without_a_simulated_memory_there_are_values_and_fences_and_no_moments()
    {
        using var board = new TraceBoard(DmaOrdering.Pci, model: null);
        board.Dma.Store(0x1000, (ushort)0x1234);
        board.Dma.Load(0x1000, out byte _);
        board.Dma.Read(0xFFFF_0000, new byte[4]);

        var events = board.End();

        Assert.Equal([0x1234UL, 0x34UL, 0xFFFF_FFFFUL], events.Select(e => e.Value!.Value));
        Assert.Equal(["store"], events[0].Fences);
        Assert.Equal(["full"], events[1].Fences);
        Assert.Equal([null, null, "Unassigned"], events.Select(e => e.Status));
        Assert.All(events, e => Assert.True(e is { Visible: null, From: [] }));
    }

    [Fact]
    public void Of_a_processors_accesses_those_to_lines_that_DMA_touches_are_there_and_the_stores_that_it_reads()
    {
        using var board = new TraceBoard(model: MemoryModel.Tso);
        board.ProcessorStores(0x1000, 1);
        board.ProcessorStores(0x1000, 2);
        board.ProcessorStores(0x5000, 3);
        board.ProcessorLoads(0x1000);
        board.Processor!.Drain();
        board.Dma.Load(0x1000, out uint value);
        board.ProcessorLoads(0x1020);
        board.ProcessorLoads(0x5000);
        board.ProcessorAdds(0x1000, 5);
        board.Dma.Load(0x1000, out value);

        var events = board.End();

        Assert.Equal(7U, value);
        Assert.Equal(
            [
                ("cpu0", TraceKind.Write, 0x1000UL),
                ("cpu0", TraceKind.Write, 0x1000UL),
                ("D0", TraceKind.Read, 0x1000UL),
                ("cpu0", TraceKind.Read, 0x1020UL),
                ("cpu0", TraceKind.Update, 0x1000UL),
                ("D0", TraceKind.Read, 0x1000UL),
            ],
            events.Select(e => (e.Lane, e.Kind, e.Address)));
        Assert.Equal([events[1].Sequence], events[2].From);
        Assert.Equal([events[4].Sequence], events[5].From);
    }

    [Fact]
    public void Processors_can_be_left_out()
    {
        using var board = new TraceBoard(hasProcessors: false);
        board.Dma.Store(0x1000, 1U);
        board.ProcessorStores(0x1000, 2);
        Assert.Equal(["D0"], board.End().Select(e => e.Lane));
    }

    [Fact]
    public void What_waits_at_the_end_is_there_and_says_so()
    {
        using var board = new TraceBoard(DmaOrdering.Relaxed, MemoryModel.Tso, seed: 3);
        board.Dma.Store(0x1000, 1U);
        var store = Assert.Single(board.End(settle: false));
        Assert.Equal((TraceEvent.Waiting, null), (store.Status, store.Visible));
    }

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Tracked)]
    [InlineData(DmaOrdering.Split)]
    [InlineData(DmaOrdering.Pci)]
    [InlineData(DmaOrdering.Relaxed)]
    public void Whatever_a_function_does_breaks_no_rule(DmaOrdering ordering)
    {
        for (ulong seed = 1; seed <= 200; seed++)
        {
            using var board = new TraceBoard(ordering, seed: seed);
            DoAll(board, seed);
            var violations = board.Check();
            Assert.True(violations.Count == 0, $"seed {seed}: {string.Join("; ", violations)}");
        }
    }

    [Theory]
    [InlineData(SiteMutation.Dropped, DmaOrdering.Relaxed, true)]
    [InlineData(SiteMutation.Dropped, DmaOrdering.Full, false)]
    [InlineData(SiteMutation.Swapped, DmaOrdering.Relaxed, true)]
    [InlineData(SiteMutation.Swapped, DmaOrdering.Full, true)]
    public void A_mutated_site_is_found_by_some_seed_unless_the_bus_covers_it(SiteMutation mutation, DmaOrdering ordering, bool isFound)
    {
        var found = FirstSeed(ordering, board =>
        {
            board.Device.Mutate(s_site, mutation);
            board.Dma.WriteThenPublish(0x1000, new byte[] { 1, 2, 3, 4 }, 0x1040, 1U, s_site);
        });
        Assert.Equal(isFound, found is not null);
    }

    [Fact]
    public void A_dropped_barrier_is_found_by_some_seed()
    {
        var found = FirstSeed(DmaOrdering.Relaxed, board =>
        {
            board.Device.Mutate(s_site, SiteMutation.Dropped);
            board.Dma.Store(0x1000, 1U);
            board.Dma.WriteBarrier(s_site);
            board.Dma.Store(0x1040, 1U);
        });
        Assert.NotNull(found);
        Assert.Contains($"the store fence #2 at {s_site.Name}", found.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_does_not_wait_for_data_is_found_by_some_seed()
    {
        var found = FirstSeed(DmaOrdering.Relaxed, board =>
        {
            board.Device.Mutate(BusSites.MessageAfterData, SiteMutation.Dropped);
            board.Dma.Store(0x1000, 1U);
            board.Dma.SendMessage(0x2000, 1);
        });
        Assert.NotNull(found);
        Assert.Contains(BusSites.MessageAfterData.Name, found.Rule, StringComparison.Ordinal);
    }

    private static TraceViolation? FirstSeed(DmaOrdering ordering, Action<TraceBoard> run)
    {
        for (ulong seed = 1; seed <= 500; seed++)
        {
            using var board = new TraceBoard(ordering, seed: seed);
            run(board);

            // Somebody else's accesses let stores become visible, in whatever order.
            for (uint i = 0; i < 20; i++)
            {
                board.Other.Context.LoadRelaxed(0x8000, out uint _);
            }

            if (board.Check() is [var first, ..])
            {
                return first;
            }
        }

        return null;
    }

    private static void DoAll(TraceBoard board, ulong seed)
    {
        var random = new Random((int)seed);
        for (var i = 0; i < 60; i++)
        {
            var dma = random.Next(2) == 0 ? board.Dma : board.Other.Context;
            var address = 0x1000 + ((ulong)random.Next(8) * 64);
            switch (random.Next(11))
            {
                case 0: dma.Store(address, (uint)i); break;
                case 1: dma.StoreRelaxed(address, (ulong)i); break;
                case 2: dma.Publish(address, (byte)i); break;
                case 3: dma.Write(address + 3, new byte[random.Next(1, 80)]); break;
                case 4: dma.Read(address, new byte[random.Next(1, 80)]); break;
                case 5: dma.LoadRelaxed(address, out ushort _); break;
                case 6: dma.SendMessage(0x4000, (uint)i); break;
                case 7: dma.ReadBarrier(); break;
                case 8: dma.FullBarrier(); break;
                case 9: dma.WriteThenPublish(address, new byte[20], 0x3000, i, s_site); break;
                default:
                    _ = dma.Map(address, 40, DmaDirection.Write, out var mapping);
                    mapping.Bytes[random.Next(40)] ^= 1;
                    mapping.Dispose();
                    break;
            }
        }
    }
}
