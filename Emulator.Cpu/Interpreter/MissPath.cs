using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>What an indirect branch has done to the stack by the time it looks for its target.</summary>
internal enum BranchStack
{
    Untouched,
    Pushed,
    Popped,
}

/// <summary>
/// Where handlers go, by tail call, when the TLB or the jump cache has no answer. Each returns the op that the run loop
/// goes on with, or null for it to look up first; kept out of line, so that a handler needs no frame.
/// </summary>
internal static unsafe class MissPath
{
    private const MethodImplOptions Cold = MethodImplOptions.NoInlining;

    /// <summary>The op reads its operand.</summary>
    [MethodImpl(Cold)]
    public static Op* Load(CpuState* cpu, Op* op, ulong linear, int size) => Resolve(cpu, op, linear, size, OperandAccess.Load);

    /// <summary>The op writes its operand without reading it.</summary>
    [MethodImpl(Cold)]
    public static Op* Store(CpuState* cpu, Op* op, ulong linear, int size) => Resolve(cpu, op, linear, size, OperandAccess.Store);

    /// <summary>The op reads and writes its operand.</summary>
    [MethodImpl(Cold)]
    public static Op* Update(CpuState* cpu, Op* op, ulong linear, int size) => Resolve(cpu, op, linear, size, OperandAccess.Update);

    /// <summary>The op reads and writes its operand in one.</summary>
    [MethodImpl(Cold)]
    public static Op* Locked(CpuState* cpu, Op* op, ulong linear, int size) => Resolve(cpu, op, linear, size, OperandAccess.Locked);

    /// <summary>The vCPU's stores become visible: MFENCE where there is a store buffer.</summary>
    [MethodImpl(Cold)]
    public static Op* Drain(CpuState* cpu, Op* op)
    {
        Vcpu.Of(cpu).Memory.Drain();
        return op + 1;
    }

    /// <summary>
    /// Goes on at a RIP that the jump cache does not know: the run loop looks it up. One that cannot be reached is #GP(0)
    /// at the branch, and what that did to the stack pointer is undone.
    /// </summary>
    [MethodImpl(Cold)]
    public static Op* Jump(CpuState* cpu, Op* op, ulong ip, BranchStack stack)
    {
        cpu->Resume = null;
        cpu->Rip = ip;
        if (!NearBranch.Reaches(cpu, ip))
        {
            // Only 64-bit code gets here with a branch that uses the stack.
            cpu->Gpr[Stack.Pointer] += (ulong)(stack switch
            {
                BranchStack.Pushed => 8,
                BranchStack.Popped => -8 - op->Disp,
                _ => 0,
            });
            cpu->Rip = Handlers.IpOf(cpu, op);
            Fault.GeneralProtection(cpu);
        }

        return null;
    }

    /// <summary>The budget is spent: the run loop looks what others want, and goes on at <paramref name="next"/>.</summary>
    [MethodImpl(Cold)]
    public static Op* BudgetSpent(CpuState* cpu, Op* next)
    {
        cpu->Rip = Handlers.IpOf(cpu, next);
        cpu->Resume = next;
        return null;
    }

    /// <summary>The vCPU has made enough PAUSEs: other host threads first, if there are other vCPUs.</summary>
    [MethodImpl(Cold)]
    public static Op* GiveWay(CpuState* cpu, Op* op)
    {
        // A few microseconds of a loop that only looks; giving way costs about one where nobody waits.
        const long Pauses = 256;
        cpu->PausesLeft = Pauses;
        if (cpu->ModelSpecific->ProcessorCount > 1)
        {
            Vcpu.Of(cpu).GiveWay();
        }

        return op + 1;
    }

    /// <summary>The handler behind a copied op: completes its access and goes on behind the original.</summary>
    [MethodImpl(Cold)]
    public static Op* AfterOnce(CpuState* cpu, Op* copy)
    {
        var vcpu = Vcpu.Of(cpu);
        var op = vcpu.OriginalOfCopy;
        if (vcpu.Memory.Finish())
        {
            return op + 1;
        }

        cpu->Rip = Handlers.NextIpOf(cpu, op);
        cpu->Resume = null;
        return null;
    }

    /// <summary>The run loop must look behind this op: a debug trap is due, or the ops behind it are stale.</summary>
    [MethodImpl(Cold)]
    public static Op* StopBehind(CpuState* cpu, Op* op)
    {
        cpu->Rip = Handlers.NextIpOf(cpu, op);
        cpu->Resume = null;
        return null;
    }

    /// <summary>The first handler of a link within a page.</summary>
    [MethodImpl(Cold)]
    public static Op* ResolveSamePage(CpuState* cpu, Op* link) => Unless(cpu, Vcpu.Of(cpu).Code.LinkSamePage(cpu, link));

    /// <summary>The handler of a link to another page that does not hold at present.</summary>
    [MethodImpl(Cold)]
    public static Op* ResolveOtherPage(CpuState* cpu, Op* link) => Unless(cpu, Vcpu.Of(cpu).Code.LinkOtherPage(cpu, link));

    /// <summary>The block just found, unless the budget is spent.</summary>
    private static Op* Unless(CpuState* cpu, Op* block) => block != null && cpu->Budget < 0 ? BudgetSpent(cpu, block) : block;

    private static Op* Resolve(CpuState* cpu, Op* op, ulong linear, int size, OperandAccess access)
    {
        cpu->Rip = Handlers.IpOf(cpu, op);
        cpu->Resume = null;
        if (cpu->Fault.IsPending)
        {
            return null;
        }

        var vcpu = Vcpu.Of(cpu);
        return vcpu.Memory.Prepare(linear, size, access, (op->ScaleSegment >> 2 & 7) == (int)SegmentName.Ss) switch
        {
            Prepared.Filled => op,
            Prepared.Once => vcpu.CopyForOnce(op),
            _ => Stop(cpu, op),
        };
    }

    /// <summary>A faulting op's block is looked up again after the handler; one that must exit is gone on with.</summary>
    private static Op* Stop(CpuState* cpu, Op* op)
    {
        cpu->Resume = cpu->Fault.IsPending ? null : op;
        return null;
    }
}
