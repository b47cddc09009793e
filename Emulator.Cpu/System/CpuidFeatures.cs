namespace Emulator.Cpu;

// The names are the feature flags' own, as Linux prints them in /proc/cpuinfo and -cpu takes them, so that a reader
// can search for them. Bits that this processor is far from having are left out.

/// <summary>CPUID leaf 1, EDX.</summary>
[Flags]
internal enum Features1Edx : uint
{
    Fpu = 1u << 0,
    Vme = 1u << 1,
    De = 1u << 2,
    Pse = 1u << 3,
    Tsc = 1u << 4,
    Msr = 1u << 5,
    Pae = 1u << 6,
    Mce = 1u << 7,
    Cx8 = 1u << 8,
    Apic = 1u << 9,
    Sep = 1u << 11,
    Mtrr = 1u << 12,
    Pge = 1u << 13,
    Mca = 1u << 14,
    Cmov = 1u << 15,
    Pat = 1u << 16,
    Pse36 = 1u << 17,
    Clflush = 1u << 19,
    Mmx = 1u << 23,
    Fxsr = 1u << 24,
    Sse = 1u << 25,
    Sse2 = 1u << 26,
    Htt = 1u << 28,
}

/// <summary>CPUID leaf 1, ECX.</summary>
[Flags]
internal enum Features1Ecx : uint
{
    Sse3 = 1u << 0,
    Pclmulqdq = 1u << 1,
    Monitor = 1u << 3,
    Ssse3 = 1u << 9,
    Cx16 = 1u << 13,
    Pcid = 1u << 17,
    Sse41 = 1u << 19,
    Sse42 = 1u << 20,
    X2Apic = 1u << 21,
    Movbe = 1u << 22,
    Popcnt = 1u << 23,
    TscDeadline = 1u << 24,
    Aes = 1u << 25,
    Xsave = 1u << 26,
    OsXsave = 1u << 27,
    Rdrand = 1u << 30,
    Hypervisor = 1u << 31,
}

/// <summary>CPUID leaf 7, subleaf 0, EBX.</summary>
[Flags]
internal enum Features7Ebx : uint
{
    FsGsBase = 1u << 0,
    TscAdjust = 1u << 1,
    Bmi1 = 1u << 3,
    Smep = 1u << 7,
    Bmi2 = 1u << 8,
    Erms = 1u << 9,
    Invpcid = 1u << 10,
    Rdseed = 1u << 18,
    Adx = 1u << 19,
    Smap = 1u << 20,
    ClflushOpt = 1u << 23,
}

/// <summary>CPUID leaf 7, subleaf 0, ECX.</summary>
[Flags]
internal enum Features7Ecx : uint
{
    Umip = 1u << 2,
    Rdpid = 1u << 22,
}

/// <summary>CPUID leaf 80000001, EDX.</summary>
[Flags]
internal enum FeaturesExtendedEdx : uint
{
    /// <summary>On Intel's processors, set in 64-bit mode only, the one place where it works.</summary>
    Syscall = 1u << 11,
    Nx = 1u << 20,
    Pdpe1Gb = 1u << 26,
    Rdtscp = 1u << 27,
    Lm = 1u << 29,
}

/// <summary>CPUID leaf 80000001, ECX.</summary>
[Flags]
internal enum FeaturesExtendedEcx : uint
{
    LahfLm = 1u << 0,

    /// <summary>LZCNT.</summary>
    Abm = 1u << 5,
    Prefetchw = 1u << 8,
}
