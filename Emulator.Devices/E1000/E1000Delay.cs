namespace Emulator.Devices;

/// <summary>Puts an interrupt off, so that there is one for several packets (8254x manual, 3.2.7 and 3.4.4).</summary>
/// <remarks>
/// Two times run: one from the last packet, one from the first. Whichever is over first raises the cause. All but the end
/// of a time is under the device's lock.
/// </remarks>
internal sealed class E1000Delay : IoWork, IDisposable
{
    private const long Unit = 1024;

    private readonly E1000Function _function;
    private readonly E1000Cause _cause;
    private readonly IClock _clock;
    private readonly ITimer _timer;
    private long _latest = long.MaxValue;
    private long _due = long.MaxValue;

    /// <summary>A delay with nothing to wait for.</summary>
    /// <param name="function">Whose cause it raises.</param>
    /// <param name="clock">The time.</param>
    /// <param name="name">Names the timer.</param>
    /// <param name="cause">What it raises.</param>
    public E1000Delay(E1000Function function, IClock clock, string name, E1000Cause cause)
    {
        (_function, _clock, _cause) = (function, clock, cause);
        _timer = clock.CreateTimer(name, () => function.Queue.Post(this));
    }

    /// <summary>A packet is through: the time from the last one begins anew.</summary>
    /// <param name="delay">From this packet, in 1.024 us.</param>
    /// <param name="absolute">From the first that waits, in 1.024 us; 0 for no limit.</param>
    public void Start(ulong delay, ulong absolute)
    {
        var now = _clock.NowNanoseconds;
        if (_due == long.MaxValue && absolute != 0)
        {
            _latest = now + ((long)absolute * Unit);
        }

        _due = Math.Min(_latest, now + ((long)delay * Unit));
        _timer.Arm(_due);
    }

    /// <summary>Nothing waits any more: the cause is raised by something else, or there is a reset.</summary>
    /// <returns>True if something waited.</returns>
    public bool Cancel()
    {
        var waited = _due != long.MaxValue;
        (_latest, _due) = (long.MaxValue, long.MaxValue);
        _timer.Cancel();
        return waited;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    protected internal override void Run()
    {
        lock (_function.Lock)
        {
            if (_function.IsHalted || _clock.NowNanoseconds < _due)
            {
                return;
            }

            Cancel();
        }

        _function.Raise(_cause);
    }
}
