using System.Diagnostics;
using Emulator.Memory;

namespace Emulator.Devices;

// The one place where anybody waits: the thread for work, and others for the thread.
public sealed partial class IoThread
{
    // Longer than a driver takes from one completion to its next doorbell; a wake-up by the host costs more than twice as much.
    private static readonly long s_spin = Environment.ProcessorCount > 1 ? Stopwatch.Frequency * 15 / 1_000_000 : 0;

    // Of those in Wait who sleep, under the gate.
    private int _sleepers;

    private enum Awaited
    {
        /// <summary>A queue is ready, or the thread stops.</summary>
        Work,

        /// <summary>So many pieces of work have ended.</summary>
        Ended,

        /// <summary>So much of a queue has ended or was dropped.</summary>
        Completed,
    }

    private void Changed()
    {
        _turn?.Wake();
        if (_sleepers > 0)
        {
            Monitor.PulseAll(_gate);
        }
    }

    // Enters and leaves with the gate held.
    private void Wait(Awaited what, IoQueue? queue = null, long count = 0)
    {
        if (IsThere(what, queue, count))
        {
            return;
        }

        if (Turn.Current is { } turn)
        {
            WaitForTurn(turn, what, queue, count);
            return;
        }

        Monitor.Exit(_gate);
        if (!Spin(what, queue, count))
        {
            Monitor.Enter(_gate);
        }

        while (!IsThere(what, queue, count))
        {
            _sleepers++;
            Monitor.Wait(_gate);
            _sleepers--;
        }
    }

    // In a deterministic schedule others go on meanwhile; the thread itself is woken, and who waits for it looks again and again.
    private void WaitForTurn(Turn turn, Awaited what, IoQueue? queue, long count)
    {
        while (true)
        {
            turn.Reset();
            if (IsThere(what, queue, count))
            {
                return;
            }

            Monitor.Exit(_gate);
            if (turn == _turn)
            {
                turn.Wait();
            }
            else
            {
                turn.Pass();
            }

            Monitor.Enter(_gate);
        }
    }

    // Enters the gate, by trying: whoever made it come true is in it for an instant still, and waiting for a lock is waiting.
    private bool Spin(Awaited what, IoQueue? queue, long count)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() - start < s_spin;)
        {
            if (IsThere(what, queue, count) && Monitor.TryEnter(_gate))
            {
                return true;
            }

            Thread.SpinWait(2);
        }

        return false;
    }

    // Without the gate only a hint to stop spinning.
    private bool IsThere(Awaited what, IoQueue? queue, long count) => what switch
    {
        Awaited.Work => Volatile.Read(ref _firstReady) is not null || Volatile.Read(ref _stopping),
        Awaited.Ended => Volatile.Read(ref _ended) >= count,
        _ => queue!.Completed >= count,
    };
}
