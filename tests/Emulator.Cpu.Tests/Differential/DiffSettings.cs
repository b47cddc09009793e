using System.Globalization;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>What the environment says about a run.</summary>
/// <remarks>
/// <c>EMULATOR_DIFF_SEED</c>: decimal, or hexadecimal after 0x; <c>EMULATOR_DIFF_CASES</c>: how many cases all
/// families together run; <c>EMULATOR_DIFF_CASE</c>: one case by the name a failure gave it, <c>form#index@slot</c>.
/// </remarks>
internal static class DiffSettings
{
    public const ulong DefaultSeed = 0x5EED_0001;
    public const int DefaultCases = 60_000;

    public static ulong Seed { get; } = ReadSeed();

    public static long Cases { get; } = ReadCases();

    /// <summary>The one case to run, or null for all.</summary>
    public static (string Name, int Index, int Slot)? OnlyCase { get; } = ReadCase();

    private static ulong ReadSeed()
    {
        string? text = Environment.GetEnvironmentVariable("EMULATOR_DIFF_SEED");
        if (string.IsNullOrEmpty(text))
        {
            return DefaultSeed;
        }

        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : ulong.Parse(text, CultureInfo.InvariantCulture);
    }

    private static long ReadCases()
    {
        string? text = Environment.GetEnvironmentVariable("EMULATOR_DIFF_CASES");
        return string.IsNullOrEmpty(text) ? DefaultCases : long.Parse(text, CultureInfo.InvariantCulture);
    }

    private static (string Name, int Index, int Slot)? ReadCase()
    {
        string? text = Environment.GetEnvironmentVariable("EMULATOR_DIFF_CASE");
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        string[] parts = text.Split('#', '@');
        return (parts[0], int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
