using Emulator.Host.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Takes the outcome of a round.</summary>
/// <param name="values">A value for each of the test's variables.</param>
internal delegate void OutcomeTaker(ReadOnlySpan<uint> values);

/// <summary>Runs a test's columns together, again and again, until somebody has had enough.</summary>
internal static class LitmusRounds
{
    /// <summary>By a schedule: one thread at a time, and what comes next is a choice.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">The bus's.</param>
    /// <param name="model">TSO or weak; host is all orders with no store that waits.</param>
    /// <param name="choices">The choices.</param>
    /// <param name="next">Makes the choices those of the next round; false if there is to be none.</param>
    /// <param name="take">Takes each outcome.</param>
    /// <param name="trace">Given the machine before it starts, makes what records it; null if nothing does.</param>
    public static void Scheduled(
        LitmusTest test,
        DmaOrdering ordering,
        MemoryModel model,
        IChoices choices,
        Func<bool> next,
        OutcomeTaker take,
        Func<LitmusMachine, TraceRecorder>? trace = null)
    {
        using var machine = new LitmusMachine(test, ordering, model, choices);
        var recorder = trace?.Invoke(machine);
        var values = new uint[test.Variables.Length];
        var waiting = new List<Turn>();
        var isUnderWay = false;
        machine.ColumnEnded = _ =>
        {
            var turn = Turn.Current!;
            waiting.Add(turn);
            turn.Reset();
            turn.Wait();
        };
        machine.Schedule!.Idle = () =>
        {
            // Between rounds registers are accessed that are none of the test's.
            recorder?.IsRecording = false;
            if (machine.Ending.IsCancellationRequested)
            {
                return false;
            }

            CheckEnd(test, machine, waiting.Count);
            if (isUnderWay)
            {
                machine.Collect(values);
                take(values);
            }

            if (!next())
            {
                machine.End();
                return false;
            }

            isUnderWay = true;
            machine.Prepare([]);
            recorder?.IsRecording = true;
            foreach (var turn in waiting)
            {
                turn.Wake();
            }

            waiting.Clear();
            return true;
        };
        machine.Start();
        AwaitEnd(machine);
    }

    /// <summary>Freely: every thread as fast as it goes, all beginning a round together, give or take a moment that differs from round to round.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">The bus's.</param>
    /// <param name="seed">Of those moments.</param>
    /// <param name="next">False if there is to be no further round.</param>
    /// <param name="take">Takes each outcome.</param>
    public static void Free(LitmusTest test, DmaOrdering ordering, ulong seed, Func<bool> next, OutcomeTaker take)
    {
        using var machine = new LitmusMachine(test, ordering, MemoryModel.Host, null);
        var run = new FreeRounds(test, machine, seed, next, take);
        machine.ColumnEnded = run.ColumnEnded;
        machine.Start();
        if (machine.VcpuColumns == 0)
        {
            while (run.Next())
            {
            }
        }

        AwaitEnd(machine);
    }

    private static void CheckEnd(LitmusTest test, LitmusMachine machine, int vcpusEnded)
    {
        for (var column = 0; column < test.Columns.Length; column++)
        {
            if (machine.IsDevice(column) && machine.IsRunning(column))
            {
                throw new InvalidOperationException($"{test.Path}: {test.Columns[column].Name} waits for something that never comes");
            }
        }

        if (vcpusEnded < machine.VcpuColumns)
        {
            throw new InvalidOperationException($"{test.Path}: a processor waits for an interrupt that never comes");
        }
    }

    private static void AwaitEnd(LitmusMachine machine)
    {
        machine.Ending.WaitHandle.WaitOne();
        if (machine.Failure is { ExitStatus: not ExitStatus.Success } failure)
        {
            throw new InvalidOperationException(failure.Message);
        }
    }

    // Rounds without a schedule: the first processor's thread, or the caller's if there is none, begins and ends them.
    private sealed class FreeRounds(LitmusTest test, LitmusMachine machine, ulong seed, Func<bool> next, OutcomeTaker take)
    {
        private const int LongestDelay = 256;
        private const int SpinsBeforeYield = 4000;

        private readonly uint[] _values = new uint[test.Variables.Length];
        private readonly uint[] _delays = new uint[test.Columns.Length];
        private readonly long[] _rounds = new long[test.Columns.Length];
        private readonly int _leader = test.Columns.ToList().FindIndex(c => c.Kind == LitmusColumnKind.Vcpu);
        private ulong _random = seed;
        private long _round;

        // On the thread of the column's vCPU.
        public void ColumnEnded(int column)
        {
            var mine = Volatile.Read(ref _rounds[column]);
            if (column == _leader)
            {
                _ = Next();
                return;
            }

            Volatile.Write(ref _rounds[column], mine + 1);
            var spins = 0;
            while (Volatile.Read(ref _round) <= mine && !machine.Ending.IsCancellationRequested)
            {
                Pause(ref spins);
            }
        }

        public bool Next()
        {
            if (!AwaitOthers())
            {
                return false;
            }

            if (_round > 0)
            {
                machine.Collect(_values);
                take(_values);
            }

            if (!next())
            {
                machine.End();
                return false;
            }

            foreach (ref var delay in _delays.AsSpan())
            {
                _random = (_random * 6364136223846793005) + 1442695040888963407;

                // Of every size: which makes the columns meet depends on what each has to do before.
                delay = (uint)(_random >> 33) % LongestDelay >> (int)(_random >> 29 & 7);
            }

            machine.Prepare(_delays);
            Volatile.Write(ref _round, _round + 1);
            return true;
        }

        private bool AwaitOthers()
        {
            var spins = 0;
            for (var column = 0; column < _rounds.Length; column++)
            {
                while (!HasEnded(column))
                {
                    if (machine.Ending.IsCancellationRequested)
                    {
                        return false;
                    }

                    Pause(ref spins);
                }
            }

            return true;
        }

        private bool HasEnded(int column) =>
            column == _leader
            || (machine.IsDevice(column) ? !machine.IsRunning(column) : Volatile.Read(ref _rounds[column]) > _round);

        private static void Pause(ref int spins)
        {
            if (++spins > SpinsBeforeYield)
            {
                Thread.Yield();
            }
            else
            {
                Thread.SpinWait(4);
            }
        }
    }
}
