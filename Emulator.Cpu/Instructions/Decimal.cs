using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>DAA and DAS: adjusts AL after adding or subtracting packed decimals (SDM volume 2).</summary>
internal readonly unsafe struct DecimalAdjust<TSign> : IInstruction
    where TSign : IDecimalSign
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var before = (byte)cpu->Gpr[0];
        var value = (int)before;
        var carry = Flags.Carry(cpu);
        var flags = 0UL;
        var lost = carry;
        if ((before & 15) > 9 || Flags.Adjust(cpu))
        {
            lost |= TSign.Subtracts ? value < 6 : value + 6 > 255;
            value += TSign.Subtracts ? -6 : 6;
            flags |= Rflags.Adjust;
        }

        if (before > 0x99 || carry)
        {
            value += TSign.Subtracts ? -0x60 : 0x60;
            lost = true;
        }
        else if (!TSign.Subtracts)
        {
            lost = false;
        }

        W8.Set(cpu, 0, (ulong)value);
        DecimalFlags.Set(cpu, (byte)value, flags | (lost ? Rflags.Carry : 0));
        return true;
    }
}

internal interface IDecimalSign
{
    static abstract bool Subtracts { get; }
}

internal readonly struct AfterAddition : IDecimalSign
{
    public static bool Subtracts => false;
}

internal readonly struct AfterSubtraction : IDecimalSign
{
    public static bool Subtracts => true;
}

/// <summary>AAA and AAS: adjusts AX after adding or subtracting unpacked decimals.</summary>
internal readonly unsafe struct AsciiAdjust<TSign> : IInstruction
    where TSign : IDecimalSign
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var adjust = (cpu->Gpr[0] & 15) > 9 || Flags.Adjust(cpu);
        var value = (ushort)cpu->Gpr[0];
        if (adjust)
        {
            value = (ushort)(TSign.Subtracts ? value - 0x106 : value + 0x106);
        }

        value &= 0xFF0F;
        W16.Set(cpu, 0, value);
        DecimalFlags.Set(cpu, (byte)value, adjust ? Rflags.Carry | Rflags.Adjust : 0);
        return true;
    }
}

/// <summary>AAM: splits AL into two digits of a base, 10 as a rule.</summary>
internal readonly unsafe struct AsciiAdjustMultiply : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var radix = (byte)op->Imm;
        if (radix == 0)
        {
            return Fault.Raise(cpu, Vector.DivideError);
        }

        var value = (byte)cpu->Gpr[0];
        W16.Set(cpu, 0, (ulong)(value / radix << 8 | value % radix));
        DecimalFlags.Set(cpu, (byte)(value % radix), 0);
        return true;
    }
}

/// <summary>AAD: joins two digits of a base in AX.</summary>
internal readonly unsafe struct AsciiAdjustDivide : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var value = (byte)((byte)cpu->Gpr[0] + (byte)(cpu->Gpr[0] >> 8) * (byte)op->Imm);
        W16.Set(cpu, 0, value);
        DecimalFlags.Set(cpu, value, 0);
        return true;
    }
}

internal static unsafe class DecimalFlags
{
    /// <summary>SF, ZF and PF from a byte, the others as given.</summary>
    public static void Set(CpuState* cpu, byte result, ulong others)
    {
        cpu->FlagResult = (ulong)(sbyte)result;
        cpu->FlagCarry = ShiftFlags.Word((others & Rflags.Carry) != 0 ? 1UL : 0, 0) | ((others & Rflags.Adjust) != 0 ? 1UL << 35 : 0);
    }
}
