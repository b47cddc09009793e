namespace Emulator.Devices;

/// <summary>Stops the machine, until somebody outside lets it go on. Any thread.</summary>
public interface IMachineStop
{
    /// <summary>True from a stop until it goes on.</summary>
    bool IsStopped { get; }

    /// <summary>Stops it, if it is not stopped; does not wait.</summary>
    /// <param name="reason">A line for whoever is to let it go on, without a full stop.</param>
    void Stop(string reason);

    /// <summary>Asks to be called each time it goes on, after <see cref="IsStopped"/> is false; on any thread, not to wait there.</summary>
    void OnContinue(Action action);
}
