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

    private PageTables _tables;
    private PageEntrySlots _slots;
    private int _depth;
    private bool _narrow;

    /// <summary>
    /// The rights that all entries grant together: <see cref="PageEntry.Writable"/>, <see cref="PageEntry.User"/>,
    /// and bit 63 set where instructions may be fetched.
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
    public readonly bool Mark(bool write)
    {
        for (var i = 0; i < _depth; i++)
        {
            ref readonly var slot = ref _slots[i];
            var bits = write && i == _depth - 1 ? PageEntry.Accessed | PageEntry.Dirty : PageEntry.Accessed;
            if (!(_narrow ? _tables.MarkNarrow(slot, bits) : _tables.Mark(slot, bits)))
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
            ref var slot = ref _slots[_depth];
            _tables.Read(table + ((linear >> shift) & 511) * 8, out slot);
            var entry = slot.Value;
            if ((entry & PageEntry.Present) == 0)
            {
                return PageWalkStatus.NotPresent;
            }

            if ((entry & reserved) != 0)
            {
                return PageWalkStatus.Reserved;
            }

            _depth++;
            Rights &= entry ^ PageEntry.NoExecute;
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
        _tables.ReadNarrow(directory + (linear >> LargeNarrowShift) * 4, out _slots[0]);
        var entry = _slots[0].Value;
        if ((entry & PageEntry.Present) == 0)
        {
            return PageWalkStatus.NotPresent;
        }

        _depth = 1;
        Rights &= entry | PageEntry.NoExecute;
        if (largePages && (entry & PageEntry.PageSize) != 0)
        {
            var high = (entry >> 13 & 0xFF) << 32;
            return (entry & PageEntry.ReservedLargeNarrow) != 0
                ? PageWalkStatus.Reserved
                : Map(entry, (entry & 0xFFC0_0000) | high, LargeNarrowShift);
        }

        _tables.ReadNarrow((entry & PageEntry.NarrowAddressMask) + (linear >> TableShift & 1023) * 4, out _slots[1]);
        entry = _slots[1].Value;
        if ((entry & PageEntry.Present) == 0)
        {
            return PageWalkStatus.NotPresent;
        }

        _depth = 2;
        Rights &= entry | PageEntry.NoExecute;
        return Map(entry, entry & PageEntry.NarrowAddressMask, TableShift);
    }

    private PageWalkStatus Map(ulong leaf, ulong address, int bits)
    {
        Leaf = leaf;
        PageAddress = address;
        PageBits = bits;
        return PageWalkStatus.Mapped;
    }
}
