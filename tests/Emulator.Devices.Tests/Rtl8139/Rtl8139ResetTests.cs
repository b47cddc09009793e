namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>A reset at any moment while packets move.</summary>
public sealed class Rtl8139ResetTests
{
    private const uint Whole = Rtl8139Descriptor.Own | Rtl8139Descriptor.First | Rtl8139Descriptor.Last;

    public static TheoryData<Rtl8139Variant> Variants => Rtl8139Board.Variants;

    [Theory]
    [MemberData(nameof(Variants))]
    public void After_a_reset_nothing_of_what_was_under_way_happens(Rtl8139Variant variant)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = new Rtl8139Board(variant);
        var frame = Frames.ToStation(1000);
        for (var round = 0; round < 200; round++)
        {
            Begin(board, frame);
            Thread.SpinWait(random.Next(3000));
            switch (random.Next(4))
            {
                case 0:
                    board.Write(Rtl8139Register.Command, (ulong)Rtl8139Command.Reset, 1);
                    break;
                case 1:
                    board.Reload();
                    break;
                case 2:
                    board.SetPower(3);
                    board.SetPower(0);
                    break;
                default:
                    board.Nic.Bus.Reset();
                    board.Nic.PlaceWindows();
                    break;
            }

            // From here on memory and registers are the driver's.
            board.Nic.Put(Rtl8139Board.Ring, new byte[0x4000]);
            board.Nic.Store(Rtl8139Board.Descriptors, Rtl8139Descriptor.Own);
            board.Nic.Store(Rtl8139Board.TransmitDescriptors, Rtl8139Descriptor.Own);
            board.Nic.Settle();
            var where = $"round {round}, seed {seed}";
            Assert.True(board.Nic.Bytes(Rtl8139Board.Ring, 0x4000).All(value => value == 0), where);
            Assert.True(board.Word(Rtl8139Board.Descriptors, 0) == Rtl8139Descriptor.Own, where);
            Assert.True(board.Word(Rtl8139Board.TransmitDescriptors, 0) == Rtl8139Descriptor.Own, where);
            Assert.True((board.Causes, board.Nic.Interrupts) == (0, false), where);
            Assert.True((board.Read(Rtl8139Register.Command, 1), board.Read(Rtl8139Register.WritePointer, 2)) == (1, 0), where);
            Assert.True(board.Read(Rtl8139Register.TransmitStatus) == (ulong)Rtl8139TransmitStatus.Own, where);
            while (board.Nic.TryReceive() is not null)
            {
            }
        }
    }

    // Packets come and go.
    private static void Begin(Rtl8139Board board, byte[] frame)
    {
        board.Nic.Put(Rtl8139Board.Buffers, frame);
        if (board.Nic.Function.IsCPlus)
        {
            Rtl8139CPlusTests.Give(board, 8, 1536);
            for (var i = 0; i < 8; i++)
            {
                board.Describe(Rtl8139Board.TransmitDescriptors, i, Whole | (uint)frame.Length, Rtl8139Board.Buffers);
            }

            board.StartCPlus();
        }
        else
        {
            board.Start();
            board.Write(Rtl8139Register.TransmitAddress, Rtl8139Board.Buffers);
        }

        board.Write(Rtl8139Register.InterruptMask, 0xFFFF, 2);
        for (var i = 0; i < 4; i++)
        {
            board.Nic.Send(frame);
        }

        if (board.Nic.Function.IsCPlus)
        {
            board.Write(Rtl8139Register.TransmitPoll, (ulong)Rtl8139TransmitPoll.Normal, 1);
        }
        else
        {
            board.Write(Rtl8139Register.TransmitStatus, (ulong)frame.Length);
        }
    }

    [Fact]
    public void Switching_off_is_over_when_CR_reads_so()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var board = Rtl8139Board.Started();
        var frame = Frames.ToStation(1500);
        for (var round = 0; round < 500; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                board.Nic.Send(frame);
            }

            Thread.SpinWait(random.Next(2000));
            board.Write(Rtl8139Register.Command, 0, 1);
            Deadline.Until(() => (board.Read(Rtl8139Register.Command, 1) & 0xC) == 0, "it comes to its end");
            board.Nic.Put(Rtl8139Board.Ring, new byte[0x2000]);
            board.Nic.Settle();
            Assert.True(board.Nic.Bytes(Rtl8139Board.Ring, 0x2000).All(value => value == 0), $"round {round}, seed {seed}");
            board.Start();
        }
    }

    [Fact]
    public void Several_processors_may_reset_and_drive_it_at_once()
    {
        using var board = Rtl8139Board.StartedCPlus();
        var threads = Enumerable.Range(0, 3).Select(number => new Thread(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                switch ((i + number) % 5)
                {
                    case 0:
                        board.Write(Rtl8139Register.Command, (ulong)Rtl8139Command.Reset, 1);
                        break;
                    case 1:
                        board.Write(Rtl8139Register.Command, 0xC, 1);
                        break;
                    case 2:
                        board.Write(Rtl8139Register.CPlusCommand, 3, 2);
                        break;
                    case 3:
                        board.Write(Rtl8139Register.TransmitPoll, 0xC0, 1);
                        break;
                    default:
                        board.Nic.BackEnd.TrySend(number == 0 ? Frames.ToStation(60) : []);
                        break;
                }
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, Deadline.Join);
        board.Reload();
        board.Start();
        board.Send(Frames.ToStation(60));
        Assert.False(board.IsRingEmpty);
    }
}
