using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>What hostile guests have done to other emulators' e1000s, and what comes of it here. Each is named after what is published of it.</summary>
public class E1000HazardTests
{
    private const E1000Command Data = E1000Board.Whole | E1000Command.Offload;

    [Fact]
    public void CVE_2012_0029_A_packet_of_more_than_64_KiB_is_cut_off_and_all_its_descriptors_are_done()
    {
        using var board = new E1000Board();
        for (var i = 0; i < 5; i++)
        {
            board.Queue(E1000Board.Legacy(E1000Board.TransmitBuffers, 0xFFFF, E1000Command.ReportStatus), tell: false);
        }

        var last = board.Queue(E1000Board.Legacy(E1000Board.TransmitBuffers, 0xFFFF, E1000Board.Whole));
        board.WaitForTransmit(last);
        Assert.Equal(0x10000, board.Nic.Receive().Length);
        for (var i = 0; i < last; i++)
        {
            Assert.True(board.IsTransmitDone(i));
        }

        AssertAlive(board);
    }

    [Fact]
    public void CVE_2015_6815_Segments_of_no_length_are_not_sent_and_the_descriptor_is_done()
    {
        using var board = new E1000Board();
        foreach (var header in new byte[] { 0, 54 })
        {
            board.Queue(Context(header, 0, 1000), tell: false);
            board.WaitForTransmit(board.TransmitData(new byte[1000], (E1000PacketOptions)3, Data));
        }

        Assert.Null(board.Nic.TryReceive());
        AssertAlive(board);
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(16, 0xFFFF)]
    [InlineData(0, 0)]
    [InlineData(0, 5)]
    public void CVE_2016_1981_A_head_beyond_the_ring_ends_the_walk(int descriptors, int head)
    {
        using var board = new E1000Board();
        board.Nic.Settle();
        _ = board[E1000Register.InterruptCauseRead];
        board[E1000Register.TransmitLength] = (uint)descriptors * 16;
        board[E1000Register.TransmitHead] = (uint)head;
        board[E1000Register.TransmitTail] = 3;
        board[E1000Register.ReceiveLength] = (uint)descriptors * 16;
        board[E1000Register.ReceiveHead] = (uint)head;
        board[E1000Register.ReceiveTail] = 3;
        board.Nic.Send(E1000Board.Frame(60));
        board.Nic.Settle();
        Assert.Equal((uint)E1000Cause.ReceiveOverrun, board[E1000Register.InterruptCauseRead]);
        Assert.Equal(1U, board[E1000Register.MissedPackets]);
        Assert.Equal((uint)head, board[E1000Register.TransmitHead]);
        board.Reset();
        board.Start();
        AssertAlive(board);
    }

    [Fact]
    public void CVE_2016_1981_A_tail_beyond_the_ring_is_one_walk_round_it_each_time_it_is_written()
    {
        using var board = new E1000Board();
        for (var i = 0; i < E1000Board.Descriptors; i++)
        {
            board.Queue(E1000Board.Legacy(board.Fill(E1000Board.Frame(60, i)), 60, E1000Board.Whole), tell: false);
        }

        for (var round = 0; round < 3; round++)
        {
            board[E1000Register.TransmitTail] = 0x1000;
            for (var i = 0; i < E1000Board.Descriptors; i++)
            {
                Assert.Equal(E1000Board.Frame(60, i), board.Nic.Receive());
            }

            board.Nic.Settle();
            Assert.Null(board.Nic.TryReceive());
        }
    }

    [Theory]
    [InlineData(15)]
    [InlineData(0x8000)]
    public void CVE_2020_28916_A_ring_of_descriptors_without_buffers_is_used_up_or_gone_round_once(int tail)
    {
        using var board = new E1000Board();
        for (var i = 0; i < E1000Board.Descriptors; i++)
        {
            board.GiveBuffer(i, 0);
        }

        board[E1000Register.ReceiveTail] = (uint)tail;
        board.Nic.Send(E1000Board.Frame(60));
        board.Nic.Settle();
        for (var i = 0; i < Math.Min(tail, E1000Board.Descriptors); i++)
        {
            Assert.True(board.IsReceived(i));
        }

        Assert.Equal(tail == 15 ? 15U : 0U, board[E1000Register.ReceiveHead]);
        board.Reset();
        board.Start();
        AssertAlive(board);
    }

