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
        if (!system)
        {
            var entry = (TlbEntry*)((byte*)cpu->Tlb + TlbSet.Index(linear));
            if (((linear + (ulong)(size - 1)) & ~0xFFFUL) == entry->Tag)
            {
                var host = (byte*)(linear + entry->Addend);
                value = size switch
                {
                    1 => Volatile.Read(ref *host),
                    2 => Volatile.Read(ref *(ushort*)host),
                    4 => Volatile.Read(ref *(uint*)host),
                    _ => Volatile.Read(ref *(ulong*)host),
                };
                return true;
            }
        }

        return Vcpu.Of(cpu).Memory.Read(linear, size, system, out value);
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes at a linear address.</summary>
    public static bool Write(CpuState* cpu, ulong linear, int size, ulong value, bool system) =>
        Vcpu.Of(cpu).Memory.Write(linear, size, value, system);

    /// <summary>Makes sure that a later write of <paramref name="size"/> bytes (at most 4096) cannot fault, without writing.</summary>
    public static bool ProbeWrite(CpuState* cpu, ulong linear, int size, bool system) =>
        Vcpu.Of(cpu).Memory.ProbeWrite(linear, size, system);

    /// <summary>The host address of a byte that may be read, with the rest of its page behind it; null where the memory needs <see cref="Read"/>.</summary>
    public static byte* HostForRead(CpuState* cpu, ulong linear)
    {
        var entry = (TlbEntry*)((byte*)cpu->Tlb + TlbSet.Index(linear));
        return (linear & ~0xFFFUL) == entry->Tag ? (byte*)(linear + entry->Addend) : Vcpu.Of(cpu).Memory.FillForRead(linear);
    }

    /// <summary>
    /// The host address of a value that may be replaced in place by an atomic operation; null where the memory needs
    /// <see cref="Write"/> (registers, two pages) or the access faults.
    /// </summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="linear">Linear address.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="isNoted">True if <see cref="NoteUpdate"/> must follow, whether anything was replaced or not.</param>
    public static byte* HostForUpdate(CpuState* cpu, ulong linear, int size, out bool isNoted)
    {
        isNoted = false;
        var entry = (TlbEntry*)((byte*)cpu->Tlb + TlbSet.WriteOffset + TlbSet.Index(linear));
        if (((linear + (ulong)(size - 1)) & ~0xFFFUL) == entry->Tag)
        {
            return (byte*)(linear + entry->Addend);
        }

        return Vcpu.Of(cpu).Memory.FillForUpdate(linear, size, out isNoted);
    }

    /// <summary>
    /// The host address of a byte that may be written in place, with the rest of its page behind it; null where the memory
    /// needs <see cref="Write"/> or the access faults.
    /// </summary>
    public static byte* HostForWrite(CpuState* cpu, ulong linear)
    {
        if (Vcpu.Of(cpu).Memory.IsSimulatedPage(linear))
        {
            return null;
        }

        var host = HostForUpdate(cpu, linear, 1, out var isNoted);
        return isNoted ? null : host;
    }

    /// <summary>After an atomic operation at <see cref="HostForUpdate"/>'s address that asked for it.</summary>
    public static void NoteUpdate(CpuState* cpu, ulong linear, int size) => Vcpu.Of(cpu).Memory.NoteUpdate(linear, size);

    /// <summary>
    /// Replaces a value that lies across two pages or in registers, if it still is what was read. Of those in RAM only one
    /// of all vCPUs is replaced at a time.
    /// </summary>
    /// <returns>False if the access cannot be finished now.</returns>
    public static bool ReplaceSplit(CpuState* cpu, ulong linear, int size, ulong before, ulong after, out bool retry) =>
        Vcpu.Of(cpu).Memory.ReplaceSplit(linear, size, before, after, out retry);
}
