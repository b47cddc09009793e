using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Emulator.Host.Tracing;

/// <summary>A trace as one HTML page that needs nothing else: its style, its script and the trace are in it.</summary>
internal static class TracePage
{
    // In this order they are one script.
    private static readonly string[] s_scripts = ["trace.js", "marks.js", "lanes.js", "overview.js", "details.js", "page.js"];

    /// <summary>Writes the page.</summary>
    /// <param name="output">Where to; not closed.</param>
    /// <param name="name">What the page is called: the trace's file.</param>
    /// <param name="picture">The trace.</param>
    public static void Write(Stream output, string name, TracePicture picture)
    {
        var template = Resource("page.html");
        while (template.IndexOf('@') is var at and >= 0)
        {
            var end = template.IndexOf('@', at + 1);
            Put(output, template[..at]);
            switch (template[(at + 1)..end])
            {
                case "title":
                    Put(output, WebUtility.HtmlEncode(name));
                    break;
                case "style":
                    Put(output, Resource("page.css"));
                    break;
                case "script":
                    Put(output, string.Concat(s_scripts.Select(Resource)));
                    break;
                default:
                    WriteTrace(output, name, picture);
                    break;
            }

            template = template[(end + 1)..];
        }

        Put(output, template);
    }

    private static void Put(Stream output, string text) => output.Write(Encoding.UTF8.GetBytes(text));

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(TracePage).Assembly.GetManifestResourceStream("Tracing.Page." + name)!);
        return reader.ReadToEnd();
    }

    /// <summary>Strings are written once and counted; the writer's encoder leaves no <c>&lt;</c>, so that nothing can end the script early.</summary>
    private static void WriteTrace(Stream output, string name, TracePicture picture)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("model", picture.Header.Model);
        json.WriteString("schedule", picture.Header.Schedule);
        json.WriteString("seed", picture.Header.Seed.ToString(CultureInfo.InvariantCulture));
        json.WriteNumber("leftOut", picture.LeftOut);
        json.WriteStartArray("kinds");
        foreach (var kind in Enum.GetValues<TraceKind>())
        {
            json.WriteStringValue(TraceNames.Of(kind));
        }

        json.WriteEndArray();
        json.WriteStartArray("lanes");
        foreach (var lane in picture.Lanes)
        {
            json.WriteStartArray();
            json.WriteStringValue(lane.Name);
            json.WriteNumberValue(lane.IsProcessor ? 1 : 0);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        var strings = new StringTable();
        json.WriteStartArray("events");
        for (var i = 0; i < picture.Events.Length; i++)
        {
            WriteEvent(json, picture.Events[i], picture.LaneOf[i], picture.Stores[i], strings);
        }

        json.WriteEndArray();
        json.WriteStartArray("strings");
        foreach (var text in strings.All)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
        json.WriteStartArray("arrows");
        foreach (var arrow in picture.Arrows)
        {
            json.WriteStartArray();
            json.WriteNumberValue(arrow.From);
            json.WriteNumberValue(arrow.To);
            json.WriteNumberValue(arrow.IsInterrupt ? 1 : 0);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("violations");
        foreach (var violation in picture.Violations)
        {
            json.WriteStartArray();
            json.WriteNumberValue(picture.IndexOf(violation.Earlier));
            json.WriteNumberValue(picture.IndexOf(violation.Later));
            json.WriteStringValue(violation.Rule);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, TraceEvent e, int lane, BufferedStore? store, StringTable strings)
    {
        json.WriteStartArray();
        json.WriteNumberValue(e.Sequence);
        json.WriteNumberValue(e.Time);
        json.WriteNumberValue(e.HostTime);
        json.WriteNumberValue(strings.IndexOf(e.Thread));
        json.WriteNumberValue(lane);
        json.WriteNumberValue((int)e.Kind);
        json.WriteNumberValue(strings.IndexOf(e.Function));
        json.WriteNumberValue(strings.IndexOf(e.Site));
        json.WriteNumberValue(strings.IndexOf(e.Mutation));
        json.WriteStringValue(Hex(e.Address));
        json.WriteNumberValue(e.Length);
        json.WriteStringValue(e.Value is { } value ? Hex(value) : null);
        json.WriteNumberValue(strings.IndexOf(e.Ordering));
        json.WriteNumberValue(e.Relaxed ? 1 : 0);
        json.WriteStartArray();
        foreach (var fence in e.Fences)
        {
            json.WriteNumberValue(strings.IndexOf(fence));
        }

        json.WriteEndArray();
        WriteSpan(json, e.Visible is { } visible ? [visible.First, visible.Last] : null);
        json.WriteNumberValue(strings.IndexOf(e.Status));
        WriteSpan(json, store is { } s ? [Math.Round(s.First, 3), Math.Round(s.Last, 3), s.Row] : null);
        json.WriteEndArray();
    }

    private static void WriteSpan(Utf8JsonWriter json, ReadOnlySpan<double> numbers)
    {
        if (numbers.IsEmpty)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    // A script's numbers have 53 bits.
    private static string Hex(ulong value) => value.ToString("x", CultureInfo.InvariantCulture);

    private sealed class StringTable
    {
        private readonly Dictionary<string, int> _indices = [];

        public List<string> All { get; } = [];

        /// <summary>The string's index, or -1 for none.</summary>
        public int IndexOf(string? text)
        {
            if (text is null)
            {
                return -1;
            }

            if (!_indices.TryGetValue(text, out var index))
            {
                _indices.Add(text, index = All.Count);
                All.Add(text);
            }

            return index;
        }
    }
}