    [Fact]
    public void CVE_2021_3416_A_loopback_into_the_own_registers_has_no_effect()
    {
        using var board = new E1000Board();
        board.WritePhy(0, 0x4140);
        board.GiveBuffer(0, E1000Board.Address(E1000Register.TransmitTail));
        var frame = E1000Board.Frame(60);
        (frame[0], frame[1], frame[2], frame[3]) = (0xFF, 0xFF, 0xFF, 0xFF);
        (frame[4], frame[5]) = (0xFF, 0xFF);
        var index = board.Transmit(frame);
        var (body, _) = ReceiveBody(board);
        Assert.Equal(E1000ReceiveErrors.Data, body.Errors);
        board.WaitForTransmit(index);
        Assert.Equal((uint)index + 1, board[E1000Register.TransmitTail]);
        Assert.Equal(1, board.Nic.Function.RefusedDma(DmaStatus.Registers));
        board.Transmit(frame);
        Assert.Equal(frame, board.NextReceived().Data);
    }

    [Fact]
    public void CVE_2021_20257_A_tail_that_is_written_while_the_transmitter_is_busy_is_latched()
    {
        using var board = new E1000Board();
        var received = 0;
        for (var i = 0; i < 2000; i++)
        {
            board.Transmit(E1000Board.Frame(60, i));
            board[E1000Register.TransmitTail] = (uint)board.TransmitTail;
            board[E1000Register.TransmitTail] = (uint)board.TransmitTail;
            if (i % 14 == 13)
            {
                for (; received <= i; received++)
                {
                    Assert.Equal(E1000Board.Frame(60, received), board.Nic.Receive());
                }

                board.WaitForTransmit((board.TransmitTail + 15) % 16);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(13)]
    [InlineData(59)]
    public void CVE_2025_12464_A_short_frame_in_a_loopback_is_padded(int length)
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | E1000ReceiveControl.UnicastPromiscuous | E1000ReceiveControl.MulticastPromiscuous);
        board[E1000Register.TransmitControl] = (uint)E1000TransmitControl.Enable;
        board.WritePhy(0, 0x4140);
        board.Transmit([1]);
        var frame = E1000Board.Frame(60).AsSpan(0, length).ToArray();
        board.WaitForTransmit(board.Transmit(frame, E1000Board.Whole));
        _ = board.NextReceived();
        Assert.Equal([.. frame, .. new byte[60 - length]], board.NextReceived().Data);
        board.WaitForTransmit(board.Transmit([1], E1000Command.EndOfPacket | E1000Command.ReportStatus));
        Assert.True(board.ReceivesNothing());
    }

    [Fact]
    public void A_driver_that_clears_the_status_while_it_is_written_finds_each_packet_once()
    {
        using var board = new E1000Board();
        for (var i = 0; i < 1000; i++)
        {
            var frame = E1000Board.Frame(60 + (i % 50), i);
            board.Nic.Send(frame);
            var index = board.ReceiveNext;
            var (body, data) = board.NextReceived();
            Assert.Equal(frame, data);
            Assert.Equal(frame.Length, body.Length);
            board.Nic.Store(E1000Board.ReceiveRing + ((ulong)index * 16) + 12, 0, 1);
            board[E1000Register.ReceiveTail] = (uint)index;
        }
    }

    [Fact]
    public void A_receiver_enabled_before_bus_mastering_is_not_wedged()
    {
        using var board = new E1000Board(started: false);
        board.Nic.SetMaster(false);
        board.Start();
        for (var i = 0; i < 40; i++)
        {
            board.Nic.Send(E1000Board.Frame(60, i));
        }

        Assert.True(board.ReceivesNothing());
        board.Nic.SetMaster(true);
        for (var i = 0; i < 40; i++)
        {
            var index = board.ReceiveNext;
            Assert.Equal(E1000Board.Frame(60, i), board.NextReceived().Data);
            board.GiveBuffer(index, E1000Board.ReceiveBuffers + ((ulong)index * E1000Board.BufferStride));
            board[E1000Register.ReceiveTail] = (uint)index;
        }
    }

