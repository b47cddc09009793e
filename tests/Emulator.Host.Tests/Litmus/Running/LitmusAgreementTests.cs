using System.Text;
using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus;

/// <summary>What the machine does against what the models say it may do.</summary>
public sealed class LitmusAgreementTests
{
    private static readonly LitmusComparison s_models = Load();

    public static TheoryData<string> Library => [.. LitmusLibrary.Names];

    [Theory]
    [MemberData(nameof(Library))]
    public void Exploring_finds_exactly_what_the_model_allows(string name)
    {
        var test = Read(name);
        var report = new StringBuilder();
        foreach (var memory in (ReadOnlySpan<MemoryModel>)[MemoryModel.Tso, MemoryModel.Weak])
        {
            foreach (var ordering in Enum.GetValues<DmaOrdering>())
            {
                var sample = LitmusRunner.Explore(test, ordering, memory, cancellation: TestContext.Current.CancellationToken);
                Assert.True(sample.IsComplete);
                report.Append(s_models.Compare(sample));
            }
        }

        Assert.True(report.Length == 0, report.ToString());
    }

    [Theory]
    [MemberData(nameof(Library))]
    public void A_sample_shows_nothing_that_the_model_forbids(string name)
    {
        const int FreeOfTwo = 1000;
        const int FreeOfMore = 200;
        const int Seeds = 200;
        const ulong FirstSeed = 1;
        var test = Read(name);
        var report = new StringBuilder();
        foreach (var memory in Enum.GetValues<MemoryModel>())
        {
            foreach (var ordering in Enum.GetValues<DmaOrdering>())
            {
                var runs = memory != MemoryModel.Host ? Seeds : test.Columns.Length == 2 ? FreeOfTwo : FreeOfMore;
                var sample = LitmusRunner.Sample(test, ordering, memory, runs, FirstSeed, cancellation: TestContext.Current.CancellationToken);
                Assert.Equal(runs, sample.Executions);
                report.Append(s_models.Compare(sample));
            }
        }

        Assert.True(report.Length == 0, report.ToString());
    }

    [Theory]
    [InlineData("MP+dma")]
    [InlineData("SB+dma+mfence")]
    [InlineData("S+dma")]
    [InlineData("R+dma+mfence")]
    [InlineData("2+2W+dma")]
    public void A_relaxed_bus_in_weak_shows_the_outcome_and_its_seed_shows_it_again(string name)
    {
        const int Runs = 20_000;
        var test = Read(name);
        var first = LitmusRunner.Sample(test, DmaOrdering.Relaxed, MemoryModel.Weak, Runs, 1, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Observation.Sometimes, first.Observation);

        var again = LitmusRunner.Sample(
            test, DmaOrdering.Relaxed, MemoryModel.Weak, 1, first.Seed!.Value, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(Observation.Always, again.Observation);
    }

    [Theory]
    [InlineData("CoRR+dma")]
    [InlineData("CoWW+dma")]
    public void A_location_never_goes_backwards_however_many_seeds(string name)
    {
        const int Runs = 20_000;
        var sample = LitmusRunner.Sample(Read(name), DmaOrdering.Relaxed, MemoryModel.Weak, Runs, 1, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(Observation.Never, sample.Observation);
    }

    private static LitmusTest Read(string name)
    {
        Assert.True(LitmusLibrary.Read([name]).Get(out var tests, out var mistake), mistake);
        return tests[0];
    }

    private static LitmusComparison Load()
    {
        Assert.True(LitmusComparison.Load(Path.Combine(LitmusLibrary.Folder!, "models")).Get(out var comparison, out var mistake), mistake);
        return comparison;
    }
}
