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

        Show(sample);
        Assert.True(sample.IsComplete);
        Assert.Equal(expected, sample.Observation);
    }

    [Theory]
    [InlineData("SB", "mov [x],1 | mov [y],1 ; mov eax,[y] | mov eax,[x]", "P0:eax=0 /\\ P1:eax=0", MemoryModel.Tso, Observation.Sometimes)]
    [InlineData("SB+mfence", "mov [x],1 | mov [y],1 ; mfence | mfence ; mov eax,[y] | mov eax,[x]", "P0:eax=0 /\\ P1:eax=0", MemoryModel.Tso, Observation.Never)]
    [InlineData("SB+xchg", "mov eax,1 | mov eax,1 ; xchg eax,[x] | xchg eax,[y] ; mov eax,[y] | mov eax,[x]", "P0:eax=0 /\\ P1:eax=0", MemoryModel.Tso, Observation.Never)]
    [InlineData("MP", "mov [x],1 | mov eax,[y] ; mov [y],1 | mov ebx,[x]", "P1:eax=1 /\\ P1:ebx=0", MemoryModel.Weak, Observation.Never)]
    [InlineData("xadd", "mov eax,1 | mov eax,1 ; lock xadd [x],eax | lock xadd [x],eax", "x=2", MemoryModel.Weak, Observation.Always)]
    public void Processors_are_TSO_in_every_model(string name, string rows, string condition, MemoryModel model, Observation expected)
    {
        var test = Parse($$"""
            DMA {{name}}
            "two processors"
            { x=0; y=0; }
             P0 vcpu | P1 vcpu ;
            {{string.Join("\n", rows.Split(" ; ").Select(r => r + " ;"))}}
            exists ({{condition}})
            """);

        var sample = LitmusRunner.Explore(test, DmaOrdering.Full, model, cancellation: TestContext.Current.CancellationToken);

        Show(sample);
        Assert.True(sample.IsComplete);
        Assert.Equal(expected, sample.Observation);
    }

    [Theory]
    [InlineData("msi P0", "", Observation.Never)]
    [InlineData("intx P0", "", Observation.Sometimes)]
    [InlineData("intx P0", "flush D0", Observation.Never)]
    public void A_message_is_behind_the_data_and_a_pin_is_not_until_a_register_is_read(string interrupt, string flush, Observation staleExpected)
    {
        var test = Parse($$"""
            DMA ISA2
            "the handler reads the data"
            { x=0; }
             P0 vcpu     | D0 dma ;
             wait irq    | write x,1 ;
             {{flush}}   | {{interrupt}} ;
             mov eax,[x] | ;
            exists (P0:eax=0)
            """);

        foreach (var ordering in Enum.GetValues<DmaOrdering>())
        {
            var sample = LitmusRunner.Explore(test, ordering, MemoryModel.Weak, cancellation: TestContext.Current.CancellationToken);
            Show(sample);
            Assert.Equal(staleExpected, sample.Observation);
        }
    }

    private static void Show(LitmusSample sample)
    {
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"{sample.Test.Name} {sample.Ordering} {sample.Model}: {sample.Executions} executions, {sample.Time.TotalMilliseconds:0} ms");
        foreach (var (state, count) in sample.States)
        {
            output.WriteLine($"{count} {state.Format(sample.Test.Variables)}");
        }
    }

    private static LitmusTest Parse(string text)
    {
        Assert.True(LitmusParser.TryParse("test.litmus", text, out var test, out var diagnostic), diagnostic?.ToString());
        return test;
    }
}