    [Fact]
    public void CVE_2020_15859_A_transmit_buffer_in_the_own_registers_is_not_sent_and_the_descriptor_is_done()
    {
        using var board = new E1000Board();
        foreach (var address in new[] { E1000Board.Address(0), NicBoard<E1000Function>.Nowhere, ulong.MaxValue - 10, NicBoard<E1000Function>.RamSize - 30 })
        {
            board.WaitForTransmit(board.Queue(E1000Board.Legacy(address, 60, E1000Board.Whole)));
        }

        Assert.Null(board.Nic.TryReceive());
        AssertAlive(board);
    }

    [Fact]
    public void CVE_2023_3019_A_frame_from_the_wire_into_the_own_registers_has_no_effect()
    {
        using var board = new E1000Board();
        board.GiveBuffer(0, E1000Board.Address(E1000Register.Control));
        board.GiveBuffer(1, NicBoard<E1000Function>.Rom);
        board.GiveBuffer(2, NicBoard<E1000Function>.Nowhere);
        for (var i = 0; i < 3; i++)
        {
            board.Nic.Send(Enumerable.Repeat((byte)0xFF, 60).ToArray());
            Assert.Equal(E1000ReceiveErrors.Data, ReceiveBody(board).Body.Errors);
        }

        AssertAlive(board);
    }

    [Fact]
    public void CVE_2024_3446_A_ring_in_the_own_registers_is_not_walked()
    {
        using var board = new E1000Board();
        board.Nic.Settle();
        _ = board[E1000Register.InterruptCauseRead];
        board.SetTransmitRing(E1000Board.Address(E1000Register.TransmitBase), 16);
        board.SetReceiveRing(E1000Board.Address(E1000Register.ReceiveBase), 16);
        board[E1000Register.ReceiveTail] = 15;
        board[E1000Register.TransmitTail] = 15;
        board.Nic.Send(E1000Board.Frame(60));
        board.Nic.Settle();
        Assert.Equal((0U, 0U), (board[E1000Register.TransmitHead], board[E1000Register.ReceiveHead]));
        Assert.Equal((uint)E1000Cause.ReceiveOverrun, board[E1000Register.InterruptCauseRead]);
        board.Reset();
        board.Start();
        AssertAlive(board);
    }

    [Fact]
    public void CVE_2019_2722_Corners_of_HDRLEN_MSS_PAYLEN_and_DTALEN_are_survived()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        int[] headers = [0, 1, 13, 14, 33, 54, 255];
        int[] segments = [0, 1, 2, 1460, 0xFFFE, 0xFFFF];
        int[] payloads = [0, 1, 1460, 0x10000, 0xFFFFF];
        int[] lengths = [0, 1, 54, 55, 1514, 0xFFFF, 0xFFFFF];
        using var board = new E1000Board();
        using var drain = new Drain(board.Nic.BackEnd);
        for (var i = 0; i < 300; i++)
        {
            int header = Pick(headers), mss = Pick(segments), payload = Pick(payloads), length = Pick(lengths);
            // A megabyte in segments of a byte is millions of frames: it is bounded, and the reset test's business.
            mss = length > 0xFFFF && mss is 1 or 2 ? 1460 : mss;
            var what = $"seed {seed}, HDRLEN {header}, MSS {mss}, PAYLEN {payload}, DTALEN {length}";
            board.Queue(RandomContext((byte)header, (ushort)mss, payload), tell: false);
            var first = Pick(lengths) & 0xFFF;
            board.Queue(E1000Board.Data(E1000Board.TransmitBuffers, first, E1000Command.Offload, (E1000PacketOptions)random.Next(4)), tell: false);
            var index = board.Queue(E1000Board.Data(E1000Board.TransmitBuffers, length, Data, (E1000PacketOptions)random.Next(4)));
            Deadline.Until(() => board.IsTransmitDone(index), what);
        }

        drain.Dispose();
        AssertAlive(board);

        int Pick(int[] from) => from[random.Next(from.Length)];

