using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>Where handlers go, by tail call, when the TLB or the jump cache has no answer.</summary>
internal static unsafe class MissPath
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    /// <summary>The op reads its operand.</summary>
    [MethodImpl(Hot)]
    public static Op* Load(CpuState* cpu, Op* op, ulong linear, int size)
    {
        var again = Resolve(cpu, op, linear, size, OperandAccess.Load);
        return again == null ? null : again->Handler(cpu, again);
    }

    /// <summary>The op writes its operand without reading it.</summary>
    [MethodImpl(Hot)]
    public static Op* Store(CpuState* cpu, Op* op, ulong linear, int size)
    {
        var again = Resolve(cpu, op, linear, size, OperandAccess.Store);
        return again == null ? null : again->Handler(cpu, again);
    }

    /// <summary>The op reads and writes its operand.</summary>
    [MethodImpl(Hot)]
    public static Op* Update(CpuState* cpu, Op* op, ulong linear, int size)
    {
        var again = Resolve(cpu, op, linear, size, OperandAccess.Update);
        return again == null ? null : again->Handler(cpu, again);
    }

    /// <summary>Goes on at a RIP that the jump cache does not know: the run loop looks it up.</summary>
    [MethodImpl(Hot)]
    public static Op* Jump(CpuState* cpu, ulong ip)
    {
        cpu->Rip = ip;
        cpu->Resume = null;
        return null;
    }

    /// <summary>The handler behind a copied op: completes its access and goes on behind the original.</summary>
    [MethodImpl(Hot)]
    public static Op* AfterOnce(CpuState* cpu, Op* op)
    {
        var next = Complete(cpu);
        return next == null ? null : next->Handler(cpu, next);
    }

    /// <summary>The first handler of a link within a page.</summary>
    [MethodImpl(Hot)]
    public static Op* ResolveSamePage(CpuState* cpu, Op* link)
    {
        var target = Vcpu.Of(cpu).Code.LinkSamePage(cpu, link);
        return target == null ? null : target->Handler(cpu, target);
    }

    /// <summary>The handler of a link to another page that does not hold at present.</summary>
    [MethodImpl(Hot)]
    public static Op* ResolveOtherPage(CpuState* cpu, Op* link)
    {
        var target = Vcpu.Of(cpu).Code.LinkOtherPage(cpu, link);
        return target == null ? null : target->Handler(cpu, target);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Resolve(CpuState* cpu, Op* op, ulong linear, int size, OperandAccess access)
    {
        cpu->Rip = Handlers.IpOf(cpu, op);
        cpu->Resume = null;
        if (cpu->Fault.IsPending)
        {
            return null;
        }

        var vcpu = Vcpu.Of(cpu);
        switch (vcpu.Memory.Prepare(linear, size, access, (op->ScaleSegment >> 2 & 7) == (int)SegmentName.Ss))
        {
            case Prepared.Filled:
                return op;
            case Prepared.Once:
                return vcpu.CopyForOnce(op);
            default:
                return null;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Op* Complete(CpuState* cpu)
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
}
