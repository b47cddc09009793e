using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>
/// Near branches whose stack or operand access missed the TLB: made by slow accesses, then the run loop finds the
/// target. (The copied op of <see cref="MissPath"/> will not do here: a branch does not come back.)
/// </summary>
internal static unsafe class SlowBranches
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* JumpMem(CpuState* cpu, Op* op, ulong linear, int size) => Run(cpu, op, &LoadTarget);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* CallNear(CpuState* cpu, Op* op) => Run(cpu, op, &CallDirect);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* CallReg(CpuState* cpu, Op* op) => Run(cpu, op, &CallRegister);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* ReturnNear(CpuState* cpu, Op* op) => Run(cpu, op, &Return);

    private static Op* Run(CpuState* cpu, Op* op, delegate*<CpuState*, Op*, bool> branch)
    {
        cpu->Rip = Handlers.IpOf(cpu, op);
        cpu->Resume = null;
        if (!cpu->Fault.IsPending && branch(cpu, op))
        {
            cpu->BusLogCount = 0;
        }

        return null;
    }

    private static int PointerSize(CpuState* cpu) => (cpu->Mode & (uint)CodeMode.Code64) != 0 ? 8 : 4;

    private static bool LoadTarget(CpuState* cpu, Op* op)
    {
        var size = PointerSize(cpu);
        return Operand.ReadMemory(cpu, op, size, out var target) && NearBranch.To(cpu, target, size);
    }

    private static bool CallDirect(CpuState* cpu, Op* op)
    {
        var size = PointerSize(cpu);
        return NearBranch.Call(cpu, cpu->PageIp + (ulong)op->Imm, Handlers.NextIpOf(cpu, op), size);
    }

    private static bool CallRegister(CpuState* cpu, Op* op)
    {
        var size = PointerSize(cpu);
        return NearBranch.Call(cpu, *(ulong*)((byte*)cpu + op->Dst), Handlers.NextIpOf(cpu, op), size);
    }

    private static bool Return(CpuState* cpu, Op* op) => NearBranch.Return(cpu, PointerSize(cpu), (ushort)op->Disp);
}
