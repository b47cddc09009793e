namespace Emulator.Devices;

/// <summary>The power management timer's rate: three times the PIT's, so that software may measure one by the other.</summary>
internal static class PmTimer
{
    /// <summary>Counts a second.</summary>
    public const long Frequency = 3_579_545;

    /// <summary>The bits a guest sees.</summary>
    public const uint Mask = 0xFF_FFFF;

    /// <summary>An overflow is a change of this bit (ACPI, "Power Management Timer").</summary>
    public const int OverflowBit = 23;

    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Whole counts since time 0, not cut to 24 bits.</summary>
    public static long CountAt(long nanoseconds)
    {
        (long seconds, long rest) = Math.DivRem(nanoseconds, NanosecondsPerSecond);
        return (seconds * Frequency) + (rest * Frequency / NanosecondsPerSecond);
    }

    /// <summary>The first nanosecond at which <see cref="CountAt"/> has reached a count.</summary>
    public static long TimeOf(long count)
    {
        (long seconds, long rest) = Math.DivRem(count, Frequency);
        return (seconds * NanosecondsPerSecond) + (((rest * NanosecondsPerSecond) + Frequency - 1) / Frequency);
    }
}
