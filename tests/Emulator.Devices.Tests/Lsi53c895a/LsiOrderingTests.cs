using System.Collections.Concurrent;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>What the chip does to memory in which order, and which fences it asks for, as an observer of its DMA sees it.</summary>
public class LsiOrderingTests
{
    private const ulong Done = LsiBoard.Table;

    [Fact]
    public void Data_status_and_done_queue_are_written_in_order_each_behind_a_fence_and_before_the_interrupt()
    {
        Assert.Equal(
            [
                "at lsi.start-before-script",
                "at lsi.queue-before-block",
                "at lsi.queue-before-block",
                "at lsi.data-status-interrupt",
                $"Write {LsiBoard.Data:X} 8",
                "at lsi.data-status-interrupt",
                $"Write {LsiBoard.Status:X} 1",
                "at lsi.data-status-interrupt",
                $"Write {LsiBoard.MessageIn:X} 1",
                "at lsi.data-status-interrupt",
                $"Write {Done:X} 4",
            ],
            Run(null, SiteMutation.None));
    }

    [Fact]
    public void Swapped_the_status_is_written_behind_the_done_queue()
    {
        var log = Run(LsiSites.DataStatusInterrupt, SiteMutation.Swapped);
        Assert.Equal(
            [$"Write {LsiBoard.MessageIn:X} 1", $"Write {Done:X} 4", $"Write {LsiBoard.Status:X} 1"],
            log.Where(line => line.StartsWith("Write", StringComparison.Ordinal)).Skip(1));
    }

    [Fact]
    public void The_fence_of_SIGP_stands_behind_the_read_of_CTEST2_that_took_it_and_before_the_queue()
    {
        using var board = new LsiBoard();
        var log = Observe(board);
        var program = new LsiProgram().ToFirst(LsiRegister.ChipTest2, LsiOperator.Or, 0).Load(LsiRegister.ScratchA, 4, LsiBoard.Data).Int(0);
        board.Run(program);
        Assert.DoesNotContain("at lsi.sigp-before-queue", log.Lines);
        log.Lines.Clear();
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess;
        board.Run(program);
        Assert.Equal(
            ["at lsi.start-before-script", "at lsi.sigp-before-queue", $"Read {LsiBoard.Data:X} 4", "at lsi.queue-before-block"],
            log.Lines.Where(line => !line.EndsWith(" 8", StringComparison.Ordinal)));
    }

    [Fact]
    public void So_does_the_one_where_WAIT_RESELECT_jumps()
    {
        using var board = new LsiBoard();
        var log = Observe(board);
        board[LsiRegister.InterruptStatus0] = (byte)LsiInterruptStatus0.SignalProcess;
        board.Run(new LsiProgram().WaitReselect("signal").Int(1).Label("signal").Int(2), 2);
        Assert.Single(log.Lines, "at lsi.sigp-before-queue");
    }

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Relaxed)]
    public void Who_sees_the_second_of_two_stores_sees_the_first(DmaOrdering ordering)
    {
        const ulong First = LsiBoard.Data, Second = LsiBoard.Data + 0x1000;
        const int Looks = 200_000;
        using var board = new LsiBoard(ordering);
        var program = new LsiProgram().Label("again").Modify(LsiRegister.ScratchA, LsiOperator.Add, 1);
        for (var i = 1; i < 4; i++)
        {
            program.Modify(LsiRegister.ScratchA + (ushort)i, LsiOperator.AddWithCarry, 0);
        }

        board.Start(program
            .Store(LsiRegister.ScratchA, 4, First)
            .Store(LsiRegister.ScratchA, 4, Second)
            .Jump(LsiProgram.Always, "again"));
        for (var i = 0; i < Looks; i++)
        {
            var second = board.Load(Second);
            Interlocked.MemoryBarrier();
            var first = board.Load(First);
            Assert.True(first >= second, $"{first} and {second}, look {i}");
            if ((i & 0xFF) == 0)
            {
                board.Clock.Advance(500_000);
            }
        }

        Deadline.Until(
            () =>
            {
                board.Clock.Advance(500_000);
                return board.Load(Second) > 100;
            },
            "SCRIPTS get on");
    }

    private static string[] Run(OrderingSite? site, SiteMutation mutation)
    {
        using var board = new LsiBoard();
        board.Put([LsiCommands.Identify], LsiTestUnit.Of(LsiTestUnit.Read, 8));
        if (site is not null)
        {
            board.Function.Mutate(site, mutation);
        }

        var log = Observe(board);
        board.Run(new LsiProgram()
            .Select(0, "end")
            .Move(LsiPhase.MessageOut, 1, LsiBoard.MessageOut)
            .Move(LsiPhase.Command, 6, LsiBoard.Command)
            .Move(LsiPhase.DataIn, 8, LsiBoard.Data)
            .Move(LsiPhase.Status, 1, LsiBoard.Status)
            .Move(LsiPhase.MessageIn, 1, LsiBoard.MessageIn)
            .ClearAck()
            .WaitDisconnect()
            .Store(LsiRegister.ScratchA, 4, Done)
            .Label("end")
            .Int(0));
        board.Settle();
        return [.. log.Lines.Where(line => !line.StartsWith("Read", StringComparison.Ordinal))];
    }

    private static Log Observe(LsiBoard board)
    {
        var log = new Log();
        board.Function.ObserveDma(log);
        return log;
    }

    private sealed class Log : IDmaObserver
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public void Fence(DmaFence fence)
        {
        }

        public void At(OrderingSite site, SiteMutation mutation, DmaFence fence) => Lines.Enqueue($"at {site}");

        public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status)
        {
            Assert.Equal(DmaStatus.Ok, status);
            Lines.Enqueue($"{direction} {address:X} {length}");
        }
    }
}
