using Emulator.Devices;

namespace Emulator.Host.Disks;

/// <summary>Threads that carry out requests which wait for the host: started when there is need, up to a few.</summary>
/// <param name="name">What the host calls them.</param>
/// <param name="work">Carries one out, and ends it.</param>
internal sealed class RequestWorkers(string name, Action<BlockRequest> work)
{
    private const int Most = 4;

    private readonly object _gate = new();
    private readonly Queue<BlockRequest> _waiting = [];
    private readonly List<Thread> _threads = [];
    private int _idle;
    private bool _stopping;

    /// <summary>Hands one over. Any thread; does not wait.</summary>
    public void Add(BlockRequest request)
    {
        lock (_gate)
        {
            _waiting.Enqueue(request);
            if (_idle >= _waiting.Count)
            {
                Monitor.Pulse(_gate);
            }
            else if (_threads.Count < Most)
            {
                var thread = new Thread(Run) { Name = $"{name}-{_threads.Count}", IsBackground = true };
                _threads.Add(thread);
                thread.Start();
            }
        }
    }

    /// <summary>Ends them when all that was handed over is done; false if that takes too long.</summary>
    public bool Stop(TimeSpan patience)
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        var deadline = DateTime.UtcNow + patience;
        return _threads.TrueForAll(thread => thread.Join(TimeSpan.FromTicks(Math.Max(0, (deadline - DateTime.UtcNow).Ticks))));
    }

    private void Run()
    {
        while (Next() is { } request)
        {
            work(request);
        }
    }

    private BlockRequest? Next()
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_stopping)
                {
                    return null;
                }

                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }

            return _waiting.Dequeue();
        }
    }
}
