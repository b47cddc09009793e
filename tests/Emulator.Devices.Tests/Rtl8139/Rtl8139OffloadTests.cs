using System.Buffers.Binary;

namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>Checksums put in, and packets cut into segments.</summary>
public sealed class Rtl8139OffloadTests
{
    [Theory]
    [InlineData(6, 5)]
    [InlineData(6, 15)]
    [InlineData(17, 5)]
    [InlineData(17, 8)]
    public void Checksums_that_a_descriptor_asks_for_are_put_in(byte protocol, int headerWords)
    {
        using var board = Rtl8139Board.StartedCPlus();
        for (var data = 0; data < 20; data++)
        {
            var sent = Frames.Ip(protocol, protocol == 6 ? Frames.Tcp(data) : Frames.Udp(data), headerWords);
            var ofPayload = protocol == 6 ? Rtl8139Descriptor.TcpChecksum : Rtl8139Descriptor.UdpChecksum;
            board.TransmitCPlus(data, [.. sent, 1, 2, 3], Rtl8139Descriptor.IpChecksum | ofPayload);
            var frame = board.Nic.Receive();
            Assert.Equal([1, 2, 3], frame[^3..]);
            Assert.True(Frames.IsIpRight(frame) && Frames.IsPayloadRight(frame), $"{data} bytes");
        }
    }

