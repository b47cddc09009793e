using Emulator.Cpu.Interpreter;

namespace Emulator.Cpu;

/// <summary>
/// The string instructions. Each iteration is finished, registers and all, before the next begins, so that a fault, an
/// interrupt or a trap between two finds the instruction restartable where it is (SDM volume 2, REP).
/// </summary>
internal unsafe interface IStringStep<TW>
    where TW : IWidth
{
    /// <summary>Reads through the source index.</summary>
    static abstract bool UsesSource { get; }

    /// <summary>Reads or writes through the destination index.</summary>
    static abstract bool UsesDestination { get; }

    /// <summary>REPE and REPNE end by ZF, not by the count alone.</summary>
    static abstract bool Compares { get; }

    /// <summary>One element. Changes no index.</summary>
    static abstract bool Step(CpuState* cpu, Op* op, ulong source, ulong destination);

    /// <summary>Does several elements at once where it can, upwards only.</summary>
    /// <returns>How many; 0 if it must go one by one.</returns>
    static abstract ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count);
}

/// <summary>A string instruction with whatever repeat prefix its op names.</summary>
internal readonly unsafe struct StringInstruction<TStep, TW> : IInstruction
    where TStep : IStringStep<TW>
    where TW : IWidth
{
    /// <summary>Iterations between two looks at what other threads want.</summary>
    private const int Patience = 1 << 16;

    public static bool Execute(CpuState* cpu, Op* op)
    {
        var mask = BusLog.SizeMask(2 << (op->ScaleSegment >> 6));
        var repeats = op->Imm != 0;
        var step = (cpu->SystemFlags & Rflags.Direction) != 0 ? 0UL - (ulong)TW.Bytes : (ulong)TW.Bytes;
        var patience = (cpu->Mode & (uint)CodeMode.Single) != 0 ? 1L : Patience;
        while (!repeats || (cpu->Gpr[1] & mask) != 0)
        {
            if (repeats && (patience <= 0 || cpu->StopBehind != 0))
            {
                cpu->Unfinished = 1;
                return false;
            }

            var source = cpu->Gpr[6] & mask;
            var destination = cpu->Gpr[7] & mask;
            ulong from = 0, to = 0;
            if ((TStep.UsesSource && !Operand.Linear(cpu, op, source, TW.Bytes, false, out from))
                || (TStep.UsesDestination && !Segmentation.Linear(cpu, SegmentName.Es, destination, TW.Bytes, !TStep.Compares, out to)))
            {
                return false;
            }

            var done = 1UL;
            if (repeats && !TStep.Compares && step == (ulong)TW.Bytes && patience > 1)
            {
                var room = Math.Min(Room(from, source, mask), Room(to, destination, mask));
                done = TStep.Bulk(cpu, from, to, Math.Min(cpu->Gpr[1] & mask, room));
            }

            if (done <= 1)
            {
                if (!TStep.Step(cpu, op, from, to))
                {
                    return false;
                }

                done = 1;
            }

            cpu->BusLogCount = 0;
            if (TStep.UsesSource)
            {
                Advance(cpu, 6, source + step * done, mask);
            }

            if (TStep.UsesDestination)
            {
                Advance(cpu, 7, destination + step * done, mask);
            }

            if (!repeats)
            {
                return true;
            }

            Advance(cpu, 1, cpu->Gpr[1] - done, mask);
            patience -= (long)done;
            if (TStep.Compares && Flags.Zero(cpu) != (op->Imm == 0xF3))
            {
                return true;
            }
        }

        return true;
    }

    /// <summary>Elements up to the end of the page and of the index's range.</summary>
    private static ulong Room(ulong linear, ulong index, ulong mask) =>
        Math.Min((4096 - (linear & 0xFFF)) / (ulong)TW.Bytes, mask == ulong.MaxValue ? ulong.MaxValue : (mask - index + 1) / (ulong)TW.Bytes);

    private static void Advance(CpuState* cpu, int register, ulong value, ulong mask) =>
        cpu->Gpr[register] = mask == ushort.MaxValue ? (cpu->Gpr[register] & ~mask) | (value & mask) : value & mask;
}

/// <summary>MOVS.</summary>
internal readonly unsafe struct MoveString<TW> : IStringStep<TW>
    where TW : IWidth
{
    public static bool UsesSource => true;

    public static bool UsesDestination => true;

    public static bool Compares => false;

    public static bool Step(CpuState* cpu, Op* op, ulong source, ulong destination) =>
        GuestAccess.Read(cpu, source, TW.Bytes, false, out var value) && GuestAccess.Write(cpu, destination, TW.Bytes, value, false);

    public static ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count)
    {
        if (count < 2)
        {
            return 0;
        }

        var from = GuestAccess.HostForRead(cpu, source);
        var to = from == null ? null : GuestAccess.HostForWrite(cpu, destination);
        cpu->Fault.IsPending = false;
        if (to == null)
        {
            return 0;
        }

        if (to <= from || to >= from + count * (ulong)TW.Bytes)
        {
            System.Buffer.MemoryCopy(from, to, count * (ulong)TW.Bytes, count * (ulong)TW.Bytes);
            return count;
        }

        // The destination runs into the source: what was written is read again.
        for (var i = 0UL; i < count * (ulong)TW.Bytes; i += (ulong)TW.Bytes)
        {
            TW.Store(to + i, TW.Load(from + i));
        }

        return count;
    }
}

