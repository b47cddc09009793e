using System.Runtime.CompilerServices;

namespace Emulator.Memory;

/// <summary>What the last stores that became visible wrote over, so that a load can take the value that was there before.</summary>
internal sealed unsafe class History
{
    private const int Capacity = 256;

    private readonly Past[] _past = new Past[Capacity];
    private long _count;

    /// <summary>Forgets all of it.</summary>
    public void Clear() => _count = 0;

    /// <summary>Notes a word that is about to be written over.</summary>
    /// <param name="host">Where.</param>
    /// <param name="size">1 to 8 bytes.</param>
    /// <param name="time">When; higher each time.</param>
    public void Note(byte* host, int size, long time)
    {
        ulong old = 0;
        Unsafe.CopyBlockUnaligned(&old, host, (uint)size);
        _past[_count++ % Capacity] = new Past { Host = host, Size = size, Time = time, Old = old };
    }

    /// <summary>How many stores touched these bytes after a time.</summary>
    public int CountSince(byte* host, int size, long floor)
    {
        var count = 0;
        for (var at = _count; --at >= Oldest && _past[at % Capacity].Time > floor;)
        {
            count += _past[at % Capacity].Overlaps(host, size) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Takes stores to these bytes back, the newest first, in a value that was read.</summary>
    /// <param name="host">Where it was read.</param>
    /// <param name="size">1 to 8 bytes.</param>
    /// <param name="stores">How many, at least one and not more than there were.</param>
    /// <param name="value">The value.</param>
    /// <returns>The last moment at which that was the value.</returns>
    public long TakeBack(byte* host, int size, int stores, ref ulong value)
    {
        var bytes = (byte*)Unsafe.AsPointer(ref value);
        for (var at = _count - 1; ; at--)
        {
            ref var past = ref _past[at % Capacity];
            if (!past.Overlaps(host, size))
            {
                continue;
            }

            for (var i = 0; i < past.Size; i++)
            {
                var offset = past.Host + i - host;
                if (offset >= 0 && offset < size)
                {
                    bytes[offset] = (byte)(past.Old >> (i * 8));
                }
            }

            if (--stores == 0)
            {
                return past.Time - 1;
            }
        }
    }

    private long Oldest => Math.Max(_count - Capacity, 0);

    private struct Past
    {
        public byte* Host;
        public ulong Old;
        public long Time;
        public int Size;

        public readonly bool Overlaps(byte* host, int size) => Host < host + size && host < Host + Size;
    }
}
