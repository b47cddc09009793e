namespace Emulator.Devices.Tests;

/// <summary>Reset while frames go both ways: nothing of the old happens after it, and everything works again.</summary>
public class E1000ResetTests
{
    private const int Rounds = 60;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void After_a_reset_under_load_memory_registers_and_pin_stay_as_they_are(bool byBus, bool loopback)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new E1000Board();
        for (var round = 0; round < Rounds; round++)
        {
            Load(board, random, loopback);
            for (var spin = random.Next(3000); spin > 0; spin--)
            {
                Thread.SpinWait(10);
            }

            if (byBus)
            {
                board.Nic.Bus.Reset();
                board.Nic.PlaceWindows();
            }
            else
            {
                board.Reset();
            }

            var what = $"seed {seed}, round {round}";
            var rings = board.Nic.Bytes(E1000Board.TransmitRing, 0x2_0000);
            var buffers = board.Nic.Bytes(E1000Board.ReceiveBuffers, 0x1_0000);
            board.Nic.Settle();
            Assert.True(rings.AsSpan().SequenceEqual(board.Nic.Bytes(E1000Board.TransmitRing, 0x2_0000)), what);
            Assert.True(buffers.AsSpan().SequenceEqual(board.Nic.Bytes(E1000Board.ReceiveBuffers, 0x1_0000)), what);
            Assert.False(board.Nic.Interrupts, what);
            Assert.True((board[E1000Register.TransmitHead], board[E1000Register.ReceiveHead]) is (0, 0), what);
            Assert.True(board[E1000Register.InterruptMaskSet] == 0, what);
            board.WritePhy(0, 0x1140);
            board.Nic.Advance(MiiPhy.NegotiationNanoseconds);
            AssertAlive(board, what);
        }
    }

    [Fact]
    public void A_reset_forgets_delays_and_the_throttle()
    {
        using var board = new E1000Board();
        board[E1000Register.ReceiveDelay] = 100;
        board.Nic.Send(E1000Board.Frame(60));
        board.NextReceived();
        board.Nic.Settle();
        board[E1000Register.InterruptThrottling] = 0xFFFF;
        board[E1000Register.InterruptMaskSet] = (uint)E1000Cause.MdiDone;
        board[E1000Register.InterruptCauseSet] = (uint)E1000Cause.MdiDone;
        board.Reset();
        Assert.False(board.Nic.Interrupts);
        board.Nic.Advance(1_000_000);
        Assert.Equal(0U, board[E1000Register.InterruptCauseRead]);
        board[E1000Register.InterruptMaskSet] = (uint)E1000Cause.MdiDone;
        board[E1000Register.InterruptCauseSet] = (uint)E1000Cause.MdiDone;
        Assert.True(board.Nic.Interrupts);
    }

    [Fact]
    public void A_packet_that_is_half_there_is_dropped_by_a_reset_and_by_a_new_ring()
    {
        using var board = new E1000Board();
        var frame = E1000Board.Frame(100);
        board.WaitForTransmit(board.Queue(E1000Board.Legacy(board.Fill(frame), 50, E1000Command.ReportStatus)));
        board.Reset();
        board.Start();
        board.Transmit(frame);
        Assert.Equal(frame, board.Nic.Receive());
        board.WaitForTransmit(board.Queue(E1000Board.Legacy(board.Fill(frame), 50, E1000Command.ReportStatus)));
        board.SetTransmitRing(E1000Board.TransmitRing, E1000Board.Descriptors);
        board.Transmit(frame);
        Assert.Equal(frame, board.Nic.Receive());
    }

    [Fact]
    public void Frames_that_were_on_the_wire_do_not_arrive_after_a_reset()
    {
        using var board = new E1000Board();
        board.SetReceiveRing(E1000Board.ReceiveRing, E1000Board.Descriptors);
        board.Nic.Send(E1000Board.Frame(99));
        board.Nic.Settle();
        board.Reset();
        board.Nic.Settle();
        board.Start();
        board.Nic.Send(E1000Board.Frame(60));
        Assert.Equal(60, board.NextReceived().Body.Length);
    }

    // Rings that are in use, with everything that can be under way.
    private static void Load(E1000Board board, Random random, bool loopback)
    {
        if (loopback)
        {
            board.WritePhy(0, 0x4140);
        }

        board[E1000Register.InterruptMaskSet] = uint.MaxValue;
        board[E1000Register.ReceiveDelay] = (uint)random.Next(2);
        for (var i = 0; i < 12; i++)
        {
            board.Nic.BackEnd.TrySend(E1000Board.Frame(random.Next(60, 1514)));
            board.Queue(
                E1000Board.Data(
                    E1000Board.TransmitBuffers,
                    random.Next(0x1_0000),
                    (E1000Command)random.Next(256) & (E1000Board.Whole | E1000Command.Offload),
                    (E1000PacketOptions)random.Next(4)),
                tell: random.Next(2) == 0);
        }
    }

    private static void AssertAlive(E1000Board board, string what)
    {
        while (board.Nic.TryReceive() is not null)
        {
        }

        board.Start();
        var frame = E1000Board.Frame(321);
        board.WaitForTransmit(board.Transmit(frame));
        Assert.True(frame.AsSpan().SequenceEqual(board.Nic.Receive()), what);
        board.Nic.Send(frame);
        Assert.True(frame.AsSpan().SequenceEqual(board.NextReceived().Data), what);
        Assert.Empty(board.Nic.Failures);
    }
}
