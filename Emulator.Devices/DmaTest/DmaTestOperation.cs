namespace Emulator.Devices;

/// <summary>An instruction as it is executed: fields apart, and every operand the sum of a register and a constant.</summary>
/// <remarks>An operand that is no register is the register that is always zero plus the constant, so nothing is asked at run time.</remarks>
internal readonly struct DmaTestOperation
{
    /// <summary>The number of the register that is always 0.</summary>
    public const int Zero = DmaTestRegisters.ScriptRegisters;

    private const int RelaxedAccess = 4;

    /// <summary>What it does; one that is not there if it is malformed.</summary>
    public readonly DmaTestOpcode Opcode;

    /// <summary>How it reaches memory: SIZE, plus 4 if it is relaxed.</summary>
    public readonly byte Access;

    /// <summary>RA.</summary>
    public readonly byte A;

    /// <summary>RB as an operand.</summary>
    public readonly byte B;

    /// <summary>RC, whatever it is used for.</summary>
    public readonly byte C;

    /// <summary>What is added to <see cref="Value"/> for ADDRESS: RB or zero.</summary>
    public readonly byte Base;

    /// <summary>What is added to the constant for WORD and LONG: RC or zero.</summary>
    public readonly byte Operand;

    /// <summary>CONDITION.</summary>
    public readonly DmaTestCondition Condition;

    /// <summary>IMMEDIATE.</summary>
    public readonly int Immediate;

    /// <summary>The constant of WORD.</summary>
    public readonly ulong Word;

    /// <summary>The constant of LONG.</summary>
    public readonly ulong Long;

    /// <summary>The constant of ADDRESS.</summary>
    public readonly ulong Value;

    /// <summary>Takes an instruction apart.</summary>
    public DmaTestOperation(in DmaTestInstruction instruction)
    {
        var isRegister = (instruction.Modifiers & DmaTestModifiers.Register) != 0;
        Opcode = instruction.Opcode;
        Access = (byte)(instruction.Log2Size | ((instruction.Modifiers & DmaTestModifiers.Relaxed) != 0 ? RelaxedAccess : 0));
        A = (byte)instruction.A;
        B = (byte)instruction.B;
        C = (byte)instruction.C;
        Base = (byte)((instruction.Modifiers & DmaTestModifiers.Base) != 0 ? instruction.B : Zero);
        Operand = (byte)(isRegister ? instruction.C : Zero);
        Condition = instruction.Condition;
        Immediate = instruction.Immediate;
        Word = isRegister ? 0 : (ulong)instruction.Immediate;
        Long = isRegister ? 0 : instruction.Value;
        Value = instruction.Value;
    }

    /// <summary>SIZE: 0 to 3.</summary>
    public int Log2Size => Access & 3;

    /// <summary>True if the bus's fence is left out.</summary>
    public bool IsRelaxed => (Access & RelaxedAccess) != 0;

    /// <summary>Whether CONDITION holds between two values of so many bytes.</summary>
    public bool Holds(ulong left, ulong right, int log2Size)
    {
        var unused = 64 - (8 << log2Size);
        left <<= unused;
        right <<= unused;
        return Condition switch
        {
            DmaTestCondition.Equal => left == right,
            DmaTestCondition.NotEqual => left != right,
            DmaTestCondition.Below => left < right,
            DmaTestCondition.AtLeast => left >= right,
            DmaTestCondition.Less => (long)left < (long)right,
            DmaTestCondition.AtLeastSigned => (long)left >= (long)right,
            _ => true,
        };
    }
}
