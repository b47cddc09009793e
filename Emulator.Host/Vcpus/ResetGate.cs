namespace Emulator.Host.Vcpus;

/// <summary>Where all vCPUs of a machine meet, outside their loops, so that one of them can reset the machine.</summary>
internal sealed class ResetGate : IDisposable
{
    private readonly Barrier _barrier;

    /// <summary>A gate for a number of vCPUs.</summary>
    /// <param name="vcpus">How many come.</param>
    /// <param name="reset">Called once all are there, on the thread of one of them.</param>
    public ResetGate(int vcpus, Action reset) => _barrier = new Barrier(vcpus, _ => reset());

    /// <summary>Waits for the others and for the reset.</summary>
    /// <exception cref="OperationCanceledException">The machine ends.</exception>
    public void Enter(CancellationToken ending) => _barrier.SignalAndWait(ending);

    /// <inheritdoc/>
    public void Dispose() => _barrier.Dispose();
}
