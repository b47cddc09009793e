using System.Globalization;
using System.Text;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Holds what the machine shows against what the written models allow (<c>guest-images/litmus/models</c>).</summary>
internal sealed class LitmusComparison
{
    private readonly Dictionary<MemoryModel, AxiomaticModel> _models = [];

    /// <summary>Reads the models; a mistake in one is the answer.</summary>
    /// <param name="folder">Where they are.</param>
    public static Result<LitmusComparison> Load(string folder)
    {
        var comparison = new LitmusComparison();
        foreach (var memory in Enum.GetValues<MemoryModel>())
        {
            if (!AxiomaticModel.Load(Path.Combine(folder, FileOf(memory))).Get(out var model, out var mistake))
            {
                return new Failure(mistake);
            }

            comparison._models.Add(memory, model);
        }

        return comparison;
    }

    /// <summary>A model by its name.</summary>
    public AxiomaticModel this[MemoryModel memory] => _models[memory];

    /// <summary>What a sample shows and must not, and, if every execution was made, what it must show and does not. Empty if all is well.</summary>
    public string Compare(LitmusSample sample)
    {
        var (test, model) = (sample.Test, _models[sample.Model]);
        var allowed = model.Enumerate(test, sample.Ordering);
        var report = new StringBuilder();
        foreach (var state in sample.States.Keys.Where(s => !allowed.Outcomes.ContainsKey(s)))
        {
            Head(report, sample, "the machine shows what the model forbids");
            report.Append(model.Explain(test, sample.Ordering, state));
        }

        foreach (var (state, execution) in allowed.Outcomes.Where(o => sample.IsComplete && !sample.States.ContainsKey(o.Key)))
        {
            Head(report, sample, "the machine never shows what the model allows");
            report.AppendLine(state.Format(test.Variables)).Append(execution);
        }

        return report.ToString();
    }

    private static void Head(StringBuilder report, LitmusSample sample, string what) => report.AppendLine(
        CultureInfo.InvariantCulture, $"{sample.Test.Name}, {DmaOrderings.Name(sample.Ordering)} {MemoryModels.Name(sample.Model)}: {what}");

    private static string FileOf(MemoryModel memory) => memory == MemoryModel.Host ? "host-x86-64.cat" : MemoryModels.Name(memory) + ".cat";
}
