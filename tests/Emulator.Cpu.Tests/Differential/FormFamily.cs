using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Groups forms into tests, so that a failure's name says where to look.</summary>
internal static class FormFamily
{
    public static string Of(Code code, OpCodeInfo info)
    {
        if (info.IsPrivileged || !info.Cpl3 || info.IsInputOutput)
        {
            return FormCatalog.Refused;
        }

        if (code.IsJccShortOrNear())
        {
            return "Branch";
        }

        string name = code.Mnemonic().ToString();
        if (name.StartsWith("Cmov", StringComparison.Ordinal) || name.StartsWith("Set", StringComparison.Ordinal))
        {
            return "Conditional move and set";
        }

        for (int i = 0; i < info.OpCount; i++)
        {
            if (info.GetOpKind(i) is OpCodeOperandKind.seg_rSI or OpCodeOperandKind.es_rDI)
            {
                return "String";
            }

            if (info.GetOpKind(i) == OpCodeOperandKind.seg_reg)
            {
                return "Segment";
            }
        }

        return code.Mnemonic() switch
        {
            Mnemonic.Add or Mnemonic.Sub or Mnemonic.Cmp or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Adc
                or Mnemonic.Sbb or Mnemonic.Adcx or Mnemonic.Adox => "Add and subtract",
            Mnemonic.And or Mnemonic.Or or Mnemonic.Xor or Mnemonic.Test or Mnemonic.Not => "Logic",
            Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar => "Shift",
            Mnemonic.Shld or Mnemonic.Shrd => "Double shift",
            Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr => "Rotate",
            Mnemonic.Bt or Mnemonic.Btc or Mnemonic.Btr or Mnemonic.Bts => "Bit test",
            Mnemonic.Bsf or Mnemonic.Bsr or Mnemonic.Lzcnt or Mnemonic.Tzcnt or Mnemonic.Popcnt or Mnemonic.Crc32 => "Bit scan and count",
            Mnemonic.Andn or Mnemonic.Blsr or Mnemonic.Blsi or Mnemonic.Blsmsk or Mnemonic.Bextr or Mnemonic.Bzhi or Mnemonic.Pdep
                or Mnemonic.Pext or Mnemonic.Mulx or Mnemonic.Rorx or Mnemonic.Sarx or Mnemonic.Shlx or Mnemonic.Shrx => "Bit manipulation",
            Mnemonic.Mul or Mnemonic.Imul => "Multiply",
            Mnemonic.Div or Mnemonic.Idiv => "Divide",
            Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Movsxd or Mnemonic.Movbe or Mnemonic.Movnti
                or Mnemonic.Lea or Mnemonic.Bswap or Mnemonic.Xlatb => "Move",
            Mnemonic.Xchg or Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Cmpxchg8b or Mnemonic.Cmpxchg16b => "Exchange",
            Mnemonic.Push or Mnemonic.Pop or Mnemonic.Pushf or Mnemonic.Pushfq or Mnemonic.Popf or Mnemonic.Popfq
                or Mnemonic.Enter or Mnemonic.Leave => "Stack",
            Mnemonic.Jmp or Mnemonic.Call when info.Op0Kind == OpCodeOperandKind.mem => "Far transfer",
            Mnemonic.Retf or Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Iretq => "Far transfer",
            Mnemonic.Jmp or Mnemonic.Call or Mnemonic.Ret or Mnemonic.Loop or Mnemonic.Loope or Mnemonic.Loopne
                or Mnemonic.Jcxz or Mnemonic.Jecxz or Mnemonic.Jrcxz => "Branch",
            Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cdqe or Mnemonic.Cwd or Mnemonic.Cdq or Mnemonic.Cqo => "Convert",
            Mnemonic.Clc or Mnemonic.Stc or Mnemonic.Cmc or Mnemonic.Cld or Mnemonic.Std or Mnemonic.Lahf or Mnemonic.Sahf => "Flags",
            Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw or Mnemonic.Lss => "Segment",
            Mnemonic.Int or Mnemonic.Int3 or Mnemonic.Ud1 or Mnemonic.Ud2 or Mnemonic.Sysret or Mnemonic.Sysretq => FormCatalog.Refused,
            _ => "Hints and fences",
        };
    }
}
