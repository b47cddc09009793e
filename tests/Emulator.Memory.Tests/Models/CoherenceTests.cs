namespace Emulator.Memory.Tests.Models;

/// <summary>One location by one observer, in the weak model: words of different sizes over each other, and where what is remembered ends.</summary>
public sealed class CoherenceTests : IDisposable
{
    private readonly ByHand _choices = new();
    private readonly SimulatedBoard _board;
    private readonly Initiator _writer;
    private readonly Initiator _reader;

    public CoherenceTests()
    {
        _board = new SimulatedBoard(MemoryModel.Weak, _choices);
        (_writer, _reader) = (_board.Processor(), _board.Function());
    }

    public void Dispose() => _board.Dispose();

    [Fact]
    public void A_load_may_take_every_value_since_the_last_that_was_seen_and_none_before_it()
    {
        Write(0, 1, 2, 3, 4);
        Assert.Equal(2UL, Load(back: 2));
        Assert.Equal(3UL, Load(back: 1));
        Assert.Equal([5, 3], _choices.Versions);
        Assert.Equal(4UL, Load(back: 0));
        _choices.Versions.Clear();
        Assert.Equal(4UL, Load(back: 9));
        Assert.Empty(_choices.Versions);
    }

    [Fact]
    public void A_word_that_is_taken_back_is_one_that_memory_had()
    {
        _board.Store(_writer, 0, 0x1111111111111111, 8);
        _board.Store(_writer, 4, 0x22222222);
        _board.Store(_writer, 2, 0x3333, 2);
        _board.Store(_writer, 7, 0x44, 1);
        _writer.Drain();
        foreach (var (back, word) in new[]
        {
            (4, 0UL), (3, 0x1111111111111111UL), (2, 0x2222222211111111UL), (1, 0x2222222233331111UL), (0, 0x4422222233331111UL),
        })
        {
            Assert.Equal(word, Load(back, 0, 8));
        }
    }

    [Fact]
    public void What_was_seen_in_a_wide_word_is_not_older_in_a_narrow_one_and_the_other_way_round()
    {
        Write(0, 1, 2);
        Write(4, 1, 2);
        Assert.Equal(0x0000000100000002UL, Load(1, 0, 8));
        Assert.Equal(2UL, Load(9, 0));
        Assert.Equal(1UL, Load(9, 4));
        Assert.Equal(2UL, Load(0, 4));
        Assert.Equal(0x0000000200000002UL, Load(9, 0, 8));
    }

    [Fact]
    public void A_store_of_ones_own_that_is_visible_is_not_gone_behind()
    {
        Write(0, 1, 2);
        _board.Store(_reader, 0, 3);
        _reader.Drain();
        Write(0, 4);
        Assert.Equal(3UL, Load(back: 9));
        _board.Store(_reader, 4, 5, 2);
        _reader.Drain();
        Assert.Equal(0x500000004UL, Load(9, 0, 8));
        Assert.Equal(5UL, Load(9, 4, 2));
    }

    [Fact]
    public void A_load_puts_own_waiting_bytes_over_the_newest_ones()
    {
        _board.Store(_writer, 0, 0x1111111111111111, 8);
        _writer.Drain();
        _board.Store(_reader, 2, 0xAAAA, 2);
        _board.Store(_reader, 3, 0xBB, 1);
        _choices.OfVersion = versions => versions - 1;
        Assert.Equal(0x11111111BBAA1111UL, _board.Load(_reader, 0, 8));
        Assert.Equal(0xBBUL, _board.Load(_reader, 3, 1));
        Assert.Equal(0x1111111111111111UL, _board.VisibleAt(0, 8));

        // The bytes that were not its own are known from here on, too.
        Assert.Equal(0x11UL, _board.Load(_reader, 1, 1));
        Assert.Empty(_choices.Versions);
    }

    [Fact]
    public void Own_stores_that_overlap_become_visible_in_the_order_they_were_made()
    {
        _board.Store(_reader, 0, 0x11111111);
        _board.Store(_reader, 2, 0x22222222, 4);
        _board.Store(_reader, 8, 0x33333333);
        Assert.Equal(2, _board.Memory.Ready);
        _board.Memory.MakeVisible(1);
        Assert.Equal((0UL, 0x33333333UL), (_board.VisibleAt(0, 8), _board.VisibleAt(8)));
        Assert.Equal(1, _board.Memory.Ready);
        _board.Memory.MakeVisible(0);
        _board.Memory.MakeVisible(0);
        Assert.Equal(0x222222221111UL, _board.VisibleAt(0, 8));
    }

    [Fact]
    public void An_older_value_than_is_remembered_cannot_be_taken()
    {
        Write(0, [.. Enumerable.Range(1, 300).Select(i => (ulong)i)]);
        Assert.Equal(300UL - 256, Load(back: 256));
        Assert.Equal([257], _choices.Versions);
        Write(0, [.. Enumerable.Range(301, 300).Select(i => (ulong)i)]);
        Assert.Equal(600UL - 256, Load(back: 256));
        Assert.Equal(600UL - 256, Load(back: 256));
    }

    [Fact]
    public void With_more_places_seen_than_are_remembered_none_goes_back()
    {
        const int Places = 200;
        for (var round = 1; round <= 3; round++)
        {
            for (var i = 0; i < Places; i++)
            {
                Write(i * 8, (ulong)round);
                Assert.Equal((ulong)round, Load(0, i * 8));
            }

            for (var i = Places - 1; i >= 0; i--)
            {
                Assert.Equal((ulong)round, Load(9, i * 8));
            }
        }
    }

    [Fact]
    public void What_an_initiator_has_updated_in_place_is_not_older_to_it()
    {
        Write(0, 1);
        Assert.Equal(1UL, _board.Increment(_reader, 0));
        Assert.Equal(2UL, Load(back: 9));
        Write(8, 1);
        _ = _board.Increment(_reader, 0);
        Assert.Equal(1UL, Load(9, 8));
    }

    [Fact]
    public void An_update_is_taken_back_whole()
    {
        Write(0, 0xFFFFFFFF);
        _ = _board.Increment(_writer, 0, 8);
        Assert.Equal(0xFFFFFFFFUL, Load(1, 0, 8));
        Assert.Equal(0x100000000UL, Load(0, 0, 8));
    }

    [Fact]
    public void A_memory_that_has_forgotten_its_past_shows_the_newest()
    {
        Write(0, 1, 2, 3);
        Assert.Equal(2UL, Load(back: 1));
        _board.Memory.Forget();
        Assert.Equal(3UL, Load(back: 9));
        Assert.Equal([4], _choices.Versions);
        Write(0, 4);
        Assert.Equal(3UL, Load(back: 9));
    }

    // Stores that are visible at once.
    private void Write(int offset, params ReadOnlySpan<ulong> values)
    {
        foreach (var value in values)
        {
            _board.Store(_writer, offset, value);
            _writer.Drain();
        }
    }

    private ulong Load(int back, int offset = 0, int size = 4)
    {
        _choices.OfVersion = versions => Math.Min(back, versions - 1);
        return _board.Load(_reader, offset, size);
    }
}
