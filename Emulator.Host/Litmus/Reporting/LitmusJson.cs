using System.Text.Json;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Results as JSON (docs/litmus.md has the fields).</summary>
internal static class LitmusJson
{
    /// <summary>Writes an array with an object a result.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="results">The results.</param>
    public static void Write(Stream output, IReadOnlyList<LitmusResult> results)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var result in results)
        {
            Write(json, result);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, LitmusResult result)
    {
        var sample = result.Sample;
        json.WriteStartObject();
        json.WriteString("test", sample.Test.Name);
        json.WriteString("file", sample.Test.Path);
        json.WriteString("condition", LitmusText.Condition(sample.Test));
        json.WriteString("ordering", DmaOrderings.Name(sample.Ordering));
        json.WriteString("model", MemoryModels.Name(sample.Model));
        json.WriteBoolean("explored", result.IsExplored);
        json.WriteBoolean("complete", sample.IsComplete);
        if (result.IsInterrupted)
        {
            json.WriteBoolean("interrupted", true);
        }

        json.WriteNumber("executions", sample.Executions);
        if (!result.IsExplored && sample.Model != MemoryModel.Host)
        {
            json.WriteNumber("first-seed", result.FirstSeed);
        }

        json.WriteNumber("positive", sample.Positive);
        json.WriteString("observation", sample.Observation.ToString());
        if (result.Expected is { } expected)
        {
            json.WriteString("expected", expected.ToString());
        }

        json.WriteBoolean("met", result.IsMet);
        if (sample.Seed is { } seed)
        {
            json.WriteNumber("witness-seed", seed);
        }

        if (result.Disagreement.Length > 0)
        {
            json.WriteString("disagreement", result.Disagreement);
        }

        json.WriteNumber("seconds", sample.Time.TotalSeconds);
        json.WriteStartArray("states");
        foreach (var (state, count, holds) in result.Outcomes)
        {
            json.WriteStartObject();
            json.WriteStartObject("values");
            foreach (var (variable, value) in result.Variables.Zip(state.Values.ToArray()))
            {
                json.WriteNumber(variable.Name, value);
            }

            json.WriteEndObject();
            json.WriteNumber("count", count);
            json.WriteBoolean("holds", holds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
