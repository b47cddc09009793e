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
internal sealed class PerfettoTrace : IDisposable
{
    private const int Processors = 1;
    private const int Functions = 2;

    private readonly Utf8JsonWriter _json;
    private readonly TraceWriter _lines = new();
    private readonly TracePicture _picture;
    private readonly int[] _threads;
    private readonly long[] _times;

    private PerfettoTrace(Stream output, TracePicture picture)
    {
        (_json, _picture) = (new Utf8JsonWriter(output), picture);
        (_threads, _times) = (Threads(), Times());
    }

    /// <summary>Writes it.</summary>
    /// <param name="output">Where to; not closed.</param>
    /// <param name="picture">The trace.</param>
    public static void Write(Stream output, TracePicture picture)
    {
        using var trace = new PerfettoTrace(output, picture);
        trace.Write();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _json.Dispose();
        _lines.Dispose();
    }

    private void Write()
    {
        _json.WriteStartObject();
        _json.WriteString("displayTimeUnit", "ns");
        _json.WriteStartObject("otherData");
        _json.WriteString("model", _picture.Header.Model);
        _json.WriteString("schedule", _picture.Header.Schedule);
        _json.WriteString("seed", _picture.Header.Seed.ToString(CultureInfo.InvariantCulture));
        _json.WriteEndObject();
        _json.WriteStartArray("traceEvents");
        WriteNames();
        for (var i = 0; i < _picture.Events.Length; i++)
        {
            WriteEvent(i);
        }

        for (var i = 0; i < _picture.Arrows.Length; i++)
        {
            WriteArrow(i);
        }

        foreach (var violation in _picture.Violations)
        {
            var later = _picture.IndexOf(violation.Later);
            Begin("i", violation.Rule, "violation", later, _threads[_picture.LaneOf[later]], _times[later]);
            _json.WriteString("s", "g");
            _json.WriteStartObject("args");
            _json.WriteNumber("earlier", violation.Earlier);
            _json.WriteNumber("later", violation.Later);
            _json.WriteEndObject();
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    /// <summary>The number of each lane's thread; the rows of its store buffer follow.</summary>
    private int[] Threads()
    {
        var threads = new int[_picture.Lanes.Length];
        for (int lane = 0, next = 1; lane < threads.Length; lane++)
        {
            threads[lane] = next;
            next += 1 + Rows(lane);
        }

        return threads;
    }

    private int Rows(int lane)
    {
        var rows = 0;
        for (var i = 0; i < _picture.Events.Length; i++)
        {
            rows = _picture.LaneOf[i] == lane && _picture.Stores[i] is { } store ? Math.Max(rows, store.Row + 1) : rows;
        }

        return rows;
    }

    /// <summary>Nanoseconds: the machine's, or a microsecond an event if all happened at the same time, and the end of the last.</summary>
    private long[] Times()
    {
        var events = _picture.Events;
        var times = new long[events.Length + 1];
        var isOneMoment = events.All(e => e.Time == events[0].Time);
        for (var i = 0; i < events.Length; i++)
        {
            times[i] = isOneMoment ? i * 1000L : Math.Max(events[i].Time, i == 0 ? 0 : times[i - 1] + 1);
        }

        times[^1] = events.IsEmpty ? 0 : times[^2] + 1000;
        return times;
    }

    private void WriteNames()
    {
        WriteName("process_name", Processors, 0, "vCPUs");
        WriteName("process_name", Functions, 0, "functions");
        for (var lane = 0; lane < _picture.Lanes.Length; lane++)
        {
            var (name, process) = (_picture.Lanes[lane].Name, Process(lane));
            WriteName("thread_name", process, _threads[lane], name);
            for (var row = 1; row <= Rows(lane); row++)
            {
                WriteName("thread_name", process, _threads[lane] + row, $"{name} stores {row.ToString(CultureInfo.InvariantCulture)}");
            }
        }
    }

    private int Process(int lane) => _picture.Lanes[lane].IsProcessor ? Processors : Functions;

    private void WriteName(string what, int process, int thread, string name)
    {
        _json.WriteStartObject();
        _json.WriteString("ph", "M");
        _json.WriteString("name", what);
        _json.WriteNumber("pid", process);
        _json.WriteNumber("tid", thread);
        _json.WriteStartObject("args");
        _json.WriteString("name", name);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WriteEvent(int index)
    {
        var e = _picture.Events[index];
        var isSlice = e.Kind is TraceKind.Read or TraceKind.Write or TraceKind.Publish or TraceKind.Update or TraceKind.Message or TraceKind.Interrupt;
        Begin(isSlice ? "X" : "i", TraceWords.Of(e), TraceNames.Of(e.Kind), index, Thread(index), _times[index]);
        if (isSlice)
        {
            _json.WriteNumber("dur", Microseconds(End(index) - _times[index]));
        }
        else
        {
            _json.WriteString("s", "t");
        }

        WriteArguments(e);
        _json.WriteEndObject();
    }

    private void Begin(string phase, string name, string category, int index, int thread, long time)
    {
        _json.WriteStartObject();
        _json.WriteString("ph", phase);
        _json.WriteString("name", name);
        _json.WriteString("cat", category);
        _json.WriteNumber("pid", Process(_picture.LaneOf[index]));
        _json.WriteNumber("tid", thread);
        _json.WriteNumber("ts", Microseconds(time));
    }

    private int Thread(int index) =>
        _threads[_picture.LaneOf[index]] + (_picture.Stores[index] is { } store ? store.Row + 1 : 0);

    private static decimal Microseconds(long nanoseconds) => nanoseconds / 1000m;

    /// <summary>
    /// When a store was visible, as far into the time between two events as it is drawn between them; anything else is over before
    /// the next event.
    /// </summary>
    private long End(int index)
    {
        if (_picture.Stores[index] is not { } store)
        {
            return _times[index] + Math.Clamp((_times[index + 1] - _times[index]) / 2, 1, 500);
        }

        var before = Math.Min((int)store.Last, _times.Length - 2);
        return Math.Max(_times[before] + (long)((store.Last - before) * (_times[before + 1] - _times[before])), _times[index] + 1);
    }

    /// <summary>From the end of a store, when it was visible, unless the load was before: then the initiator saw its own.</summary>
    private void WriteArrow(int number)
    {
        var (from, to, isInterrupt) = _picture.Arrows[number];
        var name = isInterrupt ? "interrupt" : "saw";
        var start = Math.Max(Math.Min(End(from) - 1, _times[to]), _times[from]);
        Begin("s", name, name, from, Thread(from), start);
        _json.WriteNumber("id", number + 1);
        _json.WriteEndObject();
        Begin("f", name, name, to, Thread(to), Math.Max(_times[to], start));
        _json.WriteNumber("id", number + 1);
        _json.WriteString("bp", "e");
        _json.WriteEndObject();
    }

    /// <summary>The event's line of the trace.</summary>
    private void WriteArguments(TraceEvent e)
    {
        _json.WritePropertyName("args");
        _json.WriteRawValue(_lines.Line(e).TrimEnd((byte)'\n'), skipInputValidation: true);
    }
}
