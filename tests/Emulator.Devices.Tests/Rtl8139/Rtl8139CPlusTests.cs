namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>Descriptors in memory.</summary>
public sealed class Rtl8139CPlusTests
{
    private const uint Whole = Rtl8139Descriptor.First | Rtl8139Descriptor.Last;

    [Fact]
    public void A_packet_is_received_into_a_descriptors_buffer()
    {
        using var board = Rtl8139Board.StartedCPlus();
        Give(board, 2, 1536);
        var frame = Frames.ToStation(200);
        board.Send(frame);
        board.Send(Frames.Broadcast(60));
        Assert.Equal(Whole | (1 << 25) | 204, board.Word(Rtl8139Board.Descriptors, 0));
        Assert.Equal(Frames.Sealed(frame), board.Nic.Bytes(Buffer(0), 204));
        Assert.Equal(Whole | Rtl8139Descriptor.EndOfRing | (1 << 24) | 64, board.Word(Rtl8139Board.Descriptors, 1));
        Assert.Equal(Rtl8139Cause.ReceiveOk, board.Causes);

        Give(board, 2, 1536);
        board.Send(frame);
        Assert.Equal(204U, board.Word(Rtl8139Board.Descriptors, 0) & Rtl8139Descriptor.ReceiveSize);
    }

    [Fact]
    public void A_ring_without_an_end_has_64_descriptors()
    {
        using var board = Rtl8139Board.StartedCPlus();
        Give(board, 65, 1536, endOfRing: false);
        for (var i = 0; i < 64; i++)
        {
            board.Send(Frames.ToStation(100));
        }

        Assert.Equal(Rtl8139Descriptor.Own | 1536U, board.Word(Rtl8139Board.Descriptors, 64));
        Give(board, 1, 1536, endOfRing: false);
        board.Send(Frames.ToStation(100));
        Assert.Equal(0U, board.Word(Rtl8139Board.Descriptors, 0) & Rtl8139Descriptor.Own);
    }

    [Fact]
    public void A_packet_takes_as_many_descriptors_as_it_needs()
    {
        using var board = Rtl8139Board.StartedCPlus();
        Give(board, 4, 64);
        var frame = Frames.ToStation(150);
        board.Send(frame);
        Assert.Equal(
            [Rtl8139Descriptor.First, 0, Rtl8139Descriptor.Last, Rtl8139Descriptor.Own],
            Enumerable.Range(0, 4).Select(i => board.Word(Rtl8139Board.Descriptors, i) & (Rtl8139Descriptor.Own | Whole)));
        Assert.Equal(154U, board.Word(Rtl8139Board.Descriptors, 2) & Rtl8139Descriptor.ReceiveSize);
        Assert.Equal(
            Frames.Sealed(frame), (byte[])[.. board.Nic.Bytes(Buffer(0), 64), .. board.Nic.Bytes(Buffer(1), 64), .. board.Nic.Bytes(Buffer(2), 26)]);
    }

    [Fact]
    public void A_packet_waits_for_descriptors_and_the_driver_need_not_tell()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Negotiate();
        board.Write(Rtl8139Register.InterruptStatus, 0xFFFF, 2);
        board.Send(Frames.ToStation(100));
        board.Send(Frames.ToStation(101));
        Assert.Equal(Rtl8139Cause.ReceiveOverflow, board.Causes);
        board.Write(Rtl8139Register.InterruptStatus, (ulong)Rtl8139Cause.ReceiveOverflow, 2);
        board.Nic.Advance(1_000_000);
        Assert.Equal((Rtl8139Cause)0, board.Causes);

