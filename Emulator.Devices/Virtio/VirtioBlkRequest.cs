using System.Runtime.InteropServices;
using Emulator.Memory;

namespace Emulator.Devices;

/// <summary>The beginning of a request (virtio 1.2, 5.2.6).</summary>
/// <param name="Type">What is asked for.</param>
/// <param name="Reserved">Once a priority.</param>
/// <param name="Sector">Where, in 512 bytes.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct VirtioBlkHeader(VirtioBlkType Type, uint Reserved, ulong Sector)
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;
}

/// <summary>The data of a request that discards or writes zeroes (5.2.6).</summary>
/// <param name="Sector">Where, in 512 bytes.</param>
/// <param name="Sectors">How much, in 512 bytes.</param>
/// <param name="Flags">Bit 0: may leave a hole.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct VirtioBlkRange(ulong Sector, uint Sectors, uint Flags)
{
    /// <summary>Bytes.</summary>
    public const int Size = 16;

    /// <summary>The only flag.</summary>
    public const uint Unmap = 1;
}

/// <summary>A request of the guest, which is a row of requests to the disk if it is long: a piece each, one behind the other, through one buffer.</summary>
/// <param name="bytes">The buffer, which is as long as the longest piece.</param>
internal sealed class VirtioBlkRequest(Memory<byte> bytes) : BlockRequest
{
    // A field, since it is changed in place.
    private VirtqueueCursor _cursor;

    /// <summary>The next one that is free.</summary>
    public VirtioBlkRequest? NextFree { get; set; }

    /// <summary>Where it came from.</summary>
    public Virtqueue Queue { get; set; } = null!;

    /// <summary>Its buffers.</summary>
    public VirtqueueChain Chain { get; } = new();

    /// <summary>Bytes that are still to be moved, what is under way included.</summary>
    public long Remaining { get; set; }

    /// <summary>Bytes of its writable buffers that have been written, from their beginning.</summary>
    public long Written { get; private set; }

    /// <summary>Begins with the chain that it holds.</summary>
    /// <param name="dma">The function's.</param>
    /// <param name="header">How the request begins.</param>
    public DmaStatus Begin(DmaContext dma, out VirtioBlkHeader header)
    {
        (header, _cursor, Written, Remaining) = (default, default, 0, 0);
        return _cursor.Read(dma, Chain.Readable, MemoryMarshal.AsBytes(new Span<VirtioBlkHeader>(ref header)));
    }

    /// <summary>Reads what is behind the header.</summary>
    public DmaStatus Read(DmaContext dma, Span<byte> data) => _cursor.Read(dma, Chain.Readable, data);

    /// <summary>Goes to the beginning of what may be written.</summary>
    public void StartWriting() => _cursor = default;

    /// <summary>Writes behind what has been written.</summary>
    public DmaStatus Write(DmaContext dma, ReadOnlySpan<byte> data)
    {
        var status = _cursor.Write(dma, Chain.Writable, data);
        Written += status == DmaStatus.Ok ? data.Length : 0;
        return status;
    }

    /// <summary>Begins the next piece.</summary>
    public void TakePiece()
    {
        Length = Math.Min(Remaining, bytes.Length);
        Buffer = bytes[..(int)Length];
    }
}
