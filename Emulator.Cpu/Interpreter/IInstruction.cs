using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>An instruction as plain slow code: it may call, it may fail, it changes registers only when it cannot fail any more.</summary>
internal unsafe interface IInstruction
{
    /// <summary>Executes it, with <see cref="CpuState.Rip"/> at its first byte.</summary>
    /// <returns>False when a fault is pending or the vCPU must exit; the instruction then runs again from its start.</returns>
    static abstract bool Execute(CpuState* cpu, Op* op);
}

internal static unsafe partial class Handlers
{
    /// <summary>An instruction of slow code in the middle of a block.</summary>
    [MethodImpl(Hot)]
    public static Op* Slow<T>(CpuState* cpu, Op* op)
        where T : IInstruction
    {
        cpu->Rip = IpOf(cpu, op);
        if (!T.Execute(cpu, op))
        {
            return null;
        }

        cpu->BusLogCount = 0;
        return cpu->StopBehind == 0 ? op[1].Handler(cpu, op + 1) : MissPath.StopBehind(cpu, op);
    }

    /// <summary>An instruction after which the run loop must look up: it ends its block, and execution goes on behind it.</summary>
    [MethodImpl(Hot)]
    public static Op* SlowLast<T>(CpuState* cpu, Op* op)
        where T : IInstruction
    {
        cpu->Rip = IpOf(cpu, op);
        if (T.Execute(cpu, op))
        {
            cpu->Budget -= op[1].Disp;
            cpu->BusLogCount = 0;
            cpu->Rip = NextIpOf(cpu, op);
        }

        return null;
    }

    /// <summary>An instruction that sets RIP itself.</summary>
    [MethodImpl(Hot)]
    public static Op* SlowJump<T>(CpuState* cpu, Op* op)
        where T : IInstruction
    {
        cpu->Rip = IpOf(cpu, op);
        if (T.Execute(cpu, op))
        {
            cpu->Budget -= op[1].Disp;
            cpu->BusLogCount = 0;
        }

        return null;
    }
}
