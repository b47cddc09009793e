using Emulator.Host.Litmus;
using Emulator.Host.Tests.CommandLine;
using Emulator.Host.Tests.Litmus;
using Emulator.Host.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Tests.Tracing;

public sealed class LitmusTracerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(DmaOrdering.Full, MemoryModel.Weak)]
    [InlineData(DmaOrdering.Tracked, MemoryModel.Weak)]
    [InlineData(DmaOrdering.Split, MemoryModel.Weak)]
    [InlineData(DmaOrdering.Pci, MemoryModel.Weak)]
    [InlineData(DmaOrdering.Relaxed, MemoryModel.Weak)]
    [InlineData(DmaOrdering.Split, MemoryModel.Tso)]
    [InlineData(DmaOrdering.Full, MemoryModel.Host)]
    public void Nothing_breaks_a_rule_in_any_test_of_the_library(DmaOrdering ordering, MemoryModel model)
    {
        foreach (var test in LitmusFiles.Library)
        {
            for (ulong seed = 0; seed < 3; seed++)
            {
                var (trace, _) = Record(test, ordering, model, seed);
                Assert.NotEmpty(trace.Events);
                var violations = TraceChecker.Check(trace.Header, trace.Events);
                Assert.True(violations.Count == 0, $"{test.Path}, seed {seed}: {string.Join("; ", violations)}");
            }
        }
    }

    // Each outcome that an ordering forbids has a pair in it that the ordering forbids: what the checker knows of the
    // ordering is what the models know.
    [Theory]
    [InlineData("MP+dma-dma", DmaOrdering.Full)]
    [InlineData("MP+dma-dma", DmaOrdering.Tracked)]
    [InlineData("MP+dma-dma", DmaOrdering.Split)]
    [InlineData("SB+dma-dma", DmaOrdering.Full)]
    [InlineData("SB+dma-dma", DmaOrdering.Tracked)]
    [InlineData("SB+dma-dma", DmaOrdering.Pci)]
    [InlineData("2+2W+dma-dma", DmaOrdering.Pci)]
    [InlineData("S+dma-dma", DmaOrdering.Full)]
    [InlineData("R+dma-dma", DmaOrdering.Full)]
    public void A_bus_that_orders_nothing_and_says_otherwise_is_found_by_every_seed_that_shows_it(string name, DmaOrdering claimed)
    {
        var test = LitmusFiles.Library.Single(t => Path.GetFileNameWithoutExtension(t.Path) == name);
        var shown = 0;
        for (ulong seed = 0; seed < 150; seed++)
        {
            var (trace, outcome) = Record(test, DmaOrdering.Relaxed, MemoryModel.Weak, seed);
            var events = trace.Events.Select(e => e.Ordering is null ? e : e with { Ordering = DmaOrderings.Name(claimed) }).ToArray();
            var violations = TraceChecker.Check(trace.Header, events);
            if (test.Holds(outcome.Values))
            {
                shown++;
                Assert.True(violations.Count > 0, $"seed {seed} shows {name}, and nothing was found");
            }
        }

        Assert.True(shown > 0, "no seed shows it");
    }

    [Fact]
    public void The_columns_are_the_lanes_and_what_they_do_is_there_to_the_last_fence()
    {
        var test = LitmusFiles.Parse("""
            DMA told
            "data, a message, a register read"
            { x=0; y=0; }
             D0 dma           | P0 vcpu      ;
             write x,1        | wait irq     ;
             publish y,2      | flush D0     ;
             write.relaxed x,3 | mov eax,[x] ;
             wmb              |              ;
             msi P0           |              ;
            exists (P0:eax=1)
            """);
        var (trace, _) = Record(test, DmaOrdering.Tracked, MemoryModel.Weak, 5);

        Assert.Equal([new TraceLane("P0", true), new TraceLane("D0", false)], trace.Header.Lanes.AsEnumerable());
        Assert.Equal(
            [TraceKind.Write, TraceKind.Publish, TraceKind.Write, TraceKind.Fence, TraceKind.Message, TraceKind.Fence],
            trace.Events.Where(e => e.Lane == "D0").Select(e => e.Kind));
        Assert.Equal([TraceKind.Interrupt, TraceKind.RegisterRead, TraceKind.Read], trace.Events.Where(e => e.Lane == "P0").Select(e => e.Kind));
        var message = trace.Events.Single(e => e.Kind == TraceKind.Message);
        var read = trace.Events.Single(e => e is { Lane: "P0", Kind: TraceKind.Read });
        Assert.True(message.Visible!.Value.First <= read.Visible!.Value.First);
        Assert.Equal([trace.Events.Single(e => e is { Kind: TraceKind.Write, Value: 3 }).Sequence], read.From);
        Assert.Equal("D0", trace.Events.Single(e => e.Kind == TraceKind.RegisterRead).Function);
    }

    [Fact]
    public void A_pin_is_asserted_before_the_processor_takes_the_interrupt()
    {
        var test = LitmusFiles.Library.Single(t => Path.GetFileNameWithoutExtension(t.Path) == "ISA2+intx+flush");
        var (trace, _) = Record(test, DmaOrdering.Relaxed, MemoryModel.Weak, 3);
        var kinds = trace.Events.Select(e => (e.Lane, e.Kind)).Where(e => e.Kind is TraceKind.Raise or TraceKind.Interrupt or TraceKind.RegisterRead).ToArray();
        Assert.Equal([("D0", TraceKind.Raise), ("P0", TraceKind.Interrupt), ("P0", TraceKind.RegisterRead)], kinds.Take(3));
    }

    [Fact]
    public void The_same_seed_writes_the_same_bytes_and_they_pass_the_check()
    {
        var test = LitmusFiles.Library.Single(t => Path.GetFileNameWithoutExtension(t.Path) == "ISA2+msi");
        var (a, b) = (Path.Combine(_folder, "a"), Path.Combine(_folder, "b"));
        LitmusTracer.Trace(test, DmaOrdering.Relaxed, MemoryModel.Weak, 7, File.Create(a), Assert.Fail);
        LitmusTracer.Trace(test, DmaOrdering.Relaxed, MemoryModel.Weak, 7, File.Create(b), Assert.Fail);
        Assert.Equal(File.ReadAllText(a), File.ReadAllText(b));

        var harness = new CommandLineHarness();
        Assert.Equal(0, harness.Invoke("trace", "check", a));
        Assert.Matches(@"^\d+ accesses, \d+ pairs checked, 0 violations\n$", harness.Output);
    }

    [Fact]
    public void A_file_with_a_forbidden_pair_gives_status_1_and_shows_both_and_the_rule()
    {
        var path = Path.Combine(_folder, "bad");
        File.WriteAllText(path, """
            {"trace":"dma","version":1,"model":"weak","schedule":"free","lanes":[{"name":"D0"}]}
            {"seq":2,"lane":"D0","kind":"publish","site":"a.site","mutation":"dropped","address":"0x40","length":4,"value":"0x1","ordering":"relaxed","visible":[3,3]}
            {"seq":1,"lane":"D0","kind":"write","address":"0x0","length":16,"ordering":"relaxed","visible":[4,5]}
            """);
        var harness = new CommandLineHarness();
        Assert.Equal(1, harness.Invoke("trace", "check", path));
        Assert.Equal(
            """
            write before write: the publish #2 at a.site comes behind everything before it
              #1 D0 write of 16 at 0x0, visible at 4 to 5
              #2 D0 publish of 4 at 0x40, 0x1, visible at 3, a.site (dropped)
            2 accesses, 1 pairs checked, 1 violations

            """,
            harness.Output);

        File.AppendAllText(path, "\nnonsense");
        Assert.Equal(2, harness.Invoke("trace", "check", path));
        Assert.Equal($"emulator: {path}:4: not a JSON object of a trace's fields\n", harness.Error);
    }

    private static (Trace Trace, LitmusState Outcome) Record(LitmusTest test, DmaOrdering ordering, MemoryModel model, ulong seed)
    {
        var events = new List<TraceEvent>();
        var outcome = LitmusTracer.Record(test, ordering, model, seed, events.Add);
        events.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return (new Trace(LitmusTracer.HeaderOf(test, model, seed), events), outcome);
    }
}
