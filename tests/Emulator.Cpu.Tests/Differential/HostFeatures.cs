using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>What the processor we run on can be asked about: older ones lack some of the table's instructions.</summary>
internal static class HostFeatures
{
    private static readonly (int Eax, int Ebx, int Ecx, int Edx) s_basic = Leaf(1);
    private static readonly (int Eax, int Ebx, int Ecx, int Edx) s_extended = Leaf(7);

    /// <summary>True if the host executes the instruction, rather than refuse it or read it as another.</summary>
    public static bool Has(Code code) => code.CpuidFeatures().All(Has);

    private static bool Has(CpuidFeature feature) => feature switch
    {
        CpuidFeature.LZCNT => Lzcnt.IsSupported,
        CpuidFeature.POPCNT => Popcnt.IsSupported,
        CpuidFeature.BMI1 => Bmi1.IsSupported,
        CpuidFeature.BMI2 => Bmi2.IsSupported,
        CpuidFeature.SSE4_2 => Sse42.IsSupported,
        CpuidFeature.MOVBE => (s_basic.Ecx & (1 << 22)) != 0,
        CpuidFeature.CMPXCHG16B => (s_basic.Ecx & (1 << 13)) != 0,
        CpuidFeature.ADX => (s_extended.Ebx & (1 << 19)) != 0,
        _ => true, // part of every processor with 64-bit mode, or a NOP where it is not known
    };

    private static (int Eax, int Ebx, int Ecx, int Edx) Leaf(int number) => X86Base.IsSupported ? X86Base.CpuId(number, 0) : default;
}
