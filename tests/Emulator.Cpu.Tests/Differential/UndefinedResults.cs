using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>
/// What manuals leave open (SDM volume 2, each instruction's "Flags Affected"): processors differ there, so it is
/// not compared.
/// </summary>
internal static class UndefinedResults
{
    /// <summary>Writes the tolerance of a case of one instruction.</summary>
    public static void Describe(DiffCase test, in Instruction instruction, bool hasTarget, ulong target)
    {
        Tolerance tolerance = test.Tolerance;
        tolerance.Flags = Flags(instruction, (byte)test.Gpr[1]);
        switch (instruction.Mnemonic)
        {
            // Source 0: 64-bit destinations stay; whether a 32-bit one's upper half does depends on the maker.
            case Mnemonic.Bsf or Mnemonic.Bsr when instruction.Op0Register.IsGPR32():
                ulong source = hasTarget ? test.Peek(target, 4) : (uint)test.Gpr[instruction.Op1Register.GetFullRegister() - Register.RAX];
                if (source == 0)
                {
                    tolerance.Gpr[instruction.Op0Register.GetFullRegister() - Register.RAX] = 0xFFFFFFFF_00000000;
                }

                break;
            // Pushes several words: those before the one that faults may be in memory already, below RSP.
            case Mnemonic.Call or Mnemonic.Enter:
                tolerance.MemoryAtFaultLength = 256;
                tolerance.MemoryAtFault = test.Gpr[4] - 256;
                break;
            default:
                break;
        }

        // A fault leaves the flags alone, except where a division's own do not matter any more.
        if (instruction.Mnemonic is not (Mnemonic.Div or Mnemonic.Idiv))
        {
            tolerance.SetFlagsAtFault(test.Entry, 0);
        }
    }

    /// <summary>The flags an instruction leaves undefined when CL is <paramref name="cl"/>.</summary>
    public static ulong Flags(in Instruction instruction, byte cl)
    {
        Mnemonic mnemonic = instruction.Mnemonic;
        bool isDouble = mnemonic is Mnemonic.Shld or Mnemonic.Shrd;
        bool isShift = isDouble || mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar;
        bool isRotate = mnemonic is Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr;
        if (!isShift && !isRotate)
        {
            return ToRflags(instruction.RflagsUndefined);
        }

        int last = instruction.OpCount - 1;
        int bits = OperandBits(instruction);
        int count = (instruction.GetOpKind(last) == OpKind.Register ? cl : instruction.Immediate8) & (bits == 64 ? 63 : 31);
        if (count == 0)
        {
            return 0; // nothing changes
        }

        ulong undefined = count == 1 ? 0UL : 0x800; // OF is defined for a count of one
        if (isShift)
        {
            undefined |= 0x10; // AF
        }

        // CF is undefined once the last bit is long gone; SAR has its sign to give.
        if (mnemonic is Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr && count >= bits)
        {
            undefined |= 1;
        }

        return undefined;
    }

    public static ulong ToRflags(RflagsBits bits)
    {
        ulong flags = 0;
        flags |= (bits & RflagsBits.CF) != 0 ? 1UL : 0;
        flags |= (bits & RflagsBits.PF) != 0 ? 4UL : 0;
        flags |= (bits & RflagsBits.AF) != 0 ? 0x10UL : 0;
        flags |= (bits & RflagsBits.ZF) != 0 ? 0x40UL : 0;
        flags |= (bits & RflagsBits.SF) != 0 ? 0x80UL : 0;
        flags |= (bits & RflagsBits.OF) != 0 ? 0x800UL : 0;
        return flags;
    }

    private static int OperandBits(in Instruction instruction) =>
        8 * (instruction.Op0Kind == OpKind.Register ? instruction.Op0Register.GetSize() : instruction.MemorySize.GetSize());
}
