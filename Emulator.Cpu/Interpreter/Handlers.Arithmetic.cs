using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

/// <summary>
/// The handlers: each executes one op and tail-calls the next one's. Type arguments choose operation, width,
/// registers, address form and flags; <see cref="HandlerTable"/> compiles each combination when it is first decoded.
/// </summary>
/// <remarks>
/// A handler looks into the TLB before it changes anything, and on a miss tail-calls a slow path that fills it and
/// runs the op again. To keep the tail call a jump a handler takes no local's address, has no try, and is not marked
/// NoInlining.
/// </remarks>
internal static unsafe partial class Handlers
{
    private const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TlbEntry* ReadEntry(CpuState* cpu, ulong linear) =>
        (TlbEntry*)((byte*)cpu->Tlb + TlbSet.Index(linear));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TlbEntry* WriteEntry(CpuState* cpu, ulong linear) =>
        (TlbEntry*)((byte*)cpu->Tlb + TlbSet.WriteOffset + TlbSet.Index(linear));

    /// <summary>The page that the access must lie in entirely to match an entry's tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LastPage(ulong linear, int size) => (linear + (ulong)(size - 1)) & ~0xFFFUL;

    /// <summary>OP register, register.</summary>
    [MethodImpl(Hot)]
    public static Op* AluRegReg<TOp, TW, TD, TS, TF>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TD : IRegister
        where TS : IRegister
        where TF : IFlags
    {
        var a = TW.Get(cpu, TD.Offset(op));
        var b = TW.Get(cpu, TS.Offset(op));
        var result = TOp.Compute(cpu, a, b);
        if (TF.Live)
        {
            TOp.SetFlags<TW>(cpu, a, b, result);
        }

        if (TOp.Writes)
        {
            TW.Set(cpu, TD.Offset(op), result);
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>OP register, immediate; also INC, DEC, NEG and NOT of a register.</summary>
    [MethodImpl(Hot)]
    public static Op* AluRegImm<TOp, TW, TD, TF>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TD : IRegister
        where TF : IFlags
    {
        var a = TW.Get(cpu, TD.Offset(op));
        var b = (ulong)op->Imm & TW.Mask;
        var result = TOp.Compute(cpu, a, b);
        if (TF.Live)
        {
            TOp.SetFlags<TW>(cpu, a, b, result);
        }

        if (TOp.Writes)
        {
            TW.Set(cpu, TD.Offset(op), result);
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>OP register, memory.</summary>
    [MethodImpl(Hot)]
    public static Op* AluRegMem<TOp, TW, TD, TA, TF>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TD : IRegister
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TW.Bytes);
        }

        var b = TW.Load((byte*)(linear + entry->Addend));
        var a = TW.Get(cpu, TD.Offset(op));
        var result = TOp.Compute(cpu, a, b);
        if (TF.Live)
        {
            TOp.SetFlags<TW>(cpu, a, b, result);
        }

        if (TOp.Writes)
        {
            TW.Set(cpu, TD.Offset(op), result);
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>CMP or TEST memory, register.</summary>
    [MethodImpl(Hot)]
    public static Op* TestMemReg<TOp, TW, TS, TA, TF>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TS : IRegister
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TW.Bytes);
        }

        var a = TW.Load((byte*)(linear + entry->Addend));
        if (TF.Live)
        {
            var b = TW.Get(cpu, TS.Offset(op));
            TOp.SetFlags<TW>(cpu, a, b, TOp.Compute(cpu, a, b));
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>CMP or TEST memory, immediate.</summary>
    [MethodImpl(Hot)]
    public static Op* TestMemImm<TOp, TW, TA, TF>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TW.Bytes);
        }

        var a = TW.Load((byte*)(linear + entry->Addend));
        if (TF.Live)
        {
            var b = (ulong)op->Imm & TW.Mask;
            TOp.SetFlags<TW>(cpu, a, b, TOp.Compute(cpu, a, b));
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>OP memory, register.</summary>
    [MethodImpl(Hot)]
    public static Op* AluMemReg<TOp, TW, TS, TA, TF>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TS : IRegister
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Update(cpu, op, linear, TW.Bytes);
        }

