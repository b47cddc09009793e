using Emulator.Memory;

namespace Emulator.Cpu;

/// <summary>How a walk of the paging structures ended.</summary>
internal enum PageWalkStatus : byte
{
    /// <summary>It reached a page.</summary>
    Mapped,

    /// <summary>An entry on the way was not present.</summary>
    NotPresent,

    /// <summary>A present entry had a reserved bit set.</summary>
    Reserved,
}

/// <summary>
/// One walk from CR3 to a page in any of the paging modes (SDM volume 3, 4.3 to 4.5). It reads only;
/// <see cref="Mark"/> then sets the accessed and dirty bits of what it has passed.
/// </summary>
internal unsafe ref struct PageWalk
{
    private const int TableShift = 12;
    private const int LargeNarrowShift = 22;
    private const int HugeShift = 30;
    private const int RootShift = 39;

    /// <summary>Room for the entries of the longest walk.</summary>
    public const int MaximumDepth = 4;

    private readonly PageEntrySlot* _slots;
    private PageTables _tables;
    private int _depth;
    private bool _narrow;

    /// <summary>Prepares one walk.</summary>
    /// <param name="slots">Null, or <see cref="MaximumDepth"/> of them to note the entries in, for <see cref="Mark"/>.</param>
    public PageWalk(PageEntrySlot* slots)
    {
        _slots = slots;
    }

    /// <summary>
    /// What all entries have in common: the rights <see cref="PageEntry.Writable"/> and <see cref="PageEntry.User"/>,
    /// bit 63 where instructions may be fetched, and <see cref="PageEntry.Accessed"/> if none is left to mark so.
    /// </summary>
    public ulong Rights { get; private set; }

    /// <summary>The entry that maps the page.</summary>
    public ulong Leaf { get; private set; }

    /// <summary>Guest-physical address of the page.</summary>
    public ulong PageAddress { get; private set; }

    /// <summary>log2 of the page's size.</summary>
    public int PageBits { get; private set; }

    /// <summary>Walks with the tables and in the mode that the control registers name; CR0.PG is set. Once only.</summary>
    public PageWalkStatus Find(CpuState* cpu, GuestMemory memory, ulong linear)
    {
        Rights = ulong.MaxValue;
        if ((cpu->Cr4 & Cr4.PhysicalAddressExtension) == 0)
        {
            var directory = cpu->Cr3 & PageEntry.NarrowAddressMask;
            _narrow = true;
            _tables = new PageTables(memory, directory);
            return WalkTwoLevels(directory, (uint)linear, (cpu->Cr4 & Cr4.PageSizeExtensions) != 0);
        }

        var noExecute = (cpu->Efer & Efer.NoExecuteEnable) != 0 ? 0 : PageEntry.NoExecute;
        if ((cpu->Efer & Efer.LongModeActive) != 0)
        {
            var root = cpu->Cr3 & PageEntry.AddressMask;
            _tables = new PageTables(memory, root);
            return Walk(root, RootShift, linear, PageEntry.ReservedFourLevel | noExecute);
        }

        var pdpte = cpu->Pdpte[(linear >> HugeShift) & 3];
        if ((pdpte & PageEntry.Present) == 0)
        {
            return PageWalkStatus.NotPresent;
        }

        var table = pdpte & PageEntry.AddressMask;
        _tables = new PageTables(memory, table);
        return Walk(table, HugeShift - 9, (uint)linear, PageEntry.ReservedPae | noExecute);
    }

    /// <summary>Sets the accessed bit of every entry passed, and the page's dirty bit for a write.</summary>
    /// <returns>False if an entry has changed since it was read: what was found is stale, walk again.</returns>
    public readonly bool Mark(GuestMemory memory, bool write)
    {
        for (var i = 0; i < _depth; i++)
        {
            var bits = write && i == _depth - 1 ? PageEntry.Accessed | PageEntry.Dirty : PageEntry.Accessed;
            if (!_slots[i].Mark(memory, bits, _narrow))
            {
                return false;
            }
        }

        return true;
    }

    private PageWalkStatus Walk(ulong table, int shift, ulong linear, ulong reserved)
    {
        while (true)
        {
            var address = table + ((linear >> shift) & 511) * 8;
            var entry = _tables.Read(address);
            if ((entry & PageEntry.Present) == 0)
            {
                return PageWalkStatus.NotPresent;
            }

            if ((entry & reserved) != 0)
            {
                return PageWalkStatus.Reserved;
            }

            Pass(address, entry, entry ^ PageEntry.NoExecute);
            if (shift == TableShift)
            {
                return Map(entry, entry & PageEntry.AddressMask, shift);
            }

            if ((entry & PageEntry.PageSize) != 0)
            {
                // Below a large page's address only its PAT bit may be set; a root entry maps no page at all.
                var below = (1UL << shift) - (PageEntry.LargePageAttribute << 1);
                return shift == RootShift || (entry & below) != 0
                    ? PageWalkStatus.Reserved
                    : Map(entry, entry & PageEntry.AddressMask & ~PageEntry.LargePageAttribute, shift);
            }

            table = entry & PageEntry.AddressMask;
            shift -= 9;
        }
    }

    private PageWalkStatus WalkTwoLevels(ulong directory, uint linear, bool largePages)
    {
        var address = directory + (linear >> LargeNarrowShift) * 4;
        var entry = _tables.ReadNarrow(address);
        if ((entry & PageEntry.Present) == 0)
        {
            return PageWalkStatus.NotPresent;
        }

        Pass(address, entry, entry | PageEntry.NoExecute);
        if (largePages && (entry & PageEntry.PageSize) != 0)
        {
            var high = (entry >> 13 & 0xFF) << 32;
            return (entry & PageEntry.ReservedLargeNarrow) != 0
                ? PageWalkStatus.Reserved
                : Map(entry, (entry & 0xFFC0_0000) | high, LargeNarrowShift);
        }

        address = (entry & PageEntry.NarrowAddressMask) + (linear >> TableShift & 1023) * 4;
        entry = _tables.ReadNarrow(address);
        if ((entry & PageEntry.Present) == 0)
        {
            return PageWalkStatus.NotPresent;
        }

        Pass(address, entry, entry | PageEntry.NoExecute);
        return Map(entry, entry & PageEntry.NarrowAddressMask, TableShift);
    }

    private void Pass(ulong address, ulong entry, ulong rights)
    {
        Rights &= rights;
        if (_slots != null)
        {
            _slots[_depth++] = _tables.Slot(address, entry);
        }
    }

    private PageWalkStatus Map(ulong leaf, ulong address, int bits)
    {
        Leaf = leaf;
        PageAddress = address;
        PageBits = bits;
        return PageWalkStatus.Mapped;
    }
}
