using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>Checksums both ways and segmentation, against sums that are done here word by word.</summary>
public class E1000OffloadTests
{
    private const byte Tcp = 6;
    private const byte Udp = 17;
    private const int Ethernet = 14;

    private const E1000PacketOptions Both = E1000PacketOptions.Ip | E1000PacketOptions.Transport;

    [Theory]
    [InlineData(Tcp, 4, 1)]
    [InlineData(Tcp, 4, 100)]
    [InlineData(Tcp, 4, 1460)]
    [InlineData(Udp, 4, 33)]
    [InlineData(Tcp, 6, 77)]
    [InlineData(Udp, 6, 1000)]
    public void Checksums_are_put_in_by_context_and_data_descriptors(byte protocol, int version, int payload)
    {
        using var board = new E1000Board();
        var packet = Packet(protocol, version, payload, seed: payload, wholePseudoHeader: true);
        board.Queue(Context(protocol, version), tell: false);
        board.TransmitData(packet, version == 4 ? Both : E1000PacketOptions.Transport);
        CheckSums(board.Nic.Receive(), packet);
    }

    [Fact]
    public void Without_options_a_data_descriptor_changes_nothing()
    {
        using var board = new E1000Board();
        var packet = Packet(Tcp, 4, 100, 1, wholePseudoHeader: true);
        board.Queue(Context(Tcp, 4), tell: false);
        board.TransmitData(packet, 0);
        Assert.Equal(packet, board.Nic.Receive());
    }

    [Fact]
    public void A_legacy_descriptor_puts_one_checksum_in()
    {
        using var board = new E1000Board();
        var packet = Packet(Tcp, 4, 55, 1, wholePseudoHeader: true);
        board.Queue(E1000Board.Legacy(board.Fill(packet), packet.Length, E1000Board.Whole | E1000Command.Offload, 14 + 20 + 16, 14 + 20));
        var sent = board.Nic.Receive();
        Assert.Equal(0xFFFF, TransportSum(sent));
        Assert.Equal(packet[..50], sent[..50]);
    }

    [Fact]
    public void A_checksum_outside_the_packet_is_not_put_in()
    {
        using var board = new E1000Board();
        var packet = Packet(Tcp, 4, 10, 1, wholePseudoHeader: true);
        board.Queue(E1000Board.Legacy(board.Fill(packet), packet.Length, E1000Board.Whole | E1000Command.Offload, (byte)(packet.Length - 1), 14));
        Assert.Equal(packet, board.Nic.Receive());
        board.Queue(E1000Board.Legacy(board.Fill(packet), packet.Length, E1000Board.Whole | E1000Command.Offload, 14, (byte)packet.Length));
        Assert.Equal(packet, board.Nic.Receive());
    }

    [Fact]
    public void The_two_contexts_are_kept_apart()
    {
        using var board = new E1000Board();
        var plain = Packet(Udp, 4, 100, 1, wholePseudoHeader: true);
        var whole = Packet(Tcp, 4, 500, 2, wholePseudoHeader: false);
        board.Queue(Context(Udp, 4), tell: false);
        board.Queue(Context(Tcp, 4, 500, 200), tell: false);
        board.TransmitData(plain, Both);
        CheckSums(board.Nic.Receive(), plain);
        board.TransmitData(whole, Both, E1000Board.Whole | E1000Command.Offload);
        CheckSegments(board, whole, Tcp, 4, 200);
        board.TransmitData(plain, Both);
        CheckSums(board.Nic.Receive(), plain);
    }

