using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Cpu;

/// <summary>What <see cref="SlowMemory.Prepare"/> did for an access that missed the TLB.</summary>
internal enum Prepared
{
    /// <summary>The TLB has the page now: run the op again.</summary>
    Filled,

    /// <summary>A TLB entry for this one access is in place: run a copy of the op, then <see cref="SlowMemory.Finish"/>.</summary>
    Once,

    /// <summary>A fault is pending or the vCPU must exit.</summary>
    Stopped,
}

/// <summary>What an op does with its memory operand.</summary>
internal enum OperandAccess
{
    /// <summary>Reads it.</summary>
    Load,

    /// <summary>Writes all of it.</summary>
    Store,

    /// <summary>Reads, then writes.</summary>
    Update,

    /// <summary>Reads and writes in one, and is a full fence.</summary>
    Locked,
}

/// <summary>
/// Memory off the fast path: fills the TLB, and serves what it cannot hold — accesses across pages, to registers and
/// ROM, writes to pages with decoded code or not dirty yet, and pages with a data breakpoint.
/// </summary>
/// <remarks>
/// A handler reaches such memory as it reaches any other: through a TLB entry that is put up for this one access and
/// points at a buffer, which was filled before and is written back after.
/// </remarks>
internal sealed unsafe partial class SlowMemory(Vcpu vcpu, CpuState* cpu, GuestMemory memory, byte* buffer)
{
    private readonly BusLog _log = new();
    private readonly PendingWrite[] _pending = new PendingWrite[8];
    private int _pendingFirst;
    private int _pendingCount;
    private TlbEntry* _once;
    private OperandAccess _access;
    private ulong _linear;
    private int _size;
    private bool _buffered;
    private byte* _pageByte;
    private ulong _physical;
    private ulong _physicalSecond;

    /// <summary>Accesses outside RAM of the instruction in progress.</summary>
    public BusLog Log => _log;

    /// <summary>True while writes of a finished instruction wait for their exits.</summary>
    public bool HasPendingWrites => _pendingFirst < _pendingCount;

    /// <summary>Exits for the next waiting write.</summary>
    public void TakePendingWrite(ref VcpuExit exit)
    {
        ref readonly var write = ref _pending[_pendingFirst++];
        exit = new VcpuExit { Reason = ExitReason.Mmio, IsWrite = true, Address = write.Address, Size = write.Size, Data = write.Data };
        if (_pendingFirst == _pendingCount)
        {
            _pendingFirst = _pendingCount = 0;
        }
    }

    /// <summary>Makes an access possible that missed the TLB.</summary>
    /// <param name="linear">The linear address.</param>
    /// <param name="size">1 to 8 bytes.</param>
    /// <param name="access">What the op does there.</param>
    /// <param name="stack">True for the stack segment: a wild address is #SS, not #GP.</param>
    public Prepared Prepare(ulong linear, int size, OperandAccess access, bool stack)
    {
        if (!CheckRange(linear, size, stack))
        {
            return Prepared.Stopped;
        }

        var write = access != OperandAccess.Load;
        if (!Translate(linear, write, false, out var first))
        {
            return Prepared.Stopped;
        }

        var crossing = (linear & 0xFFF) + (ulong)size > 4096;
        var second = default(PageTranslation);
        if (crossing && !Translate((linear & ~0xFFFUL) + 4096, write, false, out second))
        {
            return Prepared.Stopped;
        }

        _physical = first.Physical;
        _physicalSecond = second.Physical;
        var watched = vcpu.Breakpoints.MayWatch(linear);
        if (!crossing)
        {
            ref readonly var range = ref memory.Map.Find(first.Physical);
            if (range.Kind == RegionKind.Ram || (range.Kind == RegionKind.Rom && !write))
            {
                var offset = first.Physical - range.First;
                var host = range.Host + offset;
                _pageByte = range.CodeMap + (offset >> 12);
                if (range.Kind == RegionKind.Ram && IsSimulated(first.Physical))
                {
                    return PrepareSimulated(linear, size, access, host);
                }

                var isNoticed = write && Volatile.Read(ref *_pageByte) != 0;
                if (!isNoticed && !watched)
                {
                    TlbSet.Fill(cpu, linear, host - (linear & 0xFFF), write, first.Global);
                    return Prepared.Filled;
                }

                PutUp(linear, size, access, host, buffered: false);
                return Prepared.Once;
            }
        }

        if (access is OperandAccess.Update or OperandAccess.Locked && crossing)
        {
            Drain();
            BeginSplitAccess();
        }

        if (access != OperandAccess.Store && !Gather(linear, size))
        {
            EndSplitAccess();
            return Prepared.Stopped;
        }

        PutUp(linear, size, access, buffer, buffered: true);
        return Prepared.Once;
    }

