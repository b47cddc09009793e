namespace Emulator.Cpu;

/// <summary>Memory accesses of slow code: system instructions, exception delivery, string instructions at page ends.</summary>
/// <remarks>
/// Each returns false when the access cannot be finished now: a fault is pending, or the access is to registers and
/// the vCPU must exit first. The caller then returns false up to the run loop without having changed registers; the
/// instruction is run again from its start, and accesses already made outside RAM are not repeated.
/// </remarks>
internal static unsafe class GuestAccess
{
    /// <summary>Reads 1, 2, 4 or 8 bytes at a linear address.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="linear">Linear address, any alignment, wrapped by the caller to the mode's width.</param>
    /// <param name="size">1, 2, 4 or 8.</param>
    /// <param name="system">True for implicit supervisor accesses (descriptor tables, TSS, interrupt frames of inner rings), whatever the CPL.</param>
    /// <param name="value">The value, zero-extended.</param>
    public static bool Read(CpuState* cpu, ulong linear, int size, bool system, out ulong value)
    {
        _ = cpu;
        _ = linear;
        _ = size;
        _ = system;
        value = 0;
        return false;
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes at a linear address.</summary>
    public static bool Write(CpuState* cpu, ulong linear, int size, ulong value, bool system)
    {
        _ = cpu;
        _ = linear;
        _ = size;
        _ = system;
        _ = value;
        return false;
    }

    /// <summary>Makes sure that a later write of <paramref name="size"/> bytes (at most 4096) cannot fault, without writing.</summary>
    public static bool ProbeWrite(CpuState* cpu, ulong linear, int size, bool system)
    {
        _ = cpu;
        _ = linear;
        _ = size;
        _ = system;
        return false;
    }
}
