using Emulator.Memory;

namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>Published bugs of other emulators' controllers, as input; each test has the name of one.</summary>
public sealed class Rtl8139HazardTests
{
    private const uint Whole = Rtl8139Descriptor.Own | Rtl8139Descriptor.First | Rtl8139Descriptor.Last;

    public static TheoryData<string> MalformedPackets => [.. Malformed.Keys];

    private static Dictionary<string, byte[]> Malformed { get; } = new()
    {
        ["one byte"] = [0x55],
        ["13 bytes"] = Frames.ToStation(14)[..13],
        ["Ethernet alone"] = Frames.Ip(6, [])[..14],
        ["33 bytes"] = Frames.Ip(6, Frames.Tcp(0))[..33],
        ["IHL 0"] = Frames.Ip(6, Frames.Tcp(40), headerWords: 0),
        ["IHL 4"] = Frames.Ip(6, Frames.Tcp(40), headerWords: 4),
        ["IHL beyond the packet"] = WithHeaderWords(Frames.Ip(6, Frames.Tcp(0)), 15),
        ["total length below the header"] = Frames.Ip(6, Frames.Tcp(40), totalLength: 19),
        ["total length 0"] = Frames.Ip(6, Frames.Tcp(40), totalLength: 0),
        ["total length beyond the frame"] = Frames.Ip(6, Frames.Tcp(40), totalLength: 101),
        ["total length of 64 KiB"] = Frames.Ip(6, Frames.Tcp(40), totalLength: 0xFFFF),
        ["data offset 0"] = Frames.Ip(6, Frames.Tcp(40, headerWords: 0)),
        ["data offset 4"] = Frames.Ip(6, Frames.Tcp(40, headerWords: 4)),
        ["data offset beyond the data"] = Frames.Ip(6, Frames.Tcp(0, headerWords: 15)),
        ["TCP of 19 bytes"] = Frames.Ip(6, new byte[19]),
        ["UDP of 7 bytes"] = Frames.Ip(17, new byte[7]),
        ["IP version 6"] = WithVersion(Frames.Ip(6, Frames.Tcp(40)), 6),
    };

    [Theory]
    [MemberData(nameof(MalformedPackets))]
    public void CVE_2015_5165_what_is_no_whole_packet_is_sent_as_it_is(string packet)
    {
        using var board = Rtl8139Board.StartedCPlus();
        var sent = Malformed[packet];
        uint[] requests =
        [
            Rtl8139Descriptor.IpChecksum | Rtl8139Descriptor.TcpChecksum | Rtl8139Descriptor.UdpChecksum,
            Rtl8139Descriptor.LargeSend | (1460U << Rtl8139Descriptor.SegmentShift),
            Rtl8139Descriptor.LargeSend | (1U << Rtl8139Descriptor.SegmentShift),
        ];
        for (var i = 0; i < requests.Length; i++)
        {
            board.TransmitCPlus(i, sent, requests[i]);
            Assert.Equal(sent, board.Nic.Receive());
            Assert.Null(board.Nic.TryReceive());
            Assert.Equal(0U, board.Word(Rtl8139Board.TransmitDescriptors, i) & Rtl8139Descriptor.Own);
        }
    }

    // The driver gives each descriptor back to the controller as soon as it is its own.
    [Fact]
    public void CVE_2016_8910_descriptors_that_are_owned_again_at_once_are_64_a_turn()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Nic.Function.ObserveDma(new OwnAgain(board.Nic.Memory));
        for (var i = 0; i < Rtl8139Descriptor.Most; i++)
        {
            board.Describe(Rtl8139Board.TransmitDescriptors, i, Whole, Rtl8139Board.Buffers);
        }

        // With packets of no length the wire never fills.
        board.Poll();

