namespace Emulator.Host.CommandLine;

/// <summary>Finds the word that was meant.</summary>
internal static class Suggestion
{
    /// <summary>"; did you mean 'x'?" if a valid word is near, else "; valid: a, b, c".</summary>
    /// <param name="word">What was typed.</param>
    /// <param name="valid">What would be right.</param>
    /// <param name="listAll">Names every valid word even if one is near.</param>
    public static string For(string word, IEnumerable<string> valid, bool listAll = true)
    {
        var words = valid.ToArray();
        var nearest = Nearest(word, words);
        var hint = nearest is null ? "" : $"; did you mean '{nearest}'?";
        return listAll ? $"{hint}{(nearest is null ? ";" : "")} valid: {string.Join(", ", words)}" : hint;
    }

    /// <summary>The nearest of the valid words within a third of the word's length, or null.</summary>
    public static string? Nearest(string word, IEnumerable<string> valid)
    {
        string? best = null;
        var bestDistance = Math.Max(1, word.Length / 3) + 1;
        foreach (var candidate in valid)
        {
            var distance = Distance(word, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>Edits between two words: insertions, deletions, replacements and swaps of neighbours, each 1.</summary>
    public static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var same = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
                var best = Math.Min(rows[i - 1, j - 1] + (same ? 0 : 1), Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = best;
            }
        }

        return rows[a.Length, b.Length];
    }
}
