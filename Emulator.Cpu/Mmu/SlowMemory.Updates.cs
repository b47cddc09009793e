using Emulator.Memory;

namespace Emulator.Cpu;

// Reading and writing in one, as LOCK and the instructions that imply it want: in place wherever there is a place.
internal sealed unsafe partial class SlowMemory
{
    /// <summary>
    /// Read-modify-write accesses across two pages, of all vCPUs, exclude each other here; no host instruction makes them
    /// atomic. Plain accesses to the same bytes do not ask, so they can see one half of such an access.
    /// </summary>
    private static readonly Lock s_splitAccess = new();

    private bool _holdsSplitAccess;

    /// <summary>Finds RAM for an atomic operation, and fills the TLB for it if that can hold the page; see <see cref="GuestAccess.HostForUpdate"/>.</summary>
    public byte* FillForUpdate(ulong linear, int size, out bool isNoted)
    {
        isNoted = false;
        if ((linear & 0xFFF) + (ulong)size > 4096 || !Translate(linear, true, false, out var translation))
        {
            return null;
        }

        ref readonly var range = ref memory.Map.Find(translation.Physical);
        if (range.Kind != RegionKind.Ram)
        {
            return null;
        }

        var offset = translation.Physical - range.First;
        _physical = translation.Physical;
        _host = range.Host + offset;
        _pageByte = range.CodeMap + (offset >> 12);
        if (IsSimulated(_physical))
        {
            isNoted = true;
            BeginUpdate(_host, size);
            return _host;
        }

        isNoted = vcpu.Breakpoints.MayWatch(linear) || Volatile.Read(ref *_pageByte) != 0;
        if (!isNoted)
        {
            TlbSet.Fill(cpu, linear, range.Host + offset - (linear & 0xFFF), true, translation.Global);
        }

        return range.Host + offset;
    }

    /// <summary>True if stores to that page go through a store buffer; see <see cref="GuestAccess.HostForWrite"/>.</summary>
    public bool IsSimulatedPage(ulong linear) => _initiator is not null && Translate(linear, true, false, out var translation) && IsSimulated(translation.Physical);

    /// <summary>After the operation, if it is to be noted.</summary>
    public void NoteUpdate(ulong linear, int size)
    {
        EndUpdate(_host, _physical, size);
        vcpu.Breakpoints.NoteSlowAccess(linear, size, true);
        if (vcpu.Written(_pageByte, _physical, size))
        {
            cpu->StopBehind = 1;
        }
    }

    /// <summary>See <see cref="GuestAccess.ReplaceSplit"/>.</summary>
    public bool ReplaceSplit(ulong linear, int size, ulong before, ulong after, out bool retry)
    {
        retry = false;
        if (!IsRam(linear, size))
        {
            return Write(linear, size, after, false);
        }

        Drain();
        lock (s_splitAccess)
        {
            retry = Read(linear, size, false, out var now) && now != before;
            return retry || Write(linear, size, after, false);
        }
    }

    /// <summary>Before an op runs on the buffer that stands for bytes of two pages: until <see cref="Finish"/>, which comes next, for only the op runs in between.</summary>
    private void BeginSplitAccess()
    {
        if (IsRamAt(_physical) && IsRamAt(_physicalSecond))
        {
            s_splitAccess.Enter();
            _holdsSplitAccess = true;
        }
    }

    private void EndSplitAccess()
    {
        if (_holdsSplitAccess)
        {
            _holdsSplitAccess = false;
            s_splitAccess.Exit();
        }
    }

    /// <summary>True if both pages of an access that has been probed are RAM.</summary>
    private bool IsRam(ulong linear, int size) =>
        Translate(linear, true, false, out var first)
        && Translate(linear + (ulong)(size - 1), true, false, out var last)
        && IsRamAt(first.Physical) && IsRamAt(last.Physical);

    private bool IsRamAt(ulong physical) => memory.Map.Find(physical).Kind == RegionKind.Ram;
}
