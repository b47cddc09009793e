using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus;

public sealed class LitmusRoundsTests
{
    // x=1; read y, and on the device y=1; read x.
    private static readonly LitmusTest s_storeBuffering = new(
        "SB",
        "",
        "SB.litmus",
        [new LitmusLocation("x", 0), new LitmusLocation("y", 0)],
        [
            new LitmusColumn("P0", LitmusColumnKind.Vcpu, [
                new StoreCell(1, 1, 0, new LitmusOperand(false, 0, 1)),
                new FenceCell(1, 1, VcpuFence.Mfence),
                new LoadCell(1, 1, VcpuRegister.Eax, 1)]),
            new LitmusColumn("D0", LitmusColumnKind.Dma, [new DmaWriteCell(1, 1, 1, 1, false), new DmaReadCell(1, 1, 0, 0, false)]),
        ],
        LitmusQuantifier.Exists,
        new LitmusEquals(0, 0, "P0:eax"),
        [])
    {
        Variables = [new LitmusVariable("P0:eax", 0, 0), new LitmusVariable("D0:r0", 1, 0), new LitmusVariable("x", -1, 0), new LitmusVariable("y", -1, 1)],
        Shown = [0, 1],
        Source = "",
    };

    [Fact]
    public void Free_threads_meet_and_a_full_bus_forbids_that_both_read_zero()
    {
        const int Rounds = 20_000;
        var counts = new int[4];
        var round = 0;
        LitmusRounds.Free(s_storeBuffering, DmaOrdering.Full, 1, () => round++ < Rounds, values =>
        {
            Assert.Equal((1u, 1u), (values[2], values[3]));
            counts[(values[0] * 2) + values[1]]++;
        });

        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(' ', counts));
        Assert.Equal(Rounds, counts.Sum());
        Assert.Equal(0, counts[0]);
        Assert.True(counts[1] > 0 && counts[2] > 0, "the columns never met");
    }

    [Theory]
    [InlineData(DmaOrdering.Relaxed, MemoryModel.Weak, Observation.Sometimes)]
    [InlineData(DmaOrdering.Relaxed, MemoryModel.Tso, Observation.Never)]
    [InlineData(DmaOrdering.Full, MemoryModel.Weak, Observation.Never)]
    [InlineData(DmaOrdering.Split, MemoryModel.Weak, Observation.Never)]
    public void Every_execution_of_message_passing_between_devices_is_made(DmaOrdering ordering, MemoryModel model, Observation expected)
    {
        var test = Parse("""
            DMA MP+dma+dma
            "one device writes data, then a flag; another reads the flag, then the data"
            { x=0; y=0; }
             D0 dma    | D1 dma    ;
             write x,1 | read r0,y ;
             write y,1 | read r1,x ;
            exists (D1:r0=1 /\ D1:r1=0)
            """);

        var sample = LitmusRunner.Explore(test, ordering, model, cancellation: TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine($"{sample.Executions} executions, {sample.Time}");
        foreach (var (state, count) in sample.States)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"{count} {state.Format(test.Variables)}");
        }

        Assert.True(sample.IsComplete);
        Assert.Equal(expected, sample.Observation);
    }

    private static LitmusTest Parse(string text)
    {
        Assert.True(LitmusParser.TryParse("test.litmus", text, out var test, out var diagnostic), diagnostic?.ToString());
        return test;
    }
}
