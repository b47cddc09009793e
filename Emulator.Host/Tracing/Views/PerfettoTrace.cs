using System.Globalization;
using System.Text.Json;

namespace Emulator.Host.Tracing;

/// <summary>
/// A trace in the JSON format of Chrome's trace viewer, which ui.perfetto.dev opens too ("Trace Event Format"): a process for the vCPUs
/// and one for the functions, and in it a thread for each lane and for each row of its store buffer.
/// </summary>
/// <remarks>
/// The viewers draw an arrow only between slices, and on one thread slices must nest. So whatever may have an arrow is a slice, events
/// are a nanosecond apart at least, and stores that wait at the same time are on threads of their own.
/// </remarks>
internal static class PerfettoTrace
{
    private const int Processors = 1;
    private const int Functions = 2;

    /// <summary>Writes it.</summary>
    /// <param name="output">Where to; not closed.</param>
    /// <param name="picture">The trace.</param>
    public static void Write(Stream output, TracePicture picture)
    {
        using var json = new Utf8JsonWriter(output);
        var threads = Threads(picture);
        var times = Times(picture);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ns");
        json.WriteStartObject("otherData");
        json.WriteString("model", picture.Header.Model);
        json.WriteString("schedule", picture.Header.Schedule);
        json.WriteString("seed", picture.Header.Seed.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteStartArray("traceEvents");
        WriteNames(json, picture, threads);
        for (var i = 0; i < picture.Events.Length; i++)
        {
            WriteEvent(json, picture, i, threads, times);
        }

        for (var i = 0; i < picture.Arrows.Length; i++)
        {
            WriteArrow(json, picture, i, threads, times);
        }

        foreach (var violation in picture.Violations)
        {
            var later = picture.IndexOf(violation.Later);
            Begin(json, "i", violation.Rule, "violation", picture, later, threads[picture.LaneOf[later]], times[later]);
            json.WriteString("s", "g");
            json.WriteStartObject("args");
            json.WriteNumber("earlier", violation.Earlier);
            json.WriteNumber("later", violation.Later);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The number of each lane's thread; the rows of its store buffer follow.</summary>
    private static int[] Threads(TracePicture picture)
    {
        var threads = new int[picture.Lanes.Length];
        for (int lane = 0, next = 1; lane < threads.Length; lane++)
        {
            threads[lane] = next;
            next += 1 + Rows(picture, lane);
        }

        return threads;
    }

    private static int Rows(TracePicture picture, int lane)
    {
        var rows = 0;
        for (var i = 0; i < picture.Events.Length; i++)
        {
            rows = picture.LaneOf[i] == lane && picture.Stores[i] is { } store ? Math.Max(rows, store.Row + 1) : rows;
        }

        return rows;
    }

    /// <summary>Nanoseconds: the machine's, or a microsecond an event if all happened at the same time, and the end of the last.</summary>
    private static long[] Times(TracePicture picture)
    {
        var events = picture.Events;
        var times = new long[events.Length + 1];
        var isOneMoment = events.All(e => e.Time == events[0].Time);
        for (var i = 0; i < events.Length; i++)
        {
            times[i] = isOneMoment ? i * 1000L : Math.Max(events[i].Time, i == 0 ? 0 : times[i - 1] + 1);
        }

        times[^1] = events.IsEmpty ? 0 : times[^2] + 1000;
        return times;
    }

    private static void WriteNames(Utf8JsonWriter json, TracePicture picture, int[] threads)
    {
        WriteName(json, "process_name", Processors, 0, "vCPUs");
        WriteName(json, "process_name", Functions, 0, "functions");
        for (var lane = 0; lane < picture.Lanes.Length; lane++)
        {
            var (name, process) = (picture.Lanes[lane].Name, Process(picture, lane));
            WriteName(json, "thread_name", process, threads[lane], name);
            for (var row = 1; row <= Rows(picture, lane); row++)
            {
                WriteName(json, "thread_name", process, threads[lane] + row, $"{name} stores {row.ToString(CultureInfo.InvariantCulture)}");
            }
        }
    }

    private static int Process(TracePicture picture, int lane) => picture.Lanes[lane].IsProcessor ? Processors : Functions;

    private static void WriteName(Utf8JsonWriter json, string what, int process, int thread, string name)
    {
        json.WriteStartObject();
        json.WriteString("ph", "M");
        json.WriteString("name", what);
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter json, TracePicture picture, int index, int[] threads, long[] times)
    {
        var e = picture.Events[index];
        var isSlice = e.Kind is TraceKind.Read or TraceKind.Write or TraceKind.Publish or TraceKind.Update or TraceKind.Message or TraceKind.Interrupt;
        Begin(json, isSlice ? "X" : "i", TraceWords.Of(e), TraceNames.Of(e.Kind), picture, index, Thread(picture, index, threads), times[index]);
        if (isSlice)
        {
            json.WriteNumber("dur", Microseconds(End(picture, index, times) - times[index]));
        }
        else
        {
            json.WriteString("s", "t");
        }

        WriteArguments(json, e);
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, string phase, string name, string category, TracePicture picture, int index, int thread, long time)
    {
        json.WriteStartObject();
        json.WriteString("ph", phase);
        json.WriteString("name", name);
        json.WriteString("cat", category);
        json.WriteNumber("pid", Process(picture, picture.LaneOf[index]));
        json.WriteNumber("tid", thread);
        json.WriteNumber("ts", Microseconds(time));
    }

    private static int Thread(TracePicture picture, int index, int[] threads) =>
        threads[picture.LaneOf[index]] + (picture.Stores[index] is { } store ? store.Row + 1 : 0);

    private static decimal Microseconds(long nanoseconds) => nanoseconds / 1000m;

    /// <summary>
    /// When a store was visible, as far into the time between two events as it is drawn between them; anything else is over before
    /// the next event.
    /// </summary>
    private static long End(TracePicture picture, int index, long[] times)
    {
        if (picture.Stores[index] is not { } store)
        {
            return times[index] + Math.Clamp((times[index + 1] - times[index]) / 2, 1, 500);
        }

        var before = Math.Min((int)store.Last, times.Length - 2);
        return Math.Max(times[before] + (long)((store.Last - before) * (times[before + 1] - times[before])), times[index] + 1);
    }

    /// <summary>From the end of a store, when it was visible, unless the load was before: then the initiator saw its own.</summary>
    private static void WriteArrow(Utf8JsonWriter json, TracePicture picture, int number, int[] threads, long[] times)
    {
        var (from, to, isInterrupt) = picture.Arrows[number];
        var name = isInterrupt ? "interrupt" : "saw";
        var start = Math.Max(Math.Min(End(picture, from, times) - 1, times[to]), times[from]);
        Begin(json, "s", name, name, picture, from, Thread(picture, from, threads), start);
        json.WriteNumber("id", number + 1);
        json.WriteEndObject();
        Begin(json, "f", name, name, picture, to, Thread(picture, to, threads), Math.Max(times[to], start));
        json.WriteNumber("id", number + 1);
        json.WriteString("bp", "e");
        json.WriteEndObject();
    }

    /// <summary>The event's line of the trace.</summary>
    private static void WriteArguments(Utf8JsonWriter json, TraceEvent e)
    {
        json.WritePropertyName("args");
        using var line = new TraceWriter();
        json.WriteRawValue(line.Line(e).TrimEnd((byte)'\n'), skipInputValidation: true);
    }
}
