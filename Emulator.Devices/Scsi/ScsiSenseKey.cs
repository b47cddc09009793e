namespace Emulator.Devices;

/// <summary>The kind of a failure (SPC-3, 4.5.6).</summary>
public enum ScsiSenseKey : byte
{
    /// <summary>Nothing to say.</summary>
    NoSense = 0x0,

    /// <summary>The unit cannot be accessed.</summary>
    NotReady = 0x2,

    /// <summary>The medium, or the way to it: here, what the host said.</summary>
    MediumError = 0x3,

    /// <summary>The initiator's mistake.</summary>
    IllegalRequest = 0x5,

    /// <summary>Something has happened to the unit that the initiator should know.</summary>
    UnitAttention = 0x6,

    /// <summary>The block may not be written.</summary>
    DataProtect = 0x7,

    /// <summary>The target gave the command up; it may go well if repeated.</summary>
    AbortedCommand = 0xB,

    /// <summary>What was sent is not what is on the medium.</summary>
    Miscompare = 0xE,
}
