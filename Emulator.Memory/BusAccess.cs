using System.Numerics;

namespace Emulator.Memory;

/// <summary>One access to an <see cref="IBusTarget"/>, halved as often as the target refuses its size.</summary>
internal static class BusAccess
{
    /// <summary>All ones in <paramref name="size"/> bytes.</summary>
    public static ulong AllOnes(int size) => ulong.MaxValue >> (64 - (size * 8));

    /// <summary>The largest power of two that is at most <paramref name="limit"/>, which is at least 1.</summary>
    public static int LargestWord(int limit) => 1 << BitOperations.Log2((uint)limit);

    /// <summary>Reads; what the target does not serve reads as ones.</summary>
    public static BusStatus Read(IBusTarget target, ulong offset, int size, out ulong value)
    {
        var status = target.Read(offset, size, out value);
        if (status == BusStatus.Ok)
        {
            value &= AllOnes(size);
            return status;
        }

        if (status != BusStatus.InvalidSize || size == 1)
        {
            value = AllOnes(size);
            return status;
        }

        var half = size / 2;
        var low = Read(target, offset, half, out value);
        var high = Read(target, offset + (ulong)half, half, out var upper);
        value |= upper << (half * 8);
        return First(low, high);
    }

    /// <summary>Writes; what the target does not serve is dropped.</summary>
    public static BusStatus Write(IBusTarget target, ulong offset, int size, ulong value)
    {
        value &= AllOnes(size);
        var status = target.Write(offset, size, value);
        if (status != BusStatus.InvalidSize || size == 1)
        {
            return status;
        }

        var half = size / 2;
        var low = Write(target, offset, half, value);
        var high = Write(target, offset + (ulong)half, half, value >> (half * 8));
        return First(low, high);
    }

    /// <summary>The status of an access made in parts: that of the first part that failed.</summary>
    public static BusStatus First(BusStatus earlier, BusStatus later) => earlier != BusStatus.Ok ? earlier : later;
}
