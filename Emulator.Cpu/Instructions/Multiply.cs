using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>MUL: rDX:rAX = rAX × r/m; for bytes AX = AL × r/m. CF and OF say that the upper half is not 0.</summary>
internal readonly unsafe struct Multiply<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadFirst<TW>(cpu, op, out var factor))
        {
            return false;
        }

        var high = Math.BigMul(TW.Get(cpu, 0), factor, out var low);
        if (TW.Bytes < 8)
        {
            high = low >> (TW.Bytes * 8);
        }

        Product.Store<TW>(cpu, low, high);
        Product.SetFlags<TW>(cpu, low, (high & TW.Mask) != 0);
        return true;
    }
}

/// <summary>IMUL with one operand. CF and OF say that the upper half is not the lower one's sign.</summary>
internal readonly unsafe struct SignedMultiply<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadFirst<TW>(cpu, op, out var factor))
        {
            return false;
        }

        var high = (ulong)Math.BigMul((long)TW.SignExtend(TW.Get(cpu, 0)), (long)TW.SignExtend(factor), out var product);
        var low = (ulong)product;
        if (TW.Bytes < 8)
        {
            high = (ulong)((long)low >> (TW.Bytes * 8));
        }

        Product.Store<TW>(cpu, low, high);
        Product.SetFlags<TW>(cpu, low, ((high ^ (ulong)((long)TW.SignExtend(low) >> 63)) & TW.Mask) != 0);
        return true;
    }
}

/// <summary>Where the one-operand multiplications put what they got.</summary>
internal static unsafe class Product
{
    public static void Store<TW>(CpuState* cpu, ulong low, ulong high)
        where TW : IWidth
    {
        if (TW.Bytes == 1)
        {
            W16.Set(cpu, 0, low);
            return;
        }

        TW.Set(cpu, 0, low);
        TW.Set(cpu, 16, high);
    }

    public static void SetFlags<TW>(CpuState* cpu, ulong low, bool lost)
        where TW : IWidth
    {
        cpu->FlagResult = TW.SignExtend(low);
        cpu->FlagCarry = ShiftFlags.Word(lost ? 1UL : 0, lost ? 1UL : 0);
    }
}

/// <summary>DIV: #DE by zero, and where the quotient does not fit. The flags stay as they were.</summary>
internal readonly unsafe struct Divide<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadFirst<TW>(cpu, op, out var divisor))
        {
            return false;
        }

        if (divisor == 0)
        {
            return Fault.Raise(cpu, Vector.DivideError);
        }

        ulong quotient, remainder;
        if (TW.Bytes == 8)
        {
            var upper = cpu->Gpr[2];
            if (upper >= divisor)
            {
                return Fault.Raise(cpu, Vector.DivideError);
            }

            var dividend = new UInt128(upper, cpu->Gpr[0]);
            quotient = (ulong)(dividend / divisor);
            remainder = cpu->Gpr[0] - quotient * divisor;
        }
        else
        {
            var dividend = Dividend.Get<TW>(cpu);
            quotient = dividend / divisor;
            remainder = dividend % divisor;
            if (quotient > TW.Mask)
            {
                return Fault.Raise(cpu, Vector.DivideError);
            }
        }

        Dividend.Store<TW>(cpu, quotient, remainder);
        return true;
    }
}

/// <summary>IDIV.</summary>
internal readonly unsafe struct SignedDivide<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadFirst<TW>(cpu, op, out var value))
        {
            return false;
        }

        var divisor = (long)TW.SignExtend(value);
        if (divisor == 0)
        {
            return Fault.Raise(cpu, Vector.DivideError);
        }

        long quotient, remainder;
        if (TW.Bytes == 8)
        {
            var dividend = new Int128(cpu->Gpr[2], cpu->Gpr[0]);
            if (dividend == Int128.MinValue && divisor == -1)
            {
                return Fault.Raise(cpu, Vector.DivideError);
            }

            var wide = dividend / divisor;
            if (wide != (long)wide)
            {
                return Fault.Raise(cpu, Vector.DivideError);
            }

            quotient = (long)wide;
            remainder = (long)(dividend - wide * divisor);
        }
        else
        {
            var unsigned = Dividend.Get<TW>(cpu);
            var dividend = TW.Bytes == 4 ? (long)unsigned : TW.Bytes == 2 ? (int)unsigned : (short)unsigned;
            if (dividend == long.MinValue && divisor == -1)
            {
                return Fault.Raise(cpu, Vector.DivideError);
            }

            quotient = dividend / divisor;
            remainder = dividend % divisor;
            if (quotient != (long)TW.SignExtend((ulong)quotient))
            {
                return Fault.Raise(cpu, Vector.DivideError);
            }
        }

        Dividend.Store<TW>(cpu, (ulong)quotient, (ulong)remainder);
        return true;
    }
}

/// <summary>The double-width dividend in rDX:rAX, or AX for bytes.</summary>
internal static unsafe class Dividend
{
    public static ulong Get<TW>(CpuState* cpu)
        where TW : IWidth => TW.Bytes == 1
            ? (ushort)cpu->Gpr[0]
            : TW.Get(cpu, 16) << (TW.Bytes * 8) | TW.Get(cpu, 0);

    public static void Store<TW>(CpuState* cpu, ulong quotient, ulong remainder)
        where TW : IWidth
    {
        if (TW.Bytes == 1)
        {
            W8.Set(cpu, 0, quotient);
            W8.Set(cpu, 1, remainder);
            return;
        }

        TW.Set(cpu, 0, quotient);
        TW.Set(cpu, 16, remainder);
    }
}