/// <summary>STOS.</summary>
internal readonly unsafe struct StoreString<TW> : IStringStep<TW>
    where TW : IWidth
{
    public static bool UsesSource => false;

    public static bool UsesDestination => true;

    public static bool Compares => false;

    public static bool Step(CpuState* cpu, Op* op, ulong source, ulong destination) =>
        GuestAccess.Write(cpu, destination, TW.Bytes, TW.Get(cpu, 0), false);

    public static ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count)
    {
        var to = count < 2 ? null : GuestAccess.HostForWrite(cpu, destination);
        cpu->Fault.IsPending = false;
        if (to == null)
        {
            return 0;
        }

        var value = TW.Get(cpu, 0);
        switch (TW.Bytes)
        {
            case 1:
                new Span<byte>(to, (int)count).Fill((byte)value);
                break;
            case 2:
                new Span<ushort>(to, (int)count).Fill((ushort)value);
                break;
            case 4:
                new Span<uint>(to, (int)count).Fill((uint)value);
                break;
            default:
                new Span<ulong>(to, (int)count).Fill(value);
                break;
        }

        return count;
    }
}

/// <summary>LODS.</summary>
internal readonly unsafe struct LoadString<TW> : IStringStep<TW>
    where TW : IWidth
{
    public static bool UsesSource => true;

    public static bool UsesDestination => false;

    public static bool Compares => false;

    public static bool Step(CpuState* cpu, Op* op, ulong source, ulong destination)
    {
        if (!GuestAccess.Read(cpu, source, TW.Bytes, false, out var value))
        {
            return false;
        }

        TW.Set(cpu, 0, value);
        return true;
    }

    public static ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count) => 0;
}

/// <summary>SCAS.</summary>
internal readonly unsafe struct ScanString<TW> : IStringStep<TW>
    where TW : IWidth
{
    public static bool UsesSource => false;

    public static bool UsesDestination => true;

    public static bool Compares => true;

    public static bool Step(CpuState* cpu, Op* op, ulong source, ulong destination)
    {
        if (!GuestAccess.Read(cpu, destination, TW.Bytes, false, out var value))
        {
            return false;
        }

        var a = TW.Get(cpu, 0);
        Sub.SetFlags<TW>(cpu, a, value, a - value);
        return true;
    }

    public static ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count) => 0;
}

/// <summary>CMPS.</summary>
internal readonly unsafe struct CompareString<TW> : IStringStep<TW>
    where TW : IWidth
{
    public static bool UsesSource => true;

    public static bool UsesDestination => true;

    public static bool Compares => true;

    public static bool Step(CpuState* cpu, Op* op, ulong source, ulong destination)
    {
        if (!GuestAccess.Read(cpu, source, TW.Bytes, false, out var a) || !GuestAccess.Read(cpu, destination, TW.Bytes, false, out var b))
        {
            return false;
        }

        Sub.SetFlags<TW>(cpu, a, b, a - b);
        return true;
    }

    public static ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count) => 0;
}

/// <summary>INS: the memory is known to be writable before the port is read.</summary>
internal readonly unsafe struct InputString<TW> : IStringStep<TW>
    where TW : IWidth
{
    public static bool UsesSource => false;

    public static bool UsesDestination => true;

    public static bool Compares => false;

    public static bool Step(CpuState* cpu, Op* op, ulong source, ulong destination)
    {
        ulong value = 0;
        var port = (ushort)cpu->Gpr[2];
        return IoPermission.Check(cpu, port, TW.Bytes)
            && GuestAccess.ProbeWrite(cpu, destination, TW.Bytes, false)
            && Vcpu.Of(cpu).Memory.Port(false, port, TW.Bytes, ref value)
            && GuestAccess.Write(cpu, destination, TW.Bytes, value, false);
    }

    public static ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count) => 0;
}

/// <summary>OUTS.</summary>
internal readonly unsafe struct OutputString<TW> : IStringStep<TW>
    where TW : IWidth
{
    public static bool UsesSource => true;

    public static bool UsesDestination => false;

    public static bool Compares => false;

    public static bool Step(CpuState* cpu, Op* op, ulong source, ulong destination)
    {
        var port = (ushort)cpu->Gpr[2];
        return IoPermission.Check(cpu, port, TW.Bytes)
            && GuestAccess.Read(cpu, source, TW.Bytes, false, out var value)
            && Vcpu.Of(cpu).Memory.Port(true, port, TW.Bytes, ref value);
    }

    public static ulong Bulk(CpuState* cpu, ulong source, ulong destination, ulong count) => 0;
}
