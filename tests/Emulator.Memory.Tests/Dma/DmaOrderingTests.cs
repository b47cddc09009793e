namespace Emulator.Memory.Tests.Dma;

public sealed class DmaOrderingTests
{
    // first W, first R, W→W, R→R, R→W, W→R; u unknown, - none, s store, l load, x load-store, F full.
    // Split has its store fence before each write and its load fence before each read: between R and W, and between W
    // and R, these order nothing, which is what "none" is in the table of orderings.
    [Theory]
    [InlineData(DmaOrdering.Full, "FFFFFF")]
    [InlineData(DmaOrdering.Tracked, "FFslxF")]
    [InlineData(DmaOrdering.Split, "slslsl")]
    [InlineData(DmaOrdering.Pci, "sFs--F")]
    [InlineData(DmaOrdering.Relaxed, "------")]
    public void The_fence_before_an_access_is_the_tables(DmaOrdering ordering, string row)
    {
        var issued = string.Concat(
            Fence(ordering, dma => { }, Write),
            Fence(ordering, dma => { }, Read),
            Fence(ordering, Write, Write),
            Fence(ordering, Read, Read),
            Fence(ordering, Read, Write),
            Fence(ordering, Write, Read));
        Assert.Equal(row, issued);
    }

    [Theory]
    [InlineData(DmaOrdering.Full, "FF")]
    [InlineData(DmaOrdering.Tracked, "FF")]
    [InlineData(DmaOrdering.Split, "sl")]
    [InlineData(DmaOrdering.Pci, "sF")]
    [InlineData(DmaOrdering.Relaxed, "--")]
    public void After_what_nobody_tracks_the_last_direction_is_unknown(DmaOrdering ordering, string unknown)
    {
        Action<DmaContext>[] untracked =
        [
            dma => dma.StoreRelaxed<uint>(0, 1),
            dma => dma.LoadRelaxed<uint>(0, out _),
            dma => dma.WriteRelaxed(0, [1]),
            dma => dma.ReadRelaxed(0, new byte[1]),
            dma => dma.Map(0, 8, DmaDirection.Write, out _),
            dma => dma.Map(0, 8, DmaDirection.Read, out _),
            dma =>
            {
                dma.Map(0, 8, DmaDirection.Read, out var mapping);
                Write(dma);
                mapping.Dispose();
            },
            dma => dma.Store<uint>(DmaBoard.Nobody, 1),
            dma => dma.Load<uint>(DmaBoard.RegisterBase, out _),
            dma => dma.Write(0xFFFC, new byte[8]),
            dma => dma.Map(DmaBoard.Nobody, 8, DmaDirection.Read, out _),
            dma => dma.Forget(),
            _ => { },
        ];
        foreach (var action in untracked)
        {
            Assert.Equal(unknown, $"{Fence(ordering, action, Write)}{Fence(ordering, action, Read)}");
        }
    }

