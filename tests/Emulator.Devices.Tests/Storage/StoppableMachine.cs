namespace Emulator.Devices.Tests;

/// <summary>A machine that is stopped and goes on.</summary>
internal sealed class StoppableMachine : IMachineStop
{
    private Action? _continued;
    private volatile bool _isStopped;

    public List<string> Reasons { get; } = [];

    public bool IsStopped => _isStopped;

    public void Stop(string reason)
    {
        _isStopped = true;
        lock (Reasons)
        {
            Reasons.Add(reason);
        }
    }

    public void OnContinue(Action action) => _continued += action;

    public void Continue()
    {
        _isStopped = false;
        _continued?.Invoke();
    }
}
