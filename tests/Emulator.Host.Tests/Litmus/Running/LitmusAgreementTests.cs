using System.Globalization;
using System.Text;
using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.Tests.Litmus;

/// <summary>What the machine does against what the models say it may do.</summary>
public sealed class LitmusAgreementTests
{
    public static TheoryData<string> Library => [.. LitmusLibrary.Names];

    [Theory]
    [MemberData(nameof(Library))]
    public void Exploring_finds_exactly_what_the_model_allows(string name)
    {
        Assert.True(LitmusLibrary.Read([name]).Get(out var tests, out var mistake), mistake);
        var report = new StringBuilder();
        foreach (var memory in (ReadOnlySpan<MemoryModel>)[MemoryModel.Tso, MemoryModel.Weak])
        {
            var path = Path.Combine(LitmusLibrary.Folder!, "models", MemoryModels.Name(memory) + ".cat");
            Assert.True(AxiomaticModel.Load(path).Get(out var model, out mistake), mistake);
            foreach (var ordering in Enum.GetValues<DmaOrdering>())
            {
                var allowed = model.Enumerate(tests[0], ordering);
                var sample = LitmusRunner.Explore(tests[0], ordering, memory, cancellation: TestContext.Current.CancellationToken);
                TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} {ordering} {memory}: {sample.Executions} executions, {sample.States.Count} outcomes, {sample.Time.TotalMilliseconds:0} ms"));
                Assert.True(sample.IsComplete);
                Compare(report, model, tests[0], ordering, memory, allowed, sample);
            }
        }

        Assert.True(report.Length == 0, report.ToString());
    }

    private static void Compare(
        StringBuilder report, AxiomaticModel model, LitmusTest test, DmaOrdering ordering, MemoryModel memory, AllowedOutcomes allowed, LitmusSample sample)
    {
        foreach (var state in sample.States.Keys.Where(s => !allowed.Outcomes.ContainsKey(s)))
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"{test.Name} {ordering} {memory}: the machine shows what the model forbids");
            report.Append(model.Explain(test, ordering, state));
        }

        foreach (var (state, execution) in allowed.Outcomes.Where(o => !sample.States.ContainsKey(o.Key)))
        {
            report.AppendLine(CultureInfo.InvariantCulture, $"{test.Name} {ordering} {memory}: the machine never shows what the model allows");
            report.AppendLine(state.Format(test.Variables)).Append(execution);
        }
    }
}
