using System.Globalization;
using System.Text;
using System.Text.Json;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>The matrix as one HTML page that needs nothing else: its style, its script and the results are in it.</summary>
internal static class LitmusPage
{
    private const string Place = "@results@";

    /// <summary>Writes it.</summary>
    /// <param name="output">Where to; not closed.</param>
    /// <param name="results">The results; a test's stand together.</param>
    public static void Write(TextWriter output, IReadOnlyList<LitmusResult> results)
    {
        using var reader = new StreamReader(typeof(LitmusPage).Assembly.GetManifestResourceStream("Litmus.matrix.html")!);
        var template = reader.ReadToEnd();
        var at = template.IndexOf(Place, StringComparison.Ordinal);
        output.Write(template.AsSpan(0, at));
        output.Write(Json(results));
        output.Write(template.AsSpan(at + Place.Length));
    }

    // The writer's encoder leaves no <, so that nothing in a test can end the script early.
    private static string Json(IReadOnlyList<LitmusResult> results)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            WriteNames(json, "models", results.Select(r => r.Sample.Model).Distinct().Order().Select(MemoryModels.Name));
            WriteNames(json, "orderings", results.Select(r => r.Sample.Ordering).Distinct().Order().Select(DmaOrderings.Name));
            json.WriteStartArray("tests");
            foreach (var test in results.GroupBy(r => r.Sample.Test))
            {
                json.WriteStartObject();
                json.WriteString("name", test.Key.Name);
                json.WriteString("description", test.Key.Description);
                json.WriteString("source", test.Key.Source);
                json.WriteString("condition", LitmusText.Condition(test.Key));
                json.WriteStartArray("cells");
                foreach (var result in test)
                {
                    WriteCell(json, result);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void WriteNames(Utf8JsonWriter json, string property, IEnumerable<string> names)
    {
        json.WriteStartArray(property);
        foreach (var name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static void WriteCell(Utf8JsonWriter json, LitmusResult result)
    {
        var sample = result.Sample;
        json.WriteStartObject();
        json.WriteString("model", MemoryModels.Name(sample.Model));
        json.WriteString("ordering", DmaOrderings.Name(sample.Ordering));
        json.WriteString("observation", sample.Observation.ToString());
        json.WriteString("expected", result.Expected?.ToString() ?? "");
        json.WriteBoolean("met", result.IsMet);
        json.WriteBoolean("complete", sample.IsComplete);
        json.WriteNumber("executions", sample.Executions);
        json.WriteString("seconds", sample.Time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture));
        json.WriteString("again", LitmusText.Again(sample) ?? LitmusText.Command(sample));
        json.WriteString("disagreement", result.Disagreement);
        json.WriteStartArray("states");
        foreach (var (state, count, holds) in result.Outcomes)
        {
            json.WriteStartArray();
            json.WriteStringValue(state.Format(result.Variables));
            json.WriteNumberValue(count);
            json.WriteNumberValue(holds ? 1 : 0);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
