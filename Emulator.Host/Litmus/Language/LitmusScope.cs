using System.Globalization;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Litmus;

/// <summary>The names that a test has declared so far, and how they are looked up.</summary>
/// <param name="reader">Where the names are read, and where a mistake is noted.</param>
internal sealed class LitmusScope(TokenReader reader)
{
    /// <summary>The locations, arrays flattened.</summary>
    public List<LitmusLocation> Locations { get; } = [];

    /// <summary>The columns.</summary>
    public List<(string Name, LitmusColumnKind Kind)> Columns { get; } = [];

    /// <summary>The names of the locations and arrays.</summary>
    public IEnumerable<string> LocationNames => Locations.Where(l => l.Element == 0).Select(PlainName);

    /// <summary>Whether there is a location or an array of that name.</summary>
    public bool HasLocation(string name) => LocationNames.Contains(name);

    /// <summary>Declares a location, or an array if the length is not 0.</summary>
    public void AddLocation(string name, int length, uint initial)
    {
        if (length == 0)
        {
            Locations.Add(new LitmusLocation(name, initial));
        }

        for (var i = 0; i < length; i++)
        {
            Locations.Add(new LitmusLocation($"{name}[{i}]", initial) { ArrayLength = length, Element = i });
        }
    }

    /// <summary>Reads <c>x</c> or <c>a[2]</c>.</summary>
    /// <returns>Its index.</returns>
    public int Location()
    {
        var name = reader.ExpectWord("a location");
        var first = Find(name);
        var length = first < 0 ? 0 : Locations[first].ArrayLength;
        if (first < 0 || !reader.Accept("["))
        {
            if (length > 0)
            {
                reader.Fail(name, $"'{name.Text}' is an array: name an element, {name.Text}[0] to {name.Text}[{length - 1}]");
            }

            return Math.Max(first, 0);
        }

        var at = reader.Peek;
        var element = Number();
        if (length == 0)
        {
            reader.Fail(at, $"'{name.Text}' is not an array");
        }
        else if (element >= length)
        {
            reader.Fail(at, $"'{name.Text}' has elements 0 to {length - 1}");
        }

        reader.Expect("]", "behind the element");
        return first + (int)Math.Min(element, (uint)Math.Max(length - 1, 0));
    }

    /// <summary>Reads the plain name of an array.</summary>
    /// <returns>The index of its first element, and how many there are.</returns>
    public (int First, int Count) Array()
    {
        var name = reader.ExpectWord("an array");
        var first = Find(name);
        if (first >= 0 && Locations[first].ArrayLength == 0)
        {
            reader.Fail(name, $"'{name.Text}' is not an array; declare it as {name.Text}[2]=0 or longer");
        }

        return first < 0 ? (0, 0) : (first, Locations[first].ArrayLength);
    }

    /// <summary>Reads a column's name.</summary>
    /// <returns>Its index, or -1 after a mistake.</returns>
    public int Column()
    {
        var name = reader.ExpectWord("a column's name");
        var column = Columns.FindIndex(c => c.Name == name.Text);
        if (column < 0)
        {
            reader.Fail(name, $"unknown column '{name.Text}'{Suggestion.For(name.Text, Columns.Select(c => c.Name))}");
        }

        return column;
    }

    /// <summary>Reads a column's name that must be of a kind.</summary>
    /// <returns>Its index, or -1 after a mistake.</returns>
    public int Column(LitmusColumnKind kind)
    {
        var at = reader.Peek;
        var column = Column();
        if (column >= 0 && Columns[column].Kind != kind)
        {
            reader.Fail(at, $"'{at.Text}' is not a {(kind == LitmusColumnKind.Vcpu ? "vcpu" : "dma")} column");
        }

        return column;
    }

    /// <summary>Reads a register of a column of a kind.</summary>
    /// <returns>Its number.</returns>
    public int Register(LitmusColumnKind kind)
    {
        var name = reader.ExpectWord("a register");
        var names = LitmusRegisters.Names(kind);
        var register = System.Array.IndexOf(names, name.Text);
        if (register < 0)
        {
            reader.Fail(name, $"unknown register '{name.Text}'{Suggestion.For(name.Text, names)}");
        }

        return Math.Max(register, 0);
    }

    /// <summary>Reads a number, decimal or 0x, of 32 bits.</summary>
    public uint Number()
    {
        var token = reader.Take();
        var hex = token.Text.StartsWith("0x", StringComparison.Ordinal);
        var style = hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (token.Kind != TokenKind.Number || !uint.TryParse(hex ? token.Text[2..] : token.Text, style, CultureInfo.InvariantCulture, out var value))
        {
            reader.Fail(token, $"expected a number of 32 bits, decimal or 0x, found {token.Shown}");
            return 0;
        }

        return value;
    }

    private int Find(Token name)
    {
        var first = Locations.FindIndex(l => l.Element == 0 && PlainName(l) == name.Text);
        if (first < 0)
        {
            reader.Fail(name, $"unknown location '{name.Text}'{Suggestion.For(name.Text, LocationNames)}");
        }

        return first;
    }

    private static string PlainName(LitmusLocation location) =>
        location.ArrayLength == 0 ? location.Name : location.Name[..location.Name.IndexOf('[', StringComparison.Ordinal)];
}
