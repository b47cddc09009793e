namespace Emulator.Memory;

/// <summary>Which pages of a block were written since they were last collected: by vCPUs, by DMA, by anybody who writes through the bus.</summary>
/// <remarks>
/// Costs nothing while it is not there: a page that is clean and watched has its bit in <see cref="RamBlock.CodeMap"/>,
/// which every store tests anyway, and the first one clears it the slow way. Not marked: <see cref="RamBlock.Load"/>.
/// Made by <see cref="GuestMemory.WatchDirty"/>.
/// </remarks>
public sealed unsafe class DirtyPages : IDisposable
{
    private const ulong EightWatched = 0x8080808080808080;

    private readonly GuestMemory _memory;
    private readonly RamBlock _block;
    private readonly Lock _collecting = new();
    private bool _ended;

    internal DirtyPages(GuestMemory memory, RamBlock block)
    {
        if (!block.TryWatch(true))
        {
            throw new InvalidOperationException($"{block.Name} is watched already.");
        }

        (_memory, _block) = (memory, block);
        Collect([]);
    }

    /// <summary>Pages in the block.</summary>
    public int Count => (int)(_block.Size / RamBlock.PageSize);

    /// <summary>
    /// Takes the dirty pages; they are clean from here on. What was stored into them before is in memory when this returns,
    /// and what is stored later makes them dirty again: a store is in what the caller then reads, or its page in the next
    /// collection, or both.
    /// </summary>
    /// <remarks>
    /// Any thread that holds no lock which a register access takes: waits until each vCPU has dropped its write
    /// translations, tens of microseconds as a rule.
    /// </remarks>
    /// <param name="pages">A bit is set for each dirty page, the first page in bit 0; the others stay. Empty to only forget.</param>
    /// <returns>How many pages were dirty.</returns>
    /// <exception cref="ArgumentException">There is no room for all pages.</exception>
    public int Collect(Span<ulong> pages)
    {
        if (!pages.IsEmpty && pages.Length < (Count + 63) / 64)
        {
            throw new ArgumentException($"{_block.Name} has {Count} pages.", nameof(pages));
        }

        lock (_collecting)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            var dirty = 0;
            for (var page = 0; page < Count; page++)
            {
                if ((page & 7) == 0 && Count - page >= 8 && (Volatile.Read(ref *(ulong*)(_block.CodeMap + page)) & EightWatched) == EightWatched)
                {
                    page += 7;
                }
                else if (RamBlock.BeginWatch(_block.CodeMap + page))
                {
                    dirty++;
                    if (!pages.IsEmpty)
                    {
                        pages[page / 64] |= 1UL << page;
                    }
                }
            }

            if (dirty != 0)
            {
                _memory.NotifyWatched();
            }

            return dirty;
        }
    }

    /// <summary>Ends watching. Any thread.</summary>
    public void Dispose()
    {
        lock (_collecting)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            for (var page = 0; page < Count; page++)
            {
                RamBlock.EndWatch(_block.CodeMap + page);
            }

            _block.TryWatch(false);
        }
    }
}
