using System.Collections.Immutable;
using System.Text;

namespace Emulator.Host.CommandLine;

/// <summary>A word of the form <c>head,name=value,flag</c>; two commas stand for one that is meant.</summary>
/// <param name="Head">What stands before the first comma; empty if that is itself a property.</param>
/// <param name="Properties">Names and values in order; a flag's value is null.</param>
internal sealed record PropertyList(string Head, ImmutableArray<Property> Properties)
{
    /// <summary>Takes a word apart.</summary>
    /// <param name="text">The option's value.</param>
    /// <param name="headIsProperty">True if a first piece with an equals sign is a property (<c>-m size=64</c>).</param>
    public static PropertyList Parse(string text, bool headIsProperty = false)
    {
        var pieces = Split(text);
        var head = pieces[0];
        var first = 1;
        if (headIsProperty && head.Contains('='))
        {
            (head, first) = ("", 0);
        }

        return new PropertyList(head, [.. pieces.Skip(first).Select(ToProperty)]);
    }

    /// <summary>The pieces between single commas.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var pieces = new List<string>();
        var piece = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != ',')
            {
                piece.Append(text[i]);
            }
            else if (i + 1 < text.Length && text[i + 1] == ',')
            {
                piece.Append(',');
                i++;
            }
            else
            {
                pieces.Add(piece.ToString());
                piece.Clear();
            }
        }

        pieces.Add(piece.ToString());
        return pieces;
    }

    private static Property ToProperty(string piece)
    {
        var equals = piece.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new Property(piece, null) : new Property(piece[..equals], piece[(equals + 1)..]);
    }
}

/// <summary>A name and its value.</summary>
/// <param name="Name">What stands before the equals sign.</param>
/// <param name="Value">What stands behind it; null if there is none.</param>
internal sealed record Property(string Name, string? Value);