    /// <summary>After a copy of the op ran on what <see cref="Prepare"/> put up: takes it down and completes the write.</summary>
    /// <returns>True if execution may go on in the block; false if the run loop must look first.</returns>
    public bool Finish()
    {
        _once->Tag = TlbEntry.Invalid;
        cpu->BusLogCount = 0;
        var goOn = true;
        if (_access != OperandAccess.Load)
        {
            EndUpdate(_host, _physical, _size);
            goOn = _buffered ? Scatter() : !vcpu.Written(_pageByte, _physical, _size);
            EndSplitAccess();
        }

        return vcpu.Breakpoints.NoteAccess(_linear, _size, _access != OperandAccess.Load) ? false : goOn;
    }

    /// <summary>Reads at a linear address; see <see cref="GuestAccess.Read"/>.</summary>
    public bool Read(ulong linear, int size, bool system, out ulong value)
    {
        value = 0;
        var length = Math.Min(size, 4096 - (int)(linear & 0xFFF));
        if (!Translate(linear, false, system, out var first))
        {
            return false;
        }

        vcpu.Breakpoints.NoteSlowAccess(linear, size, false);
        if (length == size)
        {
            return ReadPhysical(first.Physical, size, out value);
        }

        if (!Translate(linear + (ulong)length, false, system, out var second)
            || !ReadPieces(first.Physical, length, out var low)
            || !ReadPieces(second.Physical, size - length, out var high))
        {
            return false;
        }

        value = low | high << (length * 8);
        return true;
    }

    /// <summary>Writes at a linear address; see <see cref="GuestAccess.Write"/>.</summary>
    public bool Write(ulong linear, int size, ulong value, bool system)
    {
        var length = Math.Min(size, 4096 - (int)(linear & 0xFFF));
        if (!Translate(linear, true, system, out var first))
        {
            return false;
        }

        vcpu.Breakpoints.NoteSlowAccess(linear, size, true);
        if (length == size)
        {
            return WritePhysical(first.Physical, size, value);
        }

        return Translate(linear + (ulong)length, true, system, out var second)
            && WritePieces(first.Physical, length, value)
            && WritePieces(second.Physical, size - length, value >> (length * 8));
    }

    /// <summary>Checks that a write cannot fault; see <see cref="GuestAccess.ProbeWrite"/>.</summary>
    public bool ProbeWrite(ulong linear, int size, bool system) =>
        Translate(linear, true, system, out _)
        && ((linear & 0xFFF) + (ulong)size <= 4096 || Translate((linear & ~0xFFFUL) + 4096, true, system, out _));

    /// <summary>Fills the TLB for a read if it can hold the page; see <see cref="GuestAccess.HostForRead"/>.</summary>
    public byte* FillForRead(ulong linear)
    {
        if (vcpu.Breakpoints.MayWatch(linear) || !Translate(linear, false, false, out var translation))
        {
            return null;
        }

        ref readonly var range = ref memory.Map.Find(translation.Physical);
        if (range.Kind is not (RegionKind.Ram or RegionKind.Rom))
        {
            return null;
        }

        if (IsSimulated(translation.Physical))
        {
            return null;
        }

        var host = range.Host + (translation.Physical - range.First);
        TlbSet.Fill(cpu, linear, host - (linear & 0xFFF), false, translation.Global);
        return host;
    }

    /// <summary>Makes or recalls a port access.</summary>
    public bool Port(bool write, ushort port, int size, ref ulong data)
    {
        Drain();
        return _log.Access(cpu, ExitReason.Io, write, port, size, ref data, ref vcpu.Exit) ? NotePort(port, size) : vcpu.StopForExit();
    }

    private bool NotePort(ushort port, int size)
    {
        vcpu.Breakpoints.NotePort(port, size);
        return true;
    }

    private bool CheckRange(ulong linear, int size, bool stack)
    {
        var last = linear + (ulong)(size - 1);
        var fits = (cpu->Mode & (uint)CodeMode.Code64) != 0
            ? LinearAddress.IsCanonical(linear) && LinearAddress.IsCanonical(last)
            : last <= uint.MaxValue || (cpu->Mode & (uint)CodeMode.Flat) == 0;
        return fits || Fault.Raise(cpu, stack ? Vector.StackFault : Vector.GeneralProtection, 0);
    }

    private bool Translate(ulong linear, bool write, bool system, out PageTranslation translation)
    {
        if ((cpu->Efer & Efer.LongModeActive) == 0)
        {
            linear = (uint)linear;
        }

        return _initiator is null ? Walk(linear, write, system, out translation) : TranslateSimulated(linear, write, system, out translation);
    }

    private bool Walk(ulong linear, bool write, bool system, out PageTranslation translation) =>
        Paging.Translate(cpu, memory, linear, write ? PageAccess.Write : PageAccess.Read, cpu->Cpl == 3 && !system, !system && (cpu->SystemFlags & Rflags.AlignmentCheck) != 0, out translation);

    private void PutUp(ulong linear, int size, OperandAccess access, byte* host, bool buffered)
    {
        _linear = linear;
        _size = size;
        _access = access;
        _buffered = buffered;
        _once = (TlbEntry*)((byte*)cpu->Tlb + TlbSet.Index(linear) + (access == OperandAccess.Load ? 0 : TlbSet.WriteOffset));
        _once->Tag = (linear + (ulong)(size - 1)) & ~0xFFFUL;
        _once->Addend = (ulong)host - linear;
    }

