using System.Buffers.Binary;
using Emulator.Devices;
using Emulator.Host.Network;

namespace Emulator.Host.Tests.Network;

/// <summary>Frames out of a stream, however it comes in pieces.</summary>
public sealed class FrameAssemblerTests
{
    [Fact]
    public void Frames_come_out_whole_wherever_the_stream_is_cut()
    {
        byte[][] frames = [[1], [2, 3, 4], [.. Enumerable.Repeat((byte)5, 61)], [6, 7]];
        var stream = frames.SelectMany(Framed).ToArray();
        for (var first = 0; first <= stream.Length; first++)
        {
            for (var second = first; second <= stream.Length; second++)
            {
                var assembler = new FrameAssembler();
                var got = new List<byte[]>();
                Feed(assembler, stream.AsSpan(0, first), got);
                Feed(assembler, stream.AsSpan(first, second - first), got);
                Feed(assembler, stream.AsSpan(second), got);
                Assert.Equal(frames, got);
                Assert.True(assembler.IsWhole && assembler.BadLength is null);
            }
        }
    }

    [Fact]
    public void Frames_come_out_whole_byte_by_byte()
    {
        byte[][] frames = [new byte[NetworkPort.LargestFrame], [1], new byte[NetworkPort.LargestFrame - 1]];
        var assembler = new FrameAssembler();
        var got = new List<byte[]>();
        foreach (var value in frames.SelectMany(Framed))
        {
            Feed(assembler, [value], got);
        }

        Assert.Equal(frames, got);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(NetworkPort.LargestFrame + 1)]
    [InlineData(int.MaxValue)]
    [InlineData(uint.MaxValue)]
    [InlineData(0x47455420)]        // "GET "
    public void A_length_that_no_frame_has_ends_it_behind_the_frames_before(uint length)
    {
        var assembler = new FrameAssembler();
        var got = new List<byte[]>();
        var bad = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bad, length);
        Feed(assembler, [.. Framed([1, 2]), .. bad], got);
        Assert.Equal([1, 2], Assert.Single(got));
        Assert.Equal(length, assembler.BadLength);
        Assert.False(assembler.TryNext(out _));
    }

    [Fact]
    public void There_is_room_for_more_while_a_frame_is_not_complete()
    {
        var assembler = new FrameAssembler();
        var stream = Framed(new byte[NetworkPort.LargestFrame]);
        var sent = 0;
        while (!assembler.TryNext(out _))
        {
            var room = assembler.Room;
            Assert.NotEqual(0, room.Length);
            var count = Math.Min(room.Length, Math.Min(7_919, stream.Length - sent));
            stream.AsSpan(sent, count).CopyTo(room);
            assembler.Add(count);
            sent += count;
        }

        Assert.Equal(stream.Length, sent);
    }

    /// <summary>A frame as it is sent.</summary>
    public static byte[] Framed(byte[] frame)
    {
        var bytes = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, frame.Length);
        frame.CopyTo(bytes, 4);
        return bytes;
    }

    private static void Feed(FrameAssembler assembler, ReadOnlySpan<byte> bytes, List<byte[]> got)
    {
        while (true)
        {
            while (assembler.TryNext(out var frame))
            {
                got.Add(frame.ToArray());
            }

            if (bytes.IsEmpty || assembler.BadLength is not null)
            {
                return;
            }

            var room = assembler.Room;
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            assembler.Add(count);
            bytes = bytes[count..];
        }
    }
}
