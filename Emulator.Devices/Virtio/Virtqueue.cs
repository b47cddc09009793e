using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>A split virtqueue, the device's side of it (virtio 1.2, 2.7). On the I/O thread.</summary>
/// <remarks>
/// <para>It brings its own fences, at the sites of <see cref="VirtioSites"/>, and no access of it takes one of the bus's. What the guest may
/// change at any time is read once: the index, an entry, a descriptor.</para>
/// <para>Whatever is malformed, and whatever DMA is refused, breaks it: from then on it is empty, and nothing is returned. What a broken queue
/// means to the driver is the transport's business.</para>
/// </remarks>
/// <param name="number">The queue's number, from 0.</param>
public sealed class Virtqueue(int number)
{
    private const ulong PageSize = RamBlock.PageSize;

    private DmaContext _dma = null!;
    private VirtqueueLayout _layout;
    private ushort _taken;       // How many chains were taken, free-running: the next is there.
    private ushort _available;   // avail.idx as it was seen last.
    private ushort _used;        // used.idx.
    private ushort _signalled;   // used.idx at the last question whether to interrupt.
    private int _inFlight;
    private bool _hasReturned;

    /// <summary>The queue's number, from 0.</summary>
    public int Number => number;

    /// <summary>True from <see cref="TryStart"/> to <see cref="Stop"/>.</summary>
    public bool IsStarted { get; private set; }

    /// <summary>True if nothing can be believed any more.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>What the driver has accepted.</summary>
    public VirtioFeatures Features { get; private set; }

    /// <summary>Entries.</summary>
    public int Size => _layout.Size;

    /// <summary>Chains that are taken and not returned.</summary>
    public int InFlight => _inFlight;

    /// <summary>Begins with empty rings: looks whether all of them is memory.</summary>
    /// <param name="dma">The function's.</param>
    /// <param name="layout">Where the rings are; this copy is what counts from now on.</param>
    /// <param name="features">What the driver has accepted.</param>
    /// <returns>False if it is broken, or if the function may not be a bus master yet: then it is not started.</returns>
    public bool TryStart(DmaContext dma, in VirtqueueLayout layout, VirtioFeatures features)
    {
        ArgumentNullException.ThrowIfNull(dma);
        (_dma, _layout, Features) = (dma, layout, features);
        (_taken, _available, _used, _signalled, _inFlight, _hasReturned) = (0, 0, 0, 0, 0, false);
        if (!dma.IsBusMaster)
        {
            return false;
        }

        IsStarted = true;
        IsBroken = !layout.IsWellFormed
            || !IsMemory(layout.Descriptors, layout.DescriptorsLength)
            || !IsMemory(layout.Available, layout.AvailableLength)
            || !IsMemory(layout.Used, layout.UsedLength);
        return !IsBroken;
    }

    /// <summary>Goes on at an index, as if as many chains had been taken and returned.</summary>
    internal void SkipTo(ushort index) => (_taken, _available, _used, _signalled) = (index, index, index, index);

    /// <summary>Forgets everything. With no work of the device running.</summary>
    public void Stop() => (IsStarted, IsBroken) = (false, false);

    /// <summary>Says that nothing can be believed any more.</summary>
    public void Break() => IsBroken = true;

    /// <summary>Takes the next available chain.</summary>
    /// <param name="chain">Takes its buffers; as it was if there is none.</param>
    /// <returns>False if there is none, or the queue is broken.</returns>
    public bool TryTake(VirtqueueChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        if (!HasAvailable())
        {
            return false;
        }

        // A driver has as many heads as there are descriptors; one that makes the same available again has a longer list of debts than that.
        if (_inFlight == Size || !Succeeds(_dma.LoadRelaxed(_layout.AvailableAt(_taken), out ushort head)) || head >= Size || !TryRead(chain, head))
        {
            Break();
            return false;
        }

        _taken++;
        _inFlight++;
        return true;
    }

    /// <summary>Returns a chain: pairs with the driver's read barrier behind used.idx.</summary>
    /// <param name="head">The chain's.</param>
    /// <param name="written">Bytes from the beginning of its writable buffers that have been written (2.7.8.2).</param>
    public void Return(ushort head, uint written)
    {
        if (IsBroken)
        {
            return;
        }

        // virtio.used-elem-before-idx: the data, by whoever calls; the element; then the index. Pairs with virtio_rmb() in virtqueue_get_buf().
        var next = (ushort)(_used + 1);
        var status = _dma.IsSwapped(VirtioSites.UsedElementBeforeIndex)
            ? First(PublishUsed(next), WriteElement(head, written))
            : First(WriteElement(head, written), PublishUsed(next));
        if (!Succeeds(status))
        {
            return;
        }

        _used = next;
        _inFlight--;
        _hasReturned = true;
    }

