namespace Emulator.Devices;

/// <summary>Initialization command word 1 of the 8259A, written at the even address with bit 4 set.</summary>
[Flags]
internal enum Icw1 : byte
{
    /// <summary>IC4: an ICW4 follows.</summary>
    Icw4Needed = 0x01,

    /// <summary>SNGL: there is no cascade and no ICW3.</summary>
    Single = 0x02,

    /// <summary>ADI: call address interval, of 8080 systems only.</summary>
    CallAddressInterval = 0x04,

    /// <summary>LTIM: every input is level-triggered.</summary>
    LevelTriggered = 0x08,

    /// <summary>Tells an ICW1 from the operation command words.</summary>
    Initialize = 0x10,
}

/// <summary>Initialization command word 4 of the 8259A.</summary>
[Flags]
internal enum Icw4 : byte
{
    /// <summary>µPM: 8086 mode. A PC's processor knows no other, so its absence changes nothing here.</summary>
    Mode8086 = 0x01,

    /// <summary>AEOI: an acknowledge cycle ends the interrupt too.</summary>
    AutomaticEndOfInterrupt = 0x02,

    /// <summary>M/S: master, in buffered mode.</summary>
    BufferedMaster = 0x04,

    /// <summary>BUF: buffered mode; only wiring depends on it.</summary>
    Buffered = 0x08,

    /// <summary>SFNM: a slave in service may interrupt again.</summary>
    SpecialFullyNestedMode = 0x10,
}

/// <summary>The command of operation command word 2 of the 8259A: bits 7 (R), 6 (SL) and 5 (EOI).</summary>
internal enum Ocw2Command : byte
{
    RotateInAutomaticEoiClear = 0,
    NonSpecificEoi = 1,
    NoOperation = 2,
    SpecificEoi = 3,
    RotateInAutomaticEoiSet = 4,
    RotateOnNonSpecificEoi = 5,
    SetPriority = 6,
    RotateOnSpecificEoi = 7,
}

/// <summary>Operation command word 3 of the 8259A, told from OCW2 by bit 3.</summary>
[Flags]
internal enum Ocw3 : byte
{
    /// <summary>RIS: with <see cref="ReadRegister"/>, reads give the ISR and not the IRR.</summary>
    InServiceRegister = 0x01,

    /// <summary>RR: <see cref="InServiceRegister"/> is meant.</summary>
    ReadRegister = 0x02,

    /// <summary>P: the next read is a poll.</summary>
    Poll = 0x04,

    /// <summary>Tells an OCW3 from an OCW2.</summary>
    Select = 0x08,

    /// <summary>SMM: special mask mode on.</summary>
    SpecialMaskMode = 0x20,

    /// <summary>ESMM: <see cref="SpecialMaskMode"/> is meant.</summary>
    EnableSpecialMaskMode = 0x40,
}
