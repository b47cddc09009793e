using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Emulator.Host.Tracing;

/// <summary>Writes a trace's lines (docs/traces.md): JSON objects, what says nothing left out. One thread.</summary>
internal sealed class TraceWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new(512);
    private readonly Utf8JsonWriter _json;

    /// <summary>Makes one.</summary>
    public TraceWriter() => _json = new Utf8JsonWriter(_line, new JsonWriterOptions { SkipValidation = true });

    /// <summary>The first line, with its end; valid until the next call.</summary>
    public ReadOnlySpan<byte> Line(TraceHeader header)
    {
        Begin();
        _json.WriteString("trace", "dma");
        _json.WriteNumber("version", TraceNames.Version);
        _json.WriteString("model", header.Model);
        _json.WriteString("schedule", header.Schedule);
        _json.WriteNumber("seed", header.Seed);
        _json.WriteStartArray("lanes");
        foreach (var lane in header.Lanes)
        {
            _json.WriteStartObject();
            _json.WriteString("name", lane.Name);
            if (lane.IsProcessor)
            {
                _json.WriteBoolean("processor", true);
            }

            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        return End();
    }

    /// <summary>An event's line, with its end; valid until the next call.</summary>
    public ReadOnlySpan<byte> Line(TraceEvent line)
    {
        Begin();
        _json.WriteNumber("seq", line.Sequence);
        Put("time", line.Time);
        Put("host", line.HostTime);
        Put("thread", line.Thread);
        _json.WriteString("lane", line.Lane);
        _json.WriteString("kind", TraceNames.Of(line.Kind));
        Put("function", line.Function);
        Put("site", line.Site);
        Put("mutation", line.Mutation);
        if (line.Length > 0)
        {
            PutHex("address", line.Address);
            Put("length", line.Length);
        }

        if (line.Value is { } value)
        {
            PutHex("value", value);
        }

        Put("ordering", line.Ordering);
        if (line.Relaxed)
        {
            _json.WriteBoolean("relaxed", true);
        }

        if (!line.Fences.IsDefaultOrEmpty)
        {
            _json.WriteStartArray("fences");
            foreach (var fence in line.Fences)
            {
                _json.WriteStringValue(fence);
            }

            _json.WriteEndArray();
        }

        if (line.Visible is { } visible)
        {
            PutNumbers("visible", [visible.First, visible.Last]);
        }

        if (!line.From.IsDefaultOrEmpty)
        {
            PutNumbers("from", line.From.AsSpan());
        }

        Put("status", line.Status);
        return End();
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Begin()
    {
        _line.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
    }

    private ReadOnlySpan<byte> End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _line.Write("\n"u8);
        return _line.WrittenSpan;
    }

    private void Put(string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            _json.WriteString(name, text);
        }
    }

    private void Put(string name, long number)
    {
        if (number != 0)
        {
            _json.WriteNumber(name, number);
        }
    }

    private void PutHex(string name, ulong number)
    {
        Span<char> text = stackalloc char[18];
        _ = text.TryWrite(CultureInfo.InvariantCulture, $"0x{number:x}", out var length);
        _json.WriteString(name, text[..length]);
    }

    private void PutNumbers(string name, ReadOnlySpan<long> numbers)
    {
        _json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            _json.WriteNumberValue(number);
        }

        _json.WriteEndArray();
    }
}
