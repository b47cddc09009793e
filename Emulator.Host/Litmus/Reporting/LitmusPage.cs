using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>The matrix as one HTML page that needs nothing else: its style, its script and the results are in it.</summary>
internal static class LitmusPage
{
    /// <summary>Writes it.</summary>
    /// <param name="output">Where to; not closed.</param>
    /// <param name="results">All of them; a test's stand together.</param>
    public static void Write(Stream output, IReadOnlyList<LitmusResult> results)
    {
        var template = Resource("page.html")
            .Replace("@style@", Resource("page.css"), StringComparison.Ordinal)
            .Replace("@script@", Resource("page.js"), StringComparison.Ordinal)
            .Split("@results@");
        output.Write(Encoding.UTF8.GetBytes(template[0]));
        WriteResults(output, results);
        output.Write(Encoding.UTF8.GetBytes(template[1]));
    }

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(LitmusPage).Assembly.GetManifestResourceStream("Litmus.Page." + name)!);
        return reader.ReadToEnd();
    }

    // The writer's encoder leaves no '<', so that nothing can end the script early.
    private static void WriteResults(Stream output, IReadOnlyList<LitmusResult> results)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("processor", RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x86-64",
            Architecture.Arm64 => "arm64",
            var other => $"{other}",
        });
        WriteStrings(json, "orderings", results.Select(r => r.Sample.Ordering).Distinct().Order().Select(DmaOrderings.Name));
        WriteStrings(json, "models", results.Select(r => r.Sample.Model).Distinct().Order().Select(MemoryModels.Name));
        json.WriteStartArray("tests");
        foreach (var test in results.GroupBy(r => r.Sample.Test))
        {
            WriteTest(json, test.Key, test);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTest(Utf8JsonWriter json, LitmusTest test, IEnumerable<LitmusResult> results)
    {
        json.WriteStartObject();
        json.WriteString("name", test.Name);
        json.WriteString("description", test.Description);
        json.WriteString("file", test.Path);
        json.WriteString("condition", LitmusText.Condition(test));
        json.WriteString("initial", string.Join(' ', test.Locations.Where(l => l.Element == 0).Select(Declaration)));
        WriteStrings(json, "columns", test.Columns.Select(c => c.Name));
        WriteStrings(json, "kinds", test.Columns.Select(c => c.Kind == LitmusColumnKind.Vcpu ? "vcpu" : "dma"));
        json.WriteStartArray("rows");
        foreach (var row in LitmusProgram.Rows(test))
        {
            WriteStrings(json, null, row);
        }

        json.WriteEndArray();
        WriteStrings(json, "variables", test.Shown.Select(i => test.Variables[i].Name));
        json.WriteStartArray("cells");
        foreach (var result in results)
        {
            WriteCell(json, result);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Declaration(LitmusLocation location) => location.ArrayLength == 0
        ? $"{location.Name}={location.Initial};"
        : $"{location.Name[..location.Name.IndexOf('[', StringComparison.Ordinal)]}[{location.ArrayLength}]={location.Initial};";

    private static void WriteCell(Utf8JsonWriter json, LitmusResult result)
    {
        var sample = result.Sample;
        json.WriteStartObject();
        json.WriteString("ordering", DmaOrderings.Name(sample.Ordering));
        json.WriteString("model", MemoryModels.Name(sample.Model));
        json.WriteString("observation", sample.Observation.ToString());
        json.WriteString("expected", result.Expected?.ToString());
        json.WriteBoolean("met", result.IsMet);
        json.WriteBoolean("complete", sample.IsComplete);
        json.WriteNumber("executions", sample.Executions);
        json.WriteString("extent", Extent(result));
        json.WriteString("command", LitmusText.Again(sample) ?? LitmusText.Command(sample) + (result.IsExplored ? " --explore" : ""));
        json.WriteString("disagreement", result.Disagreement);
        json.WriteStartArray("states");
        foreach (var (state, count, holds) in result.Outcomes)
        {
            json.WriteStartArray();
            json.WriteNumberValue(count);
            json.WriteBooleanValue(holds);
            foreach (var value in state.Values)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Extent(LitmusResult result) => string.Create(CultureInfo.InvariantCulture, $"{result.Sample.Executions:N0} ")
        + (result.Sample.Executions == 1 ? "execution, " : "executions, ")
        + (result.IsExplored ? result.Sample.IsComplete ? "all that differ" : "not all there are" : LitmusText.Extent(result));

    private static void WriteStrings(Utf8JsonWriter json, string? name, IEnumerable<string> strings)
    {
        if (name is not null)
        {
            json.WritePropertyName(name);
        }

        json.WriteStartArray();
        foreach (var text in strings)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
