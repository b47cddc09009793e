using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Every integer instruction form of 64-bit code, from Iced's tables, and each that is left out with its reason.</summary>
internal static class FormCatalog
{
    /// <summary>What a program in user mode is refused; the exception is compared.</summary>
    public const string Refused = "Refused to user mode";

    private static readonly HashSet<CpuidFeature> s_integerFeatures =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486,
        CpuidFeature.X64, CpuidFeature.CMOV, CpuidFeature.CX8, CpuidFeature.CMPXCHG16B, CpuidFeature.MOVBE, CpuidFeature.BMI1,
        CpuidFeature.BMI2, CpuidFeature.ADX, CpuidFeature.LZCNT, CpuidFeature.POPCNT, CpuidFeature.MULTIBYTENOP,
        CpuidFeature.PAUSE, CpuidFeature.PREFETCHW, CpuidFeature.CLFSH, CpuidFeature.MSR, CpuidFeature.SYSCALL,
        CpuidFeature.SEP, CpuidFeature.CPUID, CpuidFeature.TSC, CpuidFeature.RDTSCP, CpuidFeature.SMAP,
        CpuidFeature.CET_IBT, CpuidFeature.CET_SS, CpuidFeature.FSGSBASE,
    ];

    /// <summary>Instructions without a vector or x87 register that arrived in such an extension.</summary>
    private static readonly HashSet<Mnemonic> s_integerStrays =
    [
        Mnemonic.Crc32, Mnemonic.Movnti, Mnemonic.Prefetchnta, Mnemonic.Prefetcht0, Mnemonic.Prefetcht1, Mnemonic.Prefetcht2,
        Mnemonic.Lfence, Mnemonic.Mfence, Mnemonic.Sfence,
    ];

    /// <summary>Everything the generator makes.</summary>
    public static IReadOnlyList<Form> Forms { get; }

    /// <summary>The rest of the 64-bit table, each with why.</summary>
    public static IReadOnlyList<(Code Code, string Reason)> LeftOut { get; }

    /// <summary>The families in the order of the table.</summary>
    public static IReadOnlyList<string> Families { get; }

    static FormCatalog()
    {
        List<Form> forms = [];
        List<(Code, string)> leftOut = [];
        foreach (Code code in Enum.GetValues<Code>())
        {
            OpCodeInfo info = code.ToOpCode();
            if (!info.IsInstruction || !info.Mode64)
            {
                continue;
            }

            if (ReasonToLeaveOut(code, info) is { } reason)
            {
                leftOut.Add((code, reason));
                continue;
            }

            AddForms(forms, code, info);
        }

        Forms = forms;
        LeftOut = leftOut;
        Families = [.. forms.Select(form => form.Family).Distinct()];
    }

    private static void AddForms(List<Form> forms, Code code, OpCodeInfo info)
    {
        string family = FormFamily.Of(code, info);
        bool mayBeMemory = false;
        bool mayBeRegister = true;
        for (int i = 0; i < info.OpCount; i++)
        {
            OpCodeOperandKind kind = info.GetOpKind(i);
            mayBeMemory |= kind is OpCodeOperandKind.mem or OpCodeOperandKind.r8_or_mem or OpCodeOperandKind.r16_or_mem
                or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r64_or_mem;
            mayBeRegister &= kind != OpCodeOperandKind.mem;
        }

        if (mayBeRegister)
        {
            forms.Add(new Form(code, false, FormPrefix.None, family));
        }

        if (mayBeMemory)
        {
            forms.Add(new Form(code, true, FormPrefix.None, family));
            if (info.CanUseLockPrefix)
            {
                forms.Add(new Form(code, true, FormPrefix.Lock, family));
            }
        }

        if (family == "String")
        {
            forms.Add(new Form(code, false, FormPrefix.Rep, family));
            if (info.CanUseRepnePrefix)
            {
                forms.Add(new Form(code, false, FormPrefix.Repne, family));
            }
        }
    }

    /// <summary>Null, or why a form of the 64-bit table is not tested here.</summary>
    private static string? ReasonToLeaveOut(Code code, OpCodeInfo info)
    {
        Mnemonic mnemonic = code.Mnemonic();
        if (info.Encoding is not (EncodingKind.Legacy or EncodingKind.VEX))
        {
            return "not an integer instruction (EVEX, XOP, 3DNow!)";
        }

        if (!s_integerStrays.Contains(mnemonic) && !code.CpuidFeatures().All(s_integerFeatures.Contains))
        {
            return $"not of the integer instruction set ({string.Join(", ", code.CpuidFeatures())})";
        }

        if (!info.IntelDecoder64 || !info.AmdDecoder64)
        {
            return "Intel and AMD decode it differently";
        }

        if (info.IsReservedNop)
        {
            return "reserved for instructions to come; the NOPs of 0F 1F are tested";
        }

        if (info.OpCount > 0 && info.Op0Kind is OpCodeOperandKind.fs or OpCodeOperandKind.gs && mnemonic == Mnemonic.Pop)
        {
            return "takes the host thread's own pointer away";
        }

        return mnemonic switch
        {
            Mnemonic.Bswap when code == Code.Bswap_r16 => "its result is undefined",
            Mnemonic.Lfs or Mnemonic.Lgs => "takes the host thread's own pointer away",
            Mnemonic.Rdfsbase or Mnemonic.Rdgsbase or Mnemonic.Wrfsbase or Mnemonic.Wrgsbase => "depends on CR4.FSGSBASE, which the host sets as it likes",
            Mnemonic.Sgdt or Mnemonic.Sidt or Mnemonic.Sldt or Mnemonic.Str or Mnemonic.Smsw => "shows the host kernel's registers, or is refused by UMIP",
            Mnemonic.Cpuid or Mnemonic.Rdtsc or Mnemonic.Rdtscp => "tells of the machine and the time",
            Mnemonic.Syscall => "calls the host's kernel",
            Mnemonic.Sysenter or Mnemonic.Sysexit or Mnemonic.Sysexitq => "undefined on AMD in long mode",
            Mnemonic.Int1 => "a debug trap that the host may keep to itself",
            Mnemonic.Incsspd or Mnemonic.Incsspq or Mnemonic.Wrssd or Mnemonic.Wrssq or Mnemonic.Wrussd or Mnemonic.Wrussq
                or Mnemonic.Saveprevssp or Mnemonic.Rstorssp or Mnemonic.Setssbsy or Mnemonic.Clrssbsy => "shadow stacks, which are off",
            _ => null,
        };
    }
}
