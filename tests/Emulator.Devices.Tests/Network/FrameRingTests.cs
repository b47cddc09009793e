using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>One direction of a wire.</summary>
public sealed class FrameRingTests
{
    [Fact]
    public void Frames_come_out_as_they_went_in_wherever_the_ring_wraps()
    {
        // 12 bytes a small frame with its word: the big one begins at every multiple of 4 around the end.
        for (var lead = 0; lead < 64; lead++)
        {
            var ring = new FrameRing();
            Fill(ring, FrameRing.Capacity - (4 * lead) - 4);
            foreach (var length in new[] { 1, 2, 3, 4, 5, 60, 61, 1514, NetworkPort.LargestFrame })
            {
                var frame = Pattern(length, lead);
                Assert.True(ring.HasRoom(length));
                ring.Write(frame);
                Assert.True(ring.TryPeek(out var got));
                Assert.True(got.SequenceEqual(frame), $"{lead}, {length}");
                ring.Consume();
                Assert.False(ring.TryPeek(out _));
            }
        }
    }

    [Fact]
    public void A_ring_takes_frames_until_it_is_full_and_not_one_is_lost_or_torn()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var ring = new FrameRing();
        var expected = new Queue<byte[]>();
        var held = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var frame = Pattern(random.Next(4) == 0 ? random.Next(1, NetworkPort.LargestFrame + 1) : random.Next(1, 1515), i);
            if (random.Next(2) == 0 && ring.HasRoom(frame.Length))
            {
                ring.Write(frame);
                expected.Enqueue(frame);
                held += 4 + frame.Length;
                Assert.True(held <= FrameRing.Capacity, $"seed {seed}");
            }
            else if (ring.TryPeek(out var got))
            {
                Assert.True(got.SequenceEqual(expected.Dequeue()), $"seed {seed}");
                held -= 4 + got.Length;
                ring.Consume();
            }
            else
            {
                Assert.Empty(expected);
            }
        }
    }

    [Fact]
    public void The_longest_frame_fits_into_an_empty_ring_wherever_it_stands()
    {
        var ring = new FrameRing();
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(ring.HasRoom(NetworkPort.LargestFrame));
            ring.Write(Pattern(1 + (i * 37 % 4000), i));
            Assert.True(ring.TryPeek(out _));
            ring.Consume();
        }
    }

    [Fact]
    public void A_frame_that_stays_is_seen_again()
    {
        var ring = new FrameRing();
        Fill(ring, FrameRing.Capacity - 8);
        ring.Write(Pattern(100, 1));
        for (var i = 0; i < 3; i++)
        {
            Assert.True(ring.TryPeek(out var got));
            Assert.True(got.SequenceEqual(Pattern(100, 1)));
        }
    }

    [Fact]
    public void Arrivals_are_told_to_a_reader_that_waits_and_to_no_other()
    {
        var told = 0;
        var ring = new FrameRing { Arrived = () => told++ };
        ring.Write([1]);
        Assert.Equal(1, told);      // nobody has looked yet
        ring.Write([2]);
        Assert.Equal(1, told);
        Assert.True(ring.TryPeek(out _));
        ring.Consume();
        ring.Write([3]);
        Assert.Equal(1, told);      // the second was still there
        for (var i = 0; i < 2; i++)
        {
            Assert.True(ring.TryPeek(out _));
            ring.Consume();
        }

        Assert.False(ring.TryPeek(out _));
        ring.Write([4]);
        ring.Write([5]);
        Assert.Equal(2, told);
    }

    [Fact]
    public void Room_is_told_to_a_writer_that_waits_and_to_no_other()
    {
        var told = 0;
        var ring = new FrameRing { RoomAgain = () => told++ };
        while (ring.HasRoom(1000))
        {
            ring.Write(new byte[1000]);
        }

        Assert.True(ring.TryPeek(out _));
        ring.Consume();
        Assert.Equal(1, told);
        Assert.True(ring.TryPeek(out _));
        ring.Consume();
        Assert.Equal(1, told);
    }

    // Both sleep as soon as there is nothing to do, as devices do: a wake-up that is lost stops it for ever.
    [Theory]
    [InlineData(1_000_000, 60, 60)]
    [InlineData(30_000, 1, NetworkPort.LargestFrame)]
    public void Two_threads_lose_neither_a_frame_nor_a_wake_up(int frames, int least, int most)
    {
        using var arrived = new AutoResetEvent(false);
        using var room = new AutoResetEvent(false);
        var ring = new FrameRing { Arrived = () => arrived.Set(), RoomAgain = () => room.Set() };
        int LengthOf(int number) => least + (int)((uint)number * 2654435761U % (uint)(most - least + 1));
        string? mistake = null;
        var writer = new Thread(() =>
        {
            var frame = new byte[most];
            for (var i = 0; i < frames && mistake is null; i++)
            {
                var length = LengthOf(i);
                Mark(frame.AsSpan(0, length), i);
                while (!ring.HasRoom(length))
                {
                    if (!room.WaitOne(Deadline.Patience))
                    {
                        mistake ??= $"the writer was not woken at {i}";
                        return;
                    }
                }

                ring.Write(frame.AsSpan(0, length));
            }
        })
        { Name = "writer" };
        writer.Start();
        for (var i = 0; i < frames && mistake is null; i++)
        {
            ReadOnlySpan<byte> got;
            while (!ring.TryPeek(out got))
            {
                if (!arrived.WaitOne(Deadline.Patience))
                {
                    mistake ??= $"the reader was not woken at {i}";
                    break;
                }
            }

            if (mistake is null && !IsMarked(got, i, LengthOf(i)))
            {
                mistake = $"frame {i} is not what was sent";
            }

            if (mistake is null)
            {
                ring.Consume();
            }
        }

        Deadline.Join(writer);
        Assert.Null(mistake);
    }

    // So that the next frame begins at a place.
    private static void Fill(FrameRing ring, int place)
    {
        for (var at = 0; at < place;)
        {
            var size = Math.Min(place - at, 4096);
            ring.Write(new byte[size - 4]);
            Assert.True(ring.TryPeek(out _));
            ring.Consume();
            at += size;
        }
    }

    private static byte[] Pattern(int length, int seed)
    {
        var frame = new byte[length];
        for (var i = 0; i < length; i++)
        {
            frame[i] = (byte)((i * 7) + seed);
        }

        return frame;
    }

    // Beginning and end are enough: a frame that was written over has others.
    private static void Mark(Span<byte> frame, int number)
    {
        if (frame.Length < 8)
        {
            frame.Fill((byte)number);
            return;
        }

        BinaryPrimitives.WriteInt32LittleEndian(frame, number);
        BinaryPrimitives.WriteInt32LittleEndian(frame[^4..], ~number);
    }

    private static bool IsMarked(ReadOnlySpan<byte> frame, int number, int length) => frame.Length == length && (length < 8
        ? frame[0] == (byte)number
        : BinaryPrimitives.ReadInt32LittleEndian(frame) == number && BinaryPrimitives.ReadInt32LittleEndian(frame[^4..]) == ~number);
}
