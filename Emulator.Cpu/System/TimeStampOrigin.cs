namespace Emulator.Cpu;

/// <summary>The moment at which the time-stamp counters of a machine's processors are 0: one for all, so that they stay in step.</summary>
public sealed class TimeStampOrigin
{
    private readonly Func<ulong> _ticks;

    /// <summary>An origin now.</summary>
    /// <param name="ticks">The time in ticks of 1 GHz, on any thread; null is the host's.</param>
    public TimeStampOrigin(Func<ulong>? ticks = null)
    {
        _ticks = ticks ?? TimeStampCounter.HostTicks;
        Restart();
    }

    /// <summary>The moment.</summary>
    internal ulong Ticks { get; private set; }

    /// <summary>The time now.</summary>
    internal ulong Now => _ticks();

    /// <summary>Moves the origin to now, before the processors are reset, with all of them stopped.</summary>
    public void Restart() => Ticks = Now;
}
