using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Emulator.Cpu.Interpreter;

internal static unsafe partial class Handlers
{
    /// <summary>MOV register, register.</summary>
    [MethodImpl(Hot)]
    public static Op* MoveRegReg<TW, TD, TS>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TS : IRegister
    {
        TW.Set(cpu, TD.Offset(op), TW.Get(cpu, TS.Offset(op)));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOV register, immediate.</summary>
    [MethodImpl(Hot)]
    public static Op* MoveRegImm<TW, TD>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
    {
        TW.Set(cpu, TD.Offset(op), (ulong)op->Imm);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOV register, memory.</summary>
    [MethodImpl(Hot)]
    public static Op* Load<TW, TD, TA>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TW.Bytes);
        }

        TW.Set(cpu, TD.Offset(op), TW.Load((byte*)(linear + entry->Addend)));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOV memory, register.</summary>
    [MethodImpl(Hot)]
    public static Op* Store<TW, TS, TA>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TS : IRegister
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Store(cpu, op, linear, TW.Bytes);
        }

        TW.Store((byte*)(linear + entry->Addend), TW.Get(cpu, TS.Offset(op)));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOV memory, immediate.</summary>
    [MethodImpl(Hot)]
    public static Op* StoreImm<TW, TA>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Store(cpu, op, linear, TW.Bytes);
        }

        TW.Store((byte*)(linear + entry->Addend), (ulong)op->Imm);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>LEA register, base + displacement, in 64-bit addressing.</summary>
    [MethodImpl(Hot)]
    public static Op* Lea<TW, TD, TA>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
        where TA : IAddress
    {
        TW.Set(cpu, TD.Offset(op), TA.Linear(cpu, op, 1, false));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>LEA with any address size and form.</summary>
    [MethodImpl(Hot)]
    public static Op* LeaAny<TW, TD>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TD : IRegister
    {
        TW.Set(cpu, TD.Offset(op), AddressOf.Offset(cpu, op));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOVZX register, register.</summary>
    [MethodImpl(Hot)]
    public static Op* ZeroExtendReg<TW, TFrom, TD, TS>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TFrom : IWidth
        where TD : IRegister
        where TS : IRegister
    {
        TW.Set(cpu, TD.Offset(op), TFrom.Get(cpu, TS.Offset(op)));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOVZX register, memory.</summary>
    [MethodImpl(Hot)]
    public static Op* ZeroExtendMem<TW, TFrom, TD, TA>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TFrom : IWidth
        where TD : IRegister
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TFrom.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TFrom.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TFrom.Bytes);
        }

        TW.Set(cpu, TD.Offset(op), TFrom.Load((byte*)(linear + entry->Addend)));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOVSX or MOVSXD register, register; also CBW, CWDE and CDQE.</summary>
    [MethodImpl(Hot)]
    public static Op* SignExtendReg<TW, TFrom, TD, TS>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TFrom : IWidth
        where TD : IRegister
        where TS : IRegister
    {
        TW.Set(cpu, TD.Offset(op), TFrom.SignExtend(TFrom.Get(cpu, TS.Offset(op))));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MOVSX or MOVSXD register, memory.</summary>
    [MethodImpl(Hot)]
    public static Op* SignExtendMem<TW, TFrom, TD, TA>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TFrom : IWidth
        where TD : IRegister
        where TA : IAddress
    {
        var linear = TA.Linear(cpu, op, TFrom.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TFrom.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TFrom.Bytes);
        }

        TW.Set(cpu, TD.Offset(op), TFrom.SignExtend(TFrom.Load((byte*)(linear + entry->Addend))));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>CWD, CDQ and CQO: the sign of rAX into all of rDX.</summary>
    [MethodImpl(Hot)]
    public static Op* SignIntoDx<TW>(CpuState* cpu, Op* op)
        where TW : IWidth
    {
        TW.Set(cpu, 16, (ulong)((long)TW.SignExtend(TW.Get(cpu, 0)) >> 63));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>XCHG register, register.</summary>
    [MethodImpl(Hot)]
    public static Op* ExchangeRegReg<TW>(CpuState* cpu, Op* op)
        where TW : IWidth
    {
        var a = TW.Get(cpu, op->Dst);
        var b = TW.Get(cpu, op->Src);
        TW.Set(cpu, op->Dst, b);
        TW.Set(cpu, op->Src, a);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>XCHG memory, register: locked, with or without the prefix.</summary>
    [MethodImpl(Hot)]
    public static Op* ExchangeMemReg<TW, TS, TA>(CpuState* cpu, Op* op)
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

        TW.Set(cpu, TS.Offset(op), TW.Exchange((byte*)(linear + entry->Addend), TW.Get(cpu, TS.Offset(op))));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>CMOVcc register, register. A 32-bit destination is zero-extended either way.</summary>
    [MethodImpl(Hot)]
    public static Op* MoveIfRegReg<TW, TC>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TC : ICondition
    {
        TW.Set(cpu, op->Dst, TW.Get(cpu, TC.Test(cpu) ? op->Src : op->Dst));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>CMOVcc register, memory: the memory is read either way.</summary>
    [MethodImpl(Hot)]
    public static Op* MoveIfRegMem<TW, TA, TC>(CpuState* cpu, Op* op)
        where TW : IWidth
        where TA : IAddress
        where TC : ICondition
    {
        var linear = TA.Linear(cpu, op, TW.Bytes, false);
        var entry = ReadEntry(cpu, linear);
        if (LastPage(linear, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, linear, TW.Bytes);
        }

        var value = TW.Load((byte*)(linear + entry->Addend));
        TW.Set(cpu, op->Dst, TC.Test(cpu) ? value : TW.Get(cpu, op->Dst));
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>SETcc register.</summary>
    [MethodImpl(Hot)]
    public static Op* SetIfReg<TC>(CpuState* cpu, Op* op)
        where TC : ICondition
    {
        W8.Set(cpu, op->Dst, TC.Test(cpu) ? 1UL : 0UL);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>SETcc memory.</summary>
    [MethodImpl(Hot)]
    public static Op* SetIfMem<TA, TC>(CpuState* cpu, Op* op)
        where TA : IAddress
        where TC : ICondition
    {
        var linear = TA.Linear(cpu, op, 1, true);
        var entry = WriteEntry(cpu, linear);
        if (LastPage(linear, 1) != entry->Tag)
        {
            return MissPath.Store(cpu, op, linear, 1);
        }

        W8.Store((byte*)(linear + entry->Addend), TC.Test(cpu) ? 1UL : 0UL);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>BSWAP register. With a 16-bit operand the result is undefined; it is 0 here, as on the processors.</summary>
    [MethodImpl(Hot)]
    public static Op* ByteSwap<TW>(CpuState* cpu, Op* op)
        where TW : IWidth
    {
        var value = TW.Get(cpu, op->Dst);
        TW.Set(cpu, op->Dst, TW.Bytes switch
        {
            8 => BinaryPrimitives.ReverseEndianness(value),
            4 => BinaryPrimitives.ReverseEndianness((uint)value),
            _ => 0,
        });
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>NOP, PAUSE, prefetches and fences that order nothing a vCPU of this kind could reorder.</summary>
    [MethodImpl(Hot)]
    public static Op* Nothing(CpuState* cpu, Op* op) => op[1].Handler(cpu, op + 1);

    /// <summary>MFENCE: what keeps a later load behind an earlier store (store→load, the one order x86 gives up).</summary>
    [MethodImpl(Hot)]
    public static Op* FullFence(CpuState* cpu, Op* op)
    {
        Interlocked.MemoryBarrier();
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>MFENCE under a simulated memory model.</summary>
    [MethodImpl(Hot)]
    public static Op* BufferFence(CpuState* cpu, Op* op) => MissPath.Drain(cpu, op);

    /// <summary>PAUSE: one that waits for another vCPU gives way to it now and then, for there may be fewer host processors than vCPUs.</summary>
    [MethodImpl(Hot)]
    public static Op* Pause(CpuState* cpu, Op* op)
    {
        if (--cpu->PausesLeft < 0)
        {
            return MissPath.GiveWay(cpu, op);
        }

        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>PUSH register, with a stack pointer that is a linear address (64-bit, or flat 32-bit).</summary>
    [MethodImpl(Hot)]
    public static Op* PushReg<TStack, TW, TS>(CpuState* cpu, Op* op)
        where TStack : IWidth
        where TW : IWidth
        where TS : IRegister
    {
        var pointer = (TStack.Get(cpu, Stack) - (ulong)TW.Bytes) & TStack.Mask;
        var entry = WriteEntry(cpu, pointer);
        if (LastPage(pointer, TW.Bytes) != entry->Tag)
        {
            return MissPath.Store(cpu, op, pointer, TW.Bytes);
        }

        TW.Store((byte*)(pointer + entry->Addend), TW.Get(cpu, TS.Offset(op)));
        TStack.Set(cpu, Stack, pointer);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>PUSH immediate.</summary>
    [MethodImpl(Hot)]
    public static Op* PushImm<TStack, TW>(CpuState* cpu, Op* op)
        where TStack : IWidth
        where TW : IWidth
    {
        var pointer = (TStack.Get(cpu, Stack) - (ulong)TW.Bytes) & TStack.Mask;
        var entry = WriteEntry(cpu, pointer);
        if (LastPage(pointer, TW.Bytes) != entry->Tag)
        {
            return MissPath.Store(cpu, op, pointer, TW.Bytes);
        }

        TW.Store((byte*)(pointer + entry->Addend), (ulong)op->Imm);
        TStack.Set(cpu, Stack, pointer);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>POP register.</summary>
    [MethodImpl(Hot)]
    public static Op* PopReg<TStack, TW, TD>(CpuState* cpu, Op* op)
        where TStack : IWidth
        where TW : IWidth
        where TD : IRegister
    {
        var pointer = TStack.Get(cpu, Stack);
        var entry = ReadEntry(cpu, pointer);
        if (LastPage(pointer, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, pointer, TW.Bytes);
        }

        var value = TW.Load((byte*)(pointer + entry->Addend));
        TStack.Set(cpu, Stack, pointer + (ulong)TW.Bytes);
        TW.Set(cpu, TD.Offset(op), value);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>LEAVE.</summary>
    [MethodImpl(Hot)]
    public static Op* Leave<TStack, TW>(CpuState* cpu, Op* op)
        where TStack : IWidth
        where TW : IWidth
    {
        var pointer = TStack.Get(cpu, Frame);
        var entry = ReadEntry(cpu, pointer);
        if (LastPage(pointer, TW.Bytes) != entry->Tag)
        {
            return MissPath.Load(cpu, op, pointer, TW.Bytes);
        }

        var value = TW.Load((byte*)(pointer + entry->Addend));
        TStack.Set(cpu, Stack, pointer + (ulong)TW.Bytes);
        TW.Set(cpu, Frame, value);
        return op[1].Handler(cpu, op + 1);
    }

    /// <summary>Byte offset of RSP.</summary>
    private const int Stack = 32;

    /// <summary>Byte offset of RBP.</summary>
    private const int Frame = 40;
}
