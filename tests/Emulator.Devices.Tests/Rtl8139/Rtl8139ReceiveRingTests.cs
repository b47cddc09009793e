namespace Emulator.Devices.Tests.Rtl8139;

public sealed class Rtl8139ReceiveRingTests
{
    [Fact]
    public void A_packet_is_in_the_ring_with_its_header_and_its_check_sequence()
    {
        using var board = Rtl8139Board.Started();
        Assert.True(board.IsRingEmpty);
        var frame = Frames.ToStation(123);
        board.Send(frame);
        Assert.Equal(Rtl8139Cause.ReceiveOk, board.Causes);
        Assert.Equal((ulong)((4 + 127 + 3) & ~3), board.Read(Rtl8139Register.WritePointer, 2));
        var (status, packet) = board.TakeFromRing();
        Assert.Equal(Rtl8139PacketStatus.Ok | Rtl8139PacketStatus.Physical, status);
        Assert.Equal(Frames.Sealed(frame), packet);
        Assert.True(board.IsRingEmpty);
    }

    [Fact]
    public void A_short_packet_is_padded_as_on_the_wire()
    {
        using var board = Rtl8139Board.Started();
        board.Send(Frames.ToStation(20));
        Assert.Equal(Frames.Sealed(Frames.ToStation(20)), board.TakeFromRing().Packet);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_ring_wraps_at_every_position(int length)
    {
        using var board = Rtl8139Board.Started((Rtl8139ReceiveConfiguration)(length << 11));
        var size = 0x2000 << length;
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        for (long written = 0; written < 50_000 + (size * 2L);)
        {
            var frame = Frames.ToStation(random.Next(60, 600), random.Next());
            board.Send(frame);
            var (status, packet) = board.TakeFromRing(size);
            Assert.True(status == (Rtl8139PacketStatus.Ok | Rtl8139PacketStatus.Physical), $"at {written}, seed {seed}");
            Assert.True(packet.AsSpan().SequenceEqual(Frames.Sealed(frame)), $"at {written}, seed {seed}");
            written += packet.Length + 4;
        }
    }

    // The header and then each byte of the packet is the last before the end of the ring.
    [Fact]
    public void A_packet_is_cut_at_the_end_of_the_ring_wherever_that_is_in_it()
    {
        using var board = Rtl8139Board.Started();
        for (var before = 4; before <= 72; before += 4)
        {
            board.Write(Rtl8139Register.Command, 0, 1);
            board.Start();
            board.Nic.Put(Rtl8139Board.Ring + 0x2000, [0xEE, 0xEE, 0xEE, 0xEE]);
            MoveTo(board, 0x2000 - before);
            var frame = Frames.ToStation(60, before);
            board.Send(frame);
            Assert.Equal(Frames.Sealed(frame), board.TakeFromRing().Packet);
            Assert.Equal(0xEEEE_EEEEUL, board.Nic.Load(Rtl8139Board.Ring + 0x2000));
        }
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public void With_WRAP_a_packet_goes_on_behind_the_ring_unless_it_is_the_largest(int length, bool goesOn)
    {
        using var board = Rtl8139Board.Started(Rtl8139ReceiveConfiguration.NoWrap | (Rtl8139ReceiveConfiguration)(length << 11));
        var size = 0x2000 << length;
        MoveTo(board, size - 40, size, wraps: !goesOn);
        var frame = Frames.ToStation(1000);
        board.Send(frame);
        Assert.Equal(Frames.Sealed(frame), board.TakeFromRing(size, wraps: !goesOn).Packet);
        Assert.Equal((ulong)((1004 + 4 - 40 + 3) & ~3), board.Read(Rtl8139Register.WritePointer, 2));
        Assert.True(board.IsRingEmpty);
    }

    [Fact]
    public void The_filter_lets_in_what_RCR_and_MAR_say()
    {
        using var board = Rtl8139Board.Started();
        var group = Frames.Address("01:00:5e:00:00:fb");
        var other = MacAddress.Default(50);
        Assert.Equal(
            [
                (Rtl8139ReceiveConfiguration)0, Rtl8139ReceiveConfiguration.ThisStation, Rtl8139ReceiveConfiguration.Broadcast,
                Rtl8139ReceiveConfiguration.Multicast, Rtl8139ReceiveConfiguration.AllStations,
            ],
            new[]
            {
                (Rtl8139ReceiveConfiguration)0, Rtl8139ReceiveConfiguration.ThisStation, Rtl8139ReceiveConfiguration.Broadcast,
                Rtl8139ReceiveConfiguration.Multicast, Rtl8139ReceiveConfiguration.AllStations,
            }.Where(accept => Lets(board, accept, group, other)));
    }

    [Fact]
    public void RCR_may_be_written_while_packets_come()
    {
        using var board = Rtl8139Board.Started();
        board.Send(Frames.ToStation(100));
        board.Write(Rtl8139Register.ReceiveConfiguration, (ulong)(Rtl8139ReceiveConfiguration.AllStations | Rtl8139ReceiveConfiguration.Broadcast));
        board.Send(Frames.To(MacAddress.Default(3), 101));
        Assert.Equal([104, 105], [board.TakeFromRing().Packet.Length, board.TakeFromRing().Packet.Length]);
    }

    [Fact]
    public void A_receiver_that_is_off_loses_what_comes()
    {
        using var board = new Rtl8139Board();
        board.Send(Frames.ToStation(100));
        board.Start();
        Assert.True(board.IsRingEmpty);
        board.Send(Frames.ToStation(101));
        Assert.Equal(105, board.TakeFromRing().Packet.Length);
    }

    [Fact]
    public void Switching_the_receiver_on_anew_begins_the_ring_anew()
    {
        using var board = Rtl8139Board.Started();
        board.Send(Frames.ToStation(100));
        board.Write(Rtl8139Register.Command, (ulong)Rtl8139Command.TransmitEnable, 1);
        Assert.Equal((ulong)Rtl8139Command.TransmitEnable, board.Read(Rtl8139Register.Command, 1));
        board.Write(Rtl8139Register.Command, (ulong)(Rtl8139Command.TransmitEnable | Rtl8139Command.ReceiveEnable), 1);
        Assert.True(board.IsRingEmpty);
        Assert.Equal(0xFFF0UL, board.Read(Rtl8139Register.ReadPointer, 2));
    }

    [Fact]
    public void A_packet_that_is_too_long_is_an_error()
    {
        using var board = Rtl8139Board.Started();
        board.Send(Frames.ToStation(4093));
        Assert.Equal(Rtl8139Cause.ReceiveError, board.Causes);
        Assert.True(board.IsRingEmpty);
        board.Send(Frames.ToStation(4092));
        Assert.Equal(4096, board.TakeFromRing().Packet.Length);
    }

    private static bool Lets(Rtl8139Board board, Rtl8139ReceiveConfiguration accept, MacAddress group, MacAddress other)
    {
        Span<byte> address = stackalloc byte[6];
        group.CopyTo(address);
        var hash = EthernetCrc.MulticastHash(address);
        board.Write(Rtl8139Register.ReceiveConfiguration, (ulong)accept);
        var seen = new List<Rtl8139PacketStatus>();
        for (var bit = 0; bit < 2; bit++)
        {
            // First a filter with everything but the group's bit, then with that alone.
            var filter = bit == 0 ? ~(1UL << hash) : 1UL << hash;
            board.Write(Rtl8139Register.MulticastFilter, (uint)filter);
            board.Write(Rtl8139Register.MulticastFilter + 4, filter >> 32);
            foreach (var frame in new[] { Frames.ToStation(60), Frames.Broadcast(60), Frames.To(group, 60), Frames.To(other, 60) })
            {
                board.Send(frame);
            }

            while (!board.IsRingEmpty)
            {
                seen.Add(board.TakeFromRing().Status & ~Rtl8139PacketStatus.Ok);
            }
        }

        Rtl8139PacketStatus[] expected = accept switch
        {
            Rtl8139ReceiveConfiguration.ThisStation => [Rtl8139PacketStatus.Physical, Rtl8139PacketStatus.Physical],
            Rtl8139ReceiveConfiguration.Broadcast => [Rtl8139PacketStatus.Broadcast, Rtl8139PacketStatus.Broadcast],
            Rtl8139ReceiveConfiguration.Multicast => [Rtl8139PacketStatus.Multicast],
            Rtl8139ReceiveConfiguration.AllStations => [Rtl8139PacketStatus.Physical, 0, Rtl8139PacketStatus.Physical, 0],
            _ => [],
        };
        return seen.SequenceEqual(expected);
    }

    // Has CBR and the driver come to a place in the ring, by packets.
    private static void MoveTo(Rtl8139Board board, int offset, int size = 0x2000, bool wraps = true)
    {
        for (var at = 0; at < offset;)
        {
            var left = offset - at;
            var length = left > 2200 ? 1000 : left > 1100 ? (left / 2) & ~3 : left;
            board.Send(Frames.ToStation(length - 8));
            board.TakeFromRing(size, wraps);
            at += length;
        }

        Assert.Equal((ulong)offset, board.Read(Rtl8139Register.WritePointer, 2));
    }
}
