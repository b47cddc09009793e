using Emulator.Devices;

namespace Emulator.Host.Network;

/// <summary>What is behind a controller and outside the machine: opened, then attached to a wire, then started with the machine.</summary>
/// <remarks>
/// It has threads of its own, which may wait for the outside. Whoever is slow fills the wire, and the controller at its other end waits;
/// no other part of the machine does. The threads take no part in a deterministic schedule.
/// </remarks>
internal abstract class NetworkBackEnd : IDisposable
{
    /// <summary>Takes an end of a wire. Before the machine is built.</summary>
    public abstract void Attach(NetworkPort port);

    /// <summary>Begins.</summary>
    public abstract void Start();

    /// <inheritdoc/>
    public abstract void Dispose();
}
