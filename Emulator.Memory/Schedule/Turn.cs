namespace Emulator.Memory;

/// <summary>A thread's part in a <see cref="Baton"/>: the thread runs while it has the turn.</summary>
/// <remarks>
/// A thread that has the turn and is going to wait for another one gives the turn away first, or nobody goes on; so at a
/// switch point it holds no lock that others take. Members are for the thread itself save where they say otherwise.
/// </remarks>
public sealed class Turn
{
    [ThreadStatic]
    private static Turn? s_current;

    private readonly Baton _baton;
    // Waited on, so it is a Monitor and not a Lock.
    private readonly object _bed = new();
    private int _sleeps;
    private bool _called;

    internal Turn(Baton baton, string name) => (_baton, Name) = (baton, name);

    /// <summary>The turn of the thread that asks, if it is in a schedule.</summary>
    public static Turn? Current => s_current;

    /// <summary>The thread, for messages.</summary>
    public string Name { get; }

    // Under the baton's gate, or with the turn.
    internal bool IsReady { get; set; } = true;

    internal bool IsAwake { get; set; } = true;

    internal bool HasEnded { get; set; }

    /// <summary>What has to have no store waiting before this thread can go on.</summary>
    internal Initiator? Drains { get; set; }

    internal bool CanGoOn => IsReady && (Drains is null || Drains.IsEmpty);

    /// <summary>Where a thread of a schedule may have to let another one go on; nothing on any other thread.</summary>
    public static void SwitchPoint() => s_current?.Pass();

    /// <summary>The thread's first act: waits for the turn.</summary>
    public void Begin()
    {
        s_current = this;
        Await();
    }

    /// <summary>A switch point.</summary>
    public void Pass()
    {
        if (_baton.Next(this) != this)
        {
            Await();
        }
    }

    /// <summary>A switch point behind which no store of an initiator waits.</summary>
    internal void PassUntilDrained(Initiator initiator)
    {
        Drains = initiator;
        Pass();
        Drains = null;
    }

    /// <summary>Forgets wake-ups so far. Before looking at what could make waiting needless.</summary>
    public void Reset()
    {
        lock (_baton.Gate)
        {
            IsAwake = false;
        }
    }

    /// <summary>Gives the turn away until there was a <see cref="Wake"/> since the last <see cref="Reset"/>, and the turn has come back.</summary>
    public void Wait()
    {
        lock (_baton.Gate)
        {
            IsReady = IsAwake;
        }

        Pass();
    }

    /// <summary>Lets the thread go on when its turn comes. Any thread, in the schedule or not, under any lock.</summary>
    public void Wake() => _baton.Wake(this);

    /// <summary>The thread's last act: it takes no turns any more.</summary>
    public void End()
    {
        s_current = null;
        lock (_baton.Gate)
        {
            (HasEnded, IsReady) = (true, false);
        }

        _ = _baton.Next(this);
    }

    // After the baton has been set down for this thread.
    internal void Go()
    {
        // Pairs with the exchange in Await: either it sees the baton, or this sees it asleep.
        Interlocked.MemoryBarrier();
        if (Interlocked.Exchange(ref _sleeps, 0) != 0)
        {
            lock (_bed)
            {
                _called = true;
                Monitor.Pulse(_bed);
            }
        }
    }

    private void Await()
    {
        for (var spins = _baton.Spins; spins > 0; spins--)
        {
            if (_baton.IsWith(this))
            {
                return;
            }

            Thread.SpinWait(1);
        }

        while (!_baton.IsWith(this))
        {
            Interlocked.Exchange(ref _sleeps, 1);
            if (_baton.IsWith(this) && Interlocked.Exchange(ref _sleeps, 0) != 0)
            {
                return;
            }

            lock (_bed)
            {
                while (!_called)
                {
                    Monitor.Wait(_bed);
                }

                _called = false;
            }
        }
    }
}
