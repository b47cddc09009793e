namespace Emulator.Devices;

/// <summary>A clock that is moved by hand, for tests and for schedules that decide themselves what time it is.</summary>
/// <remarks>Timers run on the thread that calls <see cref="Advance"/>, in order of their due times and, at one time, in the order they were armed.</remarks>
public sealed class ManualClock : IClock
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> armed = [];
    private long now;
    private long sequence;

    /// <inheritdoc/>
    public long NowNanoseconds => Volatile.Read(ref now);

    /// <summary>When the next timer is due, or <see cref="long.MaxValue"/> if none is armed.</summary>
    public long NextDueNanoseconds
    {
        get
        {
            lock (gate)
            {
                return Earliest()?.Due ?? long.MaxValue;
            }
        }
    }

    /// <inheritdoc/>
    public ITimer CreateTimer(string name, Action callback) => new ManualTimer(this, name, callback);

    /// <summary>Moves time on, stopping at every due time on the way to run its timer.</summary>
    /// <param name="nanoseconds">How far; zero runs what is due already.</param>
    public void Advance(long nanoseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nanoseconds);
        AdvanceTo(NowNanoseconds + nanoseconds);
    }

    /// <summary>Moves time on to <paramref name="target"/> as <see cref="Advance"/> does; a target in the past runs what is due.</summary>
    public void AdvanceTo(long target)
    {
        while (TakeDue(target) is { } timer)
        {
            timer.Callback();
        }

        Volatile.Write(ref now, Math.Max(target, NowNanoseconds));
    }

    private ManualTimer? TakeDue(long target)
    {
        lock (gate)
        {
            ManualTimer? timer = Earliest();
            if (timer is null || timer.Due > target)
            {
                return null;
            }

            armed.Remove(timer);
            Volatile.Write(ref now, Math.Max(now, timer.Due));
            return timer;
        }
    }

    private ManualTimer? Earliest()
    {
        ManualTimer? first = null;
        foreach (ManualTimer timer in armed)
        {
            if (first is null || (timer.Due, timer.Sequence).CompareTo((first.Due, first.Sequence)) < 0)
            {
                first = timer;
            }
        }

        return first;
    }

    private sealed class ManualTimer(ManualClock clock, string name, Action callback) : ITimer
    {
        public string Name => name;

        public Action Callback => callback;

        public long Due { get; private set; }

        public long Sequence { get; private set; }

        public void Arm(long dueNanoseconds)
        {
            lock (clock.gate)
            {
                clock.armed.Remove(this);
                Due = dueNanoseconds;
                Sequence = ++clock.sequence;
                clock.armed.Add(this);
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
