using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>One direction of a wire: frames in order, copied in by one thread and taken out by another, without a lock.</summary>
/// <remarks>
/// A frame lies in one piece behind a word with its length. Both positions count bytes and never go back. Whoever finds the ring
/// full or empty says that it waits and then looks again; the other moves its position and then looks whether somebody waits.
/// Each has a full fence between the two, or both could miss the other and the wire would stand still (shape SB).
/// </remarks>
internal sealed class FrameRing
{
    /// <summary>Bytes of frames and their words; a power of two.</summary>
    public const int Capacity = 1 << 18;

    private const int WordSize = sizeof(int);
    private const int Wrapped = -1;

    private readonly byte[] _bytes = new byte[Capacity];
    private uint _head;
    private uint _tail;
    private bool _readerWaits = true;
    private bool _writerWaits;

    /// <summary>Called by the writer's thread when a frame has come that the reader waits for.</summary>
    public Action? Arrived { get; set; }

    /// <summary>Called by the reader's thread when there is room that the writer waits for.</summary>
    public Action? RoomAgain { get; set; }

    /// <summary>True if a frame can be written; if not, <see cref="RoomAgain"/> follows. The writer's thread.</summary>
    /// <param name="length">Bytes of the frame, at most <see cref="NetworkPort.LargestFrame"/>.</param>
    public bool HasRoom(int length)
    {
        if (Fits(length))
        {
            return true;
        }

        Volatile.Write(ref _writerWaits, true);
        Interlocked.MemoryBarrier();
        if (!Fits(length))
        {
            return false;
        }

        Volatile.Write(ref _writerWaits, false);
        return true;
    }

    /// <summary>Writes a frame there is room for. The writer's thread.</summary>
    /// <param name="frame">What is copied.</param>
    public void Write(ReadOnlySpan<byte> frame)
    {
        var tail = _tail;
        var at = (int)(tail % Capacity);
        var size = SizeOf(frame.Length);
        if (size > Capacity - at)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), Wrapped);
            tail += (uint)(Capacity - at);
            at = 0;
        }

        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), frame.Length);
        frame.CopyTo(_bytes.AsSpan(at + WordSize));
        Volatile.Write(ref _tail, tail + (uint)size);

        // Pairs with the fence in TryPeek.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _readerWaits))
        {
            Volatile.Write(ref _readerWaits, false);
            Arrived?.Invoke();
        }
    }

    /// <summary>The first frame, which stays where it is; if there is none, <see cref="Arrived"/> follows. The reader's thread.</summary>
    /// <param name="frame">Good until <see cref="Consume"/>.</param>
    public bool TryPeek(out ReadOnlySpan<byte> frame)
    {
        if (IsEmpty)
        {
            Volatile.Write(ref _readerWaits, true);
            Interlocked.MemoryBarrier();
            if (IsEmpty)
            {
                frame = default;
                return false;
            }

            Volatile.Write(ref _readerWaits, false);
        }

        var at = FirstAt(ref _head);
        frame = _bytes.AsSpan(at + WordSize, BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at)));
        return true;
    }

    /// <summary>Takes the first frame out. The reader's thread, after <see cref="TryPeek"/> found one.</summary>
    public void Consume()
    {
        var at = FirstAt(ref _head);
        Volatile.Write(ref _head, _head + (uint)SizeOf(BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at))));

        // Pairs with the fence in HasRoom.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _writerWaits))
        {
            Volatile.Write(ref _writerWaits, false);
            RoomAgain?.Invoke();
        }
    }

    private bool IsEmpty => Volatile.Read(ref _tail) == _head;

    private bool Fits(int length)
    {
        var toEnd = Capacity - (int)(_tail % Capacity);
        var size = SizeOf(length);
        return Capacity - (int)(_tail - Volatile.Read(ref _head)) >= (size > toEnd ? toEnd + size : size);
    }

    private int FirstAt(ref uint head)
    {
        var at = (int)(head % Capacity);
        if (BinaryPrimitives.ReadInt32LittleEndian(_bytes.AsSpan(at)) == Wrapped)
        {
            head += (uint)(Capacity - at);
            return 0;
        }

        return at;
    }

    private static int SizeOf(int length) => WordSize + ((length + WordSize - 1) & -WordSize);
}
