using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>JMP near, where the operand size is not the mode's.</summary>
internal readonly unsafe struct NearJump<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => NearBranch.To(cpu, cpu->PageIp + (ulong)op->Imm, TW.Bytes);
}

/// <summary>Jcc near, where the operand size is not the mode's.</summary>
internal readonly unsafe struct NearJumpIf<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (Condition.Test(cpu, (Iced.Intel.ConditionCode)op->Disp))
        {
            return NearBranch.To(cpu, cpu->PageIp + (ulong)op->Imm, TW.Bytes);
        }

        cpu->Rip = Handlers.NextIpOf(cpu, op);
        return true;
    }
}

/// <summary>JMP r/m.</summary>
internal readonly unsafe struct NearJumpIndirect<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        Operand.ReadFirst<TW>(cpu, op, out var target) && NearBranch.To(cpu, target, TW.Bytes);
}

/// <summary>CALL near.</summary>
internal readonly unsafe struct NearCall<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        NearBranch.Call(cpu, cpu->PageIp + (ulong)op->Imm, Handlers.NextIpOf(cpu, op), TW.Bytes);
}

/// <summary>CALL r/m.</summary>
internal readonly unsafe struct NearCallIndirect<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        Operand.ReadFirst<TW>(cpu, op, out var target) && NearBranch.Call(cpu, target, Handlers.NextIpOf(cpu, op), TW.Bytes);
}

/// <summary>RET near.</summary>
internal readonly unsafe struct NearReturn<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => NearBranch.Return(cpu, TW.Bytes, (ushort)op->Imm);
}

/// <summary>JMP ptr16:16 and ptr16:32.</summary>
internal readonly unsafe struct FarJump<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        FarTransfers.JumpFar(cpu, (ushort)(op->Imm >> 32), (uint)op->Imm, TW.Bytes, Handlers.NextIpOf(cpu, op));
}

/// <summary>CALL ptr16:16 and ptr16:32.</summary>
internal readonly unsafe struct FarCall<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        FarTransfers.CallFar(cpu, (ushort)(op->Imm >> 32), (uint)op->Imm, TW.Bytes, Handlers.NextIpOf(cpu, op));
}

/// <summary>JMP m16:16, m16:32 and m16:64.</summary>
internal readonly unsafe struct FarJumpMemory<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        FarPointer.Read<TW>(cpu, op, out var selector, out var offset)
        && FarTransfers.JumpFar(cpu, selector, offset, TW.Bytes, Handlers.NextIpOf(cpu, op));
}

/// <summary>CALL m16:16, m16:32 and m16:64.</summary>
internal readonly unsafe struct FarCallMemory<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        FarPointer.Read<TW>(cpu, op, out var selector, out var offset)
        && FarTransfers.CallFar(cpu, selector, offset, TW.Bytes, Handlers.NextIpOf(cpu, op));
}

/// <summary>RETF, with or without arguments to drop.</summary>
internal readonly unsafe struct FarReturn<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => FarTransfers.ReturnFar(cpu, TW.Bytes, (ushort)op->Imm);
}

/// <summary>IRET.</summary>
internal readonly unsafe struct InterruptReturn<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => FarTransfers.InterruptReturn(cpu, TW.Bytes, Handlers.NextIpOf(cpu, op));
}

/// <summary>LOOP, LOOPE, LOOPNE and JCXZ by their encodings; the address size says which of CX, ECX and RCX counts.</summary>
internal readonly unsafe struct CountedJump<TKind> : IInstruction
    where TKind : ICountedJump
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var size = 2 << (op->ScaleSegment >> 6);
        var mask = BusLog.SizeMask(size);
        var count = (cpu->Gpr[1] - (TKind.Counts ? 1UL : 0)) & mask;
        var target = Handlers.NextIpOf(cpu, op);
        if ((count != 0) == TKind.Counts && (TKind.Counts ? TKind.Goes(cpu) : true))
        {
            if (!NearBranch.To(cpu, cpu->PageIp + (ulong)op->Imm, (int)op->Disp))
            {
                return false;
            }
        }
        else
        {
            cpu->Rip = target;
        }

        if (TKind.Counts)
        {
            cpu->Gpr[1] = size == 2 ? (cpu->Gpr[1] & ~0xFFFFUL) | count : count;
        }

        return true;
    }
}

