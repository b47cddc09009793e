using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>CLC, STC and CMC.</summary>
internal readonly unsafe struct CarryInstruction<TChange> : IInstruction
    where TChange : IBitChange
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var carry = TChange.Apply(cpu->FlagCarry >> 63, 1) & 1;
        var overflow = (cpu->FlagCarry ^ cpu->FlagCarry << 1) >> 63;
        cpu->FlagCarry = (cpu->FlagCarry & ~(3UL << 62)) | ShiftFlags.Word(carry, overflow);
        return true;
    }
}

/// <summary>CLD and STD.</summary>
internal readonly unsafe struct DirectionInstruction<TChange> : IInstruction
    where TChange : IBitChange
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        cpu->SystemFlags = TChange.Apply(cpu->SystemFlags, Rflags.Direction);
        return true;
    }
}

/// <summary>LAHF.</summary>
internal readonly unsafe struct LoadFlagsIntoAh : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        W8.Set(cpu, 1, Flags.Read(cpu));
        return true;
    }
}

/// <summary>SAHF.</summary>
internal readonly unsafe struct StoreAhIntoFlags : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var overflow = Flags.Overflow(cpu) ? Rflags.Overflow : 0;
        Flags.WriteArithmetic(cpu, (cpu->Gpr[0] >> 8 & (Rflags.Arithmetic & ~Rflags.Overflow)) | overflow);
        return true;
    }
}

/// <summary>SALC, the undocumented one: AL is all ones if CF is set, else 0.</summary>
internal readonly unsafe struct SetAlFromCarry : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        W8.Set(cpu, 0, Flags.Carry(cpu) ? 0xFFUL : 0);
        return true;
    }
}

/// <summary>PUSHF.</summary>
internal readonly unsafe struct PushFlags<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        IoPermission.PushedFlags(cpu, TW.Bytes, out var flags) && Stack.Push(cpu, flags, TW.Bytes);
}

/// <summary>POPF: which flags it may change depends on CPL and IOPL.</summary>
internal readonly unsafe struct PopFlags<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Stack.Read(cpu, 0, TW.Bytes, out var flags) || !IoPermission.PopFlags(cpu, flags, TW.Bytes))
        {
            return false;
        }

        Stack.Drop(cpu, TW.Bytes);
        return true;
    }
}

/// <summary>CLI.</summary>
internal readonly unsafe struct ClearInterruptFlag : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => IoPermission.ClearInterruptFlag(cpu);
}

/// <summary>STI: interrupts stay off for one instruction more if they were off.</summary>
internal readonly unsafe struct SetInterruptFlag : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => IoPermission.SetInterruptFlag(cpu);
}
