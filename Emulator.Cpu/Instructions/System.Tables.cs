using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>SGDT and SIDT: a 16-bit limit, then a base of 32 bits, or 64 in 64-bit mode.</summary>
internal readonly unsafe struct StoreTable<TTable> : IInstruction
    where TTable : ITable
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if ((cpu->Cr4 & Cr4.UserModeInstructionPrevention) != 0 && cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        var size = (cpu->Mode & (uint)CodeMode.Code64) != 0 ? 8 : 4;
        var offset = AddressOf.Offset(cpu, op);
        ref var table = ref TTable.Of(cpu, out var limit);
        return Operand.Linear(cpu, op, offset, 2, true, out var low)
            && Operand.Linear(cpu, op, AddressOf.Wrap(op, offset + 2), size, true, out var high)
            && GuestAccess.ProbeWrite(cpu, high, size, false)
            && GuestAccess.Write(cpu, low, 2, limit, false)
            && GuestAccess.Write(cpu, high, size, table, false);
    }
}

/// <summary>LGDT and LIDT; a 16-bit operand takes 24 bits of the base.</summary>
internal readonly unsafe struct LoadTable<TTable, TW> : IInstruction
    where TTable : ITable
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        Vcpu.Of(cpu).Memory.Drain();
        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        var size = (cpu->Mode & (uint)CodeMode.Code64) != 0 ? 8 : 4;
        var offset = AddressOf.Offset(cpu, op);
        if (!Operand.Linear(cpu, op, offset, 2, false, out var low)
            || !Operand.Linear(cpu, op, AddressOf.Wrap(op, offset + 2), size, false, out var high)
            || !GuestAccess.Read(cpu, low, 2, false, out var limit)
            || !GuestAccess.Read(cpu, high, size, false, out var address))
        {
            return false;
        }

        if (!LinearAddress.IsCanonical(address))
        {
            return Fault.GeneralProtection(cpu);
        }

        TTable.Set(cpu, TW.Bytes == 2 ? address & 0xFFFFFF : address, (uint)limit);
        return true;
    }
}

/// <summary>Which descriptor table.</summary>
internal unsafe interface ITable
{
    static abstract ref ulong Of(CpuState* cpu, out uint limit);

    static abstract void Set(CpuState* cpu, ulong address, uint limit);
}

internal readonly unsafe struct GlobalTable : ITable
{
    public static ref ulong Of(CpuState* cpu, out uint limit)
    {
        limit = cpu->GdtLimit;
        return ref cpu->GdtBase;
    }

    public static void Set(CpuState* cpu, ulong address, uint limit)
    {
        cpu->GdtBase = address;
        cpu->GdtLimit = limit;
    }
}

internal readonly unsafe struct InterruptTable : ITable
{
    public static ref ulong Of(CpuState* cpu, out uint limit)
    {
        limit = cpu->IdtLimit;
        return ref cpu->IdtBase;
    }

    public static void Set(CpuState* cpu, ulong address, uint limit)
    {
        cpu->IdtBase = address;
        cpu->IdtLimit = limit;
    }
}

/// <summary>SLDT and STR.</summary>
internal readonly unsafe struct StoreSelector<TSelector> : IInstruction
    where TSelector : ISelectorSource
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if ((cpu->Mode & (uint)CodeMode.Protected) == 0)
        {
            return Fault.InvalidOpcode(cpu);
        }

        return (cpu->Cr4 & Cr4.UserModeInstructionPrevention) != 0 && cpu->Cpl != 0
            ? Fault.GeneralProtection(cpu)
            : SelectorOperand.Write(cpu, op, cpu->Segments[(int)TSelector.Name].Selector);
    }
}

internal interface ISelectorSource
{
    static abstract SegmentName Name { get; }
}

internal readonly struct LocalTableRegister : ISelectorSource
{
    public static SegmentName Name => SegmentName.Ldtr;
}

internal readonly struct TaskRegister : ISelectorSource
{
    public static SegmentName Name => SegmentName.Tr;
}

/// <summary>LLDT and LTR.</summary>
internal readonly unsafe struct LoadSelector<TSelector> : IInstruction
    where TSelector : ISelectorSource
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if ((cpu->Mode & (uint)CodeMode.Protected) == 0)
        {
            return Fault.InvalidOpcode(cpu);
        }

        Vcpu.Of(cpu).Memory.Drain();
        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        return Operand.ReadFirst<W16>(cpu, op, out var selector)
            && (TSelector.Name == SegmentName.Tr
                ? Segmentation.LoadTr(cpu, (ushort)selector)
                : Segmentation.LoadLdt(cpu, (ushort)selector));
    }
}

/// <summary>A selector written to r/m: memory takes 16 bits whatever the operand size, a register all of it.</summary>
internal static unsafe class SelectorOperand
{
    public static bool Write(CpuState* cpu, Op* op, ulong selector)
    {
        if (Operand.HasMemory(op))
        {
            return Operand.WriteMemory(cpu, op, 2, (ushort)selector);
        }

        switch (op->Imm)
        {
            case 2:
                W16.Set(cpu, op->Dst, selector);
                break;
            case 4:
                W32.Set(cpu, op->Dst, selector);
                break;
            default:
                W64.Set(cpu, op->Dst, selector);
                break;
        }

        return true;
    }
}

/// <summary>LAR and LSL.</summary>
internal readonly unsafe struct QuerySegment<TQuery, TW> : IInstruction
    where TQuery : ISegmentQuery
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadSecond<W16>(cpu, op, out var selector) || !TQuery.Ask(cpu, (ushort)selector, out var answer, out var valid))
        {
            return false;
        }

        if (valid)
        {
            TW.Set(cpu, op->Dst, answer);
        }

        return true;
    }
}

internal unsafe interface ISegmentQuery
{
    static abstract bool Ask(CpuState* cpu, ushort selector, out uint answer, out bool valid);
}

internal readonly unsafe struct AccessRightsQuery : ISegmentQuery
{
    public static bool Ask(CpuState* cpu, ushort selector, out uint answer, out bool valid) =>
        Segmentation.LoadAccessRights(cpu, selector, out answer, out valid);
}

internal readonly unsafe struct LimitQuery : ISegmentQuery
{
    public static bool Ask(CpuState* cpu, ushort selector, out uint answer, out bool valid) =>
        Segmentation.LoadLimit(cpu, selector, out answer, out valid);
}

/// <summary>VERR and VERW.</summary>
internal readonly unsafe struct VerifySegment<TChange> : IInstruction
    where TChange : IBitChange
{
    public static bool Execute(CpuState* cpu, Op* op) =>
        Operand.ReadFirst<W16>(cpu, op, out var selector) && Segmentation.Verify(cpu, (ushort)selector, TChange.Writes);
}

/// <summary>ARPL.</summary>
internal readonly unsafe struct AdjustRpl : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.ReadForUpdate<W16>(cpu, op, out var value))
        {
            return false;
        }

        var selector = (ushort)value;
        return Segmentation.AdjustRpl(cpu, ref selector, (ushort)W16.Get(cpu, op->Src))
            && Operand.Update<W16>(cpu, op, value, selector, out _);
    }
}
