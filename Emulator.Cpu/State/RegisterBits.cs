namespace Emulator.Cpu;

/// <summary>Bits of RFLAGS (SDM volume 1, 3.4.3).</summary>
internal static class Rflags
{
    public const ulong Carry = 1 << 0;
    public const ulong Fixed = 1 << 1;
    public const ulong Parity = 1 << 2;
    public const ulong Adjust = 1 << 4;
    public const ulong Zero = 1 << 6;
    public const ulong Sign = 1 << 7;
    public const ulong Trap = 1 << 8;
    public const ulong Interrupt = 1 << 9;
    public const ulong Direction = 1 << 10;
    public const ulong Overflow = 1 << 11;
    public const ulong IoPrivilege = 3 << 12;
    public const ulong NestedTask = 1 << 14;
    public const ulong Resume = 1 << 16;
    public const ulong Virtual8086 = 1 << 17;
    public const ulong AlignmentCheck = 1 << 18;
    public const ulong VirtualInterrupt = 1 << 19;
    public const ulong VirtualInterruptPending = 1 << 20;
    public const ulong Identification = 1 << 21;

    /// <summary>The six that arithmetic sets.</summary>
    public const ulong Arithmetic = Carry | Parity | Adjust | Zero | Sign | Overflow;
}

/// <summary>Bits of CR0 (SDM volume 3, 2.5).</summary>
internal static class Cr0
{
    public const ulong ProtectionEnable = 1 << 0;
    public const ulong MonitorCoprocessor = 1 << 1;
    public const ulong Emulation = 1 << 2;
    public const ulong TaskSwitched = 1 << 3;
    public const ulong ExtensionType = 1 << 4;
    public const ulong NumericError = 1 << 5;
    public const ulong WriteProtect = 1 << 16;
    public const ulong AlignmentMask = 1 << 18;
    public const ulong NotWriteThrough = 1 << 29;
    public const ulong CacheDisable = 1 << 30;
    public const ulong Paging = 1UL << 31;
}

/// <summary>Bits of CR4 (SDM volume 3, 2.5).</summary>
internal static class Cr4
{
    public const ulong VirtualModeExtensions = 1 << 0;
    public const ulong ProtectedModeVirtualInterrupts = 1 << 1;
    public const ulong TimeStampDisable = 1 << 2;
    public const ulong DebuggingExtensions = 1 << 3;
    public const ulong PageSizeExtensions = 1 << 4;
    public const ulong PhysicalAddressExtension = 1 << 5;
    public const ulong MachineCheckEnable = 1 << 6;
    public const ulong PageGlobalEnable = 1 << 7;
    public const ulong PerformanceCounterEnable = 1 << 8;
    public const ulong OsFxsr = 1 << 9;
    public const ulong OsXmmException = 1 << 10;
    public const ulong UserModeInstructionPrevention = 1 << 11;
    public const ulong FsGsBase = 1 << 16;
    public const ulong OsXsave = 1 << 18;
    public const ulong SupervisorExecutionPrevention = 1 << 20;
    public const ulong SupervisorAccessPrevention = 1 << 21;
}

/// <summary>Bits of IA32_EFER (SDM volume 3, 2.2.1).</summary>
internal static class Efer
{
    public const ulong SystemCallEnable = 1 << 0;
    public const ulong LongModeEnable = 1 << 8;
    public const ulong LongModeActive = 1 << 10;
    public const ulong NoExecuteEnable = 1 << 11;
}

/// <summary>Bits of <see cref="Segment.Attributes"/> (SDM volume 3, 3.4.5).</summary>
internal static class SegmentAttributes
{
    public const int Accessed = 1 << 0;

    /// <summary>Of data segments.</summary>
    public const int Writable = 1 << 1;

    /// <summary>Of code segments.</summary>
    public const int Readable = 1 << 1;

    /// <summary>Of data segments.</summary>
    public const int ExpandDown = 1 << 2;

    /// <summary>Of code segments.</summary>
    public const int Conforming = 1 << 2;
    public const int Code = 1 << 3;
    public const int TypeMask = 15;

    /// <summary>The S bit: code or data.</summary>
    public const int NotSystem = 1 << 4;
    public const int DplShift = 5;
    public const int DplMask = 3 << 5;
    public const int Present = 1 << 7;
    public const int Available = 1 << 12;
    public const int Long = 1 << 13;
    public const int Big = 1 << 14;
    public const int Granularity = 1 << 15;
}

/// <summary>Exception vectors (SDM volume 3, 6.3).</summary>
internal static class Vector
{
    public const byte DivideError = 0;
    public const byte Debug = 1;
    public const byte NonMaskable = 2;
    public const byte Breakpoint = 3;
    public const byte Overflow = 4;
    public const byte BoundRange = 5;
    public const byte InvalidOpcode = 6;
    public const byte DeviceNotAvailable = 7;
    public const byte DoubleFault = 8;
    public const byte InvalidTss = 10;
    public const byte SegmentNotPresent = 11;
    public const byte StackFault = 12;
    public const byte GeneralProtection = 13;
    public const byte PageFault = 14;
    public const byte AlignmentCheck = 17;
}
