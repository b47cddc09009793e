namespace Emulator.Devices;

/// <summary>Which interfaces and features of the transport a function has.</summary>
public sealed record VirtioPciOptions
{
    /// <summary>True for the ports of virtio before 1.0.</summary>
    public bool HasLegacy { get; init; } = true;

    /// <summary>True for the structures of virtio 1.0 and later. One of the two is needed.</summary>
    public bool HasModern { get; init; } = true;

    /// <summary>MSI-X vectors, as a rule one for each queue and one more; 0 for no MSI-X.</summary>
    public int Vectors { get; init; } = 2;

    /// <summary>True if <see cref="VirtioFeatures.IndirectDescriptors"/> is offered.</summary>
    public bool HasIndirectDescriptors { get; init; } = true;

    /// <summary>True if <see cref="VirtioFeatures.EventIndex"/> is offered.</summary>
    public bool HasEventIndex { get; init; } = true;
}
