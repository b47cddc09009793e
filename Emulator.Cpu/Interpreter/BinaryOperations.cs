using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>An arithmetic operation of two operands (one, for INC and its like: the second is then 1 or unused).</summary>
internal unsafe interface IOperation
{
    /// <summary>False for CMP and TEST, which only set flags.</summary>
    static abstract bool Writes { get; }

    /// <summary>The result; bits above the width are meaningless.</summary>
    static abstract ulong Compute(CpuState* cpu, ulong a, ulong b);

    static abstract void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth;
}

internal readonly unsafe struct Add : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = TW.CarryWord((a & b) | ((a | b) & ~result));
    }
}

internal readonly unsafe struct Adc : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a + b + (cpu->FlagCarry >> 63);

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth => Add.SetFlags<TW>(cpu, a, b, result);
}

internal readonly unsafe struct Sub : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = TW.CarryWord((~a & b) | (~(a ^ b) & result));
    }
}

internal readonly unsafe struct Sbb : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a - b - (cpu->FlagCarry >> 63);

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth => Sub.SetFlags<TW>(cpu, a, b, result);
}

internal readonly unsafe struct Cmp : IOperation
{
    public static bool Writes => false;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a - b;

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth => Sub.SetFlags<TW>(cpu, a, b, result);
}

internal readonly unsafe struct And : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a & b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = 0;
    }
}

internal readonly unsafe struct Or : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a | b;

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth => And.SetFlags<TW>(cpu, a, b, result);
}

internal readonly unsafe struct Xor : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a ^ b;

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth => And.SetFlags<TW>(cpu, a, b, result);
}

internal readonly unsafe struct Test : IOperation
{
    public static bool Writes => false;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a & b;

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth => And.SetFlags<TW>(cpu, a, b, result);
}

/// <summary>Adds 1 and keeps CF.</summary>
internal readonly unsafe struct Inc : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = KeepCarry(cpu->FlagCarry, TW.CarryWord(a & ~result));
    }

    /// <summary>The word of <paramref name="carries"/> with CF taken from <paramref name="before"/> and OF kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong KeepCarry(ulong before, ulong carries)
    {
        var carry = before & 1UL << 63;
        var overflow = (carries ^ carries << 1) & 1UL << 63;
        return (carries & 1UL << 35) | carry | (carry ^ overflow) >> 1;
    }
}

/// <summary>Takes 1 away and keeps CF.</summary>
internal readonly unsafe struct Dec : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => a - 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(result);
        cpu->FlagCarry = Inc.KeepCarry(cpu->FlagCarry, TW.CarryWord(~a & result));
    }
}

internal readonly unsafe struct Neg : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => 0 - a;

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth => Sub.SetFlags<TW>(cpu, 0, a, result);
}

/// <summary>Sets no flags.</summary>
internal readonly unsafe struct Not : IOperation
{
    public static bool Writes => true;

    public static ulong Compute(CpuState* cpu, ulong a, ulong b) => ~a;

    public static void SetFlags<TW>(CpuState* cpu, ulong a, ulong b, ulong result)
        where TW : IWidth
    {
    }
}
