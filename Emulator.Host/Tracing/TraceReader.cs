using System.Text;
using System.Text.Json;

namespace Emulator.Host.Tracing;

/// <summary>A trace that was read.</summary>
/// <param name="Header">Its first line.</param>
/// <param name="Events">The others, by sequence number.</param>
internal sealed record Trace(TraceHeader Header, IReadOnlyList<TraceEvent> Events);

/// <summary>Reads a trace.</summary>
internal static class TraceReader
{
    /// <summary>Reads a file.</summary>
    /// <returns>The trace, or <c>FILE:LINE: what is wrong</c>.</returns>
    public static Result<Trace> Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Read(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure($"{path}: {e.Message}");
        }
    }

    /// <summary>Reads a stream.</summary>
    /// <param name="stream">UTF-8, not closed here.</param>
    /// <param name="name">What messages call it.</param>
    public static Result<Trace> Read(Stream stream, string name)
    {
        using var text = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: true, 1 << 16, leaveOpen: true);
        TraceHeader? header = null;
        var events = new List<TraceEvent>();
        for (var number = 1; text.ReadLine() is { } line; number++)
        {
            try
            {
                if (header is null)
                {
                    header = TraceLine.Header(Encoding.UTF8.GetBytes(line));
                }
                else if (line.Length > 0)
                {
                    events.Add(TraceLine.Event(Encoding.UTF8.GetBytes(line)));
                }
            }
            catch (InvalidDataException e)
            {
                return new Failure($"{name}:{number}: {e.Message}");
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                return new Failure($"{name}:{number}: not a JSON object of a trace's fields");
            }
        }

        if (header is null)
        {
            return new Failure($"{name}:1: empty; a trace begins with a line {{\"trace\":\"dma\",…}}");
        }

        // A line is written when its last part is visible; what is read is program order.
        events.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return new Trace(header, events);
    }
}
