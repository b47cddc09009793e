using System.Diagnostics.CodeAnalysis;

namespace Emulator.Devices;

/// <summary>One device's place on an I/O thread: its work in the order it was posted.</summary>
/// <remarks>
/// <para>A reset begins a new generation. What was posted under an older one never starts, and what runs can see that it is
/// stale. A device resets itself in three steps: under its lock it begins to ignore its doorbells; without the lock it
/// calls <see cref="Reset"/>; in what that calls it puts its registers back, under the lock. Nothing runs then, neither of the old nor
/// what a wire, a timer or a disk has posted meanwhile.</para>
/// <para>The methods that wait refuse to do so under the device's lock, which the running work may be waiting for.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "It is one: work, first in, first out.")]
public sealed class IoQueue : IDisposable
{
    private readonly IoThread _thread;
    private readonly Lock? _deviceLock;
    private int _generation;

    /// <summary>A queue at the end of a thread's round.</summary>
    /// <param name="thread">Runs the work.</param>
    /// <param name="name">The device, for messages.</param>
    /// <param name="deviceLock">What the device's work takes: must not be held by whoever waits for it.</param>
    public IoQueue(IoThread thread, string name, Lock? deviceLock = null)
    {
        ArgumentNullException.ThrowIfNull(thread);
        (_thread, Name, _deviceLock) = (thread, name, deviceLock);
        thread.Add(this);
    }

    /// <summary>The device, for messages.</summary>
    public string Name { get; }

    /// <summary>The thread that runs the work.</summary>
    public IoThread Thread => _thread;

    /// <summary>Counts resets. What a register access starts takes it along, to post its completion under. Any thread.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>The generation that the work now running was posted under; for what that work starts elsewhere. On the I/O thread.</summary>
    public int RunningGeneration { get; internal set; }

    /// <summary>True if the work now running was posted before a reset: it must end without doing any more. On the I/O thread, from the queue's own work.</summary>
    public bool IsStale => RunningGeneration != Volatile.Read(ref _generation);

    // All of these under the thread's gate.
    internal IoWork? First { get; set; }

    internal IoWork? Last { get; set; }

    internal IoQueue? NextReady { get; set; }

    internal bool IsReady { get; set; }

    internal bool IsClosed { get; set; }

    // Resets under way: what is posted waits for their end.
    internal int Holds { get; set; }

    internal long Posted { get; set; }

    internal long Completed { get; set; }

    /// <summary>Queues work at the end; nothing if it is queued already. Any thread, under any lock; allocates nothing and does not wait.</summary>
    /// <returns>False if it will not run: the queue is closed, or stale work posts.</returns>
    /// <exception cref="InvalidOperationException">It is in another queue: a mistake in the device.</exception>
    public bool Post(IoWork work) => _thread.Post(this, work, null);

    /// <summary>Queues the completion of what was started under a generation; drops it if there was a reset since. Any thread.</summary>
    /// <returns>False if it will not run.</returns>
    public bool Post(IoWork work, int generation) => _thread.Post(this, work, generation);

    /// <summary>
    /// Drops what is posted, makes what runs stale, and waits until that has ended; on the I/O thread itself it does not wait. What is
    /// posted from then on starts once <paramref name="restore"/> has returned.
    /// </summary>
    /// <param name="restore">Puts the device back to where it begins.</param>
    /// <exception cref="InvalidOperationException">The device's lock is held.</exception>
    public void Reset(Action restore)
    {
        ArgumentNullException.ThrowIfNull(restore);
        CheckMayWait();
        _thread.Hold(this);
        try
        {
            _thread.WaitForStale(this);
            restore();
        }
        finally
        {
            _thread.Release(this);
        }
    }

    /// <summary>Waits until everything posted before the call has run, or was dropped; not for what is posted meanwhile. Nothing on the I/O thread itself.</summary>
    /// <exception cref="InvalidOperationException">The device's lock is held.</exception>
    public void Drain()
    {
        CheckMayWait();
        _thread.Drain(this);
    }

    /// <summary>Closes the queue: nothing can be posted any more, nothing starts, and what runs is stale. <see cref="IoThread.Stop"/> waits for that.</summary>
    public void Dispose() => _thread.Remove(this);

    internal void NextGeneration() => Volatile.Write(ref _generation, _generation + 1);

    private void CheckMayWait()
    {
        if (_deviceLock is { IsHeldByCurrentThread: true })
        {
            throw new InvalidOperationException($"{Name} waits for its I/O thread under the lock that its work takes.");
        }
    }
}
