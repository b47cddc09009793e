namespace Emulator.Devices;

/// <summary>The time that the devices of one machine share.</summary>
/// <remarks>
/// Time is the machine's, not the host's: it may run with the host's monotonic clock, be moved by hand, or be a
/// count of instructions. It starts at zero and never goes back. All members may be called on any thread and
/// with a device's lock held: a clock never calls a device while it holds a lock of its own.
/// </remarks>
public interface IClock
{
    /// <summary>Nanoseconds since the machine was switched on.</summary>
    long NowNanoseconds { get; }

    /// <summary>Makes a timer, unarmed.</summary>
    /// <param name="name">Names the timer in logs and traces.</param>
    /// <param name="callback">
    /// Runs on the clock's thread with no lock held. It may arm the timer again. It can still run once after a
    /// <see cref="ITimer.Cancel"/> or a later <see cref="ITimer.Arm"/> that raced with it, so it takes its
    /// device's lock and looks at the time and at the device's state rather than trust that it was called.
    /// </param>
    ITimer CreateTimer(string name, Action callback);
}

/// <summary>A one-shot timer of an <see cref="IClock"/>. Any thread; a device's lock may be held.</summary>
public interface ITimer : IDisposable
{
    /// <summary>The name given when it was made.</summary>
    string Name { get; }

    /// <summary>Sets the one time at which the callback is to run, in place of an earlier one.</summary>
    /// <param name="dueNanoseconds">A time of <see cref="IClock.NowNanoseconds"/>; one in the past means at once.</param>
    void Arm(long dueNanoseconds);

    /// <summary>Forgets the time set; does not wait for a callback that has begun.</summary>
    void Cancel();
}
