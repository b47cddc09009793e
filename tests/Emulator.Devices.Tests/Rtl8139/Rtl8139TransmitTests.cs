namespace Emulator.Devices.Tests.Rtl8139;

public sealed class Rtl8139TransmitTests
{
    [Fact]
    public void The_four_descriptors_are_sent_in_turn_and_given_back()
    {
        using var board = Rtl8139Board.Started();
        for (var i = 0; i < 10; i++)
        {
            var frame = Frames.Broadcast(60 + i);
            board.Transmit(i % 4, frame);
            Assert.Equal(frame, board.Nic.Receive());
            Assert.Equal(Rtl8139TransmitStatus.Own | Rtl8139TransmitStatus.Ok | (Rtl8139TransmitStatus)frame.Length, board.TransmitStatus(i % 4));
        }

        Assert.Equal(0xF00FUL, board.Read(Rtl8139Register.TransmitSummary, 2));
        Assert.Equal(Rtl8139Cause.TransmitOk, board.Causes);
    }

    [Fact]
    public void A_descriptor_whose_turn_it_is_not_waits_for_those_before_it()
    {
        using var board = Rtl8139Board.Started();
        board.Transmit(1, Frames.Broadcast(61));
        Assert.Null(board.Nic.TryReceive());
        Assert.Equal((Rtl8139TransmitStatus)61, board.TransmitStatus(1));
        board.Transmit(0, Frames.Broadcast(60));
        Assert.Equal([60, 61], [board.Nic.Receive().Length, board.Nic.Receive().Length]);
    }

    [Fact]
    public void The_threshold_stays_as_it_was_written_and_every_status_is_cleared_with_it()
    {
        using var board = Rtl8139Board.Started();
        board.Transmit(0, Frames.Broadcast(60));
        board.Nic.SetMaster(false);
        board.Write(Rtl8139Register.TransmitStatus, 0xFFFF_DFFF & ~0x2000UL);
        Assert.Equal(0x003F_1FFFUL, (ulong)board.TransmitStatus(0));
    }

    [Fact]
    public void Nothing_is_sent_before_the_transmitter_is_on_and_all_of_it_then()
    {
        using var board = new Rtl8139Board();
        board.Transmit(0, Frames.Broadcast(60));
        Assert.Null(board.Nic.TryReceive());
        board.Write(Rtl8139Register.Command, (ulong)Rtl8139Command.TransmitEnable, 1);
        Assert.Equal(60, board.Nic.Receive().Length);
    }

    [Fact]
    public void A_wire_without_room_keeps_packets_in_their_descriptors()
    {
        using var board = Rtl8139Board.Started();
        var frame = Frames.Broadcast(1514);
        var sent = 0;
        while ((board.TransmitStatus((sent + 3) % 4) & Rtl8139TransmitStatus.Own) != 0)
        {
            board.Transmit(sent % 4, frame);
            sent++;
        }

        Assert.Equal(0, (int)(board.TransmitStatus((sent + 3) % 4) & Rtl8139TransmitStatus.Own));
        for (var i = 0; i < sent; i++)
        {
            Assert.Equal(frame, board.Nic.Receive());
        }

        board.Nic.Settle();
        Assert.Null(board.Nic.TryReceive());
        Assert.Equal(Rtl8139TransmitStatus.Own, board.TransmitStatus((sent + 3) % 4) & Rtl8139TransmitStatus.Own);
    }

    [Fact]
    public void Without_a_link_a_packet_is_lost_and_the_carrier_is_said_to_be()
    {
        using var board = Rtl8139Board.Started();
        board.Nic.BackEnd.SetUp(false);
        board.Transmit(0, Frames.Broadcast(60));
        Assert.Equal(
            Rtl8139TransmitStatus.Own | Rtl8139TransmitStatus.Ok | Rtl8139TransmitStatus.CarrierLost,
            board.TransmitStatus(0) & ~Rtl8139TransmitStatus.Size);
    }

