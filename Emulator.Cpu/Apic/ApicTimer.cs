namespace Emulator.Cpu;

/// <summary>A local APIC's timer (SDM volume 3, 11.5.4): one-shot or periodic, a 1 GHz bus clock divided by 1 to 128.</summary>
/// <remarks>
/// <para>
/// 1 GHz is QEMU's bus clock, and what CPUID leaf 15 says of the crystal. Counts are worked out when somebody looks;
/// the alarm is set only while an interrupt can come of it. Not implemented: TSC-deadline mode.
/// </para>
/// <para>The registers are the vCPU's, the alarm comes on the clock's thread; the lock between them is a leaf.</para>
/// </remarks>
internal sealed class ApicTimer : IDisposable
{
    /// <summary>Ticks a second before division: one a nanosecond.</summary>
    public const long BusFrequency = 1_000_000_000;

    /// <summary>Periods shorter than this are not delivered one by one: a guest must not keep the clock's thread to itself.</summary>
    private const long LeastPeriod = 20_000;

    private readonly Lock _gate = new();
    private readonly IApicClock _clock;
    private readonly IApicAlarm _alarm;
    private readonly Action _expired;
    private uint _initialCount;
    private uint _divideRegister;
    private int _divisor = 2;
    private long _start;
    private long _due = long.MaxValue;
    private bool _isPeriodic;
    private bool _isMasked = true;

    /// <summary>A stopped timer.</summary>
    /// <param name="clock">The time.</param>
    /// <param name="name">Names the alarm.</param>
    /// <param name="expired">Called on the clock's thread, no lock held, when the count reaches 0 and the timer is not masked.</param>
    public ApicTimer(IApicClock clock, string name, Action expired)
    {
        (_clock, _expired) = (clock, expired);
        _alarm = clock.CreateAlarm(name, CatchUp);
    }

    /// <summary>The count it starts from; setting it starts anew, 0 stops.</summary>
    public uint InitialCount
    {
        get => _initialCount;
        set
        {
            lock (_gate)
            {
                _initialCount = value;
                _start = _clock.NowNanoseconds;
                SetAlarm(_start);
            }
        }
    }

    /// <summary>The count now; 0 behind the end of a single shot.</summary>
    public uint CurrentCount
    {
        get
        {
            lock (_gate)
            {
                return CountAt(_clock.NowNanoseconds);
            }
        }
    }

    /// <summary>The divide configuration register. The count goes on at the new pace.</summary>
    public uint DivideRegister
    {
        get => _divideRegister;
        set
        {
            lock (_gate)
            {
                var now = _clock.NowNanoseconds;
                var done = _initialCount - CountAt(now);
                _divideRegister = value & 0b1011;
                _divisor = 1 << (int)(((value & 3) | (value >> 1 & 4)) + 1 & 7);
                _start = now - (done * _divisor);
                SetAlarm(now);
            }
        }
    }

    private long Period => (long)_initialCount * _divisor;

    /// <summary>What the LVT entry says. Counting does not depend on the mask.</summary>
    public void SetMode(bool isPeriodic, bool isMasked)
    {
        lock (_gate)
        {
            var now = _clock.NowNanoseconds;
            if (_isPeriodic && !isPeriodic && _initialCount != 0)
            {
                // The shot that ends is the present period's.
                _start += (now - _start) / Period * Period;
            }

            (_isPeriodic, _isMasked) = (isPeriodic, isMasked);
            SetAlarm(now);
        }
    }

    /// <summary>Stopped, divided by 2, one-shot, masked.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            (_initialCount, _divideRegister, _divisor, _isPeriodic, _isMasked) = (0, 0, 2, false, true);
            SetAlarm(0);
        }
    }

    /// <summary>Delivers what is due already, however late the alarm is. Before a change, so that it takes back nothing that has happened.</summary>
    public void CatchUp()
    {
        lock (_gate)
        {
            var now = _clock.NowNanoseconds;
            if (now < _due)
            {
                return;     // set anew or cancelled meanwhile
            }

            SetAlarm(now);
        }

        _expired();
    }

    /// <inheritdoc/>
    public void Dispose() => _alarm.Dispose();

    private uint CountAt(long now)
    {
        if (_initialCount == 0)
        {
            return 0;
        }

        var elapsed = now - _start;
        return _isPeriodic ? _initialCount - (uint)(elapsed % Period / _divisor)
            : elapsed >= Period ? 0
            : _initialCount - (uint)(elapsed / _divisor);
    }

    /// <summary>Sets the alarm for the first end of count behind <paramref name="now"/>, if anybody will hear it.</summary>
    private void SetAlarm(long now)
    {
        var ended = _initialCount == 0 ? 0 : (now - _start) / Period;
        if (_initialCount == 0 || _isMasked || (ended > 0 && !_isPeriodic))
        {
            _due = long.MaxValue;
            _alarm.Cancel();
            return;
        }

        if (_isPeriodic && Period < LeastPeriod)
        {
            ended = (now - _start + LeastPeriod) / Period;
        }

        _due = _start + ((ended + 1) * Period);
        _alarm.Set(_due);
    }
}
