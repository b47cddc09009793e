namespace Emulator.Cpu;

/// <summary>Near transfers by slow code, in every mode.</summary>
internal static unsafe class NearBranch
{
    /// <summary>Goes to an offset in CS, cut to an operand size in bytes.</summary>
    public static bool To(CpuState* cpu, ulong target, int size)
    {
        if (!Check(cpu, ref target, size))
        {
            return false;
        }

        cpu->Rip = target;
        return true;
    }

    /// <summary>Pushes the return address and goes.</summary>
    public static bool Call(CpuState* cpu, ulong target, ulong returnTo, int size)
    {
        if (!Check(cpu, ref target, size) || !Stack.Push(cpu, returnTo, size))
        {
            return false;
        }

        cpu->Rip = target;
        return true;
    }

    /// <summary>Pops the return address, drops the arguments and goes.</summary>
    public static bool Return(CpuState* cpu, int size, ushort drop)
    {
        if (!Stack.Read(cpu, 0, size, out var target) || !Check(cpu, ref target, size))
        {
            return false;
        }

        Stack.Drop(cpu, size + drop);
        cpu->Rip = target;
        return true;
    }

    private static bool Check(CpuState* cpu, ref ulong target, int size)
    {
        target &= BusLog.SizeMask(size);
        return Reaches(cpu, target) || Fault.GeneralProtection(cpu);
    }

    /// <summary>True if a target can be fetched from as far as CS and the width of addresses go.</summary>
    public static bool Reaches(CpuState* cpu, ulong target) => (cpu->Mode & (uint)CodeMode.Code64) != 0
        ? LinearAddress.IsCanonical(target)
        : target <= cpu->Segments[(int)SegmentName.Cs].Limit;
}