    [Fact]
    public void A_packet_that_brings_its_own_frame_check_sequence_needs_a_right_one()
    {
        using var board = Rtl8139Board.Started();
        board.Write(Rtl8139Register.TransmitConfiguration, (ulong)Rtl8139TransmitConfiguration.NoCrc);
        var frame = Frames.Broadcast(80);
        var packet = Frames.Sealed(frame);
        board.Transmit(0, packet);
        Assert.Equal(frame, board.Nic.Receive());
        packet[^1] ^= 1;
        board.Transmit(1, packet);
        Assert.Null(board.Nic.TryReceive());
        board.Transmit(2, [1, 2, 3]);
        Assert.Null(board.Nic.TryReceive());
        Assert.Equal(0x700FUL, board.Read(Rtl8139Register.TransmitSummary, 2));
    }

    [Fact]
    public void A_buffer_that_is_not_there_aborts_the_packet_and_it_can_be_sent_again()
    {
        using var board = Rtl8139Board.Started();
        board.Write(Rtl8139Register.TransmitAddress, NicBoard<Rtl8139Function>.Nowhere);
        board.Write(Rtl8139Register.TransmitStatus, 60);
        board.Nic.Settle();
        Assert.Equal(Rtl8139TransmitStatus.Own | Rtl8139TransmitStatus.Aborted, board.TransmitStatus(0) & ~Rtl8139TransmitStatus.Size);
        Assert.Equal(Rtl8139Cause.SystemError | Rtl8139Cause.TransmitError, board.Causes);
        Assert.True(board.HasPciStatus(0x2000));
        Assert.Equal(0x001FUL, board.Read(Rtl8139Register.TransmitSummary, 2));

        board.Transmit(1, Frames.Broadcast(61));
        Assert.Null(board.Nic.TryReceive());
        board.Write(Rtl8139Register.TransmitAddress, Rtl8139Board.Buffers);
        board.Write(Rtl8139Register.TransmitConfiguration, (ulong)Rtl8139TransmitConfiguration.ClearAbort);
        Assert.Equal([60, 61], [board.Nic.Receive().Length, board.Nic.Receive().Length]);
    }

    [Fact]
    public void What_is_sent_round_the_loop_is_received_and_not_sent()
    {
        using var board = Rtl8139Board.Started();
        board.Write(Rtl8139Register.TransmitConfiguration, (ulong)Rtl8139TransmitConfiguration.Loopback);
        var frame = Frames.ToStation(100);
        board.Transmit(0, frame);
        Assert.Equal(Frames.Sealed(frame), board.TakeFromRing().Packet);
        Assert.Null(board.Nic.TryReceive());
        board.Send(frame);
        Assert.True(board.IsRingEmpty);
    }

    [Fact]
    public void A_loop_does_not_wait_for_room_in_the_ring()
    {
        using var board = Rtl8139Board.Started();
        board.Write(Rtl8139Register.TransmitConfiguration, (ulong)Rtl8139TransmitConfiguration.Loopback);
        var frame = Frames.ToStation(1500);
        for (var i = 0; i < 8; i++)
        {
            board.Transmit(i % 4, frame);
        }

        Assert.Equal(Rtl8139Cause.ReceiveOk | Rtl8139Cause.TransmitOk | Rtl8139Cause.ReceiveOverflow | Rtl8139Cause.FifoOverflow, board.Causes);
        Assert.Equal(3UL, board.Read(Rtl8139Register.MissedPackets));
        board.Write(Rtl8139Register.MissedPackets, 77);
        Assert.Equal(0UL, board.Read(Rtl8139Register.MissedPackets));
    }

    [Fact]
    public void A_halted_clock_holds_what_is_to_be_sent_until_it_runs_again()
    {
        using var board = Rtl8139Board.Started();
        board.Write(Rtl8139Register.HaltClock, 'H', 1);
        board.Transmit(0, Frames.Broadcast(60));
        Assert.Null(board.Nic.TryReceive());
        board.Write(Rtl8139Register.HaltClock, 'R', 1);
        Assert.Equal(60, board.Nic.Receive().Length);
    }
}
