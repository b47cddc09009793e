using Emulator.Memory;

namespace Emulator.Host.Vcpus;

/// <summary>Where all vCPUs of a machine meet, outside their loops, so that one of them can reset the machine.</summary>
/// <param name="vcpus">How many come.</param>
/// <param name="reset">Called once all are there, on the thread of one of them.</param>
internal sealed class ResetGate(int vcpus, Action reset) : IDisposable
{
    private readonly Barrier _barrier = new(vcpus, _ => reset());

    // Those that wait in a schedule.
    private readonly List<Turn> _waiting = [];
    private int _resets;

    /// <summary>Waits for the others and for the reset.</summary>
    /// <exception cref="OperationCanceledException">The machine ends.</exception>
    public void Enter(CancellationToken ending)
    {
        if (Turn.Current is { } turn)
        {
            Enter(turn, ending);
        }
        else
        {
            _barrier.SignalAndWait(ending);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _barrier.Dispose();

    // In a schedule one thread runs at a time, so that there is nothing to lock, and nobody may wait but for a turn.
    private void Enter(Turn turn, CancellationToken ending)
    {
        if (_waiting.Count + 1 < vcpus)
        {
            var before = _resets;
            _waiting.Add(turn);
            while (_resets == before)
            {
                ending.ThrowIfCancellationRequested();
                turn.Reset();
                turn.Wait();
            }

            return;
        }

        reset();
        _resets++;
        foreach (var each in _waiting)
        {
            each.Wake();
        }

        _waiting.Clear();
    }
}
