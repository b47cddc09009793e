using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>CMPXCHG: one atomic access, whether or not LOCK asks for it.</summary>
internal readonly unsafe struct CompareExchange<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var expected = TW.Get(cpu, 0);
        var value = TW.Get(cpu, op->Src);
        bool retry;
        do
        {
            if (!Operand.ReadForUpdate<TW>(cpu, op, out var before))
            {
                return false;
            }

            var equal = before == expected;
            if (!equal && !Operand.HasMemory(op))
            {
                // A 32-bit destination that is not written keeps its upper half, but rAX takes a 32-bit value.
                Sub.SetFlags<TW>(cpu, expected, before, expected - before);
                TW.Set(cpu, 0, before);
                return true;
            }

            if (!Operand.Update<TW>(cpu, op, before, equal ? value : before, out retry))
            {
                return false;
            }

            if (!retry)
            {
                Sub.SetFlags<TW>(cpu, expected, before, expected - before);
                if (!equal)
                {
                    TW.Set(cpu, 0, before);
                }
            }
        }
        while (retry);
        return true;
    }
}

/// <summary>XADD.</summary>
internal readonly unsafe struct ExchangeAdd<TW> : IInstruction
    where TW : IWidth
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var addend = TW.Get(cpu, op->Src);
        if (!Operand.HasMemory(op))
        {
            var old = TW.Get(cpu, op->Dst);
            Add.SetFlags<TW>(cpu, old, addend, old + addend);
            TW.Set(cpu, op->Src, old);
            TW.Set(cpu, op->Dst, old + addend);
            return true;
        }

        ulong before;
        bool retry;
        do
        {
            if (!Operand.ReadForUpdate<TW>(cpu, op, out before) || !Operand.Update<TW>(cpu, op, before, before + addend, out retry))
            {
                return false;
            }
        }
        while (retry);
        Add.SetFlags<TW>(cpu, before, addend, before + addend);
        TW.Set(cpu, op->Src, before);
        return true;
    }
}

/// <summary>CMPXCHG8B: EDX:EAX against 8 bytes, ECX:EBX into them. Only ZF changes.</summary>
internal readonly unsafe struct CompareExchange8 : IInstruction
{
    public static bool Execute(CpuState* cpu, Op* op)
    {
        var expected = (ulong)(uint)cpu->Gpr[2] << 32 | (uint)cpu->Gpr[0];
        var value = (ulong)(uint)cpu->Gpr[1] << 32 | (uint)cpu->Gpr[3];
        bool retry;
        do
        {
            if (!Operand.ReadForUpdate<W64>(cpu, op, out var before)
                || !Operand.Update<W64>(cpu, op, before, before == expected ? value : before, out retry))
            {
                return false;
            }

            if (!retry)
            {
                BitFlags.SetZero(cpu, before == expected);
                if (before != expected)
                {
                    cpu->Gpr[0] = (uint)before;
                    cpu->Gpr[2] = before >> 32;
                }
            }
        }
        while (retry);
        return true;
    }
}

/// <summary>CMPXCHG16B: #GP unless aligned to 16 bytes.</summary>
internal readonly unsafe struct CompareExchange16 : IInstruction
{
    /// <summary>Where the host has no such instruction, and outside RAM, those of all vCPUs exclude each other here, and nothing else.</summary>
    private static readonly Lock Gate = new();

    public static bool Execute(CpuState* cpu, Op* op)
    {
        if (!Operand.Linear(cpu, op, 8, true, out var linear))
        {
            return false;
        }

        if ((linear & 15) != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!GuestAccess.ProbeWrite(cpu, linear, 16, false))
        {
            return false;
        }

        var isNoted = false;
        var host = AtomicPair.IsSupported ? GuestAccess.HostForUpdate(cpu, linear, 16, out isNoted) : null;
        return host != null ? InPlace(cpu, host, linear, isNoted) : InTwo(cpu, linear);
    }

    private static bool InPlace(CpuState* cpu, byte* host, ulong linear, bool isNoted)
    {
        var (low, high) = (cpu->Gpr[0], cpu->Gpr[2]);
        var equal = AtomicPair.CompareExchange(host, ref low, ref high, cpu->Gpr[3], cpu->Gpr[1]);
        if (isNoted)
        {
            GuestAccess.NoteUpdate(cpu, linear, 16);
        }

        BitFlags.SetZero(cpu, equal);
        if (!equal)
        {
            cpu->Gpr[0] = low;
            cpu->Gpr[2] = high;
        }

        return true;
    }

    private static bool InTwo(CpuState* cpu, ulong linear)
    {
        lock (Gate)
        {
            if (!GuestAccess.Read(cpu, linear, 8, false, out var low) || !GuestAccess.Read(cpu, linear + 8, 8, false, out var high))
            {
                return false;
            }

            var equal = low == cpu->Gpr[0] && high == cpu->Gpr[2];
            if (!GuestAccess.Write(cpu, linear, 8, equal ? cpu->Gpr[3] : low, false)
                || !GuestAccess.Write(cpu, linear + 8, 8, equal ? cpu->Gpr[1] : high, false))
            {
                return false;
            }

            BitFlags.SetZero(cpu, equal);
            if (!equal)
            {
                cpu->Gpr[0] = low;
                cpu->Gpr[2] = high;
            }
        }

        return true;
    }
}
