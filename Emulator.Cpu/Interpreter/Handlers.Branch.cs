using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>How a block's end finds the next block, as a type argument.</summary>
internal unsafe interface ILink
{
    static abstract Op* Follow(CpuState* cpu, Op* link, int instructions);
}

/// <summary>
/// To a block of the same physical page: it lives and dies with this one, so the link needs no check. Until the
/// target is decoded the link is its own target and its handler resolves it.
/// </summary>
internal readonly unsafe struct SamePage : ILink
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Follow(CpuState* cpu, Op* link, int instructions)
    {
        var target = link->Target;
        cpu->Budget -= instructions;
        return cpu->Budget < 0 ? MissPath.BudgetSpent(cpu, target) : target->Handler(cpu, target);
    }
}

/// <summary>To another page: holds while mode and translations are those it was made under.</summary>
internal readonly unsafe struct OtherPage : ILink
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Op* Follow(CpuState* cpu, Op* link, int instructions)
    {
        cpu->Budget -= instructions;
        if (link->Tag != cpu->JumpTag)
        {
            return link->Handler(cpu, link);
        }

        var target = link->Target;
        cpu->PageIp += (ulong)(link->Relative - target->PageOffset);
        return cpu->Budget < 0 ? MissPath.BudgetSpent(cpu, target) : target->Handler(cpu, target);
    }
}

internal static unsafe partial class Handlers
{
    /// <summary>The RIP of an op of the page being executed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong IpOf(CpuState* cpu, Op* op) => MaskIp(cpu, cpu->PageIp + op->PageOffset);

    /// <summary>The RIP behind an op.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong NextIpOf(CpuState* cpu, Op* op) => MaskIp(cpu, cpu->PageIp + op->PageOffset + op->Length);

    /// <summary>Wraps an instruction pointer to the mode's width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MaskIp(CpuState* cpu, ulong ip) => (cpu->Mode & (uint)CodeMode.Code64) != 0 ? ip : (uint)ip;

    /// <summary>The end of a block that no branch ends: goes on behind it.</summary>
    [MethodImpl(Hot)]
    public static Op* FallThrough<TLink>(CpuState* cpu, Op* op)
        where TLink : ILink => TLink.Follow(cpu, op + 1, (int)op->Disp);

    /// <summary>Jcc on the lazy flags.</summary>
    [MethodImpl(Hot)]
    public static Op* JumpIf<TC, TTaken, TNot>(CpuState* cpu, Op* op)
        where TC : ICondition
        where TTaken : ILink
        where TNot : ILink =>
        TC.Test(cpu)
            ? TTaken.Follow(cpu, op + 1, (int)op->Disp)
            : TNot.Follow(cpu, op + 2, (int)op->Disp);

    /// <summary>CMP register, register (in <paramref name="op"/>) and the Jcc behind it; the links stand behind the Jcc's own op.</summary>
    [MethodImpl(Hot)]
    public static Op* CompareRegRegJump<TW, TD, TS, TC, TTaken, TNot>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TS : IRegister
        where TC : ICondition
        where TTaken : ILink
        where TNot : ILink
    {
        var a = TW.Get(cpu, TD.Offset(op));
        var b = TW.Get(cpu, TS.Offset(op));
        Sub.SetFlags<TW>(cpu, a, b, a - b);
        return TC.Compare<TW>(a, b)
            ? TTaken.Follow(cpu, op + 2, (int)op->Disp)
            : TNot.Follow(cpu, op + 3, (int)op->Disp);
    }

    /// <summary>CMP register, immediate and Jcc.</summary>
    [MethodImpl(Hot)]
    public static Op* CompareRegImmJump<TW, TD, TC, TTaken, TNot>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TC : ICondition
        where TTaken : ILink
        where TNot : ILink
    {
        var a = TW.Get(cpu, TD.Offset(op));
        var b = (ulong)op->Imm & TW.Mask;
        Sub.SetFlags<TW>(cpu, a, b, a - b);
        return TC.Compare<TW>(a, b)
            ? TTaken.Follow(cpu, op + 2, (int)op->Disp)
            : TNot.Follow(cpu, op + 3, (int)op->Disp);
    }

    /// <summary>TEST register, register and Jcc.</summary>
    [MethodImpl(Hot)]
    public static Op* TestRegRegJump<TW, TD, TS, TC, TTaken, TNot>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TS : IRegister
        where TC : ICondition
        where TTaken : ILink
        where TNot : ILink
    {
        var result = TW.Get(cpu, TD.Offset(op)) & TW.Get(cpu, TS.Offset(op));
        And.SetFlags<TW>(cpu, 0, 0, result);
        return TC.Compare<TW>(result, 0)
            ? TTaken.Follow(cpu, op + 2, (int)op->Disp)
            : TNot.Follow(cpu, op + 3, (int)op->Disp);
    }