    /// <summary>True if the driver wants an interrupt for what was returned since the last call (2.7.7, 2.7.10).</summary>
    public bool TakeInterrupt()
    {
        if (!_hasReturned || IsBroken)
        {
            return false;
        }

        // virtio.event-idx.used: pairs with virtio_mb() in virtqueue_enable_cb().
        _dma.FullBarrier(VirtioSites.EventIndexUsed);
        _hasReturned = false;
        var before = _signalled;
        _signalled = _used;
        if ((Features & VirtioFeatures.NotifyOnEmpty) != 0 && _inFlight == 0 && !HasAvailable())
        {
            return !IsBroken;
        }

        if ((Features & VirtioFeatures.EventIndex) != 0)
        {
            return Succeeds(_dma.LoadRelaxed(_layout.UsedEvent, out ushort wanted)) && Passes(wanted, _used, before);
        }

        return Succeeds(_dma.LoadRelaxed(_layout.Available, out ushort flags)) && (flags & VirtqueueLayout.Unwanted) == 0;
    }

    /// <summary>Tells the driver that it need not notify: what it makes available is found. With event indices nothing need be said.</summary>
    public void SuppressNotifications()
    {
        if (!IsBroken && (Features & VirtioFeatures.EventIndex) == 0)
        {
            Succeeds(_dma.StoreRelaxed(_layout.Used, VirtqueueLayout.Unwanted));
        }
    }

    /// <summary>Tells the driver that it has to notify, and looks once more.</summary>
    /// <returns>True if something was made available meanwhile, of which nobody may tell.</returns>
    public bool AllowNotifications()
    {
        if (IsBroken)
        {
            return false;
        }

        var status = (Features & VirtioFeatures.EventIndex) != 0
            ? _dma.StoreRelaxed(_layout.AvailableEvent, _taken)
            : _dma.StoreRelaxed(_layout.Used, (ushort)0);

        // virtio.event-idx.avail: pairs with virtio_mb() in virtqueue_kick_prepare().
        _dma.FullBarrier(VirtioSites.EventIndexAvailable);
        return Succeeds(status) && HasAvailable();
    }

    // Whether an index that the other side wants to hear of is among those passed since (2.7.7.2).
    private static bool Passes(ushort wanted, ushort now, ushort before) => (ushort)(now - wanted - 1) < (ushort)(now - before);

    private static DmaStatus First(DmaStatus first, DmaStatus second) => first != DmaStatus.Ok ? first : second;

    private bool HasAvailable() => !IsBroken && (_available != _taken || FindAvailable());

    private bool FindAvailable()
    {
        var status = _dma.LoadRelaxed(_layout.Available + VirtqueueLayout.Index, out ushort index);
        if (!Succeeds(status) || index == _taken)
        {
            return false;
        }

        if ((ushort)(index - _taken) > Size)
        {
            Break();
            return false;
        }

        // virtio.avail-idx-before-ring: pairs with virtio_wmb() in virtqueue_add_split().
        _dma.ReadBarrier(VirtioSites.AvailableIndexBeforeRing);
        _available = index;
        return true;
    }

    // The chain from a head on: some descriptors, the last of which may refer to a table with the rest. No chain is longer than its table.
    private bool TryRead(VirtqueueChain chain, ushort head)
    {
        chain.Begin(head);
        var (table, entries, at, isIndirect) = (_layout.Descriptors, (uint)Size, head, false);
        for (var left = entries; left > 0; left--)
        {
            if (at >= entries || !TryLoad(table + ((ulong)at * VirtqueueDescriptor.Size), out var descriptor))
            {
                return false;
            }

            if ((descriptor.Flags & VirtqueueDescriptorBits.Indirect) != 0)
            {
                // Its write flag means nothing (2.7.5.3.2).
                if (isIndirect || (Features & VirtioFeatures.IndirectDescriptors) == 0 || (descriptor.Flags & VirtqueueDescriptorBits.Next) != 0
                    || descriptor.Length == 0 || descriptor.Length % VirtqueueDescriptor.Size != 0)
                {
                    return false;
                }

                (table, entries, at, isIndirect) = (descriptor.Address, descriptor.Length / VirtqueueDescriptor.Size, 0, true);
                left = entries + 1;
                continue;
            }

            if (descriptor.Length == 0 || !chain.TryAdd(in descriptor))
            {
                return false;
            }

            if ((descriptor.Flags & VirtqueueDescriptorBits.Next) == 0)
            {
                return true;
            }

            at = descriptor.Next;
        }

        return false;
    }

    private bool TryLoad(ulong address, out VirtqueueDescriptor descriptor)
    {
        descriptor = default;
        return _dma.ReadRelaxed(address, MemoryMarshal.AsBytes(new Span<VirtqueueDescriptor>(ref descriptor))) == DmaStatus.Ok;
    }

    private DmaStatus WriteElement(ushort head, uint written)
    {
        var element = head | ((ulong)written << 32);
        return _dma.WriteRelaxed(_layout.UsedAt(_used), MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in element)));
    }

    private DmaStatus PublishUsed(ushort index) =>
        _dma.PublishRelaxed(_layout.Used + VirtqueueLayout.Index, index, VirtioSites.UsedElementBeforeIndex);

    private bool IsMemory(ulong address, ulong length)
    {
        for (var at = address; at - address < length; at = (at | (PageSize - 1)) + 1)
        {
            if (_dma.LoadRelaxed(at, out byte _) != DmaStatus.Ok)
            {
                return false;
            }
        }

        return true;
    }

    private bool Succeeds(DmaStatus status)
    {
        IsBroken |= status != DmaStatus.Ok;
        return status == DmaStatus.Ok;
    }
}
