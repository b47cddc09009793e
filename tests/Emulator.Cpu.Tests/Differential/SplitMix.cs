namespace Emulator.Cpu.Tests.Differential;

/// <summary>A small generator of our own, so that a seed means the same case with every version of .NET (SplitMix64).</summary>
internal sealed class SplitMix(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A seed for one case, from the run's seed and the names of what is tested.</summary>
    public static ulong Derive(ulong seed, string name, int index)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in name)
        {
            hash = (hash ^ letter) * 1099511628211;
        }

        return Mix(seed ^ Mix(hash + ((ulong)index * 0x9E3779B97F4A7C15)));
    }

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>0 … <paramref name="limit"/> − 1.</summary>
    public int Below(int limit) => (int)(Next() % (uint)limit);

    /// <summary><paramref name="first"/> … <paramref name="last"/>.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>A value of <paramref name="bits"/> bits, likely one where carries, signs and counts turn over.</summary>
    public ulong Interesting(int bits)
    {
        ulong mask = bits == 64 ? ulong.MaxValue : (1UL << bits) - 1;
        ulong sign = 1UL << (bits - 1);
        return mask & Below(16) switch
        {
            0 => 0,
            1 => 1,
            2 => mask,
            3 => sign,
            4 => sign - 1,
            5 => sign + 1,
            6 => (ulong)Below(72),
            7 => (ulong)-(long)Below(72),
            8 => 1UL << Below(bits),
            9 => (1UL << Below(bits)) - 1,
            10 => (ulong)Below(256) * 0x0101010101010101,
            11 => Interesting(Math.Max(bits / 2, 8)),
            _ => Next(),
        };
    }

    /// <summary>A 64-bit register's value: now and then an interesting half under random upper bits.</summary>
    public ulong InterestingRegister() => Below(4) switch
    {
        0 => Interesting(32) | (Next() << 32),
        1 => Interesting(16) | (Next() << 16),
        2 => Interesting(8) | (Interesting(8) << 8) | (Next() << 16),
        _ => Interesting(64),
    };

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
