using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>PUSH of a register, memory or immediate, where the stack is not a linear address.</summary>
internal readonly unsafe struct PushOperand<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        ulong value;
        if (Operand.HasMemory(op))
        {
            if (!Operand.ReadMemory(cpu, op, TW.Bytes, out value))
            {
                return false;
            }
        }
        else
        {
            value = op->Dst == RegisterOffset.Zero ? (ulong)op->Imm : TW.Get(cpu, op->Dst);
        }

        return Stack.Push(cpu, value, TW.Bytes);
    }
}

/// <summary>POP to a register or memory. An address that uses the stack pointer uses it as it is after the pop.</summary>
internal readonly unsafe struct PopOperand<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Stack.Read(cpu, 0, TW.Bytes, out var value))
        {
            return false;
        }

        var before = cpu->Gpr[4];
        Stack.Drop(cpu, TW.Bytes);
        if (!Operand.HasMemory(op))
        {
            TW.Set(cpu, op->Dst, value);
            return true;
        }

        if (Operand.WriteMemory(cpu, op, TW.Bytes, value))
        {
            return true;
        }

        cpu->Gpr[4] = before;
        return false;
    }
}

/// <summary>PUSH of a segment register: 32- and 64-bit pushes write a whole slot, as recent processors do not (they leave its upper part).</summary>
internal readonly unsafe struct PushSegment<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op) => Stack.Push(cpu, cpu->Segments[op->Dst].Selector, TW.Bytes);
}

/// <summary>POP of a segment register.</summary>
internal readonly unsafe struct PopSegment<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        // Only the selector's two bytes are read, but the whole slot is dropped. A new SS takes effect before it.
        var mask = Stack.Mask(cpu);
        if (!Stack.Read(cpu, 0, 2, out var selector) || !Segmentation.Load(cpu, (SegmentName)op->Dst, (ushort)selector))
        {
            return false;
        }

        var pointer = cpu->Gpr[4] + (ulong)TW.Bytes;
        cpu->Gpr[4] = mask == ushort.MaxValue ? (cpu->Gpr[4] & ~mask) | (pointer & mask) : pointer & mask;
        SegmentMove.CastShadow(cpu, op->Dst);
        return true;
    }
}

/// <summary>MOV to a segment register.</summary>
internal readonly unsafe struct LoadSegment : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (op->Dst == (int)SegmentName.Cs)
        {
            return Fault.InvalidOpcode(cpu);
        }

        if (!Operand.ReadSecond<W16>(cpu, op, out var selector) || !Segmentation.Load(cpu, (SegmentName)op->Dst, (ushort)selector))
        {
            return false;
        }

        SegmentMove.CastShadow(cpu, op->Dst);
        return true;
    }
}

/// <summary>MOV from a segment register.</summary>
internal readonly unsafe struct StoreSegment : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op) => SelectorOperand.Write(cpu, op, cpu->Segments[op->Src].Selector);
}

internal static unsafe class SegmentMove
{
    /// <summary>A load of SS holds interrupts off for one instruction, so that SP can be loaded with it.</summary>
    public static void CastShadow(CpuState* cpu, int segment)
    {
        if (segment == (int)SegmentName.Ss)
        {
            cpu->InterruptShadow = InterruptShadow.StackLoad;
            ModeTracker.Update(cpu);
        }
    }
}

/// <summary>LDS, LES, LFS, LGS and LSS.</summary>
internal readonly unsafe struct LoadFarPointer<TName, TW> : IInstruction
    where TName : ISelectorSource
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!FarPointer.Read<TW>(cpu, op, out var selector, out var offset) || !Segmentation.Load(cpu, TName.Name, selector))
        {
            return false;
        }

        TW.Set(cpu, op->Dst, offset);
        return true;
    }
}

internal readonly struct DsName : ISelectorSource
{
    public static SegmentName Name => SegmentName.Ds;
}

internal readonly struct EsName : ISelectorSource
{
    public static SegmentName Name => SegmentName.Es;
}

internal readonly struct SsName : ISelectorSource
{
    public static SegmentName Name => SegmentName.Ss;
}

