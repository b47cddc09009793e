namespace Emulator.Devices;

/// <summary>The RW field of an 8254 control word, bits 5–4.</summary>
internal enum PitAccess : byte
{
    /// <summary>Not an access mode but the counter latch command.</summary>
    Latch = 0,
    LowByte = 1,
    HighByte = 2,
    LowThenHigh = 3,
}

/// <summary>The M field of an 8254 control word, bits 3–1; 6 and 7 mean 2 and 3.</summary>
internal enum PitMode : byte
{
    InterruptOnTerminalCount = 0,
    HardwareRetriggerableOneShot = 1,
    RateGenerator = 2,
    SquareWave = 3,
    SoftwareTriggeredStrobe = 4,
    HardwareTriggeredStrobe = 5,
}

/// <summary>An 8254 control word, written at offset 3 (data sheet, "Control Word Format").</summary>
internal readonly record struct PitControlWord(byte Value)
{
    /// <summary>SC: the channel; 3 is the read-back command.</summary>
    public int Select => Value >> 6;

    public bool IsReadBack => Select == 3;

    public PitAccess Access => (PitAccess)((Value >> 4) & 3);

    public PitMode Mode => (PitMode)((Value >> 1) & 7) is var mode && (byte)mode > 5 ? mode - 4 : mode;

    public bool Bcd => (Value & 1) != 0;

    /// <summary>Read-back: COUNT, active low.</summary>
    public bool LatchesCount => (Value & 0x20) == 0;

    /// <summary>Read-back: STATUS, active low.</summary>
    public bool LatchesStatus => (Value & 0x10) == 0;

    /// <summary>Read-back: whether a channel is meant.</summary>
    public bool Names(int channel) => (Value & (2 << channel)) != 0;
}
