using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>Raises #UD: UD2 and its like, and every instruction this processor does not have.</summary>
internal readonly unsafe struct UndefinedInstruction : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => Fault.InvalidOpcode(cpu);
}

/// <summary>HLT.</summary>
internal readonly unsafe struct HaltInstruction : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        Vcpu.Of(cpu).Halt();
        return true;
    }
}

/// <summary>IN: the port is an immediate or DX.</summary>
internal readonly unsafe struct InputInstruction<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var port = op->Src == 16 ? (ushort)cpu->Gpr[2] : (byte)op->Imm;
        ulong value = 0;
        if (!IoPermission.Check(cpu, port, TW.Bytes) || !Vcpu.Of(cpu).Memory.Port(false, port, TW.Bytes, ref value))
        {
            return false;
        }

        TW.Set(cpu, 0, value);
        return true;
    }
}

/// <summary>OUT: the port is an immediate or DX.</summary>
internal readonly unsafe struct OutputInstruction<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var port = op->Dst == 16 ? (ushort)cpu->Gpr[2] : (byte)op->Imm;
        var value = TW.Get(cpu, 0);
        return IoPermission.Check(cpu, port, TW.Bytes) && Vcpu.Of(cpu).Memory.Port(true, port, TW.Bytes, ref value);
    }
}
