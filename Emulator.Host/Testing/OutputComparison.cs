using System.Text;
using System.Text.RegularExpressions;

namespace Emulator.Host.Testing;

/// <summary>Whether two machines' outputs of one guest agree: byte for byte, but for what the manifest or the guest itself says differs.</summary>
/// <remarks>
/// Left out are lines that match one of the manifest's patterns. A machine on which the guest reports checks as SKIP
/// may lack the PASS lines of such checks, and its count of them; it may not FAIL any, nor say anything else.
/// </remarks>
internal sealed class OutputComparison
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly List<string> _lines = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly bool _skips;

    private OutputComparison(byte[] output, IReadOnlyList<string> varies)
    {
        foreach (var line in Encoding.UTF8.GetString(output).Split('\n'))
        {
            if (line.StartsWith("SKIP ", StringComparison.Ordinal))
            {
                _skips = true;
            }
            else if (!varies.Any(pattern => Regex.IsMatch(line, pattern, RegexOptions.CultureInvariant, s_patience)))
            {
                _lines.Add(line);
                _known.Add(line);
            }
        }
    }

    /// <summary>Says where they differ, or null.</summary>
    public static string? FindDifference(byte[] ours, byte[] theirs, IReadOnlyList<string> varies)
    {
        if (ours.AsSpan().SequenceEqual(theirs))
        {
            return null;
        }

        var (a, b) = (new OutputComparison(ours, varies), new OutputComparison(theirs, varies));
        var (i, j) = (0, 0);
        while (i < a._lines.Count || j < b._lines.Count)
        {
            var (left, right) = (a.At(i), b.At(j));
            if (left == right || (IsCount(left) && IsCount(right) && (a._skips || b._skips)))
            {
                (i, j) = (i + 1, j + 1);
            }
            else if (b.MayLack(left))
            {
                i++;
            }
            else if (a.MayLack(right))
            {
                j++;
            }
            else
            {
                return $"output differs from QEMU's: {Quote(left)}, QEMU's {Quote(right)}";
            }
        }

        return null;
    }

    private static bool IsCount(string? line) => line is not null && line.Contains(" passed, ", StringComparison.Ordinal);

    private static string Quote(string? line) => line is null ? "ends" : $"'{line.TrimEnd()}'";

    private string? At(int index) => index < _lines.Count ? _lines[index] : null;

    private bool MayLack(string? line) =>
        _skips && line is not null && line.StartsWith("PASS ", StringComparison.Ordinal) && !_known.Contains(line);
}
