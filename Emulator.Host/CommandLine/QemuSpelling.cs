namespace Emulator.Host.CommandLine;

/// <summary>
/// Ties each option to its value before the parser sees them, since in QEMU's command line the word behind an
/// option that takes a value is that value, whatever it looks like (<c>-append "-v"</c>).
/// </summary>
internal static class QemuSpelling
{
    /// <summary>Rewrites <c>-name -value</c> as <c>-name=-value</c>; other words stay as they are.</summary>
    /// <param name="words">The command line behind the verb.</param>
    /// <param name="options">The verb's options.</param>
    public static IEnumerable<string> Bind(IReadOnlyList<string> words, IEnumerable<RunOption> options)
    {
        var takesValue = options.Where(o => o.TakesValue).SelectMany(o => o.Spellings).ToHashSet();
        for (var i = 0; i < words.Count; i++)
        {
            if (!takesValue.Contains(words[i]) || i + 1 == words.Count)
            {
                yield return words[i];
            }
            else if (words[i + 1].StartsWith('-'))
            {
                yield return $"{words[i]}={words[++i]}";
            }
            else
            {
                yield return words[i];
                yield return words[++i];
            }
        }
    }
}
