namespace Emulator.Devices;

/// <summary>How a command stands to the state of the unit.</summary>
[Flags]
internal enum ScsiTraits
{
    /// <summary>It is carried out in any state, but reports a unit attention condition first.</summary>
    None = 0,

    /// <summary>It leaves a unit attention condition alone (SAM-3), and does not wait for other tasks.</summary>
    Always = 1,

    /// <summary>The medium must be turning.</summary>
    Medium = 2,

    /// <summary>It changes the medium, which must not be read only.</summary>
    Change = 4,

    /// <summary>It is there if the medium gives room back to the host.</summary>
    Provisioning = 8,

    /// <summary>The upper bits of its byte 1 ask for protection information, and were never a logical unit's number.</summary>
    Protection = 16,

    /// <summary>It waits for all before it, and all behind it wait for it, whatever its tag says.</summary>
    Barrier = 32,
}