    [Fact]
    public void Only_what_is_asked_for_is_put_in()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var sent = Frames.Ip(6, Frames.Tcp(10));
        board.TransmitCPlus(0, sent);
        Assert.Equal(sent, board.Nic.Receive());
        board.TransmitCPlus(1, sent, Rtl8139Descriptor.UdpChecksum);
        Assert.Equal(sent, board.Nic.Receive());
        board.TransmitCPlus(2, sent, Rtl8139Descriptor.IpChecksum);
        var frame = board.Nic.Receive();
        Assert.Equal((true, false), (Frames.IsIpRight(frame), Frames.IsPayloadRight(frame)));
        board.TransmitCPlus(3, sent, Rtl8139Descriptor.TcpChecksum);
        frame = board.Nic.Receive();
        Assert.Equal((false, true), (Frames.IsIpRight(frame), Frames.IsPayloadRight(frame)));
    }

    [Fact]
    public void A_part_of_a_packet_gets_no_checksum_of_the_whole()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var sent = Frames.Ip(17, Frames.Udp(10));
        sent[20] = 0x20;
        board.TransmitCPlus(0, sent, Rtl8139Descriptor.IpChecksum | Rtl8139Descriptor.UdpChecksum);
        var frame = board.Nic.Receive();
        Assert.True(Frames.IsIpRight(frame));
        Assert.Equal(sent[40..], frame[40..]);
    }

    [Fact]
    public void A_UDP_checksum_of_0_is_sent_as_ones()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var sent = Frames.Ip(17, Frames.Udp(2));

        // What makes the sum come to FFFF: the checksum is 0 then, which says that there is none.
        (sent[42], sent[43]) = (0, 0);
        var rest = (ushort)~Frames.Sum(sent.AsSpan(34), (uint)(Frames.Sum(sent.AsSpan(26, 8)) + 17 + 10));
        BinaryPrimitives.WriteUInt16BigEndian(sent.AsSpan(42), rest);
        board.TransmitCPlus(0, sent, Rtl8139Descriptor.UdpChecksum);
        Assert.Equal(0xFFFF, BinaryPrimitives.ReadUInt16BigEndian(board.Nic.Receive().AsSpan(40)));
    }

    [Theory]
    [InlineData(1460, 10_000)]
    [InlineData(536, 1608)]
    [InlineData(536, 100)]
    [InlineData(2047, 65_000)]
    [InlineData(1, 5)]
    public void A_large_packet_is_cut_at_the_size_that_its_descriptor_gives(int size, int data)
    {
        using var board = Rtl8139Board.StartedCPlus();
        var sent = Frames.Ip(6, Frames.Tcp(data, flags: 0x99));
        board.TransmitCPlus(0, sent, Rtl8139Descriptor.LargeSend | ((uint)size << Rtl8139Descriptor.SegmentShift), Rtl8139Descriptor.InsertTag | 0x0100);
        var together = new List<byte>();
        var number = 0;
        while (together.Count < data)
        {
            var frame = board.Nic.Receive();
            Assert.Equal([0x81, 0x00, 0x00, 0x01], frame[12..16]);
            frame = [.. frame[..12], .. frame[16..]];
            var length = Math.Min(size, data - together.Count);
            Assert.Equal(54 + length, frame.Length);
            Assert.True(Frames.IsIpRight(frame) && Frames.IsPayloadRight(frame));
            Assert.Equal(0x1234 + number, BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(18)));
            Assert.Equal(0xFFFF_FF00 + (uint)together.Count, BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(38)));

            // FIN and PSH are the last one's, CWR the first one's.
            var last = together.Count + length == data;
            Assert.Equal(0x10 | (last ? 0x09 : 0) | (number == 0 ? 0x80 : 0), frame[47]);
            together.AddRange(frame[54..]);
            number++;
        }

        Assert.Equal(sent[54..], together);
        board.Nic.Settle();
        Assert.Null(board.Nic.TryReceive());
        Assert.Equal(
            Rtl8139Descriptor.First | Rtl8139Descriptor.Last | Rtl8139Descriptor.LargeSend | (uint)sent.Length,
            board.Word(Rtl8139Board.TransmitDescriptors, 0));
    }

    [Fact]
    public void A_large_packet_of_headers_alone_is_one_segment()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var sent = Frames.Ip(6, Frames.Tcp(0));
        board.TransmitCPlus(0, sent, Rtl8139Descriptor.LargeSend | (500 << Rtl8139Descriptor.SegmentShift));
        Assert.Equal(54, board.Nic.Receive().Length);
        Assert.Null(board.Nic.TryReceive());
    }

    [Fact]
    public void Segments_for_which_there_is_no_room_on_the_wire_wait_for_it()
    {
        using var board = Rtl8139Board.StartedCPlus();
        const int Data = 60_000;
        for (var i = 0; i < 6; i++)
        {
            board.TransmitCPlus(i, Frames.Ip(6, Frames.Tcp(Data)), Rtl8139Descriptor.LargeSend | (1000 << Rtl8139Descriptor.SegmentShift));
        }

        Assert.Equal(Rtl8139Descriptor.Own, board.Word(Rtl8139Board.TransmitDescriptors, 5) & Rtl8139Descriptor.Own);
        for (var i = 0; i < 6 * Data / 1000; i++)
        {
            var frame = board.Nic.Receive();
            Assert.True(frame.Length == 1054 && Frames.IsPayloadRight(frame));
        }

        board.Nic.Settle();
        Assert.Equal(0U, board.Word(Rtl8139Board.TransmitDescriptors, 5) & Rtl8139Descriptor.Own);
    }

    [Fact]
    public void Random_headers_are_survived_and_what_is_not_whole_is_sent_as_it_is()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = Rtl8139Board.StartedCPlus();
        for (var i = 0; i < 2000; i++)
        {
            var frame = random.Next(4) == 0 ? new byte[random.Next(1, 60)] : Frames.Ip((byte)(random.Next(2) == 0 ? 6 : 17), Frames.Tcp(random.Next(64)));
            for (var changes = random.Next(4); changes > 0; changes--)
            {
                frame[random.Next(Math.Min(frame.Length, 54))] = (byte)random.Next(256);
            }

            var large = random.Next(2) == 0 ? Rtl8139Descriptor.LargeSend | ((uint)random.Next(2048) << 16) : (uint)random.Next(8) << 16;
            board.Nic.Put(Rtl8139Board.Buffers, frame);
            const uint Whole = Rtl8139Descriptor.Own | Rtl8139Descriptor.First | Rtl8139Descriptor.Last;
            board.Describe(Rtl8139Board.TransmitDescriptors, i % 64, Whole | large | (uint)frame.Length, Rtl8139Board.Buffers);
            board.Write(Rtl8139Register.TransmitPoll, (ulong)Rtl8139TransmitPoll.Normal, 1);
            var sent = board.Nic.Receive();
            if (!Ipv4Frame.TryParse(frame, out _))
            {
                Assert.True(sent.AsSpan().SequenceEqual(frame), $"packet {i}, seed {seed}");
            }

            Deadline.Until(
                () =>
                {
                    board.Nic.TryReceive();
                    return (board.Word(Rtl8139Board.TransmitDescriptors, i % 64) & Rtl8139Descriptor.Own) == 0;
                },
                $"packet {i} is given back, seed {seed}");
            while (board.Nic.TryReceive() is not null)
            {
            }
        }

        Assert.Equal((Rtl8139Cause)0, board.Causes & (Rtl8139Cause.SystemError | Rtl8139Cause.TransmitError));
    }
}
