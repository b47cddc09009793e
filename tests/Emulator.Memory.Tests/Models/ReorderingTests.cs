using Emulator.Memory.Tests.Dma;

namespace Emulator.Memory.Tests.Models;

/// <summary>What each model must be able to show, and what not, by choices made by hand.</summary>
public sealed class ReorderingTests
{
    private const int X = 0;
    private const int Y = 64;
    private const ulong Messages = 0xFEE00000;

    private readonly ByHand _choices = new();

    [Theory]
    [InlineData(MemoryModel.Host, true, 0)]
    [InlineData(MemoryModel.Host, false, 0)]
    [InlineData(MemoryModel.Tso, true, 1)]
    [InlineData(MemoryModel.Tso, false, 1)]
    [InlineData(MemoryModel.Weak, true, 1)]
    [InlineData(MemoryModel.Weak, false, 2)]
    public void A_store_overtakes_another_only_if_it_is_a_functions_and_the_model_weak(MemoryModel model, bool isProcessor, int ready)
    {
        using var board = new SimulatedBoard(model, _choices);
        var who = board.Memory.Add("who", isProcessor);
        board.Store(who, X, 1);
        board.Store(who, Y, 1);
        Assert.Equal(ready, board.Memory.Ready);
        if (ready > 0)
        {
            board.Memory.MakeVisible(ready - 1);
        }

        Assert.Equal(ready == 2 ? 0UL : 1UL, board.VisibleAt(X));
        Assert.Equal(ready == 1 ? 0UL : 1UL, board.VisibleAt(Y));
        board.Memory.Settle();
        Assert.Equal((1UL, 1UL), (board.VisibleAt(X), board.VisibleAt(Y)));
        Assert.True(who.IsEmpty);
    }

    [Theory]
    [InlineData(MemoryModel.Host, true, 1)]
    [InlineData(MemoryModel.Host, false, 1)]
    [InlineData(MemoryModel.Tso, true, 0)]
    [InlineData(MemoryModel.Tso, false, 0)]
    [InlineData(MemoryModel.Weak, true, 0)]
    [InlineData(MemoryModel.Weak, false, 0)]
    public void A_load_overtakes_an_older_store_in_all_but_host_and_its_own_initiator_sees_that_store(MemoryModel model, bool isProcessor, int first)
    {
        using var board = new SimulatedBoard(model, _choices);
        var (a, b) = (board.Memory.Add("a", isProcessor), board.Memory.Add("b", isProcessor));
        board.Store(a, X, 1);
        board.Store(b, Y, 1);
        Assert.Equal((ulong)first, board.Load(a, Y));
        Assert.Equal((ulong)first, board.Load(b, X));
        Assert.Equal((1UL, 1UL), (board.Load(a, X), board.Load(b, Y)));
        a.Fence(DmaFence.Full);
        b.Fence(DmaFence.Full);
        Assert.Equal((1UL, 1UL), (board.Load(a, Y), board.Load(b, X)));
    }

    [Theory]
    [InlineData(MemoryModel.Host, true, 1)]
    [InlineData(MemoryModel.Host, false, 1)]
    [InlineData(MemoryModel.Tso, true, 1)]
    [InlineData(MemoryModel.Tso, false, 1)]
    [InlineData(MemoryModel.Weak, true, 1)]
    [InlineData(MemoryModel.Weak, false, 0)]
    public void A_load_overtakes_an_older_load_only_if_it_is_a_functions_and_the_model_weak(MemoryModel model, bool isProcessor, int second)
    {
        using var board = new SimulatedBoard(model, _choices);
        var (writer, reader) = (board.Processor(), board.Memory.Add("reader", isProcessor));
        board.Store(writer, X, 1);
        board.Store(writer, Y, 1);
        board.Memory.Settle();
        Assert.Equal(1UL, board.Load(reader, Y));
        _choices.OfVersion = versions => versions - 1;
        Assert.Equal((ulong)second, board.Load(reader, X));
    }

    [Theory]
    [InlineData(DmaFence.None, 2)]
    [InlineData(DmaFence.LoadLoad, 2)]
    [InlineData(DmaFence.LoadStore, 2)]
    [InlineData(DmaFence.StoreStore, 1)]
    [InlineData(DmaFence.Release, 1)]
    [InlineData(DmaFence.Full, 1)]
    public void Between_stores_a_store_fence_a_release_and_a_full_fence_stand(DmaFence fence, int ready)
    {
        using var board = new SimulatedBoard(MemoryModel.Weak, _choices);
        var function = board.Function();
        board.Store(function, X, 1);
        function.Fence(fence);
        board.Store(function, Y, 1);
        Assert.Equal(ready, board.Memory.Ready);
        Assert.Equal(fence == DmaFence.Full ? 1UL : 0UL, board.VisibleAt(X));
    }

