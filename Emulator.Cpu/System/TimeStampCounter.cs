using System.Diagnostics;

namespace Emulator.Cpu;

/// <summary>The time-stamp counter: 1 GHz of host time, or one tick an instruction where time must repeat itself.</summary>
internal static unsafe class TimeStampCounter
{
    /// <summary>Ticks a second, which CPUID leaves 15 and 16 tell the guest.</summary>
    public const uint Frequency = 1_000_000_000;

    /// <summary>The counter now. Reads <see cref="CpuState.InstructionCount"/>, which the caller has brought up to date, if that is its clock.</summary>
    public static ulong TimeStamp(CpuState* cpu) => Source(cpu) + cpu->TscOffset;

    /// <summary>Sets the counter, which goes on from there.</summary>
    public static void Write(CpuState* cpu, ulong value) => cpu->TscOffset = value - Source(cpu);

    /// <summary>Has the counter count from a shared origin.</summary>
    public static void Start(CpuState* cpu, TimeStampOrigin origin) =>
        cpu->TscOffset = cpu->TscFromInstructions != 0 ? 0 - Source(cpu) : 0 - origin.Ticks;

    /// <summary>RDTSC's and RDTSCP's reading of it.</summary>
    /// <returns>False with #GP(0) raised if CR4.TSD keeps it from this CPL.</returns>
    public static bool Read(CpuState* cpu, out ulong value)
    {
        if (cpu->Cpl != 0 && (cpu->Cr4 & Cr4.TimeStampDisable) != 0)
        {
            value = 0;
            return Fault.GeneralProtection(cpu);
        }

        value = TimeStamp(cpu);
        return true;
    }

    private static ulong Source(CpuState* cpu)
    {
        if (cpu->TscFromInstructions != 0)
        {
            return (ulong)cpu->InstructionCount;
        }

        // A state block may stand alone, without a vCPU around it.
        return cpu->Owner != 0 && Vcpu.Of(cpu).TimeStampOrigin is { } origin ? origin.Now : HostTicks();
    }

    /// <summary>The host's time at <see cref="Frequency"/>.</summary>
    public static ulong HostTicks()
    {
        var ticks = (ulong)Stopwatch.GetTimestamp();
        return Stopwatch.Frequency == Frequency
            ? ticks
            : (ulong)((UInt128)ticks * Frequency / (ulong)Stopwatch.Frequency);
    }
}
