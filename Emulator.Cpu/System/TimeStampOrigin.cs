namespace Emulator.Cpu;

/// <summary>The moment at which the time-stamp counters of a machine's processors are 0: one for all, so that they stay in step.</summary>
public sealed class TimeStampOrigin
{
    /// <summary>An origin now.</summary>
    public TimeStampOrigin() => Restart();

    /// <summary>The moment in ticks of the host's clock.</summary>
    internal ulong Ticks { get; private set; }

    /// <summary>Moves the origin to now, before the processors are reset, with all of them stopped.</summary>
    public void Restart() => Ticks = TimeStampCounter.HostTicks();
}