    [Theory]
    [InlineData(DmaFence.None, 0)]
    [InlineData(DmaFence.StoreStore, 0)]
    [InlineData(DmaFence.LoadStore, 0)]
    [InlineData(DmaFence.Release, 0)]
    [InlineData(DmaFence.LoadLoad, 1)]
    [InlineData(DmaFence.Full, 1)]
    public void Between_loads_a_load_fence_and_a_full_fence_stand(DmaFence fence, int second)
    {
        using var board = new SimulatedBoard(MemoryModel.Weak, _choices);
        var (writer, reader) = (board.Processor(), board.Function());
        board.Store(writer, X, 1);
        board.Store(writer, Y, 1);
        board.Memory.Settle();
        Assert.Equal(1UL, board.Load(reader, Y));
        reader.Fence(fence);
        _choices.OfVersion = versions => versions - 1;
        Assert.Equal((ulong)second, board.Load(reader, X));
    }

    [Theory]
    [InlineData(DmaFence.StoreStore)]
    [InlineData(DmaFence.LoadLoad)]
    [InlineData(DmaFence.LoadStore)]
    [InlineData(DmaFence.Release)]
    public void Between_a_store_and_a_load_only_a_full_fence_stands(DmaFence fence)
    {
        foreach (var model in new[] { MemoryModel.Tso, MemoryModel.Weak })
        {
            using var board = new SimulatedBoard(model, _choices);
            var function = board.Function();
            board.Store(function, X, 1);
            function.Fence(fence);
            Assert.False(function.IsEmpty);
            function.Fence(DmaFence.Full);
            Assert.True(function.IsEmpty);
        }
    }

    [Fact]
    public void A_message_overtakes_stores_only_where_no_release_stands_before_it()
    {
        foreach (var isReleased in new[] { true, false })
        {
            using var board = new SimulatedBoard(MemoryModel.Weak, _choices);
            var (function, window) = (board.Function(), new MessageWindow());
            board.Store(function, X, 1);
            function.Fence(isReleased ? DmaFence.Release : DmaFence.None);
            function.Send(window, Messages, 7);
            Assert.Empty(window.Messages);
            board.Memory.MakeVisible(board.Memory.Ready - 1);
            Assert.Equal(isReleased ? 1UL : 0UL, board.VisibleAt(X));
            Assert.Equal(isReleased ? 0 : 1, window.Messages.Count);
            board.Memory.Settle();
            Assert.Equal([(Messages, 7u)], window.Messages);
        }
    }

    [Fact]
    public void With_a_full_buffer_one_store_becomes_visible_to_make_room()
    {
        foreach (var model in new[] { MemoryModel.Tso, MemoryModel.Weak })
        {
            using var board = new SimulatedBoard(model, _choices);
            var function = board.Function();
            for (var i = 0; i < 60; i++)
            {
                board.Store(function, 8 * i, 1);
            }

            Assert.Equal(4, Enumerable.Range(0, 60).Count(i => board.VisibleAt(8 * i) == 1));
            function.Drain();
            Assert.Equal(60, Enumerable.Range(0, 60).Count(i => board.VisibleAt(8 * i) == 1));
        }
    }

    [Fact]
    public void Settling_shows_the_stores_of_all()
    {
        using var board = new SimulatedBoard(MemoryModel.Weak, _choices);
        var (processor, function) = (board.Processor(), board.Function());
        board.Store(processor, X, 1);
        board.Store(function, Y, 1);
        board.Memory.Settle();
        Assert.Equal((1UL, 1UL), (board.VisibleAt(X), board.VisibleAt(Y)));
    }

    [Fact]
    public void What_is_not_covered_is_not_simulated()
    {
        using var board = new SimulatedBoard(MemoryModel.Weak, _choices);
        Assert.True(board.Memory.Covers(0) && board.Memory.Covers(ulong.MaxValue));
        board.Memory.Cover(0x1000, 0x2FFF);
        Assert.Equal([false, true, true, false], new ulong[] { 0xFFF, 0x1000, 0x2FFF, 0x3000 }.Select(board.Memory.Covers));
        board.Memory.CoverNothing();
        Assert.False(board.Memory.Covers(0) || board.Memory.Covers(0x1000) || board.Memory.Covers(ulong.MaxValue));
    }
}
