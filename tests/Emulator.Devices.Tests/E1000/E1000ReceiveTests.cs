namespace Emulator.Devices.Tests;

/// <summary>Frames into the receive ring: buffers, chains, push-back, filters.</summary>
public class E1000ReceiveTests
{
    private const ushort Tag = 0x2123;

    [Theory]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(1514)]
    public void A_frame_is_stored_with_its_length(int length)
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(length);
        board.Nic.Send(frame);
        var (body, data) = board.NextReceived();
        Assert.Equal(frame, data);
        Assert.Equal(E1000ReceiveStatus.Done | E1000ReceiveStatus.EndOfPacket | E1000ReceiveStatus.IgnoreChecksums, body.Status);
        Assert.Equal((E1000ReceiveErrors)0, body.Errors);
    }

    [Fact]
    public void Without_SECRC_the_frame_check_sequence_is_stored()
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain & ~E1000ReceiveControl.StripCrc);
        var frame = E1000Board.Frame(100);
        board.Nic.Send(frame);
        Assert.Equal([.. frame, .. BitConverter.GetBytes(EthernetCrc.Compute(frame))], board.NextReceived().Data);
    }

    [Fact]
    public void Short_frames_are_padded()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(14);
        board.Nic.Send(E1000Board.Frame(100));
        board.Nic.Send(frame);
        board.NextReceived();
        Assert.Equal([.. frame, .. new byte[46]], board.NextReceived().Data);
    }

    [Theory]
    [InlineData(0, false, 2048)]
    [InlineData(1, false, 1024)]
    [InlineData(2, false, 512)]
    [InlineData(3, false, 256)]
    [InlineData(0, true, 2048)]
    [InlineData(1, true, 16384)]
    [InlineData(2, true, 8192)]
    [InlineData(3, true, 4096)]
    public void A_long_frame_is_a_chain_of_buffers(int size, bool extended, int bytes)
    {
        foreach (var length in new[] { bytes - 1, bytes, bytes + 1, (2 * bytes) + 5 }.Where(length => length <= E1000ReceivedFrame.Longest))
        {
            using var board = new E1000Board(started: false);
            board.Start(E1000Board.Plain | E1000ReceiveControl.LongPackets | (E1000ReceiveControl)((size << 16) | (extended ? 1 << 25 : 0)));
            for (var i = 0; i < 8; i++)
            {
                board.GiveBuffer(i, E1000Board.ReceiveBuffers + ((ulong)i * 0x8000));
            }

            var frame = E1000Board.Frame(length);
            board.Nic.Send(frame);
            var stored = new List<byte>();
            E1000ReceiveBody body;
            do
            {
                (body, var data) = board.NextReceived();
                Assert.InRange(data.Length, 1, bytes);
                stored.AddRange(data);
            }
            while ((body.Status & E1000ReceiveStatus.EndOfPacket) == 0);

            Assert.Equal(frame, stored);
            Assert.Equal((length + bytes - 1) / bytes, board.ReceiveNext);
        }
    }

    [Fact]
    public void The_ring_goes_round_at_every_position()
    {
        for (var head = 0; head < E1000Board.Descriptors; head++)
        {
            using var board = new E1000Board();
            board.SetReceiveRing(E1000Board.ReceiveRing, E1000Board.Descriptors, head);
            board[E1000Register.ReceiveTail] = (uint)((head + 1) % E1000Board.Descriptors);
            for (var i = 0; i < (E1000Board.Descriptors * 2) + 1; i++)
            {
                var frame = E1000Board.Frame(60 + i, i);
                board.Nic.Send(frame);
                var index = board.ReceiveNext;
                Assert.Equal(frame, board.NextReceived().Data);
                board.GiveBuffer(index, E1000Board.ReceiveBuffers + ((ulong)index * E1000Board.BufferStride));
                board[E1000Register.ReceiveTail] = (uint)((index + 2) % E1000Board.Descriptors);
            }
        }
    }

    [Fact]
    public void RDH_at_RDT_is_an_empty_ring_and_frames_wait_for_descriptors()
    {
        using var board = new E1000Board();
        board.SetReceiveRing(E1000Board.ReceiveRing, E1000Board.Descriptors, 5);
        for (var i = 0; i < 3; i++)
        {
            board.Nic.Send(E1000Board.Frame(60, i));
        }

        board.Nic.Settle();
        for (var i = 0; i < E1000Board.Descriptors; i++)
        {
            Assert.False(board.IsReceived(i));
        }

        Assert.Equal((1U, 0U), (board[E1000Register.NoBuffers], board[E1000Register.MissedPackets]));
        for (var i = 0; i < 3; i++)
        {
            board[E1000Register.ReceiveTail] = (uint)(6 + i);
            Assert.Equal(E1000Board.Frame(60, i), board.NextReceived().Data);
            Assert.True(board.ReceivesNothing());
        }
    }

    [Fact]
    public void A_frame_that_needs_more_descriptors_goes_on_when_they_come()
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | (E1000ReceiveControl)(3 << 16));
        board.SetReceiveRing(E1000Board.ReceiveRing, E1000Board.Descriptors);
        var frame = E1000Board.Frame(1000);
        board[E1000Register.ReceiveTail] = 2;
        board.Nic.Send(frame);
        board.NextReceived();
        board.NextReceived();
        Assert.True(board.ReceivesNothing());
        board[E1000Register.ReceiveTail] = 5;
        Assert.Equal(frame[512..768], board.NextReceived().Data);
        var (body, data) = board.NextReceived();
        Assert.Equal(frame[768..], data);
        Assert.True((body.Status & E1000ReceiveStatus.EndOfPacket) != 0);
    }

    [Fact]
    public void A_receiver_that_is_off_drops_what_comes()
    {
        using var board = new E1000Board(started: false);
        for (var i = 0; i < 500; i++)
        {
            board.Nic.Send(E1000Board.Frame(1514));
        }

        board.Nic.Settle();
        board.Start();
        Assert.True(board.ReceivesNothing());
        board.Nic.Send(E1000Board.Frame(70));
        Assert.Equal(70, board.NextReceived().Body.Length);
    }

    [Theory]
    [InlineData(1518, false, true)]
    [InlineData(1519, false, false)]
    [InlineData(1519, true, true)]
    [InlineData(16380, true, true)]
    [InlineData(16381, true, false)]
    [InlineData(65536, true, false)]
    public void LPE_lets_long_frames_pass_and_none_of_more_than_16_KiB_does(int length, bool enabled, bool passes)
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | (enabled ? E1000ReceiveControl.LongPackets : 0));
        board.Nic.Send(E1000Board.Frame(length));
        board.Nic.Send(E1000Board.Frame(77));
        board.Nic.Settle();
        Assert.Equal(passes ? 2048 > length ? length : 2048 : 77, board.NextReceived().Body.Length);
        Assert.Equal(passes ? 0U : 1U, board[E1000Register.Oversized]);
    }

    [Fact]
    public void A_frame_waits_for_bus_mastering()
    {
        using var board = new E1000Board(started: false);
        board.Nic.SetMaster(false);
        board.Start();
        board.Nic.Send(E1000Board.Frame(60));
        board.Nic.Send(E1000Board.Frame(61));
        Assert.True(board.ReceivesNothing());
        board.Nic.SetMaster(true);
        Assert.Equal(60, board.NextReceived().Body.Length);
        Assert.Equal(61, board.NextReceived().Body.Length);
    }

    [Fact]
    public void A_descriptor_without_a_buffer_gets_DD_and_nothing_else()
    {
        using var board = new E1000Board();
        board.GiveBuffer(0, 0);
        board.Nic.Store(E1000Board.ReceiveRing + 8, 0x1122_3300_4455_6677, 8);
        board.Nic.Send(E1000Board.Frame(60));
        Deadline.Until(() => board.IsReceived(1), "the second descriptor is done");
        Assert.Equal(0x1122_3301_4455_6677UL, board.Nic.Load(E1000Board.ReceiveRing + 8, 8));
        Assert.Equal(60, board.Body(1).Length);
    }

    public static TheoryData<string, E1000ReceiveControl, bool, bool> Filters => new()
    {
        { "52:54:00:12:34:56", 0, true, false },
        { "52:54:00:12:34:57", 0, false, false },
        { "52:54:00:12:34:57", E1000ReceiveControl.UnicastPromiscuous, true, true },
        { "52:54:00:12:34:57", E1000ReceiveControl.MulticastPromiscuous | E1000ReceiveControl.Broadcast, false, false },
        { "ff:ff:ff:ff:ff:ff", 0, false, false },
        { "ff:ff:ff:ff:ff:ff", E1000ReceiveControl.Broadcast, true, false },
        { "ff:ff:ff:ff:ff:ff", E1000ReceiveControl.UnicastPromiscuous, false, false },
        { "33:33:00:00:00:01", E1000ReceiveControl.Broadcast | E1000ReceiveControl.UnicastPromiscuous, false, false },
        { "33:33:00:00:00:01", E1000ReceiveControl.MulticastPromiscuous, true, true },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Addresses_are_filtered(string destination, E1000ReceiveControl control, bool passes, bool inexact)
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000ReceiveControl.Enable | E1000ReceiveControl.StripCrc | control);
        Assert.True(MacAddress.TryParse(destination, out var address));
        board.Nic.Send(E1000Board.Frame(address, 60));
        board.Nic.Send(E1000Board.Frame(61));
        var body = board.NextReceived().Body;
        Assert.Equal(passes ? 60 : 61, body.Length);
        Assert.Equal(inexact, (body.Status & E1000ReceiveStatus.PassedInexact) != 0);
    }

    [Fact]
    public void Each_of_the_sixteen_addresses_is_matched_if_it_is_valid()
    {
        using var board = new E1000Board();
        for (var i = 1; i < 16; i++)
        {
            var address = MacAddress.Default(0x1000 + i);
            var bytes = new byte[8];
            address.CopyTo(bytes);
            var low = BitConverter.ToUInt64(bytes);
            board[E1000Registers.Address(i)] = (uint)low;
            board[E1000Registers.Address(i) + 4] = (uint)(low >> 32);
            board.Nic.Send(E1000Board.Frame(address, 60));
            Assert.True(board.ReceivesNothing());
            board[E1000Registers.Address(i) + 4] = (uint)(low >> 32) | 0x8000_0000;
            board.Nic.Send(E1000Board.Frame(address, 60));
            Assert.Equal(60, board.NextReceived().Body.Length);
            board[E1000Register.ReceiveTail] = (uint)board.ReceiveNext;
            board[E1000Register.ReceiveTail] = (uint)((board.ReceiveNext + 15) % 16);
        }
    }

    // The bits of the hash, by RCTL.MO, are 47:36, 46:35, 45:34 and 43:32 of the address (13.5.1).
    [Theory]
    [InlineData(0, 4)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(3, 0)]
    public void A_multicast_address_is_looked_up_by_its_hash(int offset, int shift)
    {
        var random = new Random(offset);
        using var board = new E1000Board(started: false);
        board.Start(E1000ReceiveControl.Enable | E1000ReceiveControl.StripCrc | (E1000ReceiveControl)(offset << 12));
        for (var i = 0; i < 10; i++)
        {
            var bytes = new byte[6];
            random.NextBytes(bytes);
            bytes[0] |= 1;
            var hash = (((bytes[5] << 8) | bytes[4]) >> shift) & 0xFFF;
            var address = MacAddress.Read(bytes);
            var word = E1000Register.MulticastTable.At(hash / 32);
            board[word] = ~(1U << (hash % 32));
            board.Nic.Send(E1000Board.Frame(address, 60));
            Assert.True(board.ReceivesNothing());
            board[word] = 1U << (hash % 32);
            board.Nic.Send(E1000Board.Frame(address, 60));
            Assert.True((board.NextReceived().Body.Status & E1000ReceiveStatus.PassedInexact) != 0);
            board[word] = 0;
        }
    }

    [Fact]
    public void Tags_are_filtered_by_VFTA_and_taken_out_if_CTRL_says_so()
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | E1000ReceiveControl.VlanFilter);
        var frame = E1000Board.Frame(100);
        board.Nic.Send(E1000Board.Tagged(frame, Tag));
        Assert.True(board.ReceivesNothing());
        board.Nic.Send(frame);
        Assert.Equal(frame, board.NextReceived().Data);

        board[E1000Register.VlanTable.At((Tag & 0xFFF) / 32)] = 1U << (Tag % 32);
        board.Nic.Send(E1000Board.Tagged(frame, Tag));
        var (body, data) = board.NextReceived();
        Assert.Equal(E1000Board.Tagged(frame, Tag), data);
        Assert.True((body.Status & E1000ReceiveStatus.Vlan) == 0);

        board[E1000Register.Control] |= (uint)E1000Control.VlanMode;
        board.Nic.Send(E1000Board.Tagged(frame, Tag));
        (body, data) = board.NextReceived();
        Assert.Equal(frame, data);
        Assert.True((body.Status & E1000ReceiveStatus.Vlan) != 0);
        Assert.Equal(Tag, body.Special);

        // Only those with CFI as the register has it.
        board[E1000Register.ReceiveControl] |= (uint)E1000ReceiveControl.CanonicalFilter;
        board.Nic.Send(E1000Board.Tagged(frame, Tag | 0x1000));
        Assert.True(board.ReceivesNothing());
        board.Nic.Send(E1000Board.Tagged(frame, Tag));
        Assert.Equal(Tag, board.NextReceived().Body.Special);
        board[E1000Register.ReceiveControl] |= (uint)E1000ReceiveControl.Canonical;
        board.Nic.Send(E1000Board.Tagged(frame, Tag));
        Assert.True(board.ReceivesNothing());
        board.Nic.Send(E1000Board.Tagged(frame, Tag | 0x1000));
        Assert.Equal(Tag | 0x1000, board.NextReceived().Body.Special);
    }

    [Fact]
    public void Pause_frames_are_counted_and_dropped_if_RCTL_says_so()
    {
        using var board = new E1000Board(started: false);
        board.Start(E1000Board.Plain | E1000ReceiveControl.MulticastPromiscuous);
        board.Write(E1000Register.FlowControlAddress, 0x00C28001);
        board.Write(E1000Register.FlowControlAddress + 4, 0x0100);
        board[E1000Register.FlowControlType] = 0x8808;
        Assert.True(MacAddress.TryParse("01:80:c2:00:00:01", out var address));
        var pause = E1000Board.Frame(address, 60, type: 0x8808);
        (pause[14], pause[15], pause[16], pause[17]) = (0, 1, 0, 5);
        board.Nic.Send(pause);
        board.NextReceived();
        board[E1000Register.ReceiveControl] |= (uint)E1000ReceiveControl.DiscardPause;
        pause[17] = 0;
        board.Nic.Send(pause);
        Assert.True(board.ReceivesNothing());
        Assert.Equal((1U, 1U), (board[E1000Register.XoffReceived], board[E1000Register.XonReceived]));
    }
}
