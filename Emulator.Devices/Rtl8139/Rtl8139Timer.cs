namespace Emulator.Devices;

/// <summary>TCTR and TimerInt: a counter of PCI clocks, and the count that interrupts. Under the device's lock but for its callback.</summary>
internal sealed class Rtl8139Timer : IDisposable
{
    // 33 clocks a microsecond.
    private const long Clocks = 33;
    private const long Nanoseconds = 1000;
    private const long Wrap = 1L << 32;

    private readonly IClock _clock;
    private readonly ITimer _timer;
    private long _start;
    private uint _limit;
    private long _due;

    /// <summary>A timer that counts from 0 and does not interrupt.</summary>
    /// <param name="clock">The machine's time.</param>
    /// <param name="name">The device's.</param>
    /// <param name="expired">Called, with no lock held, when the limit may be reached.</param>
    public Rtl8139Timer(IClock clock, string name, Action expired)
    {
        _clock = clock;
        _timer = clock.CreateTimer($"{name} timer", expired);
    }

    /// <summary>TCTR.</summary>
    public uint Count => (uint)Counted;

    private long Counted => (_clock.NowNanoseconds - _start) * Clocks / Nanoseconds;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>TCTR from 0.</summary>
    public void Restart()
    {
        _start = _clock.NowNanoseconds;
        Arm();
    }

    /// <summary>TimerInt; 0 for no interrupt.</summary>
    public void SetLimit(uint limit)
    {
        _limit = limit;
        Arm();
    }

    /// <summary>From the callback, under the lock: true if the limit was reached; the next time is when the counter has gone round.</summary>
    public bool Expire()
    {
        if (_limit == 0 || _clock.NowNanoseconds < _due)
        {
            return false;
        }

        Arm();
        return true;
    }

    private void Arm()
    {
        if (_limit == 0)
        {
            _timer.Cancel();
            return;
        }

        var counted = Counted;
        var rest = (uint)(_limit - counted);
        var target = counted + (rest == 0 ? Wrap : rest);
        _due = _start + (((target * Nanoseconds) + Clocks - 1) / Clocks);
        _timer.Arm(_due);
    }
}
