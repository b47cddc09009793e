using System.Globalization;

namespace Emulator.Host.CommandLine;

/// <summary>Numbers as they are typed.</summary>
internal static class Numbers
{
    /// <summary>A decimal number, or a hexadecimal one behind 0x.</summary>
    public static bool TryParse(string text, out ulong value) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>A size: digits, perhaps a fraction, perhaps one of the suffixes B, K, M, G, T.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="defaultShift">The suffix that is meant if there is none: 20 is M.</param>
    /// <param name="bytes">The size; <see cref="ulong.MaxValue"/> if it is beyond all bounds.</param>
    public static bool TryParseSize(string text, int defaultShift, out ulong bytes)
    {
        bytes = 0;
        var digits = text.AsSpan();
        var shift = defaultShift;
        if (digits.Length > 0 && char.IsAsciiLetter(digits[^1]))
        {
            shift = char.ToUpperInvariant(digits[^1]) switch
            {
                'B' => 0,
                'K' => 10,
                'M' => 20,
                'G' => 30,
                'T' => 40,
                _ => -1,
            };
            digits = digits[..^1];
        }

        if (shift < 0 || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        bytes = number >= ulong.MaxValue >> shift ? ulong.MaxValue : (ulong)(number * (1UL << shift));
        return true;
    }

    /// <summary>A size in the largest unit that divides it.</summary>
    public static string FormatSize(ulong bytes) => bytes switch
    {
        0 => "0",
        _ when bytes % (1UL << 30) == 0 => $"{bytes >> 30}G",
        _ when bytes % (1UL << 20) == 0 => $"{bytes >> 20}M",
        _ when bytes % (1UL << 10) == 0 => $"{bytes >> 10}K",
        _ => $"{bytes} bytes",
    };
}