    private bool Gather(ulong linear, int size)
    {
        var length = Math.Min(size, 4096 - (int)(linear & 0xFFF));
        ulong value;
        if (length == size)
        {
            if (!ReadPhysical(_physical, size, out value))
            {
                return false;
            }
        }
        else if (!ReadPieces(_physical, length, out value) || !ReadPieces(_physicalSecond, size - length, out var high))
        {
            return false;
        }
        else
        {
            value |= high << (length * 8);
        }

        Unsafe.WriteUnaligned(buffer, value);
        return true;
    }

    /// <summary>Writes the buffer back. Writes outside RAM wait for their exits: the instruction itself is done.</summary>
    private bool Scatter()
    {
        var value = Unsafe.ReadUnaligned<ulong>(buffer);
        var length = Math.Min(_size, 4096 - (int)(_linear & 0xFFF));
        var goOn = ScatterPiece(_physical, length, value);
        return length == _size ? goOn : ScatterPiece(_physicalSecond, _size - length, value >> (length * 8)) && goOn;
    }

    private bool ScatterPiece(ulong physical, int length, ulong value)
    {
        var goOn = true;
        while (length > 0)
        {
            var size = PieceSize(physical, length);
            ref readonly var range = ref memory.Map.Find(physical);
            if (range.Kind == RegionKind.Ram)
            {
                var pageByte = range.CodeMap + (physical - range.First >> 12);
                StoreRam(range.Host + (physical - range.First), pageByte, physical, size, value);
                goOn &= !vcpu.Written(pageByte, physical, size);
            }
            else
            {
                Drain();
                _pending[_pendingCount++] = new PendingWrite { Address = physical, Size = size, Data = value & BusLog.SizeMask(size) };
                goOn = false;
            }

            physical += (ulong)size;
            length -= size;
            value >>= size * 8 & 63;
        }

        return goOn;
    }

    private bool ReadPieces(ulong physical, int length, out ulong value)
    {
        value = 0;
        for (var done = 0; done < length;)
        {
            var size = PieceSize(physical, length - done);
            if (!ReadPhysical(physical, size, out var piece))
            {
                return false;
            }

            value |= piece << (done * 8);
            physical += (ulong)size;
            done += size;
        }

        return true;
    }

    private bool WritePieces(ulong physical, int length, ulong value)
    {
        while (length > 0)
        {
            var size = PieceSize(physical, length);
            if (!WritePhysical(physical, size, value))
            {
                return false;
            }

            physical += (ulong)size;
            length -= size;
            value >>= size * 8 & 63;
        }

        return true;
    }

    /// <summary>The largest aligned power of two that fits: what a bus would transfer at once.</summary>
    private static int PieceSize(ulong physical, int length)
    {
        var size = 8;
        while (size > length || (physical & (ulong)(size - 1)) != 0)
        {
            size >>= 1;
        }

        return size;
    }

    private bool ReadPhysical(ulong physical, int size, out ulong value)
    {
        ref readonly var range = ref memory.Map.Find(physical);
        if (range.Kind is RegionKind.Ram or RegionKind.Rom)
        {
            value = range.Kind == RegionKind.Ram
                ? LoadRam(range.Host + (physical - range.First), physical, size)
                : LoadHost(range.Host + (physical - range.First), size);
            return true;
        }

        Drain();
        value = 0;
        return _log.Access(cpu, ExitReason.Mmio, false, physical, size, ref value, ref vcpu.Exit) || vcpu.StopForExit();
    }

    private bool WritePhysical(ulong physical, int size, ulong value)
    {
        ref readonly var range = ref memory.Map.Find(physical);
        if (range.Kind == RegionKind.Ram)
        {
            var pageByte = range.CodeMap + (physical - range.First >> 12);
            StoreRam(range.Host + (physical - range.First), pageByte, physical, size, value);
            if (Volatile.Read(ref *pageByte) != 0 && vcpu.Written(pageByte, physical, size))
            {
                cpu->StopBehind = 1;
            }

            return true;
        }

        Drain();
        return _log.Access(cpu, ExitReason.Mmio, true, physical, size, ref value, ref vcpu.Exit) || vcpu.StopForExit();
    }

    private static ulong LoadHost(byte* host, int size) => size switch
    {
        1 => Volatile.Read(ref *host),
        2 => Volatile.Read(ref *(ushort*)host),
        4 => Volatile.Read(ref *(uint*)host),
        _ => Volatile.Read(ref *(ulong*)host),
    };

    private static void StoreHost(byte* host, int size, ulong value)
    {
        switch (size)
        {
            case 1:
                Volatile.Write(ref *host, (byte)value);
                break;
            case 2:
                Volatile.Write(ref *(ushort*)host, (ushort)value);
                break;
            case 4:
                Volatile.Write(ref *(uint*)host, (uint)value);
                break;
            default:
                Volatile.Write(ref *(ulong*)host, value);
                break;
        }
    }

    private struct PendingWrite
    {
        public ulong Address;
        public ulong Data;
        public int Size;
    }
}