    [Fact]
    public void Every_form_of_an_access_has_the_fence_of_its_direction()
    {
        Action<DmaContext>[] writes =
        [
            dma => dma.Store<byte>(0, 1), dma => dma.Store<ulong>(0xFFD, 1), dma => dma.Write(0, new byte[100]),
            dma => dma.Publish<ushort>(2, 1), dma => dma.Map(0, 8, DmaDirection.Write, out _),
        ];
        Action<DmaContext>[] reads =
        [
            dma => dma.Load<byte>(0, out _), dma => dma.Load<ulong>(0xFFD, out _), dma => dma.Read(0, new byte[5000]),
            dma => dma.Map(0, 8, DmaDirection.Read, out _),
        ];
        foreach (var write in writes)
        {
            Assert.Equal('s', Fence(DmaOrdering.Tracked, Write, write));
            Assert.Equal('x', Fence(DmaOrdering.Tracked, Read, write));
        }

        foreach (var read in reads)
        {
            Assert.Equal('l', Fence(DmaOrdering.Tracked, Read, read));
            Assert.Equal('F', Fence(DmaOrdering.Tracked, Write, read));
        }
    }

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Relaxed)]
    public void The_fences_a_device_asks_for_by_name_stay_whatever_the_bus_says(DmaOrdering ordering)
    {
        using var board = new DmaBoard(ordering);
        var witness = new FenceWitness();
        board.Owner.SetObserver(witness);
        board.Dma.ReadBarrier();
        board.Dma.WriteBarrier();
        board.Dma.FullBarrier();
        Assert.Equal([DmaFence.LoadLoad, DmaFence.StoreStore, DmaFence.Full], witness.Fences);
        witness.Fences.Clear();
        Assert.Equal(DmaStatus.Ok, board.Dma.Publish(8UL, 7u));
        var bus = ordering == DmaOrdering.Full ? DmaFence.Full : DmaFence.None;
        Assert.Equal([bus, DmaFence.Release], witness.Fences);
    }

    [Fact]
    public void A_scatter_gather_list_has_one_fence_and_its_end_none()
    {
        using var board = new DmaBoard();
        var witness = new FenceWitness();
        board.Owner.SetObserver(witness);
        DmaSegment[] list = [new(0, 100), new(0x2000, 5000), new(DmaBoard.SecondRam, 8)];
        var mappings = new DmaMapping[3];
        Assert.Equal(DmaStatus.Ok, board.Dma.Map(list, DmaDirection.Write, mappings, out var count));
        Assert.Equal(3, count);
        Assert.Equal([100, 5000, 8], mappings.Select(mapping => mapping.Length));
        mappings[1].Bytes.Fill(0x5A);
        foreach (var mapping in mappings)
        {
            mapping.Dispose();
        }

        Assert.Equal([DmaFence.Full], witness.Fences);
        Assert.Equal(0x5A5A5A5A5A5A5A5Aul, board.Word(0x2000 + 5000 - 8));
        Assert.Equal(0ul, board.Word(0x2000 + 5000));
    }

    [Fact]
    public void A_change_of_ordering_forgets_the_last_direction()
    {
        using var board = new DmaBoard(DmaOrdering.Relaxed);
        var witness = new FenceWitness();
        board.Owner.SetObserver(witness);
        Write(board.Dma);
        Read(board.Dma);
        board.Owner.SetOrdering(DmaOrdering.Tracked);
        Assert.Equal(DmaOrdering.Tracked, board.Dma.Ordering);
        Read(board.Dma);
        Read(board.Dma);
        Assert.Equal([DmaFence.None, DmaFence.None, DmaFence.Full, DmaFence.LoadLoad], witness.Fences);
    }

    [Fact]
    public void Whatever_the_bus_changes_makes_the_last_direction_unknown()
    {
        Action<DmaBoard, FenceWitness>[] changes =
        [
            (board, _) =>
            {
                board.Owner.SetOrdering(DmaOrdering.Relaxed);
                Write(board.Dma);
                board.Owner.SetOrdering(DmaOrdering.Tracked);
            },
            (board, _) =>
            {
                board.Owner.SetBusMaster(false);
                Write(board.Dma);
                board.Owner.SetBusMaster(true);
            },
            (board, witness) =>
            {
                board.Owner.SetObserver(null);
                Write(board.Dma);
                board.Owner.SetObserver(witness);
            },
        ];
        foreach (var change in changes)
        {
            using var board = new DmaBoard(DmaOrdering.Tracked);
            var witness = new FenceWitness();
            board.Owner.SetObserver(witness);
            Write(board.Dma);
            Write(board.Dma);
            Assert.Equal(DmaFence.StoreStore, witness.Fences[^1]);
            change(board, witness);
            Write(board.Dma);
            Assert.Equal(DmaFence.Full, witness.Fences[^1]);
        }
    }

    [Fact]
    public void A_change_that_is_taken_back_before_the_next_access_has_changed_nothing()
    {
        using var board = new DmaBoard(DmaOrdering.Tracked);
        var witness = new FenceWitness();
        board.Owner.SetObserver(witness);
        Write(board.Dma);
        board.Owner.SetBusMaster(false);
        board.Owner.SetOrdering(DmaOrdering.Relaxed);
        board.Owner.SetOrdering(DmaOrdering.Tracked);
        board.Owner.SetBusMaster(true);
        Write(board.Dma);
        Assert.Equal([DmaFence.Full, DmaFence.StoreStore], witness.Fences);
    }

    [Theory]
    [InlineData("full", DmaOrdering.Full)]
    [InlineData("tracked", DmaOrdering.Tracked)]
    [InlineData("split", DmaOrdering.Split)]
    [InlineData("pci", DmaOrdering.Pci)]
    [InlineData("relaxed", DmaOrdering.Relaxed)]
    public void Each_ordering_has_its_name(string name, DmaOrdering ordering)
    {
        Assert.True(DmaOrderings.TryParse(name, out var parsed, out _));
        Assert.Equal(ordering, parsed);
        Assert.Equal(name, DmaOrderings.Name(ordering));
    }

    [Theory]
    [InlineData("fulll")]
    [InlineData("Full")]
    [InlineData("")]
    [InlineData(null)]
    public void A_wrong_name_is_answered_with_the_right_ones(string? name)
    {
        Assert.False(DmaOrderings.TryParse(name, out _, out var error));
        Assert.Contains("full, tracked, split, pci, relaxed", error, StringComparison.Ordinal);
    }

    private static void Write(DmaContext dma) => dma.Store<uint>(0x10, 1);

    private static void Read(DmaContext dma) => dma.Load<uint>(0x10, out _);

    private static char Fence(DmaOrdering ordering, Action<DmaContext> before, Action<DmaContext> access)
    {
        using var board = new DmaBoard(ordering);
        var witness = new FenceWitness();
        board.Owner.SetObserver(witness);
        before(board.Dma);
        witness.Fences.Clear();
        access(board.Dma);
        return "-slxrF"[(int)witness.Fences[0]];
    }
}
