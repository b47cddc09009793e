namespace Emulator.Memory;

/// <summary>Choices from a seed: the same seed makes the same ones.</summary>
/// <remarks>
/// SplitMix64. How long stores wait, how stale loads are and how long turns last changes from stretch to stretch, so that
/// a run has all kinds: a store that waits for long beside others that hardly do is what makes a missing fence show.
/// </remarks>
public sealed class SeededChoices : IChoices
{
    private const int Stretch = 64;
    private ulong _state;
    private int _left;
    private uint _storeShare;
    private uint _staleShare;
    private int _quantumShift;

    /// <summary>Choices of a seed.</summary>
    public SeededChoices(ulong seed) => Restart(seed);

    /// <summary>Begins anew with a seed.</summary>
    public void Restart(ulong seed)
    {
        _state = seed;
        _left = 0;
    }

    /// <inheritdoc/>
    public int Next(int turns, int stores)
    {
        if (turns + stores == 1)
        {
            return 0;
        }

        var share = Share(ref _storeShare);
        if (stores == 0 || (turns > 0 && (uint)Draw() >= share))
        {
            return turns == 1 ? 0 : Below(turns);
        }

        return turns + (stores == 1 ? 0 : Below(stores));
    }

    /// <inheritdoc/>
    public int Version(int versions) => (uint)Draw() >= Share(ref _staleShare) ? 0 : Below(versions);

    /// <inheritdoc/>
    public int Quantum(int most)
    {
        _ = Share(ref _storeShare);
        return 1 + Below(Math.Max(most >> _quantumShift, 1));
    }

    private uint Share(ref uint share)
    {
        if (--_left < 0)
        {
            // From one in two to one in a thousand: a handler runs through many switch points before it looks.
            var draw = Draw();
            _storeShare = uint.MaxValue >> (1 + (int)(draw % 10));
            _staleShare = uint.MaxValue >> (int)((draw >> 8) % 4);
            _quantumShift = (int)((draw >> 16) % 12);
            _left = Stretch;
        }

        return share;
    }

    private int Below(int count) => (int)(((Draw() >> 32) * (ulong)count) >> 32);

    private ulong Draw()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
