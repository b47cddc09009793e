using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>A queue's driver, and requests to a block device by it.</summary>
internal sealed class VirtioQueueDriver
{
    private readonly VirtioBoard _board;
    private ushort _told;
    private ushort _received;
    private ulong _nextBuffer;

    /// <summary>A queue in a part of memory of its own, not enabled yet.</summary>
    public VirtioQueueDriver(VirtioBoard board, int number, int size, VirtioFeatures features)
    {
        (_board, Number, Size, Features) = (board, number, size, features);
        var at = 0x10_0000 + ((ulong)number * 0x10_0000);
        Layout = new VirtqueueLayout(at, at + 0x8000, at + 0xA000, size);
        Memory = at + 0x1_0000;
        board.Put(at, new byte[0x10000]);
    }

    public int Number { get; }

    public int Size { get; }

    public VirtioFeatures Features { get; }

    public VirtqueueLayout Layout { get; set; }

    /// <summary>Free memory for buffers.</summary>
    public ulong Memory { get; }

    public ushort Added { get; private set; }

    public ushort UsedIndex => (ushort)_board.Load(Layout.Used + 2, 2);

    private bool HasEvents => (Features & VirtioFeatures.EventIndex) != 0;

    /// <summary>Tells the device where the queue is, and enables it.</summary>
    public void Enable()
    {
        _board[VirtioPciRegister.QueueSelect] = (ulong)Number;
        _board[VirtioPciRegister.QueueSize] = (ulong)Size;
        _board[VirtioPciRegister.QueueVector] = (ulong)Number + 1;
        _board[VirtioPciRegister.QueueDescriptors] = Layout.Descriptors;
        _board[VirtioPciRegister.QueueAvailable] = Layout.Available;
        _board[VirtioPciRegister.QueueUsed] = Layout.Used;
        _board[VirtioPciRegister.QueueEnable] = 1;
    }

    /// <summary>Writes a descriptor of the queue.</summary>
    public void Descriptor(int index, ulong address, uint length, VirtqueueDescriptorBits bits = 0, int next = 0) =>
        Descriptor(Layout.Descriptors, index, address, length, bits, next);

    /// <summary>Writes a descriptor of any table.</summary>
    public void Descriptor(ulong table, int index, ulong address, uint length, VirtqueueDescriptorBits bits = 0, int next = 0)
    {
        var descriptor = new VirtqueueDescriptor(address, length, bits, (ushort)next);
        _board.Put(table + (ulong)(index * 16), MemoryMarshal.AsBytes(new ReadOnlySpan<VirtqueueDescriptor>(in descriptor)));
    }

    /// <summary>Writes a chain from a descriptor on: so many buffers to be read, the others to be written.</summary>
    public void Chain(int head, int readable, params ReadOnlySpan<DmaSegment> buffers)
    {
        for (var i = 0; i < buffers.Length; i++)
        {
            var bits = (i >= readable ? VirtqueueDescriptorBits.Write : 0) | (i < buffers.Length - 1 ? VirtqueueDescriptorBits.Next : 0);
            Descriptor(head + i, buffers[i].Address, buffers[i].Length, bits, head + i + 1);
        }
    }

    /// <summary>Makes a chain available.</summary>
    public void Add(int head)
    {
        _board.Store(Layout.AvailableAt(Added), (ulong)head, 2);
        Added++;
        _board.Store(Layout.Available + 2, Added, 2);
    }

    /// <summary>Makes as many available as it says, whatever they are.</summary>
    public void SetAvailable(ushort index) => _board.Store(Layout.Available + 2, Added = index, 2);

    public void Notify() => _board.Store(VirtioBoard.Modern + VirtioPciRegisters.Notification + ((ulong)Number * 4), (ulong)Number, 2);

    /// <summary>Notifies if the device wants it.</summary>
    public void Kick()
    {
        var before = _told;
        _told = Added;
        if (HasEvents ? QueueRig.Passes((ushort)_board.Load(Layout.AvailableEvent, 2), Added, before) : (_board.Load(Layout.Used, 2) & 1) == 0)
        {
            Notify();
        }
    }

    /// <summary>The next used element, once it is there.</summary>
    public (int Head, uint Written) Receive()
    {
        Deadline.Until(() => UsedIndex != _received, "a chain is used");
        var element = _board.Load(Layout.UsedAt(_received), 8);
        _received++;
        return ((int)(uint)element, (uint)(element >> 32));
    }

    /// <summary>True if there is no used element that was not received.</summary>
    public bool IsEmpty => UsedIndex == _received;

    /// <summary>Puts a request at a head: header, data and status in descriptors of their own, whose number is returned behind the status' address.</summary>
    /// <returns>Where the data is, and the status, which is 0xFF.</returns>
    public (ulong Data, ulong Status) Request(int head, VirtioBlkType type, ulong sector, int read, ReadOnlySpan<byte> data = default)
    {
        // Memory in turns: what a test has under way at once is less than that.
        var at = Memory + (_nextBuffer % 0xA0000);
        _nextBuffer += ((ulong)(read + data.Length) + 0x1FF) & ~0xFFUL;
        var (from, status) = (at + 0x20, at + 0x10);
        _board.Put(at, VirtioBoard.Header(type, sector));
        _board.Store(status, 0xFF, 1);
        var header = new DmaSegment(at, 16);
        if (data.Length > 0)
        {
            _board.Put(from, data);
            Chain(head, 2, header, new DmaSegment(from, (uint)data.Length), new DmaSegment(status, 1));
        }
        else if (read > 0)
        {
            Chain(head, 1, header, new DmaSegment(from, (uint)read), new DmaSegment(status, 1));
        }
        else
        {
            Chain(head, 1, header, new DmaSegment(status, 1));
        }

        return (from, status);
    }

    /// <summary>Carries a request out; the device has to say how much it has written.</summary>
    public (VirtioBlkStatus Status, uint Written, ulong Data) Do(VirtioBlkType type, ulong sector, int read, ReadOnlySpan<byte> data = default)
    {
        var (at, status) = Request(0, type, sector, read, data);
        Add(0);
        Kick();
        var (head, written) = Receive();
        Assert.Equal(0, head);
        return ((VirtioBlkStatus)_board.Load(status, 1), written, at);
    }

    public VirtioBlkStatus Write(ulong sector, ReadOnlySpan<byte> data) => Do(VirtioBlkType.Out, sector, 0, data).Status;

    public byte[] Read(ulong sector, int length)
    {
        var (status, written, data) = Do(VirtioBlkType.In, sector, length);
        Assert.Equal((VirtioBlkStatus.Ok, (uint)length + 1), (status, written));
        return _board.Bytes(data, length);
    }
}
