using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>The buffers of one chain of descriptors, as they were when it was taken: first those that the device reads, then those that it writes.</summary>
/// <remarks>Kept and used again by whoever takes chains; it grows to the longest chain it has held.</remarks>
public sealed class VirtqueueChain
{
    /// <summary>The most buffers of a chain.</summary>
    public const int MostBuffers = 1024;

    private DmaSegment[] _buffers = new DmaSegment[8];
    private int _count;
    private int _readable;

    /// <summary>The index of its first descriptor, by which it is returned.</summary>
    public ushort Head { get; private set; }

    /// <summary>How many buffers it has.</summary>
    public int Count => _count;

    /// <summary>Bytes that the device may read.</summary>
    public long ReadableLength { get; private set; }

    /// <summary>Bytes that the device may write.</summary>
    public long WritableLength { get; private set; }

    /// <summary>The buffers that the device may read.</summary>
    public ReadOnlySpan<DmaSegment> Readable => _buffers.AsSpan(0, _readable);

    /// <summary>The buffers that the device may write.</summary>
    public ReadOnlySpan<DmaSegment> Writable => _buffers.AsSpan(_readable, _count - _readable);

    /// <summary>Begins an empty one.</summary>
    internal void Begin(ushort head) => (Head, _count, _readable, ReadableLength, WritableLength) = (head, 0, 0, 0, 0);

    /// <summary>Adds a buffer.</summary>
    /// <returns>False if there is no room, or if one to be read is behind one to be written.</returns>
    internal bool TryAdd(in VirtqueueDescriptor descriptor)
    {
        var isWritable = (descriptor.Flags & VirtqueueDescriptorBits.Write) != 0;
        if (_count == MostBuffers || (!isWritable && _count > _readable))
        {
            return false;
        }

        if (_count == _buffers.Length)
        {
            Array.Resize(ref _buffers, _count * 2);
        }

        _buffers[_count++] = new DmaSegment(descriptor.Address, descriptor.Length);
        if (isWritable)
        {
            WritableLength += descriptor.Length;
        }
        else
        {
            _readable++;
            ReadableLength += descriptor.Length;
        }

        return true;
    }
}

/// <summary>A place in the buffers of a chain, and the copying from there on. Without the bus's fences, as everything of a virtqueue.</summary>
public struct VirtqueueCursor
{
    private int _buffer;
    private uint _offset;

    /// <summary>Reads the bytes from here on, and moves behind them.</summary>
    /// <param name="dma">The function's.</param>
    /// <param name="buffers">Of the chain; there must be as much in them.</param>
    /// <param name="data">Takes the bytes.</param>
    public DmaStatus Read(DmaContext dma, ReadOnlySpan<DmaSegment> buffers, Span<byte> data)
    {
        ArgumentNullException.ThrowIfNull(dma);
        while (!data.IsEmpty)
        {
            var (address, count) = Piece(buffers, data.Length);
            var status = dma.ReadRelaxed(address, data[..count]);
            if (status != DmaStatus.Ok)
            {
                return status;
            }

            data = data[count..];
        }

        return DmaStatus.Ok;
    }

    /// <summary>Writes bytes from here on, and moves behind them.</summary>
    /// <param name="dma">The function's.</param>
    /// <param name="buffers">Of the chain; there must be as much in them.</param>
    /// <param name="data">The bytes.</param>
    public DmaStatus Write(DmaContext dma, ReadOnlySpan<DmaSegment> buffers, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(dma);
        while (!data.IsEmpty)
        {
            var (address, count) = Piece(buffers, data.Length);
            var status = dma.WriteRelaxed(address, data[..count]);
            if (status != DmaStatus.Ok)
            {
                return status;
            }

            data = data[count..];
        }

        return DmaStatus.Ok;
    }

    private (ulong Address, int Count) Piece(ReadOnlySpan<DmaSegment> buffers, int wanted)
    {
        var buffer = buffers[_buffer];
        var count = (int)Math.Min((uint)wanted, buffer.Length - _offset);
        var address = buffer.Address + _offset;
        _offset += (uint)count;
        if (_offset == buffer.Length)
        {
            (_buffer, _offset) = (_buffer + 1, 0);
        }

        return (address, count);
    }
}
