using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Emulator.Host.Tracing;

/// <summary>Takes a line of a trace apart.</summary>
internal static class TraceLine
{
    /// <summary>The first line.</summary>
    /// <exception cref="InvalidDataException">It says what is wrong.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A field is of another type.</exception>
    /// <exception cref="FormatException">A number is of another type.</exception>
    public static TraceHeader Header(ReadOnlySpan<byte> line)
    {
        var json = Open(line);
        var header = new TraceHeader { Model = "", Schedule = "", Lanes = [] };
        var isTrace = false;
        while (NextField(ref json, out var name))
        {
            switch (name)
            {
                case "trace":
                    isTrace = json.GetString() == "dma";
                    break;
                case "version":
                    CheckVersion(json.GetInt32());
                    break;
                case "model":
                    header = header with { Model = Text(ref json) };
                    break;
                case "schedule":
                    header = header with { Schedule = Text(ref json) };
                    break;
                case "seed":
                    header = header with { Seed = json.GetUInt64() };
                    break;
                case "lanes":
                    header = header with { Lanes = Lanes(ref json) };
                    break;
                default:
                    throw Unknown(name);
            }
        }

        return isTrace ? header : throw new InvalidDataException("no trace: the first line has no \"trace\":\"dma\"");
    }

    /// <summary>Any other line.</summary>
    /// <exception cref="InvalidDataException">It says what is wrong.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A field is of another type.</exception>
    /// <exception cref="FormatException">A number is of another type.</exception>
    public static TraceEvent Event(ReadOnlySpan<byte> line)
    {
        var json = Open(line);
        var fields = new Fields();
        while (NextField(ref json, out var name))
        {
            fields.Take(name, ref json);
        }

        return fields.ToEvent();
    }

    private static Utf8JsonReader Open(ReadOnlySpan<byte> line)
    {
        var json = new Utf8JsonReader(line);
        return json.Read() && json.TokenType == JsonTokenType.StartObject ? json : throw new JsonException();
    }

    private static bool NextField(ref Utf8JsonReader json, out string name)
    {
        name = "";
        if (!json.Read() || json.TokenType == JsonTokenType.EndObject)
        {
            // What follows the object is a mistake that the reader itself finds.
            _ = json.Read();
            return false;
        }

        name = json.GetString() ?? "";
        return json.Read();
    }

    private static string Text(ref Utf8JsonReader json) => json.GetString() ?? throw new JsonException();

    private static InvalidDataException Unknown(string name) => new($"unknown field '{name}'");

    private static void CheckVersion(int version)
    {
        if (version != TraceNames.Version)
        {
            throw new InvalidDataException($"version {version} of the format; this program reads version {TraceNames.Version}");
        }
    }

    private static ImmutableArray<TraceLane> Lanes(ref Utf8JsonReader json)
    {
        var lanes = ImmutableArray.CreateBuilder<TraceLane>();
        Expect(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            Expect(ref json, JsonTokenType.StartObject);
            var lane = new TraceLane("", false);
            while (json.Read() && json.TokenType != JsonTokenType.EndObject)
            {
                var name = Text(ref json);
                _ = json.Read();
                lane = name switch
                {
                    "name" => lane with { Name = Text(ref json) },
                    "processor" => lane with { IsProcessor = json.GetBoolean() },
                    _ => throw Unknown(name),
                };
            }

            lanes.Add(lane);
        }

        return lanes.ToImmutable();
    }

    private static void Expect(ref Utf8JsonReader json, JsonTokenType type)
    {
        if (json.TokenType != type)
        {
            throw new JsonException();
        }
    }

    private static ulong Hex(ref Utf8JsonReader json)
    {
        var text = Text(ref json);
        return text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidDataException($"'{text}' is no number of the form \"0x12ab\"");
    }

    private static ImmutableArray<long> Numbers(ref Utf8JsonReader json)
    {
        var numbers = ImmutableArray.CreateBuilder<long>();
        Expect(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            numbers.Add(json.GetInt64());
        }

        return numbers.ToImmutable();
    }

    private static ImmutableArray<string> Fences(ref Utf8JsonReader json)
    {
        var fences = ImmutableArray.CreateBuilder<string>();
        Expect(ref json, JsonTokenType.StartArray);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var word = Text(ref json);
            fences.Add(TraceNames.TryParse(word, out Memory.DmaFence _) ? word : throw new InvalidDataException($"unknown fence '{word}'"));
        }

        return fences.ToImmutable();
    }

    private static TraceSpan Span(ref Utf8JsonReader json) =>
        Numbers(ref json) is [var first, var last] && first <= last
            ? new TraceSpan(first, last)
            : throw new InvalidDataException("'visible' is not a first and a last moment");

    private static TraceKind Kind(string word) =>
        TraceNames.TryParse(word, out TraceKind kind) ? kind : throw new InvalidDataException($"unknown kind '{word}'");

    private struct Fields()
    {
        private string? _lane;
        private string? _kind;
        private TraceEvent _event = new() { Sequence = 0, Lane = "", Kind = TraceKind.Read };

        public void Take(string name, ref Utf8JsonReader json) => _event = name switch
        {
            "seq" => _event with { Sequence = json.GetInt64() },
            "time" => _event with { Time = json.GetInt64() },
            "host" => _event with { HostTime = json.GetInt64() },
            "thread" => _event with { Thread = Text(ref json) },
            "lane" => _event with { Lane = _lane = Text(ref json) },
            "kind" => _event with { Kind = Kind(_kind = Text(ref json)) },
            "function" => _event with { Function = json.GetString() },
            "site" => _event with { Site = json.GetString() },
            "mutation" => _event with { Mutation = json.GetString() },
            "address" => _event with { Address = Hex(ref json) },
            "length" => _event with { Length = json.GetInt32() },
            "value" => _event with { Value = Hex(ref json) },
            "ordering" => _event with { Ordering = Ordering(json.GetString()) },
            "relaxed" => _event with { Relaxed = json.GetBoolean() },
            "fences" => _event with { Fences = Fences(ref json) },
            "visible" => _event with { Visible = Span(ref json) },
            "from" => _event with { From = Numbers(ref json) },
            "status" => _event with { Status = json.GetString() },
            _ => throw Unknown(name),
        };

        public readonly TraceEvent ToEvent() =>
            _kind is null ? throw new InvalidDataException("'kind' is missing")
            : _lane is null ? throw new InvalidDataException("'lane' is missing")
            : _event.Sequence <= 0 ? throw new InvalidDataException("'seq' is missing, or not from 1")
            : _event;

        private static string? Ordering(string? word) =>
            word is null || Memory.DmaOrderings.TryParse(word, out _, out var mistake) ? word : throw new InvalidDataException(mistake);
    }
}
