using System.Globalization;
using System.Text;

namespace Emulator.Host.Console;

/// <summary>What is typed on a console, and when: a file of lines <c>TIME "text"</c>.</summary>
/// <remarks>
/// TIME is in nanoseconds of the machine's time, which in a deterministic schedule are instructions; <c>+TIME</c> counts from the line
/// before. In the text \r, \n, \t, \", \\ and \xNN stand for characters. Empty lines and what is behind # say nothing.
/// </remarks>
internal static class InputScript
{
    /// <summary>Reads a file; a mistake is answered with path, line and column.</summary>
    public static Result<IReadOnlyList<ScriptedInput>> Load(string path)
    {
        try
        {
            return Parse(path, File.ReadAllLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure($"{path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>Reads its lines.</summary>
    /// <param name="path">For messages.</param>
    /// <param name="lines">The lines.</param>
    public static Result<IReadOnlyList<ScriptedInput>> Parse(string path, IReadOnlyList<string> lines)
    {
        var inputs = new List<ScriptedInput>();
        var last = 0L;
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var blank = line.IndexOfAny([' ', '\t']);
            var word = blank < 0 ? line : line[..blank];
            if (!long.TryParse(word.AsSpan(word[0] == '+' ? 1 : 0), NumberStyles.None, CultureInfo.InvariantCulture, out var time))
            {
                return Mistake(path, i, $"'{word}' is not a time: TIME \"text\", with TIME in nanoseconds of the machine, or +TIME from the line before");
            }

            time = word[0] == '+' ? last + time : time;
            if (time < last)
            {
                return Mistake(path, i, $"{time} is before the line above, which is at {last}");
            }

            if (!Unquote(blank < 0 ? "" : line[blank..].Trim()).Get(out var text, out var mistake))
            {
                return Mistake(path, i, mistake);
            }

            inputs.Add(new ScriptedInput(time, text));
            last = time;
        }

        return inputs;
    }

    private static Failure Mistake(string path, int line, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{path}:{line + 1}: {message}"));

    private static Result<byte[]> Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"')
        {
            return new Failure("a text in quotation marks is missing: TIME \"text\"");
        }

        var result = new StringBuilder();
        for (var at = 1; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"' when text[(at + 1)..].TrimStart() is "" or ['#', ..]:
                    return Encoding.UTF8.GetBytes(result.ToString());
                case '"':
                    return new Failure("something stands behind the text; a quotation mark in it is written \\\"");
                case '\\' when at + 1 < text.Length && Escaped(text, ref at) is { } character:
                    result.Append(character);
                    break;
                case '\\':
                    return new Failure("unknown escape; valid: \\r, \\n, \\t, \\\", \\\\ and \\xNN");
                default:
                    result.Append(text[at]);
                    break;
            }
        }

        return new Failure("the text's closing quotation mark is missing");
    }

    private static char? Escaped(string text, ref int at)
    {
        switch (text[++at])
        {
            case 'r':
                return '\r';
            case 'n':
                return '\n';
            case 't':
                return '\t';
            case '"' or '\\':
                return text[at];
            case 'x' when at + 2 < text.Length
                && byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && value < 0x80:
                at += 2;
                return (char)value;
            default:
                return null;
        }
    }
}

/// <summary>A part of what is typed.</summary>
/// <param name="Time">When, in nanoseconds of the machine's time.</param>
/// <param name="Text">Its bytes.</param>
internal sealed record ScriptedInput(long Time, byte[] Text);
