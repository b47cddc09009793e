namespace Emulator.Cpu.Interpreter;

/// <summary>A condition code: from the lazy flags, or straight from the operands of a CMP that was fused with its user.</summary>
internal unsafe interface ICondition
{
    static abstract bool Test(CpuState* cpu);

    /// <summary>The condition after <c>CMP a, b</c>; operands zero-extended from the width.</summary>
    static abstract bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth;
}

internal readonly unsafe struct Overflow : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Overflow(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => (long)TW.SignExtend((a ^ b) & (a ^ (a - b))) < 0;
}

internal readonly unsafe struct Below : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Carry(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => a < b;
}

internal readonly unsafe struct Equal : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Zero(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => a == b;
}

internal readonly unsafe struct BelowOrEqual : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Carry(cpu) || Flags.Zero(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => a <= b;
}

internal readonly unsafe struct Sign : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Sign(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => (long)TW.SignExtend(a - b) < 0;
}

internal readonly unsafe struct Parity : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Parity(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => (System.Numerics.BitOperations.PopCount((byte)(a - b)) & 1) == 0;
}

internal readonly unsafe struct Less : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Sign(cpu) != Flags.Overflow(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => (long)TW.SignExtend(a) < (long)TW.SignExtend(b);
}

internal readonly unsafe struct LessOrEqual : ICondition
{
    public static bool Test(CpuState* cpu) => Flags.Zero(cpu) || Flags.Sign(cpu) != Flags.Overflow(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => (long)TW.SignExtend(a) <= (long)TW.SignExtend(b);
}

/// <summary>The opposite of a condition: the odd half of the encoding.</summary>
internal readonly unsafe struct Unless<TC> : ICondition
    where TC : ICondition
{
    public static bool Test(CpuState* cpu) => !TC.Test(cpu);

    public static bool Compare<TW>(ulong a, ulong b)
        where TW : IWidth => !TC.Compare<TW>(a, b);
}

/// <summary>The conditions by the low four bits of their op-codes.</summary>
internal static class ConditionTypes
{
    public static readonly Type[] All =
    [
        typeof(Overflow), typeof(Unless<Overflow>), typeof(Below), typeof(Unless<Below>),
        typeof(Equal), typeof(Unless<Equal>), typeof(BelowOrEqual), typeof(Unless<BelowOrEqual>),
        typeof(Sign), typeof(Unless<Sign>), typeof(Parity), typeof(Unless<Parity>),
        typeof(Less), typeof(Unless<Less>), typeof(LessOrEqual), typeof(Unless<LessOrEqual>),
    ];
}
