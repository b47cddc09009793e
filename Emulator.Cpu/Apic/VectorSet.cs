using System.Numerics;

namespace Emulator.Cpu;

/// <summary>A bit a vector: ISR, TMR or IRR. Any thread may change any bit; each change is atomic and a full fence.</summary>
internal sealed class VectorSet
{
    private readonly ulong[] _words = new ulong[4];

    /// <summary>The highest vector in the set, or -1.</summary>
    public int Highest
    {
        get
        {
            for (var i = _words.Length - 1; i >= 0; i--)
            {
                var word = Volatile.Read(ref _words[i]);
                if (word != 0)
                {
                    return (i * 64) + BitOperations.Log2(word);
                }
            }

            return -1;
        }
    }

    /// <summary>Adds a vector.</summary>
    /// <returns>True if it was not there.</returns>
    public bool Add(byte vector)
    {
        var bit = 1UL << (vector & 63);
        return (Interlocked.Or(ref _words[vector >> 6], bit) & bit) == 0;
    }

    /// <summary>Takes a vector out.</summary>
    /// <returns>True if it was there.</returns>
    public bool Remove(byte vector)
    {
        var bit = 1UL << (vector & 63);
        return (Interlocked.And(ref _words[vector >> 6], ~bit) & bit) != 0;
    }

    /// <summary>True if a vector is there.</summary>
    public bool Contains(byte vector) => (Volatile.Read(ref _words[vector >> 6]) >> (vector & 63) & 1) != 0;

    /// <summary>One of the eight 32-bit registers that show the set.</summary>
    public uint Register(int index) => (uint)(Volatile.Read(ref _words[index >> 1]) >> ((index & 1) * 32));

    /// <summary>Takes all out.</summary>
    public void Clear()
    {
        for (var i = 0; i < _words.Length; i++)
        {
            Interlocked.Exchange(ref _words[i], 0);
        }
    }
}
