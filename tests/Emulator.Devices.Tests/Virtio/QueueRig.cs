using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>A queue in memory of its own, with a driver that does one thing at a time, as virtio 1.2, 2.7 has them.</summary>
internal sealed class QueueRig : IDisposable
{
    public const ulong Descriptors = 0x1000;
    public const ulong Available = 0x2000;
    public const ulong Used = 0x3000;
    public const ulong Tables = 0x4000;
    public const ulong Buffers = 0x1_0000;
    public const ulong RamSize = 0x2_0000;

    // Descriptors, rings and tables.
    private static readonly byte[] s_zeroes = new byte[0x4000];

    private readonly RamBlock _ram = new("ram", RamSize);
    private readonly Stack<ushort> _free = new();
    private readonly Dictionary<ushort, (ulong Serial, int Descriptors)> _outstanding = [];
    private readonly List<(ushort Head, ushort Descriptor)> _freedBy = [];
    private ulong _serial;

    public QueueRig(int size, VirtioFeatures features, QueueUnderTest? queue = null)
    {
        Memory.AddRam("ram", 0, _ram, 0, RamSize);
        Owner = new DmaContextOwner("queue", Memory, DmaOrdering.Relaxed);
        Owner.SetBusMaster(true);
        (Size, Features, Queue) = (size, features, queue ?? new QueueUnderTest());
        Layout = new VirtqueueLayout(Descriptors, Available, Used, size);
        Start(0);
    }

    public GuestMemory Memory { get; } = new();

    public DmaContextOwner Owner { get; }

    public QueueUnderTest Queue { get; }

    public int Size { get; }

    public VirtioFeatures Features { get; }

    public bool HasEvents => (Features & VirtioFeatures.EventIndex) != 0;

    public VirtqueueLayout Layout { get; }

    /// <summary>The driver's own avail.idx, what of it the device can see, what the device had been told of, and how far the driver has read used.idx.</summary>
    public ushort Added { get; private set; }

    public ushort Published { get; private set; }

    public ushort Told { get; private set; }

    public ushort Received { get; private set; }

    /// <summary>Chains that were entered in the ring and that the device has not taken, in order.</summary>
    public Queue<(ushort Head, ChainShape Shape, ulong Serial)> Shapes { get; } = new();

    public int FreeDescriptors => _free.Count;

    public ushort UsedIndex => Word(Used + 2);

    /// <summary>Empty rings that begin at an index, on both sides.</summary>
    public void Start(ushort at)
    {
        Memory.Write(Descriptors, s_zeroes);
        _free.Clear();
        _outstanding.Clear();
        _freedBy.Clear();
        Shapes.Clear();
        for (var i = Size - 1; i >= 0; i--)
        {
            _free.Push((ushort)i);
        }

        (Added, Published, Told, Received, _serial) = (at, at, at, at, 0);
        Put(Available + 2, at);
        Put(Used + 2, at);
        Put(Layout.UsedEvent, (ushort)(at - 1));
        Queue.Start(Owner.Context, Layout, Features, at);
        Put(Layout.AvailableEvent, at);
    }

    /// <summary>Makes a chain of a shape out of free descriptors, and enters it in the ring, where the device does not see it yet.</summary>
    /// <returns>False if there are too few descriptors.</returns>
    public bool TryAdd(ChainShape shape)
    {
        if (_free.Count < shape.Direct)
        {
            return false;
        }

        var serial = ++_serial;
        var heads = new ushort[shape.Direct];
        for (var i = 0; i < heads.Length; i++)
        {
            heads[i] = _free.Pop();
        }

        var table = Tables + (ulong)(heads[^1] * 0x100);
        for (var i = 0; i < heads.Length; i++)
        {
            var isLast = i == heads.Length - 1;
            var at = Descriptors + (ulong)(heads[i] * VirtqueueDescriptor.Size);
            if (isLast && shape.Indirect > 0)
            {
                // With the write flag, which means nothing there.
                Put(at, new VirtqueueDescriptor(table, (uint)(shape.Indirect * VirtqueueDescriptor.Size), VirtqueueDescriptorBits.Indirect | VirtqueueDescriptorBits.Write, 0xFFFF));
            }
            else
            {
                Put(at, Buffer(shape, i, serial, isLast ? null : heads[i + 1]));
            }
        }

        for (var i = 0; i < shape.Indirect; i++)
        {
            // Backwards through the table, but for the first.
            var next = shape.Indirect - 1 - i;
            var index = i == 0 ? 0 : shape.Indirect - i;
            Put(table + (ulong)(index * VirtqueueDescriptor.Size), Buffer(shape, shape.InQueue + i, serial, next == 0 ? null : (ushort)next));
        }

        Put(Layout.AvailableAt(Added), heads[0]);
        Added++;
        _outstanding.Add(heads[0], (serial, shape.Direct));
        foreach (var head in heads.AsSpan(1))
        {
            _freedBy.Add((heads[0], head));
        }

        Shapes.Enqueue((heads[0], shape, serial));
        return true;
    }

