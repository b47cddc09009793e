namespace Emulator.Devices;

/// <summary>The status register of the keyboard controller, read at port 0x64.</summary>
[Flags]
internal enum I8042Status : byte
{
    None = 0,

    /// <summary>A byte waits at port 0x60.</summary>
    OutputBufferFull = 0x01,

    /// <summary>The controller has not taken the last byte yet. It takes all at once here.</summary>
    InputBufferFull = 0x02,

    /// <summary>SYS: the self test has been passed; also a bit of the command byte.</summary>
    SystemFlag = 0x04,

    /// <summary>The last write was to port 0x64.</summary>
    Command = 0x08,

    /// <summary>The key lock is open.</summary>
    Unlocked = 0x10,

    /// <summary>The byte that waits is from the auxiliary device.</summary>
    AuxiliaryData = 0x20,

    /// <summary>The device did not answer; the byte that waits is <see cref="I8042.Resend"/>.</summary>
    Timeout = 0x40,

    /// <summary>The device's answer was garbled.</summary>
    ParityError = 0x80,
}

/// <summary>The command byte, byte 0 of the controller's RAM.</summary>
[Flags]
internal enum I8042CommandByte : byte
{
    KeyboardInterrupt = 0x01,
    AuxiliaryInterrupt = 0x02,
    SystemFlag = 0x04,
    KeyboardDisabled = 0x10,
    AuxiliaryDisabled = 0x20,

    /// <summary>Translate scan codes to set 1.</summary>
    Translate = 0x40,
}

/// <summary>Commands written to port 0x64. 0x20–0x3F read the RAM, 0x60–0x7F write it, 0xF0–0xFF pulse outputs.</summary>
internal enum I8042Command : byte
{
    ReadRam = 0x20,
    WriteRam = 0x60,
    DisableAuxiliary = 0xA7,
    EnableAuxiliary = 0xA8,
    TestAuxiliary = 0xA9,
    SelfTest = 0xAA,
    TestKeyboard = 0xAB,
    DisableKeyboard = 0xAD,
    EnableKeyboard = 0xAE,
    ReadInputPort = 0xC0,
    ReadOutputPort = 0xD0,
    WriteOutputPort = 0xD1,
    WriteKeyboardBuffer = 0xD2,
    WriteAuxiliaryBuffer = 0xD3,
    WriteAuxiliaryDevice = 0xD4,
    DisableA20 = 0xDD,
    EnableA20 = 0xDF,
    PulseOutputs = 0xF0,
}

/// <summary>The output port, P2 of the controller.</summary>
[Flags]
internal enum I8042OutputPort : byte
{
    /// <summary>Low resets the processor.</summary>
    NotReset = 0x01,

    /// <summary>High lets address line 20 through.</summary>
    A20 = 0x02,

    /// <summary>Follows <see cref="I8042Status.OutputBufferFull"/> of the keyboard.</summary>
    KeyboardFull = 0x10,

    /// <summary>Follows it for the auxiliary device.</summary>
    AuxiliaryFull = 0x20,

    /// <summary>The clock and data lines to the keyboard, idle.</summary>
    Idle = 0xCC,
}
