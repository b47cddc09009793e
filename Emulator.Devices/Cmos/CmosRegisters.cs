namespace Emulator.Devices;

/// <summary>Indices of the MC146818 and of what a PC keeps in its RAM.</summary>
internal enum CmosRegister : byte
{
    Seconds = 0x00,
    SecondsAlarm = 0x01,
    Minutes = 0x02,
    MinutesAlarm = 0x03,
    Hours = 0x04,
    HoursAlarm = 0x05,
    DayOfWeek = 0x06,
    DateOfMonth = 0x07,
    Month = 0x08,
    Year = 0x09,
    A = 0x0A,
    B = 0x0B,
    C = 0x0C,
    D = 0x0D,

    /// <summary>KiB below 640 KiB, low and high byte.</summary>
    BaseMemoryLow = 0x15,
    BaseMemoryHigh = 0x16,

    /// <summary>KiB above 1 MiB as the set-up program found them.</summary>
    ExtendedMemoryLow = 0x17,
    ExtendedMemoryHigh = 0x18,

    /// <summary>The sum of the bytes 0x10–0x2D, high byte first.</summary>
    ChecksumHigh = 0x2E,
    ChecksumLow = 0x2F,

    /// <summary>KiB above 1 MiB as the self test found them.</summary>
    TestedMemoryLow = 0x30,
    TestedMemoryHigh = 0x31,
    Century = 0x32,

    /// <summary>Units of 64 KiB above 16 MiB and below 4 GiB.</summary>
    MemoryAbove16MiBLow = 0x34,
    MemoryAbove16MiBHigh = 0x35,

    /// <summary>Units of 64 KiB above 4 GiB, three bytes.</summary>
    MemoryAbove4GiBLow = 0x5B,
    MemoryAbove4GiBMiddle = 0x5C,
    MemoryAbove4GiBHigh = 0x5D,

    /// <summary>Processors beside the first, as QEMU tells its firmware.</summary>
    AdditionalProcessors = 0x5F,
}

/// <summary>Register A of the MC146818.</summary>
[Flags]
internal enum RtcRegisterA : byte
{
    /// <summary>RS: bits 3–0.</summary>
    RateSelection = 0x0F,

    /// <summary>DV: bits 6–4.</summary>
    Divider = 0x70,

    /// <summary>The DV that counts a 32.768 kHz crystal, the one that PCs have; all others stop the clock here.</summary>
    Divider32KHz = 0x20,

    /// <summary>UIP, read-only.</summary>
    UpdateInProgress = 0x80,
}

/// <summary>Register B of the MC146818.</summary>
[Flags]
internal enum RtcRegisterB : byte
{
    /// <summary>DSE; stored only.</summary>
    DaylightSaving = 0x01,

    /// <summary>24/12: hours go from 0 to 23.</summary>
    Hours24 = 0x02,

    /// <summary>DM: binary, not BCD.</summary>
    Binary = 0x04,

    /// <summary>SQWE; the pin goes nowhere.</summary>
    SquareWave = 0x08,

    /// <summary>UIE.</summary>
    UpdateEndedInterrupt = 0x10,

    /// <summary>AIE.</summary>
    AlarmInterrupt = 0x20,

    /// <summary>PIE.</summary>
    PeriodicInterrupt = 0x40,

    /// <summary>SET: no updates.</summary>
    Set = 0x80,

    /// <summary>The interrupt enables, at the places of the flags in register C.</summary>
    Interrupts = UpdateEndedInterrupt | AlarmInterrupt | PeriodicInterrupt,
}

/// <summary>Register C of the MC146818, cleared by reading.</summary>
[Flags]
internal enum RtcRegisterC : byte
{
    None = 0,

    /// <summary>UF.</summary>
    UpdateEnded = 0x10,

    /// <summary>AF.</summary>
    Alarm = 0x20,

    /// <summary>PF.</summary>
    Periodic = 0x40,

    /// <summary>IRQF: a flag whose interrupt is enabled is set.</summary>
    InterruptRequest = 0x80,
}
