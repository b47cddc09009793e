namespace Emulator.Cpu;

/// <summary>The time that local APIC timers count. The processor does not know the machine's clock; whoever builds the machine lends it this view.</summary>
/// <remarks>Any thread; never calls an alarm's callback with a lock of its own held.</remarks>
public interface IApicClock
{
    /// <summary>Nanoseconds; never goes back.</summary>
    long NowNanoseconds { get; }

    /// <summary>Makes an alarm, not set.</summary>
    /// <param name="name">Names it in logs.</param>
    /// <param name="callback">Runs with no lock held, on any thread but that which sets the alarm. May run once more after the alarm was set anew or cancelled.</param>
    IApicAlarm CreateAlarm(string name, Action callback);
}

/// <summary>A one-shot alarm. Any thread; a lock may be held.</summary>
public interface IApicAlarm : IDisposable
{
    /// <summary>Sets the one time at which the callback is to run; one in the past means at once.</summary>
    void Set(long dueNanoseconds);

    /// <summary>Forgets the time set.</summary>
    void Cancel();
}
