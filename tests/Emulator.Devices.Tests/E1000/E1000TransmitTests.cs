namespace Emulator.Devices.Tests;

/// <summary>Transmit descriptors, one and several a packet.</summary>
public class E1000TransmitTests
{
    [Theory]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(1514)]
    [InlineData(4000)]
    public void A_legacy_descriptor_sends_its_buffer(int length)
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(length);
        var index = board.Transmit(frame);
        Assert.Equal(frame, board.Nic.Receive());
        board.WaitForTransmit(index);
    }

    [Fact]
    public void A_packet_is_put_together_from_descriptors_of_both_kinds()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(1000);
        board.Queue(E1000Board.Legacy(board.Fill(frame.AsSpan(0, 1)), 1, 0), tell: false);
        board.Queue(E1000Board.Data(board.Fill(frame.AsSpan(1, 600)), 600, 0), tell: false);
        board.Queue(E1000Board.Data(board.Fill([]), 0, 0), tell: false);
        board.Queue(E1000Board.Legacy(board.Fill(frame.AsSpan(601, 398)), 398, 0), tell: false);
        var last = board.Queue(E1000Board.Legacy(board.Fill(frame.AsSpan(999)), 1, E1000Board.Whole));
        Assert.Equal(frame, board.Nic.Receive());
        board.WaitForTransmit(last);
        Assert.False(board.IsTransmitDone(0));
        Assert.Null(board.Nic.TryReceive());
    }

    [Fact]
    public void Only_a_descriptor_with_RS_is_written_back_and_only_its_status_byte()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(100);
        board.Transmit(frame, E1000Command.EndOfPacket | E1000Command.InsertFcs);
        var reported = board.Queue(new E1000TransmitDescriptor(board.Fill(frame), 100 | (0xABU << 16) | ((uint)E1000Board.Whole << 24), 0xCD, 0xEF01));
        board.WaitForTransmit(reported);
        Assert.False(board.IsTransmitDone(0));
        Assert.Equal(0xEF01CD01_0BAB0064UL, board.Nic.Load(E1000Board.TransmitRing + 16 + 8, 8));
    }

    [Fact]
    public void Short_packets_are_padded_if_TCTL_says_so()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(20);
        board.Nic.Put(E1000Board.TransmitBuffers, new byte[64].Select(_ => (byte)0xEE).ToArray());
        board.Transmit(frame);
        Assert.Equal([.. frame, .. new byte[40]], board.Nic.Receive());
        board[E1000Register.TransmitControl] = (uint)E1000TransmitControl.Enable;
        board.Transmit(frame);
        Assert.Equal(frame, board.Nic.Receive());
    }

    [Fact]
    public void Without_IFCS_the_last_four_bytes_are_the_frame_check_sequence()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(100);
        const E1000Command Own = E1000Command.EndOfPacket | E1000Command.ReportStatus;
        board.Transmit([.. frame, .. BitConverter.GetBytes(EthernetCrc.Compute(frame))], Own);
        Assert.Equal(frame, board.Nic.Receive());

        // A wrong one is what the other end would find, and drop.
        board.WaitForTransmit(board.Transmit([.. frame, 1, 2, 3, 4], Own));
        board.WaitForTransmit(board.Transmit([1, 2, 3, 4], Own));
        Assert.Null(board.Nic.TryReceive());
    }

    [Fact]
    public void The_ring_goes_round_at_every_position()
    {
        for (var head = 0; head < E1000Board.Descriptors; head++)
        {
            using var board = new E1000Board();
            board.SetTransmitRing(E1000Board.TransmitRing, E1000Board.Descriptors, head);
            for (var i = 0; i < (E1000Board.Descriptors * 2) + 1; i++)
            {
                var frame = E1000Board.Frame(60 + i, i);
                board.WaitForTransmit(board.Transmit(frame));
                Assert.Equal(frame, board.Nic.Receive());
            }

            Deadline.Until(() => board[E1000Register.TransmitHead] == (uint)((head + 1) % E1000Board.Descriptors), "the head is at the tail");
        }
    }

    [Fact]
    public void A_full_ring_is_sent_in_order()
    {
        using var board = new E1000Board();
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < E1000Board.Descriptors - 1; i++)
            {
                var frame = E1000Board.Frame(60 + i, i);
                board.Queue(E1000Board.Legacy(board.Fill(frame), frame.Length, E1000Board.Whole), tell: false);
            }

            board[E1000Register.TransmitTail] = (uint)board.TransmitTail;
            for (var i = 0; i < E1000Board.Descriptors - 1; i++)
            {
                Assert.Equal(E1000Board.Frame(60 + i, i), board.Nic.Receive());
            }
        }
    }

    [Fact]
    public void A_full_wire_makes_the_ring_wait_and_nothing_is_lost()
    {
        using var board = new E1000Board();
        const int Frames = 200;
        var sent = 0;
        for (var received = 0; received < Frames; received++)
        {
            // As many as the ring takes: the oldest that is not known to be done is behind the tail.
            for (; sent < Frames && (sent < E1000Board.Descriptors - 1 || board.IsTransmitDone((board.TransmitTail + 1) % E1000Board.Descriptors)); sent++)
            {
                board.Transmit(E1000Board.Frame(4000, sent));
                board.Nic.Settle();
            }

            Assert.Equal(E1000Board.Frame(4000, received), board.Nic.Receive());
        }

        Assert.True(Frames * 4000 > 2 * FrameRing.Capacity);
    }

    [Fact]
    public void Nothing_is_sent_before_TCTL_enables_it_and_then_what_waits_is()
    {
        using var board = new E1000Board();
        board[E1000Register.TransmitControl] = 0;
        var frame = E1000Board.Frame(60);
        board.Transmit(frame);
        board.Nic.Settle();
        Assert.Null(board.Nic.TryReceive());
        board[E1000Register.TransmitControl] = (uint)E1000TransmitControl.Enable;
        Assert.Equal(frame, board.Nic.Receive());
    }

    [Fact]
    public void With_bus_mastering_off_nothing_happens_and_when_it_is_on_it_goes_on()
    {
        using var board = new E1000Board();
        board.Nic.SetMaster(false);
        var frame = E1000Board.Frame(60);
        var index = board.Transmit(frame);
        board.Nic.Settle();
        Assert.Null(board.Nic.TryReceive());
        board.Nic.SetMaster(true);
        Assert.Equal(frame, board.Nic.Receive());
        board.WaitForTransmit(index);
    }

    [Fact]
    public void A_tag_is_put_in_if_CTRL_and_the_descriptor_say_so()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(100);
        board.Transmit(frame, E1000Board.Whole | E1000Command.Vlan, 0x2123);
        Assert.Equal(frame, board.Nic.Receive());
        board[E1000Register.Control] |= (uint)E1000Control.VlanMode;
        board.Transmit(frame, E1000Board.Whole | E1000Command.Vlan, 0x2123);
        Assert.Equal(E1000Board.Tagged(frame, 0x2123), board.Nic.Receive());
        board.Transmit(frame, E1000Board.Whole, 0x2123);
        Assert.Equal(frame, board.Nic.Receive());
        board.TransmitData(frame, 0, E1000Board.Whole | E1000Command.Vlan, 0xFFF);
        Assert.Equal(E1000Board.Tagged(frame, 0xFFF), board.Nic.Receive());
    }

    [Fact]
    public void A_descriptor_without_an_address_has_no_data()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(60);
        var empty = board.Queue(E1000Board.Legacy(0, 500, E1000Command.ReportStatus));
        board.Transmit(frame);
        board.WaitForTransmit(empty);
        Assert.Equal(frame, board.Nic.Receive());
    }

    [Fact]
    public void Without_a_link_packets_are_lost_and_their_descriptors_given_back()
    {
        using var board = new E1000Board();
        board.Nic.BackEnd.SetUp(false);
        Deadline.Until(() => (board[E1000Register.Status] & (uint)E1000Status.LinkUp) == 0, "the link is down");
        board.WaitForTransmit(board.Transmit(E1000Board.Frame(60)));
        Assert.Null(board.Nic.TryReceive());
    }
}
