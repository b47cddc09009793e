using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Tracing;

namespace Emulator.Host.Network;

/// <summary><c>-object filter-dump</c>: what both ends of a wire send, in order, in a capture file.</summary>
/// <remarks>
/// Both ends' threads write, each before the other end can have the frame, so an answer is behind what it answers. A file that cannot be
/// written any more is said so once; nobody else notices.
/// </remarks>
internal sealed class FrameDump : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly string _name;
    private readonly int _most;
    private readonly Action<string> _tell;
    private IClock? _clock;
    private long _switchedOn;
    private PcapFile? _file;

    private FrameDump(HostObjectDescription description, Stream stream, Action<string> tell) =>
        (_name, _most, _stream, _tell) = (description.Text("file"), (int)description.Number("maxlen")!.Value, stream, tell);

    /// <summary>Creates the file.</summary>
    /// <param name="description">What the command line says.</param>
    /// <param name="tell">Told, in a line, if it ends early.</param>
    public static Result<FrameDump> Create(HostObjectDescription description, Action<string> tell) =>
        TraceFile.Create(description.Text("file")).Get(out var stream, out var mistake)
            ? new FrameDump(description, stream, tell)
            : new Failure($"-object filter-dump,id={description.Id}: {mistake}");

    /// <summary>Begins with the file's head.</summary>
    /// <param name="clock">The machine's time.</param>
    /// <param name="switchedOn">The date at which that was 0.</param>
    public void Begin(IClock clock, DateTime switchedOn)
    {
        (_clock, _switchedOn) = (clock, (switchedOn - DateTime.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick);
        Try(() => _file = new PcapFile(_stream, PcapFile.Ethernet, inNanoseconds: false));
    }

    /// <summary>Writes a frame, as the <see cref="NetworkPort.Tap"/> of a port. Any thread.</summary>
    public void Record(ReadOnlySpan<byte> frame)
    {
        lock (_lock)
        {
            if (_file is null)
            {
                return;
            }

            try
            {
                _file.Write(_switchedOn + _clock!.NowNanoseconds, frame[..Math.Min(frame.Length, _most)], frame.Length);
            }
            catch (IOException e)
            {
                Stop(e);
            }
        }
    }

    /// <summary>Writes what is buffered, and closes the file.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            Try(_stream.Dispose);
            _file = null;
        }
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (IOException e)
        {
            Stop(e);
        }
    }

    private void Stop(IOException why)
    {
        if (_file is not null)
        {
            _file = null;
            _tell($"filter-dump {_name}: {why.Message.ReplaceLineEndings(" ")}; the rest is not recorded");
        }
    }
}