/// <summary>What distinguishes the counted jumps.</summary>
internal unsafe interface ICountedJump
{
    /// <summary>True if it takes one off the count; JCXZ does not, and goes when it is 0.</summary>
    static abstract bool Counts { get; }

    /// <summary>What else must hold to go.</summary>
    static abstract bool Goes(CpuState* cpu);
}

internal readonly unsafe struct LoopAlways : ICountedJump
{
    public static bool Counts => true;

    public static bool Goes(CpuState* cpu) => true;
}

internal readonly unsafe struct LoopWhileEqual : ICountedJump
{
    public static bool Counts => true;

    public static bool Goes(CpuState* cpu) => Flags.Zero(cpu);
}

internal readonly unsafe struct LoopWhileNotEqual : ICountedJump
{
    public static bool Counts => true;

    public static bool Goes(CpuState* cpu) => !Flags.Zero(cpu);
}

internal readonly unsafe struct JumpIfCountZero : ICountedJump
{
    public static bool Counts => false;

    public static bool Goes(CpuState* cpu) => true;
}

/// <summary>A far pointer in memory: the offset, then the selector.</summary>
internal static unsafe class FarPointer
{
    /// <summary>Reads the memory operand as one.</summary>
    public static bool Read<TW>(CpuState* cpu, Op* op, out ushort selector, out ulong offset)
        where TW : IWidth
    {
        selector = 0;
        offset = 0;
        var segment = (SegmentName)(op->ScaleSegment >> 2 & 7);
        var address = AddressOf.Offset(cpu, op);
        if (!Segmentation.Linear(cpu, segment, address, TW.Bytes, false, out var low)
            || !Segmentation.Linear(cpu, segment, AddressOf.Wrap(op, address + (ulong)TW.Bytes), 2, false, out var high)
            || !GuestAccess.Read(cpu, low, TW.Bytes, false, out offset)
            || !GuestAccess.Read(cpu, high, 2, false, out var word))
        {
            return false;
        }

        selector = (ushort)word;
        return true;
    }
}

/// <summary>Conditions by Iced's names, for slow code.</summary>
internal static unsafe class Condition
{
    /// <summary>True if the flags meet it.</summary>
    public static bool Test(CpuState* cpu, Iced.Intel.ConditionCode code) => code switch
    {
        Iced.Intel.ConditionCode.o => Flags.Overflow(cpu),
        Iced.Intel.ConditionCode.no => !Flags.Overflow(cpu),
        Iced.Intel.ConditionCode.b => Flags.Carry(cpu),
        Iced.Intel.ConditionCode.ae => !Flags.Carry(cpu),
        Iced.Intel.ConditionCode.e => Flags.Zero(cpu),
        Iced.Intel.ConditionCode.ne => !Flags.Zero(cpu),
        Iced.Intel.ConditionCode.be => Flags.Carry(cpu) || Flags.Zero(cpu),
        Iced.Intel.ConditionCode.a => !Flags.Carry(cpu) && !Flags.Zero(cpu),
        Iced.Intel.ConditionCode.s => Flags.Sign(cpu),
        Iced.Intel.ConditionCode.ns => !Flags.Sign(cpu),
        Iced.Intel.ConditionCode.p => Flags.Parity(cpu),
        Iced.Intel.ConditionCode.np => !Flags.Parity(cpu),
        Iced.Intel.ConditionCode.l => Flags.Sign(cpu) != Flags.Overflow(cpu),
        Iced.Intel.ConditionCode.ge => Flags.Sign(cpu) == Flags.Overflow(cpu),
        Iced.Intel.ConditionCode.le => Flags.Zero(cpu) || Flags.Sign(cpu) != Flags.Overflow(cpu),
        _ => !Flags.Zero(cpu) && Flags.Sign(cpu) == Flags.Overflow(cpu),
    };
}