    /// <summary>Shows the device what was added.</summary>
    public void Publish()
    {
        Published = Added;
        Put(Available + 2, Added);
    }

    /// <summary>Looks whether the device wants to be told of what was published since it was asked last.</summary>
    public bool WantsNotice()
    {
        var before = Told;
        Told = Published;
        if (before == Published)
        {
            return false;
        }

        return HasEvents ? Passes(Word(Layout.AvailableEvent), Published, before) : (Word(Used) & 1) == 0;
    }

    /// <summary>Asks for an interrupt at the element so far behind the next; null for none.</summary>
    public void Arm(int? behind)
    {
        if (HasEvents)
        {
            Put(Layout.UsedEvent, (ushort)(Received + (behind ?? -1)));
        }
        else
        {
            Put(Available, (ushort)(behind is null ? 1 : 0));
        }
    }

    /// <summary>Takes the next used element: its serial number, 0 if no such chain is outstanding, and what the device says it has written. Its descriptors are free again.</summary>
    public (ulong Serial, uint Written)? Receive()
    {
        if (Received == UsedIndex)
        {
            return null;
        }

        var element = Layout.UsedAt(Received);
        Memory.Read(element, 4, out var head);
        Memory.Read(element + 4, 4, out var written);
        Received++;
        if (!_outstanding.Remove((ushort)head, out var chain))
        {
            return (0, (uint)written);
        }

        _free.Push((ushort)head);
        foreach (var (_, descriptor) in _freedBy.Where(each => each.Head == (ushort)head))
        {
            _free.Push(descriptor);
        }

        _freedBy.RemoveAll(each => each.Head == (ushort)head);
        return (chain.Serial, (uint)written);
    }

    public int Outstanding => _outstanding.Count;

    public ushort Word(ulong address)
    {
        Memory.Read(address, 2, out var value);
        return (ushort)value;
    }

    public void Put(ulong address, ushort value) => Memory.Write(address, 2, value);

    public void Put(ulong address, VirtqueueDescriptor descriptor) =>
        Memory.Write(address, MemoryMarshal.AsBytes(new ReadOnlySpan<VirtqueueDescriptor>(in descriptor)));

    public void Dispose()
    {
        Memory.Dispose();
        _ram.Dispose();
    }

    /// <summary>Whether an index is among those from one on to before another, one by one.</summary>
    public static bool Passes(ushort wanted, ushort now, ushort before)
    {
        for (; before != now; before++)
        {
            if (before == wanted)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where the buffer of a number is, of the chain of a serial number: no two are the same in one queue.</summary>
    public static DmaSegment Segment(int number, ulong serial) => new(Buffers + (serial % 64 * 0x100) + ((ulong)number * 0x20), (uint)(1 + number + (int)(serial % 5)));

    private static VirtqueueDescriptor Buffer(ChainShape shape, int number, ulong serial, ushort? next)
    {
        var segment = Segment(number, serial);
        var bits = (number >= shape.Readable ? VirtqueueDescriptorBits.Write : 0) | (next is null ? 0 : VirtqueueDescriptorBits.Next);
        return new VirtqueueDescriptor(segment.Address, segment.Length, bits, next ?? 0xFFFF);
    }
}

/// <summary>What a chain looks like.</summary>
/// <param name="Readable">Buffers that the device reads.</param>
/// <param name="Writable">Buffers that it writes.</param>
/// <param name="InQueue">How many of them have a descriptor in the queue; the others are in a table.</param>
internal sealed record ChainShape(int Readable, int Writable, int InQueue)
{
    public static readonly ChainShape Single = new(0, 1, 1);
    public static readonly ChainShape Pair = new(1, 1, 2);
    public static readonly ChainShape Table = new(2, 1, 0);
    public static readonly ChainShape Mixed = new(2, 1, 1);

    public int Indirect => Readable + Writable - InQueue;

    /// <summary>Descriptors of the queue that it takes.</summary>
    public int Direct => InQueue + (Indirect > 0 ? 1 : 0);
}

/// <summary>The queue as it is; what derives from it is broken in one way.</summary>
internal class QueueUnderTest
{
    protected Virtqueue Queue { get; } = new(0);

    public bool IsBroken => Queue.IsBroken;

    public int InFlight => Queue.InFlight;

    public virtual void Start(DmaContext dma, in VirtqueueLayout layout, VirtioFeatures features, ushort at)
    {
        Queue.Stop();
        Assert.True(Queue.TryStart(dma, in layout, features));
        Queue.SkipTo(at);
    }

    public virtual bool TryTake(VirtqueueChain chain) => Queue.TryTake(chain);

    public virtual void Return(ushort head, uint written) => Queue.Return(head, written);

    public virtual bool TakeInterrupt() => Queue.TakeInterrupt();

    public virtual void SuppressNotifications() => Queue.SuppressNotifications();

    public virtual bool AllowNotifications() => Queue.AllowNotifications();
}
