using System.Diagnostics;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>SB between this thread, which fences as a driver does, and the function's: what the bus puts between a write and a read is what decides.</summary>
[Collection(TwoProcessors.Name)]
public class DmaTestOrderingTests
{
    private const int Rounds = 1_000_000;
    private const int MostRounds = 20_000_000;

    // A machine that does other things at the same time does fewer rounds: both threads must run at once.
    private const int LeastRounds = 10_000;

    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TooMuch = TimeSpan.FromSeconds(120);

    private const ulong Go = 0x1000;
    private const ulong Done = 0x2000;
    private const ulong X = 0x10_0000;
    private const ulong Y = 0x20_0000;
    private const ulong Result = 0x30_0000;

    // Each round has lines of its own, until they come round again.
    private const ulong Line = 128;
    private const ulong Lines = 1024;

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Tracked)]
    [InlineData(DmaOrdering.Pci)]
    public void With_a_full_fence_from_write_to_read_one_side_always_sees_the_other(DmaOrdering ordering)
    {
        var (seen, rounds) = StoreBuffering(ordering, Rounds, stopWhenSeen: false);
        Assert.Equal(0, seen);
        Assert.True(rounds >= LeastRounds, $"only {rounds} rounds");
    }

    [Theory]
    [InlineData(DmaOrdering.Relaxed)]
    [InlineData(DmaOrdering.Split)]
    public void Without_one_both_may_miss_the_other(DmaOrdering ordering)
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "One processor sees its own stores in order.");
        var (seen, rounds) = StoreBuffering(ordering, MostRounds, stopWhenSeen: true);
        Assert.True(seen > 0, $"not seen in {rounds} rounds");
    }

    [Fact]
    public void A_barrier_of_the_scripts_own_does_what_the_bus_does_not()
    {
        var (seen, _) = StoreBuffering(DmaOrdering.Relaxed, Rounds, stopWhenSeen: false, fence: Script.FullBarrier);
        Assert.Equal(0, seen);
    }

    // x = 1; r0 = y on the function, y = 1; mfence; r = x here: counts r0 = 0 and r = 0.
    private static (int Seen, int Rounds) StoreBuffering(DmaOrdering ordering, int rounds, bool stopWhenSeen, DmaTestInstruction? fence = null)
    {
        using var board = DmaTestBoard.WithFunction(out var f, ordering);
        var memory = board.Memory;
        // Between the two accesses nothing at all, unless a fence is asked for.
        DmaTestInstruction[] between = fence is { } one ? [one] : [];
        f.Put([
            Script.Set(1, 1),
            Script.WaitR(2, Go, DmaTestCondition.AtLeast, 1, relaxed: true),
            Script.DelayBy(5),
            Script.Write(X, 1).At(4),
            .. between,
            Script.Read(0, Y).At(4),
            Script.WriteR(Result, 0).At(4),
            Script.Do(DmaTestOpcode.Add, 5, 5, 1),
            Script.Do(DmaTestOpcode.And, 5, 5, 31),
            Script.Do(DmaTestOpcode.Add, 4, 4, Line),
            Script.Do(DmaTestOpcode.And, 4, 4, (Line * Lines) - 1),
            Script.PublishR(Done, 1),
            Script.Do(DmaTestOpcode.Add, 1, 1, 1),
            Script.Jump(1),
        ]);
        f.Ring();
        var seen = 0;
        var round = 0;
        var start = Stopwatch.GetTimestamp();
        while (round < rounds && !(stopWhenSeen && seen > 0))
        {
            var line = (ulong)round % Lines * Line;
            round++;
            memory.Write(Go, 4, (ulong)round);
            Thread.SpinWait(round & 7);
            memory.Write(Y + line, 4, 1);
            Interlocked.MemoryBarrier();
            memory.Read(X + line, 4, out var here);
            WaitFor(memory, (ulong)round);
            memory.Read(Result + line, 4, out var there);
            seen += here == 0 && there == 0 ? 1 : 0;
            if ((round & 0xFF) == 0 && Stopwatch.GetElapsedTime(start) > (stopWhenSeen ? TooMuch : Enough))
            {
                break;
            }

            memory.Write(X + line, 4, 0);
            memory.Write(Y + line, 4, 0);
        }

        var time = Stopwatch.GetElapsedTime(start);
        Assert.Equal(DmaTestState.Running, f.State);
        TestContext.Current.TestOutputHelper?.WriteLine($"{ordering}: {seen} of {round} rounds, {time.TotalMicroseconds / round:F2} us a round");
        return (seen, round);
    }

    private static void WaitFor(GuestMemory memory, ulong round)
    {
        ulong done;
        var spins = 0;
        do
        {
            memory.Read(Done, 4, out done);
            if (++spins > 1000)
            {
                Thread.Yield();
                Assert.True(spins < 100_000_000, "the function does not get on");
            }
        }
        while (done < round);
    }
}
