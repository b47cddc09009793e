namespace Emulator.Devices;

/// <summary>One of the chip's timers: armed, and then expired until the I/O thread takes note of it.</summary>
internal sealed class LsiTimer : IDisposable
{
    private readonly IClock _clock;
    private readonly ITimer _timer;
    private readonly Lock _lock;
    private readonly Action _expired;

    // Under the lock.
    private long _due;
    private bool _isArmed;
    private volatile bool _hasExpired;   // Looked at without it between any two instructions.

    /// <summary>A timer that is not armed.</summary>
    /// <param name="clock">The machine's time.</param>
    /// <param name="name">What traces call it.</param>
    /// <param name="deviceLock">The device's.</param>
    /// <param name="expired">Called when it has, with no lock held.</param>
    public LsiTimer(IClock clock, string name, Lock deviceLock, Action expired)
    {
        (_clock, _lock, _expired) = (clock, deviceLock, expired);
        _timer = clock.CreateTimer(name, Expire);
    }

    /// <summary>The time that a code of STIME0 or STIME1 stands for, in nanoseconds; 0 for none (technical manual, STIME0).</summary>
    /// <param name="code">0 to 15.</param>
    /// <param name="isScaled">True if it is 16 times as long.</param>
    public static long Period(int code, bool isScaled) => code == 0 ? 0 : 125_000L << (code - 1 + (isScaled ? 4 : 0));

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Starts it. Any thread.</summary>
    /// <param name="nanoseconds">How long from now.</param>
    public void Arm(long nanoseconds)
    {
        lock (_lock)
        {
            _due = _clock.NowNanoseconds + nanoseconds;
            (_isArmed, _hasExpired) = (true, false);
            _timer.Arm(_due);
        }
    }

    /// <summary>Stops it, and forgets that it expired. Any thread.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            if (_isArmed)
            {
                _timer.Cancel();
            }

            (_isArmed, _hasExpired) = (false, false);
        }
    }

    /// <summary>True, once, if it has expired. Any thread.</summary>
    public bool TakeExpired()
    {
        if (!_hasExpired)
        {
            return false;
        }

        lock (_lock)
        {
            var hasExpired = _hasExpired;
            _hasExpired = false;
            return hasExpired;
        }
    }

    private void Expire()
    {
        lock (_lock)
        {
            if (!_isArmed || _clock.NowNanoseconds < _due)
            {
                return;
            }

            (_isArmed, _hasExpired) = (false, true);
        }

        _expired();
    }
}
