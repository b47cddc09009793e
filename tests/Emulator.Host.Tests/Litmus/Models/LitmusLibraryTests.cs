using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus.Models;

public sealed class LitmusLibraryTests
{
    private static readonly DmaOrdering[] s_orderings = Enum.GetValues<DmaOrdering>();

    [Fact]
    public void Every_file_has_its_test_s_name() =>
        Assert.All(LitmusFiles.Library, test => Assert.Equal(Path.GetFileNameWithoutExtension(test.Path), test.Name));

    [Fact]
    public void Every_file_says_what_to_expect_of_every_ordering_in_tso_and_weak() =>
        Assert.All(LitmusFiles.Library, test => Assert.All(
            s_orderings,
            ordering => Assert.True(
                test.Expected(ordering, MemoryModel.Tso) is not null && test.Expected(ordering, MemoryModel.Weak) is not null,
                $"{test.Name} does not cover {DmaOrderings.Name(ordering)}")));

    [Theory]
    [InlineData("tso", MemoryModel.Tso)]
    [InlineData("weak", MemoryModel.Weak)]
    public void Every_expectation_is_what_the_model_allows(string name, MemoryModel model) => CheckExpectations(LitmusFiles.Model(name), model);

    // What a processor shows lies inside its model: an outcome that the model has always or never is so on the host as well.
    [Fact]
    public void Every_expectation_of_the_host_lies_inside_its_model() => CheckExpectations(LitmusFiles.Model("host-x86-64"), MemoryModel.Host);

    [Fact]
    public void Every_test_that_a_model_decides_is_expected_of_the_host_too()
    {
        var model = LitmusFiles.Model("host-x86-64");
        Assert.All(LitmusFiles.Library, test => Assert.All(
            s_orderings,
            ordering => Assert.True(
                test.Expected(ordering, MemoryModel.Host) is not null || model.Enumerate(test, ordering).Observation == Observation.Sometimes,
                $"{test.Name}, {DmaOrderings.Name(ordering)}")));
    }

    [Fact]
    public void What_tso_allows_weak_allows()
    {
        var (tso, weak) = (LitmusFiles.Model("tso"), LitmusFiles.Model("weak"));
        Assert.All(LitmusFiles.Library, test => Assert.All(
            s_orderings,
            ordering => Assert.All(
                tso.Enumerate(test, ordering).Outcomes.Keys, outcome => Assert.True(weak.Enumerate(test, ordering).Contains(outcome.Values)))));
    }

    // The cheaper orderings take fences away and put none in their place.
    [Fact]
    public void What_full_allows_every_ordering_allows_and_relaxed_allows_what_any_does()
    {
        var weak = LitmusFiles.Model("weak");
        Assert.All(LitmusFiles.Library, test =>
        {
            var full = weak.Enumerate(test, DmaOrdering.Full).Outcomes.Keys.ToHashSet();
            var relaxed = weak.Enumerate(test, DmaOrdering.Relaxed).Outcomes.Keys.ToHashSet();
            Assert.All(s_orderings, ordering =>
            {
                var outcomes = weak.Enumerate(test, ordering).Outcomes.Keys.ToHashSet();
                Assert.True(full.IsSubsetOf(outcomes) && outcomes.IsSubsetOf(relaxed), $"{test.Name}, {DmaOrderings.Name(ordering)}");
            });
        });
    }

    [Theory]
    [InlineData("MP+dma")]
    [InlineData("MP+guest")]
    [InlineData("MP+dma-dma")]
    [InlineData("SB+dma+mfence")]
    [InlineData("SB+dma-dma")]
    [InlineData("S+dma")]
    [InlineData("S+dma-dma")]
    [InlineData("R+dma+mfence")]
    [InlineData("R+guest")]
    [InlineData("R+dma-dma")]
    [InlineData("2+2W+dma")]
    [InlineData("2+2W+dma-dma")]
    [InlineData("ISA2+dma")]
    public void A_shape_shows_on_a_relaxed_bus_in_weak_and_never_on_a_full_one(string name)
    {
        var test = LitmusFiles.Library.Single(t => t.Name == name);
        Assert.Equal(Observation.Sometimes, test.Expected(DmaOrdering.Relaxed, MemoryModel.Weak));
        Assert.All(Enum.GetValues<MemoryModel>(), model => Assert.Equal(Observation.Never, test.Expected(DmaOrdering.Full, model)));
    }

    [Theory]
    [InlineData("CoRR+dma")]
    [InlineData("CoRR+guest")]
    [InlineData("CoRR+dma-dma")]
    [InlineData("CoRR+fetch")]
    [InlineData("CoWW+dma")]
    [InlineData("CoRW+dma")]
    [InlineData("CoWR+dma")]
    [InlineData("LB+dma")]
    [InlineData("WRC+dma")]
    [InlineData("IRIW+dma")]
    [InlineData("ISA2+msi")]
    [InlineData("ISA2+intx+flush")]
    [InlineData("MP+fill+publish")]
    public void A_shape_never_shows_under_any_ordering_in_any_model(string name)
    {
        var test = LitmusFiles.Library.Single(t => t.Name == name);
        Assert.All(s_orderings, ordering => Assert.All(
            Enum.GetValues<MemoryModel>(), model => Assert.Equal(Observation.Never, test.Expected(ordering, model))));
    }

    [Fact]
    public void No_column_has_more_accesses_than_an_explorer_can_try_in_seconds() =>
        Assert.All(LitmusFiles.Library, test => Assert.All(test.Columns, column => Assert.True(column.Cells.Count(cell => cell is not WaitInterruptCell) <= 4, test.Name)));

    private static void CheckExpectations(AxiomaticModel model, MemoryModel name)
    {
        var wrong = new List<string>();
        foreach (var test in LitmusFiles.Library)
        {
            foreach (var ordering in s_orderings)
            {
                var allowed = model.Enumerate(test, ordering);
                if (test.Expected(ordering, name) is { } expected && expected != allowed.Observation)
                {
                    var outcome = allowed.Outcomes.FirstOrDefault(o => test.Holds(o.Key.Values));
                    wrong.Add($"{test.Name}, {DmaOrderings.Name(ordering)} {MemoryModels.Name(name)}: {expected} is expected, {allowed.Observation} is allowed\n{outcome.Value}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
