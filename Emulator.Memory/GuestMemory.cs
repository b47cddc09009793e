namespace Emulator.Memory;

/// <summary>The guest-physical address space: which regions there are, where they are, who answers where.</summary>
/// <remarks>
/// Accesses and <see cref="Map"/> may be used on any thread without a lock while another changes the map: a change
/// makes a new <see cref="AddressMap"/> and swaps it in whole. An access that began under the old map ends under it.
/// </remarks>
public sealed unsafe partial class GuestMemory : IDisposable
{
    private readonly Lock _changing = new();
    private readonly List<MemoryRegion> _regions = [];
    private readonly HashSet<RamBlock> _blocks = [];
    private readonly ChangeScope _scope;
    private AddressMap _map;
    private IMemoryObserver[] _observers = [];
    private int _generation;
    private int _depth;
    private bool _dirty;

    /// <summary>An address space in which nothing answers.</summary>
    public GuestMemory()
    {
        _scope = new ChangeScope(this);
        _map = MapBuilder.Build(_regions);
    }

    /// <summary>The map as it is now. Any thread, no lock.</summary>
    public AddressMap Map => Volatile.Read(ref _map);

    /// <summary>Counts the maps; read after <see cref="Map"/> was swapped it has a new value.</summary>
    public int Generation => Volatile.Read(ref _generation);

    /// <summary>Adds RAM. The block is disposed with this address space.</summary>
    /// <param name="name">What messages and the monitor call it.</param>
    /// <param name="base">Guest-physical address, a multiple of 4096.</param>
    /// <param name="block">The memory.</param>
    /// <param name="blockOffset">Where in the block the region starts, a multiple of 4096.</param>
    /// <param name="size">Bytes, a multiple of 4096, not zero.</param>
    /// <param name="priority">Where regions overlap the higher one is seen; of equals, the one added later.</param>
    /// <exception cref="ArgumentException">Misaligned, outside the block, or past the end of the address space.</exception>
    public MemoryRegion AddRam(string name, ulong @base, RamBlock block, ulong blockOffset, ulong size, int priority = 0) =>
        AddMemory(name, @base, block, blockOffset, size, priority, RegionKind.Ram, null);

    /// <summary>Adds ROM. Parameters as for <see cref="AddRam"/>.</summary>
    /// <param name="name">What messages and the monitor call it.</param>
    /// <param name="base">Guest-physical address, a multiple of 4096.</param>
    /// <param name="block">The memory.</param>
    /// <param name="blockOffset">Where in the block the region starts, a multiple of 4096.</param>
    /// <param name="size">Bytes, a multiple of 4096, not zero.</param>
    /// <param name="priority">Where regions overlap the higher one is seen; of equals, the one added later.</param>
    /// <param name="writes">Who is given the writes (flash, shadow RAM); null drops them with <see cref="BusStatus.ReadOnly"/>.</param>
    /// <exception cref="ArgumentException">Misaligned, outside the block, or past the end of the address space.</exception>
    public MemoryRegion AddRom(string name, ulong @base, RamBlock block, ulong blockOffset, ulong size, int priority, IBusTarget? writes = null) =>
        AddMemory(name, @base, block, blockOffset, size, priority, RegionKind.Rom, writes);

    /// <summary>Adds a window of registers, at any alignment.</summary>
    /// <param name="name">What messages and the monitor call it.</param>
    /// <param name="base">Guest-physical address.</param>
    /// <param name="size">Bytes, not zero.</param>
    /// <param name="target">The registers; called on the threads that make the accesses.</param>
    /// <param name="priority">Where regions overlap the higher one is seen; of equals, the one added later.</param>
    /// <param name="widest">The widest access the target is given, 1, 2, 4 or 8 bytes; wider ones are split, ascending.</param>
    /// <exception cref="ArgumentException">Empty, past the end of the address space, or no such width.</exception>
    public MemoryRegion AddMmio(string name, ulong @base, ulong size, IBusTarget target, int priority = 0, int widest = 8)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (widest is not (1 or 2 or 4 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(widest), widest, "A register access is 1, 2, 4 or 8 bytes.");
        }

