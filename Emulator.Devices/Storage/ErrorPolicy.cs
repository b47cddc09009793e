namespace Emulator.Devices;

/// <summary>What becomes of a request that the host could not carry out. A guest's own mistake is always reported.</summary>
public enum ErrorPolicy : byte
{
    /// <summary>The guest is told.</summary>
    Report,

    /// <summary>The guest is told that all went well; what was read is zeroes.</summary>
    Ignore,

    /// <summary>The machine stops, and the request is tried again when it goes on. The guest is told nothing.</summary>
    Stop,

    /// <summary><see cref="Stop"/> if the host has no room, else <see cref="Report"/>.</summary>
    StopIfFull,
}
