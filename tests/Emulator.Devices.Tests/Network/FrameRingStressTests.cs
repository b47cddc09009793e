namespace Emulator.Devices.Tests;

/// <summary>The two SB rows of a ring: one side finds it empty or full at the moment in which the other changes that.</summary>
[Collection(TwoProcessors.Name)]
public sealed class FrameRingStressTests
{
    private const int Batches = 5_000;
    private const int Batch = 64;
    private const int Length = 1_000;

    private readonly FrameRing[] _rings = [.. Enumerable.Range(0, Batch).Select(_ => new FrameRing())];
    private readonly bool[] _found = new bool[Batch];
    private readonly bool[] _told = new bool[Batch];
    private readonly byte[] _frame = new byte[Length];

    [Fact]
    public void A_reader_that_finds_nothing_while_a_frame_comes_is_told()
    {
        foreach (var (i, ring) in _rings.Index())
        {
            ring.Arrived = () => _told[i] = true;
            ring.Write(_frame);     // a new ring's reader waits
            Take(ring);
        }

        Assert.Equal(0, Missed(_ => { }, i => _rings[i].Write(_frame), i => _found[i] = _rings[i].TryPeek(out _), i => Take(_rings[i])));
    }

    [Fact]
    public void A_writer_that_finds_no_room_while_a_frame_is_taken_is_told()
    {
        foreach (var (i, ring) in _rings.Index())
        {
            while (ring.HasRoom(Length))
            {
                ring.Write(_frame);
            }

            // The writer does not wait any more once it was told.
            ring.RoomAgain = () => _told[i] = true;
            Take(ring);
            Refill(i);
        }

        // Looks at the positions, so that they are in both processors' caches.
        Assert.Equal(0, Missed(i => _ = _rings[i].TryPeek(out _), i => _rings[i].Consume(), i => _found[i] = _rings[i].HasRoom(Length), Refill));
    }

    // With the next frame looked at, so that to consume it takes no longer than to look for room.
    private void Refill(int i)
    {
        _rings[i].Write(_frame);
        Assert.True(_rings[i].TryPeek(out _));
    }

    private static void Take(FrameRing ring)
    {
        Assert.True(ring.TryPeek(out _));
        ring.Consume();
    }

    // How often who looked found nothing and was not told either.
    private int Missed(Action<int> prepare, Action<int> change, Action<int> look, Action<int> restore)
    {
        var places = new Rendezvous();
        var other = new Thread(() =>
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                places.Meet(1);

                for (var i = 0; i < Batch; i++)
                {
                    prepare(i);
                }

                places.Meet(1);
                for (var i = 0; i < Batch; i++)
                {
                    places.Approach(1, (batch * Batch) + i);
                    look(i);
                }

                places.Meet(1);
            }
        })
        { Name = "looks" };
        other.Start();
        var missed = 0;
        for (var batch = 0; batch < Batches; batch++)
        {
            Array.Clear(_told);
            places.Meet(0);
            places.Meet(0);
            for (var i = 0; i < Batch; i++)
            {
                places.Approach(0, (batch * Batch) + i);
                change(i);
            }

            places.Meet(0);
            for (var i = 0; i < Batch; i++)
            {
                missed += _found[i] || _told[i] ? 0 : 1;
                restore(i);
            }
        }

        Deadline.Join(other);
        return missed;
    }
}