        Give(board, 2, 1536);
        board.Nic.Advance(1_000_000);
        Assert.Equal(Rtl8139Cause.ReceiveOk, board.Causes);
        Assert.Equal([104U, 105U], Enumerable.Range(0, 2).Select(i => board.Word(Rtl8139Board.Descriptors, i) & Rtl8139Descriptor.ReceiveSize));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(100)]
    public void A_tag_is_taken_out_of_a_packet(int length)
    {
        using var board = Rtl8139Board.StartedCPlus(Rtl8139CPlusCommand.ReceiveVlan);
        Give(board, 2, 1536);
        var frame = Frames.ToStation(length);
        var tagged = Frames.Tagged(frame, 0x2123);
        board.Send(tagged);
        Assert.Equal(Rtl8139Descriptor.TagAvailable | 0x2321, board.Options(Rtl8139Board.Descriptors, 0));
        Assert.Equal([.. frame, .. Frames.Sealed(tagged)[^4..]], board.Nic.Bytes(Buffer(0), length + 4));
        Assert.Equal((uint)length + 4, board.Word(Rtl8139Board.Descriptors, 0) & Rtl8139Descriptor.ReceiveSize);

        board.Send(frame);
        Assert.Equal(0U, board.Options(Rtl8139Board.Descriptors, 1));
    }

    [Fact]
    public void A_short_packet_is_padded_where_its_tag_was()
    {
        using var board = Rtl8139Board.StartedCPlus(Rtl8139CPlusCommand.ReceiveVlan);
        Give(board, 1, 1536);
        var tagged = Frames.Tagged(Frames.ToStation(40), 5);
        board.Send(tagged);
        Assert.Equal([.. Frames.ToStation(40), .. new byte[20], .. Frames.Sealed(tagged)[^4..]], board.Nic.Bytes(Buffer(0), 64));
    }

    [Fact]
    public void Checksums_of_what_comes_are_checked()
    {
        using var board = Rtl8139Board.StartedCPlus(Rtl8139CPlusCommand.ReceiveChecksum);
        byte[] Right(byte[] frame)
        {
            Rtl8139Checksum.Insert(frame, Rtl8139Descriptor.IpChecksum | Rtl8139Descriptor.TcpChecksum | Rtl8139Descriptor.UdpChecksum);
            Assert.True(Frames.IsIpRight(frame));
            return frame;
        }

        static byte[] Flip(byte[] frame, int at)
        {
            frame[at] ^= 0x10;
            return frame;
        }

        var none = Right(Frames.Ip(17, Frames.Udp(9)));
        (none[40], none[41], none[50]) = (0, 0, 77);
        (byte[] Frame, uint Expected)[] cases =
        [
            (Frames.ToStation(100), 0),
            (Right(Frames.Ip(6, Frames.Tcp(31))), Rtl8139Descriptor.ProtocolTcp),
            (Flip(Right(Frames.Ip(6, Frames.Tcp(31))), 60), Rtl8139Descriptor.ProtocolTcp | Rtl8139Descriptor.TcpFailed),
            (Flip(Right(Frames.Ip(6, Frames.Tcp(31))), 22), Rtl8139Descriptor.ProtocolTcp | Rtl8139Descriptor.IpFailed),
            (Right(Frames.Ip(17, Frames.Udp(30))), Rtl8139Descriptor.ProtocolUdp),
            (Flip(Right(Frames.Ip(17, Frames.Udp(30))), 45), Rtl8139Descriptor.ProtocolUdp | Rtl8139Descriptor.UdpFailed),
            (none, Rtl8139Descriptor.ProtocolUdp),
            (Right(Frames.Ip(1, new byte[30])), Rtl8139Descriptor.ProtocolIp),
        ];
        Give(board, cases.Length, 1536);
        for (var i = 0; i < cases.Length; i++)
        {
            board.Send(cases[i].Frame);
            Assert.Equal(cases[i].Expected, board.Word(Rtl8139Board.Descriptors, i) & 0x3_E000);
        }
    }

    [Fact]
    public void A_packet_is_gathered_from_its_descriptors_and_each_is_given_back()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var frame = Frames.Broadcast(300);
        board.Nic.Put(Rtl8139Board.Buffers, frame);
        const uint Own = Rtl8139Descriptor.Own;
        board.Describe(Rtl8139Board.TransmitDescriptors, 0, Own | Rtl8139Descriptor.First | 100, Rtl8139Board.Buffers);
        board.Describe(Rtl8139Board.TransmitDescriptors, 1, Own | 50, Rtl8139Board.Buffers + 100);
        board.Describe(Rtl8139Board.TransmitDescriptors, 2, Own | Rtl8139Descriptor.Last | Rtl8139Descriptor.EndOfRing | 150, Rtl8139Board.Buffers + 150);
        board.Poll();
        Assert.Equal(frame, board.Nic.Receive());
        Assert.Equal(
            [Rtl8139Descriptor.First | 100U, 50U, Rtl8139Descriptor.Last | Rtl8139Descriptor.EndOfRing | 150U],
            Enumerable.Range(0, 3).Select(i => board.Word(Rtl8139Board.TransmitDescriptors, i)));
        Assert.Equal(Rtl8139Cause.TransmitOk | Rtl8139Cause.NoTransmitDescriptor, board.Causes);
        Assert.Equal(0UL, board.Read(Rtl8139Register.TransmitPoll, 1));
        Assert.Equal((Rtl8139Board.TransmitDescriptors + 32) & 0xFFFFUL, board.Read(Rtl8139Register.LastTransmitted, 2));

        board.TransmitCPlus(0, frame);
        Assert.Equal(frame, board.Nic.Receive());
    }

    [Fact]
    public void A_packet_without_its_last_descriptor_goes_on_when_that_is_there()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var frame = Frames.Broadcast(200);
        board.Nic.Put(Rtl8139Board.Buffers, frame);
        board.Describe(Rtl8139Board.TransmitDescriptors, 0, Rtl8139Descriptor.Own | Rtl8139Descriptor.First | 100, Rtl8139Board.Buffers);
        board.Poll();
        Assert.Null(board.Nic.TryReceive());
        board.Describe(Rtl8139Board.TransmitDescriptors, 1, Rtl8139Descriptor.Own | Rtl8139Descriptor.Last | 100, Rtl8139Board.Buffers + 100);
        board.Poll();
        Assert.Equal(frame, board.Nic.Receive());
    }

    [Fact]
    public void The_ring_of_high_priority_goes_first()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Nic.Put(Rtl8139Board.Buffers, Frames.Broadcast(200));
        for (var i = 0; i < 3; i++)
        {
            board.Describe(Rtl8139Board.TransmitDescriptors, i, Rtl8139Descriptor.Own | Whole | 100, Rtl8139Board.Buffers);
            board.Describe(Rtl8139Board.HighDescriptors, i, Rtl8139Descriptor.Own | Whole | 70, Rtl8139Board.Buffers);
        }

        board.Poll(Rtl8139TransmitPoll.High | Rtl8139TransmitPoll.Normal);
        Assert.Equal([70, 70, 70, 100, 100, 100], Enumerable.Range(0, 6).Select(_ => board.Nic.Receive().Length));
    }

    [Fact]
    public void A_tag_is_put_into_a_packet()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var frame = Frames.Broadcast(100);
        board.TransmitCPlus(0, frame, options: Rtl8139Descriptor.InsertTag | 0x2321);
        Assert.Equal(Frames.Tagged(frame, 0x2123), board.Nic.Receive());
    }

    [Fact]
    public void Without_a_link_a_descriptor_says_that_it_failed()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Nic.BackEnd.SetUp(false);
        board.TransmitCPlus(0, Frames.Broadcast(100));
        Assert.Equal(Whole | Rtl8139Descriptor.TransmitError | Rtl8139Descriptor.LinkFailure | 100, board.Word(Rtl8139Board.TransmitDescriptors, 0));
        Assert.Equal(Rtl8139Cause.TransmitError, board.Causes & (Rtl8139Cause.TransmitError | Rtl8139Cause.TransmitOk));
    }

    [Fact]
    public void The_counters_are_dumped_where_DTCCR_says()
    {
        using var board = Rtl8139Board.StartedCPlus();
        Give(board, 4, 1536);
        board.TransmitCPlus(0, Frames.Broadcast(100));
        board.Send(Frames.ToStation(100));
        board.Send(Frames.Broadcast(100));
        board.Send(Frames.ToStation(9000));
        const uint Dump = 0x32_0040;
        board.Write(Rtl8139Register.TransmitStatus + 4, 0);
        board.Write(Rtl8139Register.TransmitStatus, Dump | (uint)Rtl8139DumpTally.Command);
        board.Nic.Settle();
        Assert.Equal(Dump, board.Read(Rtl8139Register.TransmitStatus));
        ulong At(int offset, int size) => board.Nic.Load((ulong)(Dump + offset), size);
        Assert.Equal([1UL, 2UL, 0UL, 1UL, 0UL], [At(0, 8), At(8, 8), At(16, 8), At(24, 4), At(28, 2)]);
        Assert.Equal([1UL, 1UL, 0UL], [At(40, 8), At(48, 8), At(56, 4)]);
    }

    [Fact]
    public void A_loop_goes_through_both_rings()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Write(Rtl8139Register.TransmitConfiguration, (ulong)Rtl8139TransmitConfiguration.Loopback);
        Give(board, 1, 1536);
        var frame = Frames.ToStation(100);
        board.TransmitCPlus(0, frame);
        Assert.Equal(Frames.Sealed(frame), board.Nic.Bytes(Buffer(0), 104));
        board.TransmitCPlus(1, frame);
        Assert.Equal(1UL, board.Read(Rtl8139Register.MissedPackets));
        Assert.Equal(0U, board.Word(Rtl8139Board.TransmitDescriptors, 1) & Rtl8139Descriptor.Own);
    }

    internal static ulong Buffer(int index) => Rtl8139Board.Ring + ((ulong)index * 0x800);

    internal static void Give(Rtl8139Board board, int count, uint size, bool endOfRing = true)
    {
        for (var i = 0; i < count; i++)
        {
            var end = endOfRing && i == count - 1 ? Rtl8139Descriptor.EndOfRing : 0;
            board.Describe(Rtl8139Board.Descriptors, i, Rtl8139Descriptor.Own | end | size, Buffer(i), 0x1_FFFF);
        }
    }
}
