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

    /// <summary>Nonzero while somebody must hear of stores into the entry's page; null with <see cref="Host"/>.</summary>
    public byte* CodeMap;

    /// <summary>Sets bits in the entry, unless somebody has changed it since it was read.</summary>
    /// <returns>False if it changed and the walk must begin again.</returns>
    public readonly bool Mark(GuestMemory memory, ulong bits, bool narrow)
    {
        if (Host == null || (Value & bits) == bits)
        {
            return true;
        }

        // Other processors and devices write here at the same time; a plain store would undo what they did.
        var marked = Value | bits;
        var unchanged = narrow
            ? Interlocked.CompareExchange(ref *(uint*)Host, (uint)marked, (uint)Value) == (uint)Value
            : Interlocked.CompareExchange(ref *(ulong*)Host, marked, Value) == Value;
        if (unchanged && *CodeMap != 0)
        {
            memory.NotifyWritten(CodeMap, Address & ~0xFFFUL);
        }

        return unchanged;
    }
}

/// <summary>
/// Reads paging-structure entries where they lie and marks them. In ROM they can be read but not marked. Where there
/// is no memory they read as all ones, as on the bus; so they do in registers, because a walk cannot leave the vCPU
/// to ask a device.
/// </summary>
internal unsafe ref struct PageTables
{
    private readonly AddressMap _map;

    // The range that the last entry lay in, taken apart. Tables mostly lie in the same RAM: it answers nearly every time.
    private ulong _first;
    private ulong _span;
    private byte* _host;
    private byte* _codeMap;
    private bool _isRam;

    public PageTables(GuestMemory memory, ulong root)
    {
        _map = memory.Map;
        Locate(root);
    }

    /// <summary>Reads an entry of 8 bytes, aligned so.</summary>
    public ulong Read(ulong address)
    {
        if (address - _first > _span)
        {
            Locate(address);
        }

        return _host != null ? Volatile.Read(ref *(ulong*)(_host + (address - _first))) : ulong.MaxValue;
    }

    /// <summary>Reads an entry of 4 bytes, aligned so.</summary>
    public ulong ReadNarrow(ulong address)
    {
        if (address - _first > _span)
        {
            Locate(address);
        }

        return _host != null ? Volatile.Read(ref *(uint*)(_host + (address - _first))) : uint.MaxValue;
    }

    /// <summary>Notes where the entry just read can be marked.</summary>
    public readonly PageEntrySlot Slot(ulong address, ulong value) => new()
    {
        Value = value,
        Address = address,
        Host = _isRam ? _host + (address - _first) : null,
        CodeMap = _isRam ? _codeMap + ((address - _first) >> 12) : null,
    };

    private void Locate(ulong address)
    {
        ref readonly var range = ref _map.Find(address);
        _first = range.First;
        _span = range.Last - range.First;
        _host = range.Host;
        _codeMap = range.CodeMap;
        _isRam = range.Kind == RegionKind.Ram;
    }
}
