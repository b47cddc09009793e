using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>ITR: the pin does not rise again before the time is over since it last did (8254x manual, 13.4.18).</summary>
/// <remarks>A lock of its own, behind that of the causes and before the pin's: the clock's thread takes no lock of the device's.</remarks>
internal sealed class E1000Throttle : InterruptLine, IDisposable
{
    private const long Unit = 256;

    private readonly Lock _lock = new();
    private readonly InterruptLine _pin;
    private readonly IClock _clock;
    private readonly ITimer _timer;
    private long _interval;
    private long _rose = long.MinValue / 2;
    private bool _isWaiting;

    /// <summary>A throttle that does not wait.</summary>
    /// <param name="pin">What it drives.</param>
    /// <param name="clock">The time.</param>
    /// <param name="name">Names the timer.</param>
    public E1000Throttle(InterruptLine pin, IClock clock, string name)
    {
        (_pin, _clock) = (pin, clock);
        _timer = clock.CreateTimer(name, Expired);
    }

    /// <inheritdoc/>
    public override void Set(bool asserted)
    {
        lock (_lock)
        {
            _isWaiting = asserted;
            if (asserted)
            {
                RiseOrWait();
            }
            else
            {
                _pin.Set(false);
            }
        }
    }

    /// <summary>The register is written. An interrupt that waits waits as long as it now says.</summary>
    /// <param name="interval">In 256 ns; 0 for no wait.</param>
    public void SetInterval(ulong interval)
    {
        lock (_lock)
        {
            _interval = (long)interval * Unit;
            if (_isWaiting)
            {
                RiseOrWait();
            }
        }
    }

    /// <summary>As if the pin had never risen.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            (_interval, _rose) = (0, long.MinValue / 2);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void RiseOrWait()
    {
        var now = _clock.NowNanoseconds;
        if (now - _rose < _interval)
        {
            _timer.Arm(_rose + _interval);
            return;
        }

        (_isWaiting, _rose) = (false, now);
        _pin.Set(true);
    }

    private void Expired()
    {
        lock (_lock)
        {
            if (_isWaiting)
            {
                RiseOrWait();
            }
        }
    }
}
