using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Emulator.Devices;

/// <summary>A clock that runs with the host's monotonic clock; one background thread serves all its timers.</summary>
/// <remarks>
/// A timer never runs early. It runs late by what the host's scheduler takes to wake a thread, tens of
/// microseconds on an idle host. An armed timer that comes to the front while the thread sleeps out the last
/// part of a millisecond can be late by that part. While the clock is stopped, no time passes and no timer runs.
/// </remarks>
public sealed class RealTimeClock : IClock, IDisposable
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    // What a stopped clock goes on for, so that nobody who is reading it sees it go back.
    private static readonly long runOut = Stopwatch.Frequency / 1000;

    // Waited on by the thread, so it is a Monitor and not a Lock.
    private readonly object gate = new();

    // A machine has a dozen timers: a scan of a short list beats keeping a heap.
    private readonly List<RealTimer> armed = [];
    private readonly Thread thread;
    private volatile Epoch epoch = new(Stopwatch.GetTimestamp(), long.MaxValue);
    private bool stopping;

    /// <summary>Starts the clock at zero, and its thread.</summary>
    public RealTimeClock()
    {
        thread = new Thread(Serve) { IsBackground = true, Name = "clock" };
        thread.Start();
    }

    /// <inheritdoc/>
    public long NowNanoseconds
    {
        get
        {
            Epoch now = epoch;
            long ticks = Math.Min(Stopwatch.GetTimestamp(), now.End) - now.Origin;
            return Stopwatch.Frequency == 1_000_000_000
                ? ticks
                : (long)((Int128)ticks * 1_000_000_000 / Stopwatch.Frequency);
        }
    }

    /// <inheritdoc/>
    public ITimer CreateTimer(string name, Action callback) => new RealTimer(this, name, callback);

    /// <summary>Lets no more time pass, if it does. Any thread.</summary>
    public void Stop()
    {
        lock (gate)
        {
            if (epoch.End == long.MaxValue)
            {
                epoch = epoch with { End = Stopwatch.GetTimestamp() + runOut };
            }
        }
    }

    /// <summary>Lets time pass again from where it stopped. Any thread.</summary>
    public void Continue()
    {
        lock (gate)
        {
            long skipped = Math.Max(0, Stopwatch.GetTimestamp() - epoch.End);
            epoch = new Epoch(epoch.Origin + skipped, long.MaxValue);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Stops the thread and waits for a callback that has begun, unless called from one. Armed timers never run.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            armed.Clear();
            Monitor.PulseAll(gate);
        }

        if (Thread.CurrentThread != thread)
        {
            thread.Join();
        }
    }

    private void Serve()
    {
        while (NextDue() is { } timer)
        {
            timer.Callback();
        }
    }

    /// <summary>Waits until a timer is due and takes it off the list; null once the clock is disposed of.</summary>
    private RealTimer? NextDue()
    {
        while (true)
        {
            long remaining;
            lock (gate)
            {
                if (stopping)
                {
                    return null;
                }

                RealTimer? first = Earliest();
                remaining = first is null ? long.MaxValue : first.Due - NowNanoseconds;
                if (remaining <= 0)
                {
                    armed.Remove(first!);
                    return first;
                }

                if (Stopwatch.GetTimestamp() >= epoch.End)
                {
                    Monitor.Wait(gate);
                    continue;
                }

                if (remaining >= NanosecondsPerMillisecond)
                {
                    // Whole milliseconds only, which is what a Monitor can wait; the rest is slept below.
                    Monitor.Wait(gate, (int)Math.Min(remaining / NanosecondsPerMillisecond, int.MaxValue));
                    continue;
                }
            }

            SleepPart(remaining);
        }
    }

    private RealTimer? Earliest()
    {
        RealTimer? first = null;
        foreach (RealTimer timer in armed)
        {
            if (first is null || timer.Due < first.Due)
            {
                first = timer;
            }
        }

        return first;
    }

    /// <summary>Sleeps less than a millisecond. The runtime's own waits count in whole ones, which a 1 kHz tick would slip on.</summary>
    private static void SleepPart(long nanoseconds)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            var time = new TimeSpecification { Seconds = 0, Nanoseconds = (nint)nanoseconds };
            _ = NanoSleep(in time, 0);
        }
        else
        {
            Thread.Yield();
        }
    }

    [DllImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NanoSleep(in TimeSpecification request, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary>Time from one start of the clock to the next.</summary>
    /// <param name="Origin">The host's time at which the clock's is 0.</param>
    /// <param name="End">The host's time from which the clock's stands still.</param>
    private sealed record Epoch(long Origin, long End);

    private sealed class RealTimer(RealTimeClock clock, string name, Action callback) : ITimer
    {
        public string Name => name;

        public Action Callback => callback;

        public long Due { get; private set; }

        public void Arm(long dueNanoseconds)
        {
            lock (clock.gate)
            {
                if (clock.stopping)
                {
                    return;
                }

                clock.armed.Remove(this);
                Due = dueNanoseconds;
                clock.armed.Add(this);
                if (clock.Earliest() == this)
                {
                    Monitor.Pulse(clock.gate);
                }
            }
        }

        public void Cancel()
        {
            lock (clock.gate)
            {
                clock.armed.Remove(this);
            }
        }

        public void Dispose() => Cancel();
    }
}