        E1000Context RandomContext(byte header, ushort mss, int payload) => new(
            ((byte)random.Next(256), (byte)random.Next(256), (ushort)random.Next(0x10000)),
            ((byte)random.Next(256), (byte)random.Next(256), (ushort)random.Next(0x10000)),
            E1000ContextCommand.Extension | E1000ContextCommand.Segment | (E1000ContextCommand)random.Next(4),
            payload,
            header,
            mss);
    }

    [Fact]
    public void A_megabyte_in_segments_of_a_byte_does_not_keep_a_reset_waiting()
    {
        using var board = new E1000Board();
        using (new Drain(board.Nic.BackEnd))
        {
            for (var i = 0; i < 10; i++)
            {
                board.Queue(Context(255, 1, 0xFFFFF), tell: false);
                board.Queue(E1000Board.Data(E1000Board.TransmitBuffers, 0xFFFFF, Data, (E1000PacketOptions)3));
                Deadline.Until(() => board[E1000Register.TotalPacketsTransmitted] > 0, "segments are sent");
                board.Reset();
                board.Nic.Settle();
                Assert.Equal(0U, board[E1000Register.TotalPacketsTransmitted]);
                board.Start();
            }
        }

        AssertAlive(board);
    }

    // The wire is the only place where a frame's length is somebody else's: it carries no more than 64 KiB.
    [Fact]
    public void CVE_2018_17963_A_frame_too_long_for_the_wire_or_the_controller_is_dropped()
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | E1000ReceiveControl.LongPackets | E1000ReceiveControl.StoreBad);
        board.Nic.Send(E1000Board.Frame(NetworkPort.LargestFrame + 1));
        board.Nic.Send(E1000Board.Frame(NetworkPort.LargestFrame));
        Assert.True(board.ReceivesNothing());
        AssertAlive(board);
    }

    [Fact]
    public void CVE_2020_13754_Accesses_over_the_end_of_the_windows_are_answered()
    {
        using var board = new E1000Board();
        foreach (var size in new[] { 1, 2, 4, 8 })
        {
            for (var offset = E1000Registers.WindowLength - 8; offset < E1000Registers.WindowLength; offset++)
            {
                board.Nic.Memory.Write(E1000Board.Address(0) + (ulong)offset, size, ulong.MaxValue);
                board.Nic.Memory.Read(E1000Board.Address(0) + (ulong)offset, size, out _);
            }
        }

        AssertAlive(board);
    }

    private static E1000Context Context(byte header, ushort mss, int payload) => new(
        (14, 24, 33),
        (34, 50, 0),
        E1000ContextCommand.Extension | E1000ContextCommand.Segment | E1000ContextCommand.Tcp | E1000ContextCommand.Ip4,
        payload,
        header,
        mss);

    private static (E1000ReceiveBody Body, int Index) ReceiveBody(E1000Board board)
    {
        Deadline.Until(() => board.IsReceived(board.ReceiveNext), "a descriptor is done");
        var index = board.ReceiveNext;
        var body = board.Body(index);
        board.SkipReceived();
        return (body, index);
    }

    // It sends and receives as if nothing had happened.
    private static void AssertAlive(E1000Board board)
    {
        while (board.Nic.TryReceive() is not null)
        {
        }

        var frame = E1000Board.Frame(321);
        board.WaitForTransmit(board.Transmit(frame));
        Assert.Equal(frame, board.Nic.Receive());
        board.Nic.Send(frame);
        Assert.Equal(frame, board.NextReceived().Data);
        Assert.Empty(board.Nic.Failures);
    }

    // Takes everything off the wire.
    private sealed class Drain : IDisposable
    {
        private readonly Thread _thread;
        private volatile bool _stop;

        public Drain(NetworkPort end)
        {
            _thread = new Thread(() =>
            {
                while (!_stop)
                {
                    if (end.TryPeek(out _))
                    {
                        end.Consume();
                    }
                    else
                    {
                        Thread.Yield();
                    }
                }
            });
            _thread.Start();
        }

        public void Dispose()
        {
            _stop = true;
            Deadline.Join(_thread);
        }
    }
}