        var host = (byte*)(linear + entry->Addend);
        var a = TW.Load(host);
        var b = TW.Get(cpu, TS.Offset(op));
        var result = TOp.Compute(cpu, a, b);
        TW.Store(host, result);
        if (TF.Live)
        {
            TOp.SetFlags<TW>(cpu, a, b, result);
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>OP memory, immediate; also INC, DEC, NEG and NOT of memory.</summary>
    [MethodImpl(Hot)]
    public static Op* AluMemImm<TOp, TW, TA, TF>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Update(cpu, op, linear, TW.Bytes);
        }

        var host = (byte*)(linear + entry->Addend);
        var a = TW.Load(host);
        var b = (ulong)op->Imm & TW.Mask;
        var result = TOp.Compute(cpu, a, b);
        TW.Store(host, result);
        if (TF.Live)
        {
            TOp.SetFlags<TW>(cpu, a, b, result);
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>LOCK OP memory, register: a compare-exchange loop, so the whole is one atomic access to every vCPU and device.</summary>
    [MethodImpl(Hot)]
    public static Op* LockedMemReg<TOp, TW, TS, TA>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TS : IRegister
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Locked(cpu, op, linear, TW.Bytes);
        }

        var host = (byte*)(linear + entry->Addend);
        var b = TW.Get(cpu, TS.Offset(op));
        ulong a, result;
        do
        {
            a = TW.Load(host);
            result = TOp.Compute(cpu, a, b);
        }
        while (TW.CompareExchange(host, result, a) != a);
        TOp.SetFlags<TW>(cpu, a, b, result);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>LOCK OP memory, immediate, and LOCK INC, DEC, NEG and NOT.</summary>
    [MethodImpl(Hot)]
    public static Op* LockedMemImm<TOp, TW, TA>(CpuState* cpu, Op* op)
        where TOp : IOperation
        where TW : IWidth
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Locked(cpu, op, linear, TW.Bytes);
        }

        var host = (byte*)(linear + entry->Addend);
        var b = (ulong)op->Imm & TW.Mask;
        ulong a, result;
        do
        {
            a = TW.Load(host);
            result = TOp.Compute(cpu, a, b);
        }
        while (TW.CompareExchange(host, result, a) != a);
        TOp.SetFlags<TW>(cpu, a, b, result);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>IMUL register, register.</summary>
    [MethodImpl(Hot)]
    public static Op* ImulRegReg<TW, TD, TS, TF>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TS : IRegister
        where TF : IFlags
    {
        TW.Set(cpu, TD.Offset(op), Multiply<TW, TF>(cpu, TW.Get(cpu, TD.Offset(op)), TW.Get(cpu, TS.Offset(op))));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>IMUL register, register, immediate.</summary>
    [MethodImpl(Hot)]
    public static Op* ImulRegRegImm<TW, TD, TS, TF>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TS : IRegister
        where TF : IFlags
    {
        TW.Set(cpu, TD.Offset(op), Multiply<TW, TF>(cpu, TW.Get(cpu, TS.Offset(op)), (ulong)op->Imm));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>IMUL register, memory.</summary>
    [MethodImpl(Hot)]
    public static Op* ImulRegMem<TW, TD, TA, TF>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TW.Bytes);
        }

        var b = TW.Load((byte*)(linear + entry->Addend));
        TW.Set(cpu, TD.Offset(op), Multiply<TW, TF>(cpu, TW.Get(cpu, TD.Offset(op)), b));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>IMUL register, memory, immediate.</summary>
    [MethodImpl(Hot)]
    public static Op* ImulRegMemImm<TW, TD, TA, TF>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TA : IAddress
        where TF : IFlags
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TW.Bytes);
        }

        var a = TW.Load((byte*)(linear + entry->Addend));
        TW.Set(cpu, TD.Offset(op), Multiply<TW, TF>(cpu, a, (ulong)op->Imm));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>The truncated signed product; CF and OF say whether anything was lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Multiply<TW, TF>(CpuState* cpu, ulong a, ulong b)
        where TW : IWidth
        where TF : IFlags
    {
        var product = TW.SignExtend(a) * TW.SignExtend(b);
        if (TF.Live)
        {
            var lost = TW.Bytes == 8
                ? (ulong)Math.BigMul((long)a, (long)b, out _) != (ulong)((long)product >> 63)
                : TW.SignExtend(product) != product;
            cpu->FlagResult = TW.SignExtend(product);
            cpu->FlagCarry = lost ? 1UL << 63 : 0;
        }

        return product;
    }
}
