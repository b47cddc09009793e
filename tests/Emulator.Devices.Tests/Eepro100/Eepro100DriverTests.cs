using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>The device beside a driver that runs at the same time, as Linux's does it: rings, suspend and resume, resets.</summary>
[Collection(TwoProcessors.Name)]
public class Eepro100DriverTests
{
    private const int Ring = 8;

    // The driver finds a unit that has just come to the block before, has done the new one already, or is suspended: whatever happens,
    // each frame is sent once.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_ring_of_blocks_appended_by_S_and_resume_sends_each_frame_once(bool alwaysResumes)
    {
        const int Count = 5_000;
        using var nic = new Eepro100Driver();
        var received = 0;
        for (var i = 0; i < Ring; i++)
        {
            // The one before the first is done, and suspended at.
            PutNumbered(nic, i, 0, Eepro100Driver.Block((i + 1) % Ring));
        }

        nic.Put(Ring - 1, Eepro100Driver.Nop | Eepro100Driver.Suspend, Eepro100Driver.Block(0));
        nic.Start(Ring - 1);
        nic.Settle();
        for (var sent = 0; sent < Count; sent++)
        {
            var (block, before) = (sent % Ring, (sent + Ring - 1) % Ring);
            if (sent >= Ring - 1)
            {
                // A driver that does not write a resume for each block is not slowed down by it, and must not take the block that the
                // unit may be suspended at: it takes none before the next one is done.
                var last = alwaysResumes && sent >= Ring ? block : (block + 1) % Ring;
                Deadline.Until(() => nic.Status(last) != 0, "a block is done");
            }

            PutNumbered(nic, block, sent, Eepro100Driver.Block((block + 1) % Ring));
            nic.SetFlags(before, sent == 0 ? Eepro100Driver.Nop : Eepro100Driver.Transmit);
            Interlocked.MemoryBarrier();
            if (alwaysResumes || nic.CommandUnit == 1)
            {
                nic.Resume();
            }

            Take();
        }

        Deadline.Until(
            () =>
            {
                Take();
                return received == Count;
            },
            "all frames are sent");
        nic.Settle();
        Assert.Null(nic.Board.TryReceive());
        Assert.Equal(1, nic.CommandUnit);

        void Take()
        {
            while (nic.Board.TryReceive() is { } frame)
            {
                Assert.Equal(received, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(14)));
                received++;
            }
        }
    }

    // A mark of size 0 with EL before the last descriptor, moved as descriptors are handed back; started again when it was reached.
    [Fact]
    public void A_receive_ring_with_a_moving_mark_loses_nothing_and_keeps_the_order()
    {
        const int Count = 5_000;
        using var nic = new Eepro100Driver();
        nic.PutRing(Ring);
        var mark = Ring - 2;
        nic.PutDescriptor(mark, Eepro100Driver.EndOfList, Eepro100Driver.Frame(mark + 1), size: 0);
        nic.Board.Store(Eepro100Driver.Frame(Ring - 1), 0);
        nic.StartReceiving();
        var next = 0;
        var sent = 0;
        for (var received = 0; received < Count;)
        {
            for (; sent < Count && nic.Board.BackEnd.TrySend(Numbered(sent)); sent++)
            {
            }

            if (nic.FrameStatus(next) != 0)
            {
                Assert.Equal(0xA020, nic.FrameStatus(next));
                Assert.Equal(received, BinaryPrimitives.ReadInt32LittleEndian(nic.Stored(next).AsSpan(14)));
                received++;

                // The descriptor goes to the end of the ring, the mark moves on by one, and only then the old mark becomes one to use.
                nic.PutDescriptor(next, 0, Eepro100Driver.Frame((next + 1) % Ring));
                next = (next + 1) % Ring;
                var moved = (mark + 1) % Ring;
                nic.PutDescriptor(moved, Eepro100Driver.EndOfList, Eepro100Driver.Frame((moved + 1) % Ring), size: 0);
                nic.Board.Store(Eepro100Driver.Frame(mark) + 2, 0, 2);
                nic.Board.Store(Eepro100Driver.Frame(mark) + 14, 1518, 2);
                mark = moved;
            }
            else if (nic.ReceiveUnit == 2 && nic.FrameStatus(next) == 0)
            {
                nic.StartReceiving(next);
            }
        }
    }

    [Fact]
    public void After_a_reset_at_any_moment_nothing_of_before_happens()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        using var nic = new Eepro100Driver();
        for (var i = 0; i < 500; i++)
        {
            for (var block = 0; block < Ring; block++)
            {
                PutNumbered(nic, block, block, Eepro100Driver.Block((block + 1) % Ring));
                nic.SetFlags(block, Eepro100Driver.Transmit | Eepro100Driver.Interrupt);
            }

            nic.PutRing(Ring);
            nic.Start();
            nic.StartReceiving();
            nic.Command(Eepro100CommandUnitCommand.LoadStatisticsAddress, 0x8000);
            nic.Command(Eepro100CommandUnitCommand.DumpStatistics);
            nic.Board.BackEnd.TrySend(Numbered(0));
            Thread.SpinWait(random.Next(300));
            if (random.Next(4) == 0)
            {
                nic.Board.Bus.Reset();
                nic.Board.PlaceWindows();
            }
            else
            {
                nic.Reset((Eepro100PortCommand)(random.Next(2) * 2));
            }

            // From here on memory and registers are the driver's.
            nic.Board.Store(Eepro100Driver.Block(0), 0x1111, 2);
            nic.Board.Store(Eepro100Driver.Frame(0), 0x2222, 2);
            nic.Board.Store(0x8040, 0x3333);
            nic.Settle();
            Assert.True(
                (nic.CommandUnit, nic.ReceiveUnit, nic.Causes, nic.Board.Interrupts) == (0, 0, 0, false)
                    && (nic.Status(), nic.FrameStatus(), nic.Board.Load(0x8040)) == (0x1111, 0x2222, 0x3333),
                $"round {i}, seed {seed}");
            while (nic.Board.TryReceive() is not null)
            {
            }
        }

        nic.Board.Advance(MiiPhy.NegotiationNanoseconds);
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.Nop));
    }

    private static void PutNumbered(Eepro100Driver nic, int block, int number, uint link)
    {
        var frame = Numbered(number);
        nic.Put(block, Eepro100Driver.Transmit | Eepro100Driver.Suspend, link, [0xFF, 0xFF, 0xFF, 0xFF, (byte)frame.Length, 0, 0, 0]);
        nic.Board.Put(Eepro100Driver.Block(block) + 16, frame);
    }

    private static byte[] Numbered(int number)
    {
        var frame = Eepro100Driver.FrameToMe();
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(14), number);
        return frame;
    }
}