/// <summary>PUSHA.</summary>
internal readonly unsafe struct PushAll<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        for (var i = 0; i < 8; i++)
        {
            if (!Slot(cpu, i, out var linear) || !GuestAccess.ProbeWrite(cpu, linear, TW.Bytes, false))
            {
                return false;
            }
        }

        for (var i = 0; i < 8; i++)
        {
            if (!Slot(cpu, i, out var linear) || !GuestAccess.Write(cpu, linear, TW.Bytes, TW.Get(cpu, i * 8), false))
            {
                return false;
            }
        }

        Stack.Drop(cpu, -8 * TW.Bytes);
        return true;
    }

    private static bool Slot(CpuState* cpu, int register, out ulong linear) =>
        Segmentation.Linear(cpu, SegmentName.Ss, (cpu->Gpr[4] - (ulong)((register + 1) * TW.Bytes)) & Stack.Mask(cpu), TW.Bytes, true, out linear);
}

/// <summary>POPA: the slot of SP is dropped.</summary>
internal readonly unsafe struct PopAll<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var values = stackalloc ulong[8];
        for (var i = 0; i < 8; i++)
        {
            if (!Stack.Read(cpu, (7 - i) * TW.Bytes, TW.Bytes, out values[i]))
            {
                return false;
            }
        }

        for (var i = 0; i < 8; i++)
        {
            if (i != 4)
            {
                TW.Set(cpu, i * 8, values[i]);
            }
        }

        Stack.Drop(cpu, 8 * TW.Bytes);
        return true;
    }
}

/// <summary>LEAVE where the stack is not a linear address.</summary>
internal readonly unsafe struct LeaveFrame<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var mask = Stack.Mask(cpu);
        var frame = cpu->Gpr[5] & mask;
        if (!Segmentation.Linear(cpu, SegmentName.Ss, frame, TW.Bytes, false, out var linear)
            || !GuestAccess.Read(cpu, linear, TW.Bytes, false, out var value))
        {
            return false;
        }

        Stack.SetPointer(cpu, frame + (ulong)TW.Bytes);
        TW.Set(cpu, 40, value);
        return true;
    }
}

/// <summary>ENTER: the frame size is the first immediate, the nesting level the second (SDM volume 2).</summary>
internal readonly unsafe struct EnterFrame<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var level = (int)op->Disp & 31;
        var mask = Stack.Mask(cpu);
        var size = (ulong)TW.Bytes;
        var stack = (cpu->Gpr[4] - size) & mask;
        var frame = cpu->Gpr[5];
        var newFrame = stack;
        if (!Write(cpu, stack, frame))
        {
            return false;
        }

        for (var i = 1; i < level; i++)
        {
            frame -= size;
            stack = (stack - size) & mask;
            if (!Segmentation.Linear(cpu, SegmentName.Ss, frame & mask, TW.Bytes, false, out var linear)
                || !GuestAccess.Read(cpu, linear, TW.Bytes, false, out var link)
                || !Write(cpu, stack, link))
            {
                return false;
            }
        }

        if (level > 0)
        {
            stack = (stack - size) & mask;
            if (!Write(cpu, stack, newFrame))
            {
                return false;
            }
        }

        stack = (stack - (ushort)op->Imm) & mask;
        // The new top of the stack must be writable: an access that is not made is checked all the same.
        if (!Segmentation.Linear(cpu, SegmentName.Ss, stack, TW.Bytes, true, out var top) || !GuestAccess.ProbeWrite(cpu, top, TW.Bytes, false))
        {
            return false;
        }

        TW.Set(cpu, 40, newFrame);
        Stack.SetPointer(cpu, stack);
        return true;
    }

    private static bool Write(CpuState* cpu, ulong pointer, ulong value) =>
        Segmentation.Linear(cpu, SegmentName.Ss, pointer, TW.Bytes, true, out var linear)
        && GuestAccess.Write(cpu, linear, TW.Bytes, value & TW.Mask, false);
}

/// <summary>XLAT.</summary>
internal readonly unsafe struct TranslateByte : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var offset = AddressOf.Wrap(op, cpu->Gpr[3] + (byte)cpu->Gpr[0]);
        if (!Operand.Linear(cpu, op, offset, 1, false, out var linear) || !GuestAccess.Read(cpu, linear, 1, false, out var value))
        {
            return false;
        }

        W8.Set(cpu, 0, value);
        return true;
    }
}
