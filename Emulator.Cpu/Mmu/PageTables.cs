using System.Runtime.CompilerServices;
using Emulator.Memory;

namespace Emulator.Cpu;

/// <summary>A paging-structure entry as it was read, and where.</summary>
internal unsafe struct PageEntrySlot
{
    /// <summary>The entry; 32-bit ones are zero-extended.</summary>
    public ulong Value;

    /// <summary>Guest-physical address of the entry.</summary>
    public ulong Address;

    /// <summary>Host address of the entry, or null if it does not lie in RAM and cannot be marked.</summary>
    public byte* Host;

    /// <summary>Nonzero while somebody holds decoded code of the entry's page; null with <see cref="Host"/>.</summary>
    public byte* CodeMap;
}

/// <summary>The entries of one walk, root first.</summary>
[InlineArray(4)]
internal struct PageEntrySlots
{
    private PageEntrySlot _first;
}

/// <summary>
/// Reads paging-structure entries where they lie and marks them. In ROM they can be read but not marked. Where there
/// is no memory they read as all ones, as on the bus; so they do in registers, because a walk cannot leave the vCPU
/// to ask a device.
/// </summary>
internal unsafe ref struct PageTables
{
    private readonly GuestMemory _memory;
    private readonly AddressMap _map;

    // Tables mostly lie in the same RAM, so the last range answers nearly every time.
    private ref readonly MapRange _range;

    public PageTables(GuestMemory memory, ulong root)
    {
        _memory = memory;
        _map = memory.Map;
        _range = ref _map.Find(root);
    }

    /// <summary>Reads an entry of 8 bytes, aligned so.</summary>
    public void Read(ulong address, out PageEntrySlot slot)
    {
        slot.Value = Locate(address, out slot) ? Volatile.Read(ref *(ulong*)HostOf(address)) : ulong.MaxValue;
    }

    /// <summary>Reads an entry of 4 bytes, aligned so.</summary>
    public void ReadNarrow(ulong address, out PageEntrySlot slot)
    {
        slot.Value = Locate(address, out slot) ? Volatile.Read(ref *(uint*)HostOf(address)) : uint.MaxValue;
    }

    /// <summary>Sets bits in an entry of 8 bytes, unless somebody has changed it since it was read.</summary>
    /// <returns>False if it changed and the walk must begin again.</returns>
    public readonly bool Mark(in PageEntrySlot slot, ulong bits)
    {
        if (slot.Host == null || (slot.Value & bits) == bits)
        {
            return true;
        }

        if (Interlocked.CompareExchange(ref *(ulong*)slot.Host, slot.Value | bits, slot.Value) != slot.Value)
        {
            return false;
        }

        NoteWrite(slot);
        return true;
    }

    /// <summary>Sets bits in an entry of 4 bytes, unless somebody has changed it since it was read.</summary>
    /// <returns>False if it changed and the walk must begin again.</returns>
    public readonly bool MarkNarrow(in PageEntrySlot slot, ulong bits)
    {
        if (slot.Host == null || (slot.Value & bits) == bits)
        {
            return true;
        }

        var value = (uint)slot.Value;
        if (Interlocked.CompareExchange(ref *(uint*)slot.Host, value | (uint)bits, value) != value)
        {
            return false;
        }

        NoteWrite(slot);
        return true;
    }

    private bool Locate(ulong address, out PageEntrySlot slot)
    {
        slot = default;
        slot.Address = address;
        if (address - _range.First > _range.Last - _range.First)
        {
            _range = ref _map.Find(address);
        }

        if (_range.Kind == RegionKind.Ram)
        {
            slot.Host = HostOf(address);
            slot.CodeMap = _range.CodeMap + ((address - _range.First) >> 12);
        }

        return _range.Host != null;
    }

    private readonly byte* HostOf(ulong address) => _range.Host + (address - _range.First);

    private readonly void NoteWrite(in PageEntrySlot slot)
    {
        if (*slot.CodeMap != 0)
        {
            _memory.NotifyCodeWritten(slot.Address & ~0xFFFUL);
        }
    }
}