        CheckPlace(name, @base, size);
        return Add(new MemoryRegion(name, size, RegionKind.Mmio, priority) { Base = @base, Target = target, Widest = widest });
    }

    /// <summary>Moves a region.</summary>
    /// <exception cref="ArgumentException">Past the end of the address space; RAM or ROM not on a page boundary.</exception>
    public void Move(MemoryRegion region, ulong newBase)
    {
        ArgumentNullException.ThrowIfNull(region);
        CheckPlace(region.Name, newBase, region.Size);
        if (region.Block is not null)
        {
            CheckPages(region.Name, newBase);
        }

        using (Change())
        {
            _dirty |= region.Enabled && region.Base != newBase;
            region.Base = newBase;
        }
    }

    /// <summary>Makes a region answer or not.</summary>
    public void SetEnabled(MemoryRegion region, bool enabled)
    {
        ArgumentNullException.ThrowIfNull(region);
        using (Change())
        {
            _dirty |= region.Enabled != enabled;
            region.Enabled = enabled;
        }
    }

    /// <summary>Makes RAM read-only or ROM writable, as a chipset does with shadow RAM.</summary>
    /// <exception cref="ArgumentException">The region, or the kind, is neither RAM nor ROM.</exception>
    public void SetKind(MemoryRegion region, RegionKind kind)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.Block is null || kind is not (RegionKind.Ram or RegionKind.Rom))
        {
            throw new ArgumentException($"{region.Name} cannot become {kind}.", nameof(kind));
        }

        using (Change())
        {
            _dirty |= region.Enabled && region.Kind != kind;
            region.Kind = kind;
        }
    }

    /// <summary>Takes a region away for good. One that is not there is no error.</summary>
    public void Remove(MemoryRegion region)
    {
        using (Change())
        {
            _dirty |= _regions.Remove(region);
        }
    }

    /// <summary>Begins to watch which pages of a block are written; all are clean at first. Dispose it before this address space.</summary>
    /// <param name="block">RAM of this address space.</param>
    /// <exception cref="ArgumentException">It is not of this address space.</exception>
    /// <exception cref="InvalidOperationException">Somebody watches it already.</exception>
    public DirtyPages WatchDirty(RamBlock block)
    {
        lock (_changing)
        {
            if (!_blocks.Contains(block))
            {
                throw new ArgumentException($"{block.Name} is not in this address space.", nameof(block));
            }
        }

        return new DirtyPages(this, block);
    }

    /// <summary>Holds the map back until the result is disposed, on the same thread, so that several changes are one swap.</summary>
    public IDisposable Change()
    {
        _changing.Enter();
        _depth++;
        return _scope;
    }

    /// <summary>Adds someone to tell of written code and of changes of the map. Any thread.</summary>
    public void AddObserver(IMemoryObserver observer)
    {
        lock (_changing)
        {
            Volatile.Write(ref _observers, [.. _observers, observer]);
        }
    }

    /// <summary>Takes an observer away; a call to it may still be under way on another thread.</summary>
    public void RemoveObserver(IMemoryObserver observer)
    {
        lock (_changing)
        {
            Volatile.Write(ref _observers, Array.FindAll(_observers, each => each != observer));
        }
    }

    /// <summary>Empties the map and frees the blocks. Nobody may use the memory, or host addresses in it, any more.</summary>
    public void Dispose()
    {
        using (Change())
        {
            _regions.Clear();
            _dirty = true;
        }

        foreach (var block in _blocks)
        {
            block.Dispose();
        }

        _blocks.Clear();
    }

    private static void CheckPlace(string name, ulong @base, ulong size)
    {
        if (size == 0 || size - 1 > ulong.MaxValue - @base)
        {
            throw new ArgumentException($"{name} of {size:X} bytes cannot be at {@base:X}.");
        }
    }

    private static void CheckPages(string name, ulong value)
    {
        if (value % RamBlock.PageSize != 0)
        {
            throw new ArgumentException($"{name}: memory is placed by whole 4 KiB pages, and {value:X} is none.");
        }
    }

    private MemoryRegion AddMemory(
        string name, ulong @base, RamBlock block, ulong blockOffset, ulong size, int priority, RegionKind kind, IBusTarget? writes)
    {
        ArgumentNullException.ThrowIfNull(block);
        CheckPlace(name, @base, size);
        CheckPages(name, @base | blockOffset | size);
        if (blockOffset > block.Size || size > block.Size - blockOffset)
        {
            throw new ArgumentException($"{name} is not inside {block.Name}.", nameof(size));
        }

        var fragments = new RamFragments(this, block, blockOffset, writes);
        var region = new MemoryRegion(name, size, kind, priority)
        {
            Base = @base,
            Block = block,
            BlockOffset = blockOffset,
            Target = writes,
            Fragments = new MemoryRegion(name, size, RegionKind.Mmio, priority) { Target = fragments },
        };
        fragments.Whole = region;
        lock (_changing)
        {
            _blocks.Add(block);
        }

        return Add(region);
    }

    private MemoryRegion Add(MemoryRegion region)
    {
        using (Change())
        {
            _regions.Add(region);
            _dirty = true;
        }

        return region;
    }

    private void EndChange()
    {
        try
        {
            if (--_depth == 0 && _dirty)
            {
                _dirty = false;
                Volatile.Write(ref _map, MapBuilder.Build(_regions));
                Volatile.Write(ref _generation, _generation + 1);

                // Inside the lock, so that no observer hears of two maps in the wrong order.
                foreach (var observer in _observers)
                {
                    observer.MapChanged();
                }
            }
        }
        finally
        {
            _changing.Exit();
        }
    }

    private sealed class ChangeScope(GuestMemory memory) : IDisposable
    {
        public void Dispose() => memory.EndChange();
    }
}