    /// <summary>DEC or INC of a register and JZ or JNZ, the end of most counted loops.</summary>
    [MethodImpl(Hot)]
    public static Op* CountRegJump<TOp, TW, TD, TC, TTaken, TNot>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TD : IRegister
        where TC : ICondition
        where TTaken : ILink
        where TNot : ILink
    {
        var a = TW.Get(cpu, TD.Offset(op));
        var result = TOp.Compute(cpu, a, (ulong)op->Imm & TW.Mask);
        TOp.SetFlags<TW>(cpu, a, (ulong)op->Imm & TW.Mask, result);
        TW.Set(cpu, TD.Offset(op), result);
        return TC.Compare<TW>(result & TW.Mask, 0)
            ? TTaken.Follow(cpu, op + 2, (int)op->Disp)
            : TNot.Follow(cpu, op + 3, (int)op->Disp);
    }

    /// <summary>Jumps to a RIP through the jump cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Op* JumpTo(CpuState* cpu, Op* op, ulong ip, int instructions, BranchStack stack)
    {
        cpu->Budget -= instructions;
        var entry = cpu->JumpEntries + JumpEntry.IndexOf(ip);
        if (entry->Ip != ip || entry->Tag != cpu->JumpTag)
        {
            return MissPath.Jump(cpu, op, ip, stack);
        }

        var target = entry->Target;
        cpu->PageIp = ip - target->PageOffset;
        return cpu->Budget < 0 ? MissPath.BudgetSpent(cpu, target) : target->Handler(cpu, target);
    }

    /// <summary>JMP register.</summary>
    [MethodImpl(Hot)]
    public static Op* JumpReg<TW>(CpuState* cpu, Op* op)
        where TW : IWidth => JumpTo(cpu, op, TW.Get(cpu, op->Dst), (int)op->Imm, BranchStack.Untouched);

    /// <summary>JMP memory, by a jump table most of all.</summary>
    [MethodImpl(Hot)]
    public static Op* JumpMem<TW, TA>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return SlowBranches.JumpMem(cpu, op, linear, TW.Bytes);
        }

        return JumpTo(cpu, op, TW.Load((byte*)(linear + entry->Addend)), (int)op->Imm, BranchStack.Untouched);
    }

    /// <summary>CALL near, with a stack pointer that is a linear address.</summary>
    [MethodImpl(Hot)]
    public static Op* CallNear<TStack, TLink>(CpuState* cpu, Op* op)
        where TStack : IWidth
        where TLink : ILink
    {
        var pointer = (TStack.Get(cpu, Stack) - (ulong)TStack.Bytes) & TStack.Mask;
        var entry = WriteEntry(cpu, pointer);
        if (LastPage(pointer, TStack.Bytes) != entry->Tag)
        {
            return SlowBranches.CallNear(cpu, op);
        }

        TStack.Store((byte*)(pointer + entry->Addend), cpu->PageIp + op->PageOffset + op->Length);
        TStack.Set(cpu, Stack, pointer);
        return TLink.Follow(cpu, op + 1, (int)op->Disp);
    }

    /// <summary>CALL register.</summary>
    [MethodImpl(Hot)]
    public static Op* CallReg<TStack>(CpuState* cpu, Op* op)
        where TStack : IWidth
    {
        var pointer = (TStack.Get(cpu, Stack) - (ulong)TStack.Bytes) & TStack.Mask;
        var entry = WriteEntry(cpu, pointer);
        if (LastPage(pointer, TStack.Bytes) != entry->Tag)
        {
            return SlowBranches.CallReg(cpu, op);
        }

        var target = TStack.Get(cpu, op->Dst);
        TStack.Store((byte*)(pointer + entry->Addend), cpu->PageIp + op->PageOffset + op->Length);
        TStack.Set(cpu, Stack, pointer);
        return JumpTo(cpu, op, target, (int)op->Imm, BranchStack.Pushed);
    }

    /// <summary>RET near; <see cref="Op.Disp"/> holds the bytes to drop.</summary>
    [MethodImpl(Hot)]
    public static Op* ReturnNear<TStack>(CpuState* cpu, Op* op)
        where TStack : IWidth
    {
        var pointer = TStack.Get(cpu, Stack);
        var entry = ReadEntry(cpu, pointer);
        if (LastPage(pointer, TStack.Bytes) != entry->Tag)
        {
            return SlowBranches.ReturnNear(cpu, op);
        }

        var target = TStack.Load((byte*)(pointer + entry->Addend));
        TStack.Set(cpu, Stack, pointer + (ulong)TStack.Bytes + (ulong)op->Disp);
        return JumpTo(cpu, op, target, (int)op->Imm, BranchStack.Popped);
    }
}
