using Emulator.Devices;
using Emulator.Host.Machine;
using Emulator.Memory;

namespace Emulator.Host.Functions;

/// <summary>The machine's I/O threads: those the command line names, and one for each device that names none.</summary>
/// <param name="control">Told of an exception in work.</param>
/// <param name="schedule">What the threads take turns in, or null.</param>
internal sealed class IoThreads(MachineControl control, Baton? schedule = null)
{
    private readonly List<IoThread> _threads = [];
    private readonly Dictionary<string, IoThread> _named = [];

    /// <summary>One that <c>-object</c> names.</summary>
    public IoThread this[string id] => _named[id];

    /// <summary>Starts those that <c>-object</c> names.</summary>
    public void AddNamed(IEnumerable<string> ids)
    {
        foreach (var id in ids)
        {
            _named.Add(id, Add(id));
        }
    }

    /// <summary>Starts one.</summary>
    public IoThread Add(string name)
    {
        var thread = new IoThread(name, Failed, schedule?.Add(name));
        _threads.Add(thread);
        return thread;
    }

    /// <summary>Drops all work and waits for what runs: before the board is reset, with no lock held.</summary>
    public void Reset()
    {
        foreach (var thread in _threads)
        {
            thread.Reset();
        }
    }

    /// <summary>Ends them; false if one does not end.</summary>
    public bool Stop(TimeSpan patience)
    {
        var stopped = true;
        foreach (var thread in _threads)
        {
            stopped &= thread.Stop(patience);
        }

        return stopped;
    }

    private void Failed(IoThread thread, Exception exception) =>
        control.RequestEnd(new MachineEnd(ExitStatus.InternalError, $"internal error on I/O thread {thread.Name}: {exception}"));
}
