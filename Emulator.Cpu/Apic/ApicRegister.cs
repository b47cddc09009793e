namespace Emulator.Cpu;

/// <summary>Offsets of the local APIC's registers in its page (SDM volume 3, table 11-1). Each is 32 bits wide and 16 bytes from the next.</summary>
public enum ApicRegister
{
    /// <summary>Bits 31–24.</summary>
    Id = 0x020,

    /// <summary>Read-only.</summary>
    Version = 0x030,

    /// <summary>TPR: bits 7–0; CR8 is bits 7–4.</summary>
    TaskPriority = 0x080,

    /// <summary>APR, read-only.</summary>
    ArbitrationPriority = 0x090,

    /// <summary>PPR, read-only.</summary>
    ProcessorPriority = 0x0A0,

    /// <summary>EOI, write-only; the value does not matter.</summary>
    EndOfInterrupt = 0x0B0,

    /// <summary>RRD; reads as 0.</summary>
    RemoteRead = 0x0C0,

    /// <summary>LDR: bits 31–24.</summary>
    LogicalDestination = 0x0D0,

    /// <summary>DFR: bits 31–28; the others are ones.</summary>
    DestinationFormat = 0x0E0,

    /// <summary>SVR.</summary>
    SpuriousVector = 0x0F0,

    /// <summary>ISR: eight registers.</summary>
    InService = 0x100,

    /// <summary>TMR: eight registers.</summary>
    TriggerMode = 0x180,

    /// <summary>IRR: eight registers.</summary>
    InterruptRequest = 0x200,

    /// <summary>ESR: shows what has gone wrong since the last write but one.</summary>
    ErrorStatus = 0x280,

    /// <summary>ICR, low half; writing it sends.</summary>
    InterruptCommandLow = 0x300,

    /// <summary>ICR, high half: the destination in bits 31–24.</summary>
    InterruptCommandHigh = 0x310,

    /// <summary>First of the local vector table, by <see cref="LocalVector"/>.</summary>
    LvtTimer = 0x320,

    /// <summary>LVT of the thermal sensor.</summary>
    LvtThermal = 0x330,

    /// <summary>LVT of the performance counters.</summary>
    LvtPerformance = 0x340,

    /// <summary>LVT of the LINT0 pin.</summary>
    LvtLint0 = 0x350,

    /// <summary>LVT of the LINT1 pin.</summary>
    LvtLint1 = 0x360,

    /// <summary>LVT of errors.</summary>
    LvtError = 0x370,

    /// <summary>Timer: writing it starts the count, 0 stops it.</summary>
    TimerInitialCount = 0x380,

    /// <summary>Timer, read-only.</summary>
    TimerCurrentCount = 0x390,

    /// <summary>Timer: bits 0, 1 and 3 are the power of two to divide by, minus one, modulo 8.</summary>
    TimerDivide = 0x3E0,
}

/// <summary>Entries of the local vector table, in the order of their registers.</summary>
public enum LocalVector
{
    /// <summary>The timer.</summary>
    Timer,

    /// <summary>The thermal sensor; never heard of here.</summary>
    Thermal,

    /// <summary>The performance counters; never heard of here.</summary>
    Performance,

    /// <summary>The LINT0 pin: INTR of the 8259 pair.</summary>
    Lint0,

    /// <summary>The LINT1 pin: NMI.</summary>
    Lint1,

    /// <summary>An error noted in ESR.</summary>
    Error,
}

/// <summary>How an interrupt is delivered: bits 10–8 of ICR, LVT, redirection entries and message data.</summary>
public enum DeliveryMode
{
    /// <summary>To all processors of the destination.</summary>
    Fixed = 0,

    /// <summary>To the one of them whose priority is lowest.</summary>
    LowestPriority = 1,

    /// <summary>System management interrupt; ignored, there is no such mode.</summary>
    Smi = 2,

    /// <summary>Reserved.</summary>
    Reserved = 3,

    /// <summary>Non-maskable interrupt.</summary>
    Nmi = 4,

    /// <summary>INIT.</summary>
    Init = 5,

    /// <summary>Start-up (SIPI); the vector is the page to start at.</summary>
    StartUp = 6,

    /// <summary>The vector is asked of the 8259 pair.</summary>
    External = 7,
}

/// <summary>Whom an ICR command is for, instead of its destination: bits 19–18.</summary>
internal enum DestinationShorthand
{
    None,
    Self,
    All,
    AllButSelf,
}

/// <summary>Bits of ICR's low half (SDM volume 3, figure 11-12).</summary>
internal static class CommandBits
{
    public const uint Vector = 0xFF;
    public const int ModeShift = 8;
    public const uint Logical = 1 << 11;
    public const uint Assert = 1 << 14;
    public const uint Level = 1 << 15;
    public const int ShorthandShift = 18;

    /// <summary>Bit 12, delivery status, is read-only and always idle: delivery takes no time.</summary>
    public const uint Writable = 0x000C_CFFF;
}

/// <summary>Bits of LVT entries (SDM volume 3, figure 11-8).</summary>
internal static class LvtBits
{
    public const uint Vector = 0xFF;
    public const int ModeShift = 8;
    public const uint RemoteRequest = 1 << 14;
    public const uint Level = 1 << 15;
    public const uint Masked = 1 << 16;

    /// <summary>Timer only: not one-shot. Bit 18 (TSC-deadline) does not exist here, as CPUID says.</summary>
    public const uint Periodic = 1 << 17;

    private const uint Mode = 7 << ModeShift;
    private const uint Polarity = 1 << 13;

    /// <summary>What can be written into each entry, by <see cref="LocalVector"/>.</summary>
    public static ReadOnlySpan<uint> Writable =>
    [
        Vector | Masked | Periodic,
        Vector | Mode | Masked,
        Vector | Mode | Masked,
        Vector | Mode | Polarity | Level | Masked,
        Vector | Mode | Polarity | Level | Masked,
        Vector | Masked,
    ];
}

/// <summary>Bits of SVR.</summary>
internal static class SpuriousVectorBits
{
    public const uint SoftwareEnable = 1 << 8;

    /// <summary>Vector, enable, and the focus-check bit, which is stored only.</summary>
    public const uint Writable = 0x3FF;

    public const uint PowerUp = 0xFF;
}

/// <summary>Bits of ESR.</summary>
internal static class ApicErrors
{
    public const int SendIllegalVector = 1 << 5;
    public const int ReceiveIllegalVector = 1 << 6;
    public const int IllegalRegister = 1 << 7;
}
