namespace Emulator.Memory.Tests.Dma;

public sealed unsafe class DmaAccessTests
{
    [Fact]
    public void What_is_stored_is_loaded_at_every_size_and_alignment()
    {
        using var board = new DmaBoard();
        var dma = board.Dma;
        for (ulong at = 0xFF0; at < 0x1010; at++)
        {
            Assert.Equal(DmaStatus.Ok, dma.Store<ulong>(at, 0x8877665544332211));
            Assert.Equal(0x8877665544332211, board.Word(at));
            Assert.Equal(DmaStatus.Ok, dma.Load(at, out uint dword));
            Assert.Equal(0x44332211u, dword);
            Assert.Equal(DmaStatus.Ok, dma.Publish<ushort>(at, 0xAABB));
            Assert.Equal(DmaStatus.Ok, dma.Load(at, out ulong qword));
            Assert.Equal(0x887766554433AABB, qword);
            Assert.Equal(DmaStatus.Ok, dma.StoreRelaxed<byte>(at, 0xEE));
            Assert.Equal(DmaStatus.Ok, dma.LoadRelaxed(at, out ushort word));
            Assert.Equal(0xAAEE, word);
        }
    }

    [Fact]
    public void Random_copies_are_what_an_array_would_hold()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var board = new DmaBoard(DmaOrdering.Tracked);
        var model = new byte[board.Ram.Size];
        var data = new byte[9000];
        for (var i = 0; i < 3000; i++)
        {
            var length = random.Next(i % 2 == 0 ? 80 : data.Length);
            var at = random.Next(model.Length - length + 1);
            random.NextBytes(data);
            var status = i % 3 == 0 ? board.Dma.WriteRelaxed((ulong)at, data.AsSpan(0, length)) : board.Dma.Write((ulong)at, data.AsSpan(0, length));
            Assert.Equal(DmaStatus.Ok, status);
            data.AsSpan(0, length).CopyTo(model.AsSpan(at));
            at = random.Next(model.Length - length + 1);
            Assert.Equal(DmaStatus.Ok, board.Dma.Read((ulong)at, data.AsSpan(0, length)));
            Assert.True(model.AsSpan(at, length).SequenceEqual(data.AsSpan(0, length)));
        }
    }

    [Fact]
    public void Refusals_have_a_status_each_are_counted_and_logged_once()
    {
        using var board = new DmaBoard();
        var dma = board.Dma;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(DmaStatus.Unassigned, dma.Store(DmaBoard.Nobody, 1u));
            Assert.Equal(DmaStatus.Unassigned, dma.Load(DmaBoard.Nobody, out uint ones));
            Assert.Equal(uint.MaxValue, ones);
            Assert.Equal(DmaStatus.Registers, dma.Store(DmaBoard.RegisterBase, 1u));
            Assert.Equal(DmaStatus.Registers, dma.Publish(DmaBoard.RegisterBase, 1u));
            Assert.Equal(DmaStatus.Registers, dma.Load(DmaBoard.RegisterBase, out ones));
            Assert.Equal(uint.MaxValue, ones);
            Assert.Equal(DmaStatus.Registers, dma.Map(DmaBoard.RegisterBase, 4, DmaDirection.Read, out _));
            Assert.Equal(DmaStatus.Unassigned, dma.Write(DmaBoard.Rom, [1, 2]));
            Assert.Equal(DmaStatus.Ok, dma.Load(DmaBoard.Rom, out uint rom));
            Assert.Equal(0u, rom);
        }

        Assert.Equal(9, board.Owner.Refused(DmaStatus.Unassigned));
        Assert.Equal(12, board.Owner.Refused(DmaStatus.Registers));
        Assert.Equal(0, board.Owner.Refused(DmaStatus.NotBusMaster));
        Assert.Equal(2, board.Log.Messages.Count);
        Assert.Empty(board.Registers.Log);
    }

    [Fact]
    public void Without_bus_mastering_nothing_is_written_and_reads_are_ones()
    {
        using var board = new DmaBoard(busMaster: false);
        var dma = board.Dma;
        var bytes = new byte[3];
        Assert.Equal(DmaStatus.NotBusMaster, dma.Store(0, 1u));
        Assert.Equal(DmaStatus.NotBusMaster, dma.StoreRelaxed(0, 1u));
        Assert.Equal(DmaStatus.NotBusMaster, dma.Publish(0, 1u));
        Assert.Equal(DmaStatus.NotBusMaster, dma.Write(0, [1]));
        Assert.Equal(DmaStatus.NotBusMaster, dma.Map(0, 1, DmaDirection.Write, out var mapping));
        Assert.Equal(0, mapping.Length);
        Assert.Equal(DmaStatus.NotBusMaster, dma.Read(0, bytes));
        Assert.Equal([0xFF, 0xFF, 0xFF], bytes);
        Assert.Equal(DmaStatus.NotBusMaster, dma.Load(0, out ushort word));
        Assert.Equal(0xFFFF, word);
        Assert.Equal(0ul, board.Word(0));
        Assert.Equal(7, board.Owner.Refused(DmaStatus.NotBusMaster));
        board.Owner.SetBusMaster(true);
        Assert.Equal(DmaStatus.Ok, dma.Store(0, 1u));
        board.Owner.SetBusMaster(false);
        Assert.Equal(DmaStatus.NotBusMaster, dma.Store(0, 2u));
        Assert.Equal(1ul, board.Word(0));
    }

    [Fact]
    public void A_copy_ends_where_it_is_refused()
    {
        using var board = new DmaBoard();
        var data = new byte[16];
        data.AsSpan().Fill(0x11);
        Assert.Equal(DmaStatus.Unassigned, board.Dma.Write(0xFFF8, data));
        Assert.Equal(0x1111111111111111ul, board.Word(0xFFF8));
        data.AsSpan().Clear();
        Assert.Equal(DmaStatus.Unassigned, board.Dma.Read(0xFFF8, data));
        Assert.Equal([.. Enumerable.Repeat((byte)0x11, 8), .. Enumerable.Repeat((byte)0xFF, 8)], data);
        Assert.Equal(DmaStatus.Unassigned, board.Dma.Write(ulong.MaxValue, data));
        Assert.Equal(0ul, board.Word(0));
    }

    [Fact]
    public void Past_the_top_of_the_address_space_there_is_nothing()
    {
        using var board = new DmaBoard();
        board.Memory.AddRam("top", ulong.MaxValue - 0xFFF, new RamBlock("top", 0x1000), 0, 0x1000);
        Assert.Equal(DmaStatus.Unassigned, board.Dma.Write(ulong.MaxValue - 3, [1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Equal(0ul, board.Word(0));
        Assert.Equal(DmaStatus.Ok, board.Dma.Load(ulong.MaxValue - 3, out uint word));
        Assert.Equal(0x04030201u, word);
    }

    [Fact]
    public void Bus_mastering_cleared_under_way_fails_the_rest_at_a_page()
    {
        using var board = new DmaBoard();
        board.Owner.SetTranslator(new Shift(0, 0x10000, at =>
        {
            if (at == 0x1000)
            {
                board.Owner.SetBusMaster(false);
            }
        }));
        var data = new byte[0x3000];
        data.AsSpan().Fill(0x22);
        Assert.Equal(DmaStatus.NotBusMaster, board.Dma.Write(0x800, data));
        Assert.Equal(0x2222222222222222ul, board.Word(0x1FF8));
        Assert.Equal(0ul, board.Word(0x2000));
    }

    [Fact]
    public void A_map_that_changes_is_seen_by_the_next_access()
    {
        using var board = new DmaBoard();
        Assert.Equal(DmaStatus.Ok, board.Dma.Store(0x40, 1u));
        var cover = board.Memory.AddMmio("cover", 0, 0x1000, new Constant(0), priority: 1);
        Assert.Equal(DmaStatus.Registers, board.Dma.Store(0x40, 2u));
        board.Memory.Remove(cover);
        Assert.Equal(DmaStatus.Ok, board.Dma.Store(0x40, 3u));
        Assert.Equal(3ul, board.Word(0x40));
    }

    [Fact]
    public void Code_written_by_DMA_is_noticed_by_the_processors()
    {
        using var board = new DmaBoard();
        var witness = new Witness();
        board.Memory.AddObserver(witness);
        board.Ram.CodeMap[3] = 1;
        board.Ram.CodeMap[5] = 1;
        board.Dma.Store(0x2FF8, 1ul);
        board.Dma.Store(0x4000, 1u);
        Assert.Empty(witness.Pages);
        board.Dma.Store(0x3000, 1u);
        board.Dma.Publish<byte>(0x3FFF, 1);
        board.Dma.Write(0x2FFC, new byte[8]);
        Assert.Equal([0x3000ul, 0x3000, 0x3000], witness.Pages);
        witness.Pages.Clear();
        board.Dma.Write(0x2000, new byte[0x4000]);
        Assert.Equal([0x3000ul, 0x5000], witness.Pages);
        witness.Pages.Clear();
        board.Dma.Map(0x4FFF, 2, DmaDirection.Write, out var mapping);
        mapping.Dispose();
        Assert.Equal([0x5000ul], witness.Pages);
        board.Dma.Map(0x5000, 2, DmaDirection.Read, out mapping);
        mapping.Dispose();
        Assert.Single(witness.Pages);
    }

    [Fact]
    public void A_mapping_goes_as_far_as_the_memory_behind_it()
    {
        using var board = new DmaBoard();
        Assert.Equal(DmaStatus.Ok, board.Dma.Map(0xF123, 0x5000, DmaDirection.Read, out var mapping));
        Assert.Equal(0xEDD, mapping.Length);
        Assert.Equal(DmaStatus.Ok, board.Dma.Map(0x123, 0xE000, DmaDirection.Read, out mapping));
        Assert.Equal(0xE000, mapping.Length);
        Assert.Equal(DmaStatus.Ok, board.Dma.Map(0x123, 0, DmaDirection.Read, out mapping));
        Assert.Equal(0, mapping.Length);
    }

    [Fact]
    public void A_translator_stands_between_the_device_and_memory()
    {
        using var board = new DmaBoard();
        board.Dma.Store(0x40, 1u);
        board.Owner.SetTranslator(new Shift(0x2000, 0x3000));
        Assert.Equal(DmaStatus.Ok, board.Dma.Store(0x40, 2u));
        Assert.Equal(1ul, board.Word(0x40));
        Assert.Equal(2ul, board.Word(0x2040));
        Assert.Equal(DmaStatus.IommuFault, board.Dma.Write(0x2FFE, [1, 2, 3, 4]));
        Assert.Equal(0x0201ul << 48, board.Word(0x4FF8));
        Assert.Equal(1, board.Owner.Refused(DmaStatus.IommuFault));
        board.Owner.SetTranslator(null);
        Assert.Equal(DmaStatus.Ok, board.Dma.Store(0x40, 3u));
        Assert.Equal(3ul, board.Word(0x40));
    }

    [Fact]
    public void An_observer_sees_every_access_with_its_status()
    {
        using var board = new DmaBoard();
        board.Dma.Store(0, 1u);
        var witness = new FenceWitness();
        board.Owner.SetObserver(witness);
        board.Dma.Store(0, 1u);
        board.Dma.ReadRelaxed(8, new byte[100]);
        board.Dma.Load<byte>(DmaBoard.RegisterBase, out _);
        board.Owner.SetObserver(null);
        board.Dma.Store(0, 1u);
        Assert.Equal(
            [
                (DmaDirection.Write, 0ul, 4, DmaStatus.Ok),
                (DmaDirection.Read, 8ul, 100, DmaStatus.Ok),
                (DmaDirection.Read, DmaBoard.RegisterBase, 1, DmaStatus.Registers),
            ],
            witness.Accesses);
    }

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Tracked)]
    [InlineData(DmaOrdering.Relaxed)]
    public void Nothing_is_allocated(DmaOrdering ordering)
    {
        using var board = new DmaBoard(ordering);
        var buffer = new byte[6000];
        DmaSegment[] list = [new(0, 100), new(0x2000, 5000)];
        var mappings = new DmaMapping[2];
        Everything(board, buffer, list, mappings);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Everything(board, buffer, list, mappings);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_word_of_no_size_that_memory_has_is_a_mistake_of_the_device()
    {
        using var board = new DmaBoard();
        Assert.Throws<NotSupportedException>(() => board.Dma.Store(0, default(Int128)));
    }

    private static void Everything(DmaBoard board, byte[] buffer, DmaSegment[] list, DmaMapping[] mappings)
    {
        var dma = board.Dma;
        dma.Write(0x123, buffer);
        dma.Read(0x123, buffer);
        dma.Write(0, buffer.AsSpan(0, 64));
        dma.Store(8, 1ul);
        dma.Load(8, out ulong _);
        dma.Publish<byte>(9, 1);
        dma.StoreRelaxed<ushort>(0xFFF, 1);
        dma.Load<uint>(DmaBoard.Nobody, out _);
        dma.Map(0, 64, DmaDirection.Write, out var mapping);
        mapping.Dispose();
        dma.Map(list, DmaDirection.Write, mappings, out _);
        mappings[0].Dispose();
        dma.FullBarrier();
        board.Owner.SetBusMaster(false);
        dma.Store(8, 1ul);
        board.Owner.SetBusMaster(true);
    }
}