    [Theory]
    [InlineData(Tcp, 4, 1000, 1000)]
    [InlineData(Tcp, 4, 1001, 1000)]
    [InlineData(Tcp, 4, 3000, 1000)]
    [InlineData(Tcp, 4, 1, 1460)]
    [InlineData(Tcp, 4, 3900, 1)]
    [InlineData(Tcp, 6, 2999, 999)]
    [InlineData(Udp, 4, 2000, 512)]
    [InlineData(Udp, 6, 2000, 512)]
    public void A_packet_is_cut_into_segments(byte protocol, int version, int payload, int mss)
    {
        using var board = new E1000Board();
        var whole = Packet(protocol, version, payload, payload + mss, wholePseudoHeader: false);
        board.Queue(Context(protocol, version, payload, mss), tell: false);
        var index = board.TransmitData(whole, version == 4 ? Both : E1000PacketOptions.Transport, E1000Board.Whole | E1000Command.Offload);
        CheckSegments(board, whole, protocol, version, mss);
        board.WaitForTransmit(index);
        board.Nic.Settle();
        Assert.Equal(1U, board[E1000Register.SegmentedPackets]);
        Assert.Null(board.Nic.TryReceive());
    }

    [Fact]
    public void Segments_do_not_care_where_descriptors_end()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new E1000Board();
        for (var round = 0; round < 100; round++)
        {
            var mss = random.Next(1, 1461);
            var payload = random.Next(1, Math.Min(3900, mss * 40));
            var whole = Packet(Tcp, 4, payload, round, wholePseudoHeader: false);
            board.Queue(Context(Tcp, 4, payload, mss), tell: false);
            for (var at = 0; at < whole.Length;)
            {
                var isRoomFor = board.TransmitTail % E1000Board.Descriptors < E1000Board.Descriptors - 4;
                var count = isRoomFor ? Math.Min(random.Next(0, whole.Length), whole.Length - at) : whole.Length - at;
                var command = at + count == whole.Length ? E1000Board.Whole : 0;
                board.Queue(
                    E1000Board.Data(board.Fill(whole.AsSpan(at, count)), count, command | E1000Command.Offload, Both), tell: command != 0);
                at += count;
                if (!isRoomFor)
                {
                    break;
                }
            }

            try
            {
                CheckSegments(board, whole, Tcp, 4, mss);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, round {round}, MSS {mss}, payload {payload}: {e}");
            }

            board.Nic.Settle();
        }
    }

    [Fact]
    public void Segments_have_tags()
    {
        using var board = new E1000Board();
        board[E1000Register.Control] |= (uint)E1000Control.VlanMode;
        var whole = Packet(Tcp, 4, 250, 1, wholePseudoHeader: false);
        board.Queue(Context(Tcp, 4, 250, 100), tell: false);
        board.TransmitData(whole, Both, E1000Board.Whole | E1000Command.Offload | E1000Command.Vlan, 0x123);
        for (var i = 0; i < 3; i++)
        {
            var segment = board.Nic.Receive();
            Assert.Equal([0x81, 0x00, 0x01, 0x23, 0x08, 0x00], segment[12..18]);
            Assert.Equal(0xFFFF, TransportSum([.. segment[..12], .. segment[16..]]));
        }
    }

    [Theory]
    [InlineData(Tcp, 4, false)]
    [InlineData(Udp, 4, false)]
    [InlineData(Tcp, 6, false)]
    [InlineData(Tcp, 4, true)]
    public void Checksums_of_what_comes_are_looked_at(byte protocol, int version, bool tagged)
    {
        using var board = new E1000Board();
        board[E1000Register.ReceiveChecksumControl] = (uint)(E1000ChecksumControl.Ip | E1000ChecksumControl.Transport);
        var good = Packet(protocol, version, 99, 1, wholePseudoHeader: true);
        FillSums(good);
        var ip = version == 4 ? E1000ReceiveStatus.IpChecked : 0;
        var body = Receive(good);
        const E1000ReceiveStatus Checks = E1000ReceiveStatus.IpChecked | E1000ReceiveStatus.TransportChecked | E1000ReceiveStatus.IgnoreChecksums;
        Assert.Equal(ip | E1000ReceiveStatus.TransportChecked, body.Status & Checks);
        Assert.Equal((E1000ReceiveErrors)0, body.Errors);

        var badData = (byte[])good.Clone();
        badData[^1] ^= 1;
        Assert.Equal(E1000ReceiveErrors.Transport, Receive(badData).Errors);
        if (version == 4)
        {
            var badHeader = (byte[])good.Clone();
            badHeader[Ethernet + 8] ^= 1;
            Assert.Equal(E1000ReceiveErrors.Ip, Receive(badHeader).Errors);

            var fragment = (byte[])good.Clone();
            fragment[Ethernet + 6] = 0x20;
            Assert.Equal((E1000ReceiveStatus)0, Receive(fragment).Status & E1000ReceiveStatus.TransportChecked);
        }

        E1000ReceiveBody Receive(byte[] frame)
        {
            board.Nic.Send(tagged ? E1000Board.Tagged(frame, 5) : frame);
            return board.NextReceived().Body;
        }
    }

    [Fact]
    public void What_is_too_short_or_not_IP_is_not_looked_at()
    {
        using var board = new E1000Board(started: false);
        board.Start(descriptors: 128);
        board[E1000Register.ReceiveChecksumControl] = (uint)(E1000ChecksumControl.Ip | E1000ChecksumControl.Transport);
        var good = Packet(Tcp, 4, 30, 1, wholePseudoHeader: true);
        FillSums(good);
        foreach (var (offset, value) in new[] { (Ethernet, 0x44), (Ethernet, 0x4F), (Ethernet, 0x65), (Ethernet + 2, 0xFF), (Ethernet + 3, 0x05), (12, 0x09) })
        {
            var frame = (byte[])good.Clone();
            frame[offset] = (byte)value;
            board.Nic.Send(frame);
            var body = board.NextReceived().Body;
            Assert.Equal((E1000ReceiveStatus)0, body.Status & E1000ReceiveStatus.TransportChecked);
            Assert.Equal((E1000ReceiveErrors)0, body.Errors & E1000ReceiveErrors.Transport);
        }
    }

    [Fact]
    public void The_packet_checksum_starts_where_PCSS_says()
    {
        using var board = new E1000Board();
        foreach (var start in new[] { 0, 14, 15, 99, 100, 255 })
        {
            board[E1000Register.ReceiveChecksumControl] = (uint)start;
            var frame = E1000Board.Frame(100, start);
            board.Nic.Send(frame);
            var expected = (ushort)~Sum(start < 100 ? frame[start..] : []);
            Assert.Equal(expected, board.NextReceived().Body.Checksum);
        }
    }

    /// <summary>Headers and data as a driver's stack makes them; checksums are left for the controller, but for the pseudo header's.</summary>
    private static byte[] Packet(byte protocol, int version, int payload, int seed, bool wholePseudoHeader)
    {
        int ip = version == 4 ? 20 : 40, transport = protocol == Tcp ? 20 : 8;
        var packet = E1000Board.Frame(Ethernet + ip + transport + payload, seed, (ushort)(version == 4 ? 0x0800 : 0x86DD));
        var header = packet.AsSpan(Ethernet);
        if (version == 4)
        {
            header[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(packet.Length - Ethernet));
            header[6..12].Clear();
            (header[8], header[9]) = (64, protocol);
        }
        else
        {
            header[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(transport + payload));
            header[6] = protocol;
        }

        var segment = header[ip..];
        if (protocol == Tcp)
        {
            (segment[12], segment[13]) = (0x50, 0x19);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)(transport + payload));
        }

        var addresses = version == 4 ? header[12..20] : header[8..40];
        var pseudo = Sum([.. addresses, 0, protocol]) + (wholePseudoHeader ? segment.Length : 0);
        BinaryPrimitives.WriteUInt16BigEndian(segment[ChecksumIn(protocol)..], (ushort)((pseudo >> 16) + (pseudo & 0xFFFF)));
        return packet;
    }

    private static void FillSums(byte[] packet)
    {
        if (packet[Ethernet] >> 4 == 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(Ethernet + 10), (ushort)~Sum(packet.AsSpan(Ethernet, 20)));
        }

        var (start, protocol) = Transport(packet);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(start + ChecksumIn(protocol)), (ushort)~Sum(packet.AsSpan(start)));
    }

    private static E1000Context Context(byte protocol, int version, int payload = 0, int mss = 0)
    {
        var transport = Ethernet + (version == 4 ? 20 : 40);
        var command = E1000ContextCommand.Extension
            | (protocol == Tcp ? E1000ContextCommand.Tcp : 0)
            | (version == 4 ? E1000ContextCommand.Ip4 : 0)
            | (mss != 0 ? E1000ContextCommand.Segment : 0);
        return new E1000Context(
            (Ethernet, Ethernet + 10, (ushort)(version == 4 ? transport - 1 : 0)),
            ((byte)transport, (byte)(transport + ChecksumIn(protocol)), 0),
            command,
            payload,
            (byte)(transport + (protocol == Tcp ? 20 : 8)),
            (ushort)mss);
    }

    private static void CheckSums(byte[] sent, byte[] packet)
    {
        var filled = (byte[])packet.Clone();
        FillSums(filled);
        Assert.Equal(filled, sent[..filled.Length]);
    }

    private static void CheckSegments(E1000Board board, byte[] whole, byte protocol, int version, int mss)
    {
        var transport = Ethernet + (version == 4 ? 20 : 40);
        var header = transport + (protocol == Tcp ? 20 : 8);
        var count = (whole.Length - header + mss - 1) / mss;
        for (var i = 0; i < count; i++)
        {
            var data = whole.AsSpan(header + (i * mss), Math.Min(mss, whole.Length - header - (i * mss)));
            var segment = board.Nic.Receive();
            var length = header + data.Length;
            Assert.Equal(Math.Max(60, length), segment.Length);
            segment = segment[..length];
            Assert.Equal(data.ToArray(), segment[header..]);
            Assert.Equal(whole[..12], segment[..12]);
            if (version == 4)
            {
                Assert.Equal(length - Ethernet, Word(segment, Ethernet + 2));
                Assert.Equal((ushort)(Word(whole, Ethernet + 4) + i), Word(segment, Ethernet + 4));
                Assert.Equal(0xFFFF, Sum(segment.AsSpan(Ethernet, 20)));
            }
            else
            {
                Assert.Equal(length - transport, Word(segment, Ethernet + 4));
            }

            if (protocol == Tcp)
            {
                var sequence = BinaryPrimitives.ReadUInt32BigEndian(whole.AsSpan(transport + 4)) + (uint)(i * mss);
                Assert.Equal(sequence, BinaryPrimitives.ReadUInt32BigEndian(segment.AsSpan(transport + 4)));
                Assert.Equal(i == count - 1 ? 0x19 : 0x10, segment[transport + 13]);
            }
            else
            {
                Assert.Equal(length - transport, Word(segment, transport + 4));
            }

            Assert.Equal(0xFFFF, TransportSum(segment));
        }
    }

    // Over the pseudo header and all of TCP or UDP: all ones if the checksum is right.
    private static int TransportSum(byte[] packet)
    {
        var (start, protocol) = Transport(packet);
        var addresses = start == Ethernet + 20 ? packet[(Ethernet + 12)..start] : packet[(Ethernet + 8)..start];
        var length = packet.Length - start;
        return Sum([.. addresses, 0, protocol, (byte)(length >> 8), (byte)length, .. packet[start..]]);
    }

    private static (int Start, byte Protocol) Transport(byte[] packet) =>
        packet[Ethernet] >> 4 == 4 ? (Ethernet + 20, packet[Ethernet + 9]) : (Ethernet + 40, packet[Ethernet + 6]);

    private static int ChecksumIn(byte protocol) => protocol == Tcp ? 16 : 6;

    private static int Word(byte[] bytes, int offset) => (bytes[offset] << 8) | bytes[offset + 1];

    private static ushort Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            sum += i % 2 == 0 ? bytes[i] << 8 : bytes[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
