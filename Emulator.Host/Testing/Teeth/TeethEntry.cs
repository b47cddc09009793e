using System.Text.Json.Serialization;

namespace Emulator.Host.Testing.Teeth;

/// <summary>What an ordering guest of the manifest must notice.</summary>
public sealed record TeethEntry
{
    /// <summary>The ordering sites whose breaking it must catch, by name.</summary>
    [JsonRequired]
    public IReadOnlyList<string> Sites { get; init; } = [];

    /// <summary>Words for the guest's command line in a simulated memory, where each round is dear.</summary>
    public string Simulated { get; init; } = "";

    /// <summary>Words for the guest's command line on the host's own memory: the long run.</summary>
    public string Host { get; init; } = "";

    /// <summary>Seconds of wall time that the long run may take.</summary>
    public double HostSeconds { get; init; } = 600;
}
