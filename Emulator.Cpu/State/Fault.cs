namespace Emulator.Cpu;

/// <summary>
/// Raises exceptions. Nothing is thrown: the fault is noted, each caller returns false until the handler has
/// returned to the run loop, and that delivers it with <see cref="CpuState.Rip"/> at the faulting instruction.
/// </summary>
internal static unsafe class Fault
{
    /// <summary>Notes an exception without an error code.</summary>
    /// <returns>Always false, so that a check reads <c>return Fault.Raise(…)</c>.</returns>
    public static bool Raise(CpuState* cpu, byte vector)
    {
        cpu->Fault = new PendingFault { IsPending = true, Vector = vector };
        return false;
    }

    /// <summary>Notes an exception with an error code.</summary>
    /// <returns>Always false.</returns>
    public static bool Raise(CpuState* cpu, byte vector, uint errorCode)
    {
        cpu->Fault = new PendingFault { IsPending = true, Vector = vector, HasErrorCode = true, ErrorCode = errorCode };
        return false;
    }

    /// <summary>#GP with an error code.</summary>
    /// <returns>Always false.</returns>
    public static bool GeneralProtection(CpuState* cpu, uint errorCode = 0) => Raise(cpu, Vector.GeneralProtection, errorCode);

    /// <summary>#UD.</summary>
    /// <returns>Always false.</returns>
    public static bool InvalidOpcode(CpuState* cpu) => Raise(cpu, Vector.InvalidOpcode);
}
