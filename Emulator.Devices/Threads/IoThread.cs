using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A host thread that runs the posted work of one device, or of several that share it.</summary>
/// <remarks>
/// Queues take turns, one piece of work each. Everything is under one lock, the gate, which comes after every device's
/// lock and is held for a few instructions; no work runs under it.
/// </remarks>
public sealed partial class IoThread : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly List<IoQueue> _queues = [];
    private readonly Action<IoThread, Exception> _failed;
    private readonly Thread _thread;
    private readonly Turn? _turn;
    private IoQueue? _firstReady;
    private IoQueue? _lastReady;
    private IoQueue? _running;
    private long _ended;
    private bool _stopping;

    /// <summary>Starts a thread with nothing to do.</summary>
    /// <param name="name">The <c>-object</c>'s id, or the device's.</param>
    /// <param name="failed">Told of an exception in work, on this thread. The thread goes on, so that nobody waits for it in vain.</param>
    /// <param name="turn">The thread's part in a deterministic schedule, or null.</param>
    public IoThread(string name, Action<IoThread, Exception> failed, Turn? turn = null)
    {
        ArgumentNullException.ThrowIfNull(failed);
        (Name, _failed, _turn) = (name, failed, turn);
        _thread = new Thread(Loop) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>The <c>-object</c>'s id, or the device's.</summary>
    public string Name { get; }

    /// <summary>True on the thread itself.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Resets every queue: drops what is posted, makes what runs stale, and waits until that has ended. No lock that work takes is held.</summary>
    public void Reset()
    {
        IoQueue? running;
        lock (_gate)
        {
            foreach (var queue in _queues)
            {
                Drop(queue);
            }

            Changed();
            running = _running;
        }

        if (running is not null)
        {
            WaitForStale(running);
        }
    }

    /// <summary>Drops all work and ends the thread once what runs has ended; on the thread itself, after the call.</summary>
    /// <param name="patience">How long to wait for that.</param>
    /// <returns>False if it has not ended.</returns>
    public bool Stop(TimeSpan patience)
    {
        lock (_gate)
        {
            _stopping = true;
            foreach (var queue in _queues)
            {
                Drop(queue);
                queue.IsClosed = true;
            }

            Changed();
        }

        return IsCurrent || _thread.Join(patience);
    }

    /// <summary>As <see cref="Stop"/>, with patience.</summary>
    public void Dispose() => _ = Stop(s_patience);

    internal void Add(IoQueue queue)
    {
        lock (_gate)
        {
            queue.IsClosed = _stopping;
            _queues.Add(queue);
        }
    }

    internal void Remove(IoQueue queue)
    {
        lock (_gate)
        {
            Drop(queue);
            queue.IsClosed = true;
            _queues.Remove(queue);
            Changed();
        }
    }

    internal bool Post(IoQueue queue, IoWork work, int? generation)
    {
        lock (_gate)
        {
            if (queue.IsClosed || generation is { } started && started != queue.Generation || (_running == queue && queue.IsStale && IsCurrent))
            {
                return false;
            }

            if (work.QueuedOn is { } other)
            {
                return other == queue ? true : throw new InvalidOperationException($"Work of {queue.Name} is queued for {other.Name}.");
            }

            Append(queue, work);
            return true;
        }
    }

    internal void Hold(IoQueue queue)
    {
        lock (_gate)
        {
            Drop(queue);
            queue.Holds++;
            Changed();
        }
    }

    internal void Release(IoQueue queue)
    {
        lock (_gate)
        {
            queue.Holds--;
            if (queue.Holds == 0 && queue.First is not null)
            {
                MakeReady(queue);
                Changed();
            }
        }
    }

    internal void WaitForStale(IoQueue queue)
    {
        if (IsCurrent)
        {
            return;
        }

        lock (_gate)
        {
            if (_running == queue && queue.IsStale)
            {
                Wait(Awaited.Ended, queue, _ended + 1);
            }
        }
    }

    internal void Drain(IoQueue queue)
    {
        if (IsCurrent)
        {
            return;
        }

        lock (_gate)
        {
            Wait(Awaited.Completed, queue, queue.Posted);
        }
    }

    private void Loop()
    {
        _turn?.Begin();
        while (Next() is { } work)
        {
            _turn?.Pass();
            try
            {
                work.Run();
            }
#pragma warning disable CA1031 // Whatever it is, it is told to the one who ends the machine; this thread must not take the process down.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _failed(this, e);
            }
        }

        _turn?.End();
    }

    // Ends the work that ran, and takes the next: the first of the queue whose turn it is.
    private IoWork? Next()
    {
        lock (_gate)
        {
            if (_running is { } ended)
            {
                ended.Completed++;
                _ended++;
                _running = null;
                Changed();
            }

            Wait(Awaited.Work);
            if (_stopping)
            {
                return null;
            }

            var queue = TakeReady();
            var work = queue.First!;
            (queue.First, work.Next, work.QueuedOn) = (work.Next, null, null);
            if (queue.First is not null)
            {
                MakeReady(queue);
            }
            else
            {
                queue.Last = null;
            }

            queue.RunningGeneration = work.Generation;
            _running = queue;
            return work;
        }
    }

    private void Append(IoQueue queue, IoWork work)
    {
        (work.QueuedOn, work.Generation) = (queue, queue.Generation);
        if (queue.Last is { } last)
        {
            last.Next = work;
        }
        else
        {
            queue.First = work;
        }

        queue.Last = work;
        queue.Posted++;
        if (!queue.IsReady && queue.Holds == 0)
        {
            MakeReady(queue);
            Changed();
        }
    }

    // A new generation: nothing that is queued will start. The queue's turn, if it had one, is given up.
    private void Drop(IoQueue queue)
    {
        queue.NextGeneration();
        for (var work = queue.First; work is not null;)
        {
            var next = work.Next;
            (work.Next, work.QueuedOn) = (null, null);
            queue.Completed++;
            work = next;
        }

        (queue.First, queue.Last) = (null, null);
        if (queue.IsReady)
        {
            Unready(queue);
        }
    }

    private void MakeReady(IoQueue queue)
    {
        queue.IsReady = true;
        if (_lastReady is { } last)
        {
            last.NextReady = queue;
        }
        else
        {
            _firstReady = queue;
        }

        _lastReady = queue;
    }

    private IoQueue TakeReady()
    {
        var queue = _firstReady!;
        Unready(queue);
        return queue;
    }

    private void Unready(IoQueue queue)
    {
        IoQueue? before = null;
        for (var each = _firstReady; each != queue; each = each!.NextReady)
        {
            before = each;
        }

        if (before is null)
        {
            _firstReady = queue.NextReady;
        }
        else
        {
            before.NextReady = queue.NextReady;
        }

        if (_lastReady == queue)
        {
            _lastReady = before;
        }

        (queue.IsReady, queue.NextReady) = (false, null);
    }
}
