using System.Collections.Concurrent;

namespace Emulator.Host.Tracing;

/// <summary>A trace on its way to a file: a queue, and a thread that writes what is in it.</summary>
/// <remarks>
/// Whoever adds waits for the disk only where nothing may be lost. A file that cannot be written any more is said so once;
/// what is added from then on is dropped, and nobody else notices.
/// </remarks>
internal sealed class TraceFile : IDisposable
{
    /// <summary>How many events wait at most.</summary>
    public const int MostQueued = 1 << 14;

    private readonly BlockingCollection<TraceEvent> _queue;
    private readonly Stream _stream;
    private readonly string _name;
    private readonly Action<string> _tell;
    private readonly bool _mayLose;
    private readonly ulong _limit;
    private readonly Thread _thread;
    private long _firstLost;
    private ulong _lost;
    private ulong _written;
    private bool _isDone;

    /// <summary>Begins to write.</summary>
    /// <param name="stream">Where to; closed with this.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="header">The first line.</param>
    /// <param name="tell">Told, in a line, why the file ends early.</param>
    /// <param name="mayLose">True if events are lost when the file does not keep up; otherwise whoever adds one waits.</param>
    /// <param name="limit">How many bytes to write at most.</param>
    /// <param name="room">How many events may wait.</param>
    public TraceFile(
        Stream stream, string name, TraceHeader header, Action<string> tell, bool mayLose = false, ulong limit = ulong.MaxValue, int room = MostQueued)
    {
        (_stream, _name, _tell, _mayLose, _limit) = (stream, name, tell, mayLose, limit);
        _queue = new BlockingCollection<TraceEvent>(room);
        _thread = new Thread(() => Write(header)) { Name = "trace", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Creates a file.</summary>
    /// <returns>It, or why there is none.</returns>
    public static Result<Stream> Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new Failure($"{path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Adds an event. One thread at a time.</summary>
    public void Add(TraceEvent line)
    {
        if (!_mayLose)
        {
            _queue.Add(line);
            return;
        }

        // Not as soon as there is room for one: a few long gaps are worth more than many short ones.
        if (_lost > 0 && _queue.Count <= _queue.BoundedCapacity / 2 && _queue.TryAdd(Lost()))
        {
            _lost = 0;
        }

        if (_lost > 0 || !_queue.TryAdd(line))
        {
            _firstLost = _lost++ == 0 ? line.Sequence : _firstLost;
        }
    }

    /// <summary>Writes what waits, and closes the file.</summary>
    public void Dispose()
    {
        if (_queue.IsAddingCompleted)
        {
            return;
        }

        if (_lost > 0)
        {
            _queue.Add(Lost());
        }

        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private TraceEvent Lost() => new() { Sequence = _firstLost, Lane = "", Kind = TraceKind.Lost, Value = _lost };

    private void Write(TraceHeader header)
    {
        using var writer = new TraceWriter();
        Put(writer.Line(header));
        foreach (var line in _queue.GetConsumingEnumerable())
        {
            Put(writer.Line(line));
        }

        try
        {
            _stream.Dispose();
        }
        catch (IOException e)
        {
            Stop(e.Message);
        }
    }

    private void Put(ReadOnlySpan<byte> line)
    {
        if (_isDone)
        {
            return;
        }

        _written += (ulong)line.Length;
        if (_written > _limit)
        {
            Stop($"the limit of {CommandLine.Numbers.FormatSize(_limit)} is reached");
            return;
        }

        try
        {
            _stream.Write(line);
        }
        catch (IOException e)
        {
            Stop(e.Message);
        }
    }

    private void Stop(string why)
    {
        if (!_isDone)
        {
            _isDone = true;
            _tell($"trace {_name}: {why.ReplaceLineEndings(" ")}; the rest is not recorded");
        }
    }
}