        // The thread still has a turn for others, registers answer, and a reset ends it.
        board.Nic.Settle();
        Assert.NotEqual(0UL, board.Read(Rtl8139Register.TransmitPoll, 1));
        board.Write(Rtl8139Register.Command, (ulong)Rtl8139Command.Reset, 1);
        board.Nic.Settle();
        Assert.Equal((Rtl8139Cause)0, board.Causes);
    }

    [Fact]
    public void CVE_2018_17958_and_17963_a_packet_of_any_length_is_taken_or_lost()
    {
        foreach (var board in new[] { Rtl8139Board.Started(), Rtl8139Board.StartedCPlus() })
        {
            using (board)
            {
                Rtl8139CPlusTests.Give(board, 8, 8191);
                foreach (var length in new[] { 1, 13, 14, 4093, 8188, 0x7FFF, 0x8000, 0xFFFF, NetworkPort.LargestFrame })
                {
                    board.Send(Frames.ToStation(Math.Max(length, 14)).AsSpan(0, length));
                }

                Assert.Equal(Rtl8139Cause.ReceiveError, board.Causes & (Rtl8139Cause.ReceiveError | Rtl8139Cause.SystemError));
                board.Send(Frames.ToStation(90));
                Assert.Equal(Rtl8139Cause.ReceiveOk, board.Causes & Rtl8139Cause.ReceiveOk);
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_full_ring_sets_RxOverflow_and_goes_on_when_CAPR_is_written(bool unmasked)
    {
        using var board = Rtl8139Board.Started();
        board.Write(Rtl8139Register.InterruptMask, unmasked ? (ulong)Rtl8139Cause.ReceiveOverflow : 0, 2);
        for (var i = 0; i < 10; i++)
        {
            board.Send(Frames.ToStation(1500, i));
        }

        Assert.Equal(Rtl8139Cause.ReceiveOverflow, board.Causes & Rtl8139Cause.ReceiveOverflow);
        Assert.Equal(unmasked, board.Nic.Interrupts);
        for (var i = 0; i < 10; i++)
        {
            board.Write(Rtl8139Register.InterruptStatus, (ulong)Rtl8139Cause.ReceiveOverflow, 2);
            Assert.Equal(Frames.Sealed(Frames.ToStation(1500, i)), board.TakeFromRing().Packet);
            board.Nic.Settle();
        }

        Assert.True(board.IsRingEmpty);
        Assert.Equal(0UL, board.Read(Rtl8139Register.MissedPackets));
    }

    [Fact]
    public void RX_enabled_with_RBSTART_0_loses_what_comes()
    {
        using var board = new Rtl8139Board();
        board.Write(Rtl8139Register.Command, (ulong)Rtl8139Command.ReceiveEnable, 1);
        board.Write(Rtl8139Register.ReceiveConfiguration, (ulong)Rtl8139ReceiveConfiguration.ThisStation);
        board.Send(Frames.ToStation(100));
        Assert.True(board.IsRingEmpty);
        Assert.Equal(new byte[256], board.Nic.Bytes(0, 256));
        board.Write(Rtl8139Register.ReceiveBufferStart, Rtl8139Board.Ring);
        board.Send(Frames.ToStation(100));
        Assert.Equal(104, board.TakeFromRing().Packet.Length);
    }

    [Fact]
    public void CVE_2021_3416_a_loop_into_the_own_registers_starts_nothing()
    {
        using var board = new Rtl8139Board();
        board.Write(Rtl8139Register.ReceiveBufferStart, board.Window);
        board.Write(Rtl8139Register.Command, (ulong)(Rtl8139Command.ReceiveEnable | Rtl8139Command.TransmitEnable), 1);
        board.Write(Rtl8139Register.ReceiveConfiguration, 0x3F);
        board.Write(Rtl8139Register.TransmitConfiguration, (ulong)Rtl8139TransmitConfiguration.Loopback);
        board.Write(Rtl8139Register.MulticastFilter, 0xFFFF_FFFF);
        for (var i = 0; i < 8; i++)
        {
            board.Transmit(i % 4, new byte[64]);
        }

        Assert.Equal(Rtl8139Cause.SystemError, board.Causes & (Rtl8139Cause.SystemError | Rtl8139Cause.ReceiveOk));
        Assert.Equal(8, board.Nic.Function.RefusedDma(DmaStatus.Registers));
        Assert.Equal(0xF00FUL, board.Read(Rtl8139Register.TransmitSummary, 2));
        Assert.Equal(0xFFFF_FFFFUL, board.Read(Rtl8139Register.MulticastFilter));
        IsAlive(board);
    }

    [Fact]
    public void CVE_2023_3019_what_the_back_end_sends_does_not_reach_registers()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Describe(Rtl8139Board.Descriptors, 0, Rtl8139Descriptor.Own | Rtl8139Descriptor.EndOfRing | 1536, board.Window);
        board.Send(Frames.ToStation(100));
        Assert.Equal(1, board.Nic.Function.RefusedDma(DmaStatus.Registers));
        Assert.Equal(Rtl8139Cause.SystemError, board.Causes & Rtl8139Cause.SystemError);
        Assert.Equal(Rtl8139Board.Descriptors, board.Read(Rtl8139Register.ReceiveDescriptors));

        board.Write(Rtl8139Register.ReceiveDescriptors, board.Window);
        board.Send(Frames.ToStation(100));
        Assert.Equal(2, board.Nic.Function.RefusedDma(DmaStatus.Registers));
        IsAlive(board);
    }

    // Every way in by which the controller writes or reads memory, aimed at its own registers.
    [Fact]
    public void CVE_2024_3446_no_way_in_leads_to_the_own_registers()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Write(Rtl8139Register.TransmitAddress, board.Window);
        board.Poll();
        board.Write(Rtl8139Register.TransmitAddress, Rtl8139Board.TransmitDescriptors);
        board.Describe(Rtl8139Board.TransmitDescriptors, 0, Whole | 100, board.Window);
        board.Poll();
        board.Write(Rtl8139Register.TransmitStatus, board.Window | (ulong)Rtl8139DumpTally.Command);
        board.Nic.Settle();
        Assert.Equal(board.Window, board.Read(Rtl8139Register.TransmitStatus));

        // By the clock's thread: a packet waits for a descriptor, and what is looked at again is there.
        board.Send(Frames.ToStation(100));
        board.Write(Rtl8139Register.ReceiveDescriptors, board.Window);
        board.Nic.Advance(1_000_000);
        Assert.Equal(4, board.Nic.Function.RefusedDma(DmaStatus.Registers));
        Assert.Equal(Rtl8139Cause.SystemError, board.Causes & Rtl8139Cause.SystemError);
        IsAlive(board);
    }

    [Fact]
    public void CVE_2020_13754_accesses_of_any_size_and_alignment_are_survived_to_the_last_byte()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new Rtl8139Board(Rtl8139Variant.CPlus);
        IBusTarget registers = board.Nic.Function;
        for (var round = 0; round < 20; round++)
        {
            for (ulong offset = 0; offset < Rtl8139Registers.Length + 2; offset++)
            {
                foreach (var size in new[] { 1, 2, 4, 8 })
                {
                    var written = registers.Write(offset, size, (ulong)random.NextInt64());
                    var read = registers.Read(offset, size, out var value);
                    Assert.True(Enum.IsDefined(written) && Enum.IsDefined(read), $"{offset:X}, {size} bytes, seed {seed}");
                    Assert.True(size == 8 || read != BusStatus.Ok || value >> (size * 8) == 0, $"{offset:X}, {size} bytes, seed {seed}");
                }
            }

            board.Nic.Clock.Advance(random.Next(1_000_000));
        }

        IsAlive(board);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(59)]
    public void CVE_2025_12464_a_frame_shorter_than_60_bytes_goes_round_the_loop_padded(int length)
    {
        using var board = Rtl8139Board.Started(Rtl8139ReceiveConfiguration.AllStations);
        board.Write(Rtl8139Register.TransmitConfiguration, (ulong)Rtl8139TransmitConfiguration.Loopback);
        var frame = Frames.ToStation(60)[..length];
        board.Transmit(0, frame);
        Assert.Equal(Frames.Sealed(frame), board.TakeFromRing().Packet);
    }

    [Fact]
    public void LGSEN_with_bit_18_is_a_segment_size_and_no_request_for_a_checksum()
    {
        using var board = Rtl8139Board.StartedCPlus();

        // 4 is bit 18; 708 is it and others. Neither is the 1460 of Ethernet.
        foreach (var size in new[] { 4, 708 })
        {
            board.TransmitCPlus(0, Frames.Ip(6, Frames.Tcp(900)), Rtl8139Descriptor.LargeSend | Rtl8139Descriptor.EndOfRing | ((uint)size << 16));
            for (var left = 900; left > 0; left -= size)
            {
                var frame = board.Nic.Receive();
                Assert.Equal(54 + Math.Min(size, left), frame.Length);
                Assert.True(Frames.IsIpRight(frame) && Frames.IsPayloadRight(frame));
            }
        }

        // What is no TCP is not touched: bit 18 does not ask for IP's checksum.
        var udp = Frames.Ip(17, Frames.Udp(100));
        board.TransmitCPlus(0, udp, Rtl8139Descriptor.LargeSend | Rtl8139Descriptor.EndOfRing | (4U << 16));
        Assert.Equal(udp, board.Nic.Receive());
    }

    [Fact]
    public void A_packet_of_more_than_64_KiB_is_an_underrun_and_the_next_is_sent()
    {
        using var board = Rtl8139Board.StartedCPlus();
        board.Describe(Rtl8139Board.TransmitDescriptors, 0, Rtl8139Descriptor.Own | Rtl8139Descriptor.First | 0xFFFF, Rtl8139Board.Buffers);
        board.Describe(Rtl8139Board.TransmitDescriptors, 1, Rtl8139Descriptor.Own | Rtl8139Descriptor.Last | 2, Rtl8139Board.Buffers);
        board.Poll();
        Assert.Null(board.Nic.TryReceive());
        Assert.Equal(
            Rtl8139Descriptor.Last | Rtl8139Descriptor.TransmitError | Rtl8139Descriptor.Underrun | 2, board.Word(Rtl8139Board.TransmitDescriptors, 1));
        board.TransmitCPlus(2, Frames.Broadcast(100));
        Assert.Equal(100, board.Nic.Receive().Length);
    }

    [Fact]
    public void Descriptors_without_buffers_hold_no_packet_up()
    {
        using var board = Rtl8139Board.StartedCPlus();
        Rtl8139CPlusTests.Give(board, 64, 0);
        board.Send(Frames.ToStation(100));
        Assert.Equal(Rtl8139Cause.ReceiveError, board.Causes & (Rtl8139Cause.ReceiveError | Rtl8139Cause.ReceiveOk));
        Rtl8139CPlusTests.Give(board, 1, 1536);
        board.Send(Frames.ToStation(100));
        Assert.Equal(104U, board.Word(Rtl8139Board.Descriptors, 0) & Rtl8139Descriptor.ReceiveSize);
    }

    [Fact]
    public void Random_registers_descriptors_and_frames_are_survived()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = Rtl8139Board.StartedCPlus();
        var bytes = new byte[4096];
        var registers = Enum.GetValues<Rtl8139Register>();
        uint[] places = [Rtl8139Board.Ring, Rtl8139Board.Descriptors, Rtl8139Board.TransmitDescriptors, (uint)board.Window, 0, 0xFFFF_FFF0];
        for (var round = 0; round < 20_000; round++)
        {
            switch (random.Next(8))
            {
                case 0:
                    random.NextBytes(bytes);
                    board.Nic.Put(places[random.Next(3)], bytes);
                    break;
                case 1:
                    board.Write(registers[random.Next(registers.Length)], places[random.Next(places.Length)]);
                    break;
                case 2:
                    board.Write(Rtl8139Register.Command, (ulong)random.Next(16), 1);
                    board.Write(Rtl8139Register.CPlusCommand, (ulong)random.Next(128), 2);
                    break;
                case 3:
                    board.Write(Rtl8139Register.TransmitPoll, (ulong)random.Next(256), 1);
                    board.Write(Rtl8139Register.ReceiveConfiguration, (ulong)random.Next());
                    break;
                case 4:
                    board.Nic.BackEnd.TrySend(Frames.Broadcast(random.Next(14, 9000)));
                    break;
                case 5:
                    board.Nic.TryReceive();
                    board.Nic.Clock.Advance(random.Next(100_000));
                    break;
                case 6 when random.Next(8) == 0:
                    board.SetPower(Math.Max(0, random.Next(-8, 4)));
                    board.Nic.SetMaster(random.Next(4) != 0);
                    break;
                default:
                    var register = registers[random.Next(registers.Length)];
                    var size = 1 << random.Next(3);
                    board.Write(register, (ulong)random.NextInt64(), size);
                    board.Read(register, size);
                    break;
            }
        }

        Assert.True(board.Nic.Failures.IsEmpty, $"seed {seed}");
        IsAlive(board);
    }

    private static void IsAlive(Rtl8139Board board)
    {
        board.SetPower(0);
        board.Nic.PlaceWindows();
        board.Reload();
        while (board.Nic.TryReceive() is not null)
        {
        }

        board.Nic.Settle();
        board.Start();
        board.Transmit(0, Frames.Broadcast(60));
        Assert.Equal(60, board.Nic.Receive().Length);
        board.Send(Frames.ToStation(60));
        Assert.Equal(64, board.TakeFromRing().Packet.Length);
    }

    private static byte[] WithHeaderWords(byte[] frame, int words)
    {
        frame[14] = (byte)(0x40 | words);
        return frame;
    }

    private static byte[] WithVersion(byte[] frame, int version)
    {
        frame[14] = (byte)((version << 4) | 5);
        return frame;
    }

    private sealed class OwnAgain(GuestMemory memory) : IDmaObserver
    {
        public void Fence(DmaFence fence)
        {
        }

        public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status)
        {
            if (direction == DmaDirection.Write)
            {
                memory.Write(address, 4, Whole);
            }
        }
    }
}
