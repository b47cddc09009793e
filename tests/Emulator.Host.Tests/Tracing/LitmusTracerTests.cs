using Emulator.Host.Litmus;
using Emulator.Host.Tests.Litmus;
using Emulator.Host.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Tests.Tracing;

public sealed class LitmusTracerTests
{
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
            for (ulong seed = 0; seed < 4; seed++)
            {
                var events = new List<TraceEvent>();
                LitmusTracer.Record(test, ordering, model, seed, events.Add);
                events.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
                Assert.NotEmpty(events);
                var violations = TraceChecker.Check(LitmusTracer.HeaderOf(test, model, seed), events);
                Assert.True(violations.Count == 0, $"{test.Path}, seed {seed}: {string.Join("; ", violations)}");
            }
        }
    }
}
