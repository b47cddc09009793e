namespace Emulator.Benchmarks.Ordering;

/// <summary>A thread that reads one word over and over, as a driver does that waits for a status.</summary>
internal sealed unsafe class LinePoller : IDisposable
{
    private readonly Thread _thread;
    private bool _stop;

    public LinePoller(byte* line)
    {
        using var started = new ManualResetEventSlim();
        _thread = new Thread(() =>
        {
            started.Set();
            while (!Volatile.Read(ref _stop))
            {
                Volatile.Read(ref *(uint*)line);
            }
        });
        _thread.Start();
        started.Wait();
    }

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        _thread.Join();
    }
}
