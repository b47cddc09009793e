using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu.Translation;

/// <summary>
/// The checks of a direct branch's target, made when its link is looked up and not when it is followed: a target that
/// cannot be reached is never linked. The fault is the branch's (SDM volume 2, JMP), but the next instruction's where
/// execution merely runs on.
/// </summary>
internal static unsafe class BranchEnds
{
    /// <summary>True if a link leads straight on, not along a branch.</summary>
    /// <param name="link">The link.</param>
    /// <param name="target">Where it leads, from the start of its page.</param>
    public static bool IsSequential(Op* link, long target)
    {
        var branch = BranchOf(link);
        return branch->Length == 0 || target == branch->PageOffset + branch->Length;
    }

    /// <summary>True if the block at RIP, where a link leads, may be looked up.</summary>
    /// <returns>False in single steps, when the next instruction is not this one's affair, or with #GP(0) pending and RIP at the branch.</returns>
    public static bool MayFollow(CpuState* cpu, Op* link, long target)
    {
        if (!NearBranch.Reaches(cpu, cpu->Rip) && !IsSequential(link, target))
        {
            var branch = BranchOf(link);
            if (branch->ScaleSegment != 0)
            {
                // CALL has pushed already; only 64-bit code gets here with one.
                cpu->Gpr[Stack.Pointer] += 8;
            }

            cpu->Rip = Handlers.IpOf(cpu, branch);
            return Fault.GeneralProtection(cpu);
        }

        return (cpu->Mode & (uint)CodeMode.Single) == 0;
    }

    /// <summary>The op that a block's links stand behind.</summary>
    private static Op* BranchOf(Op* link)
    {
        do
        {
            link--;
        }
        while (Translator.IsLink(link));
        return link;
    }
}
