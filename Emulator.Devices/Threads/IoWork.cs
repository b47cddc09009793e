namespace Emulator.Devices;

/// <summary>Something a device does on its I/O thread: posted to a queue as often as there is reason to, run once for what is posted while it waits.</summary>
/// <remarks>
/// Made once with the device, so that posting allocates nothing. It runs with no lock held, takes the device's lock for
/// moments only, never the bus's, and never waits. It ends soon: what has more to do posts itself again, so that other
/// queues on the thread get their turn, and what finds <see cref="IoQueue.IsStale"/> returns at once.
/// </remarks>
public abstract class IoWork
{
    // Under the gate of the queue's thread.
    internal IoWork? Next { get; set; }

    internal IoQueue? QueuedOn { get; set; }

    internal int Generation { get; set; }

    /// <summary>Does it, on the I/O thread. An exception is an error in the emulator and ends the machine.</summary>
    protected internal abstract void Run();
}
