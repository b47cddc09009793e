namespace Emulator.Devices;

/// <summary>Offsets in the power management ports of the 82371AB (PIIX4), from the base in its PMBA register.</summary>
public enum PmRegister
{
    /// <summary>PMSTS, word: what has happened, each bit cleared by writing 1. With PMEN it is ACPI's PM1a event block.</summary>
    Status = 0x00,

    /// <summary>PMEN, word: which of them raise the system control interrupt.</summary>
    Enable = 0x02,

    /// <summary>PMCNTRL, word: ACPI's PM1a control block.</summary>
    Control = 0x04,

    /// <summary>PMTMR, dword, read-only: ACPI's power management timer, 24 bits.</summary>
    Timer = 0x08,

    /// <summary>GPSTS, word: with GPEN it is ACPI's general-purpose event block 0.</summary>
    GeneralStatus = 0x0C,

    /// <summary>GPEN, word.</summary>
    GeneralEnable = 0x0E,
}

/// <summary>Bits of PMSTS and PMEN (82371AB, 7.2.1 and 7.2.2; ACPI, "PM1 Event Grouping").</summary>
[Flags]
public enum PmEvents : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>TMROF: bit 23 of the timer changed, which is every 2.34 seconds.</summary>
    TimerOverflow = 1 << 0,

    /// <summary>GBL: firmware gave up the lock it shares with the operating system.</summary>
    Global = 1 << 5,

    /// <summary>PWRBTN.</summary>
    PowerButton = 1 << 8,

    /// <summary>RTC: the alarm of the clock.</summary>
    ClockAlarm = 1 << 10,

    /// <summary>All that PMEN can enable.</summary>
    All = TimerOverflow | Global | PowerButton | ClockAlarm,
}

/// <summary>Bits of PMCNTRL (82371AB, 7.2.3; ACPI, "PM1 Control Grouping").</summary>
[Flags]
public enum PmControl : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>SCI_EN: events raise the system control interrupt.</summary>
    SciEnable = 1 << 0,

    /// <summary>BRLD_EN_BM: a request of a bus master ends C3.</summary>
    BusMasterReload = 1 << 1,

    /// <summary>SUS_TYP (SLP_TYP), three bits: which state SUS_EN enters; 0 is soft off.</summary>
    SuspendType = 7 << 10,

    /// <summary>SUS_EN (SLP_EN): enter it. Reads as 0.</summary>
    SuspendEnable = 1 << 13,
}
