namespace Emulator.Host.CommandLine;

/// <summary>A property that a word of the command line takes.</summary>
internal sealed record DeviceProperty
{
    /// <summary>The word before the equals sign.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required string Meaning { get; init; }

    /// <summary>The value if it is not given; empty if there is none.</summary>
    public string Default { get; private init; } = "";

    /// <summary>The words it takes, or null.</summary>
    public string[]? Choices { get; private init; }

    /// <summary>What says what is wrong with a value, or null.</summary>
    public Func<string, string?>? Test { get; private init; }

    /// <summary>What the help calls the value.</summary>
    public string ValueName { get; private init; } = "ID";

    /// <summary>True if it must be given.</summary>
    public bool IsRequired { get; init; }

    /// <summary>True if it may be given more than once.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>The bounds of a number, or null.</summary>
    public (ulong Least, ulong Most)? Bounds { get; private init; }

    /// <summary>A number between bounds; a default beyond them means none.</summary>
    public static DeviceProperty Number(string name, ulong @default, ulong least, ulong most, string meaning) => new()
    {
        Name = name,
        Meaning = meaning,
        Bounds = (least, most),
        Default = @default > most ? "" : @default > 9 ? $"0x{@default:x}" : $"{@default}",
    };

    /// <summary>One of some words, the first being the default.</summary>
    public static DeviceProperty Choice(string name, string[] choices, string meaning) =>
        new() { Name = name, Meaning = meaning, Choices = choices, Default = choices[0] };

    /// <summary>One of some words, or none of them.</summary>
    public static DeviceProperty Words(string name, string[] choices, string meaning) =>
        new() { Name = name, Meaning = meaning, Choices = choices };

    /// <summary>Text that something must be right about.</summary>
    public static DeviceProperty Checked(string name, string valueName, Func<string, string?> test, string meaning, string @default = "") =>
        new() { Name = name, Meaning = meaning, ValueName = valueName, Test = test, Default = @default };

    /// <summary>Any text.</summary>
    public static DeviceProperty Text(string name, string @default, string meaning, string valueName = "ID") =>
        new() { Name = name, Meaning = meaning, Default = @default, ValueName = valueName };

    /// <summary>Null if the value will do, else what is wrong with it.</summary>
    public string? Check(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return $"a value is missing: {Name}={Expected}";
        }

        if (Choices is not null && !Choices.Contains(value))
        {
            return $"'{value}' is not one of {string.Join(", ", Choices)}";
        }

        if (Bounds is not { } bounds)
        {
            return Test?.Invoke(value);
        }

        return !Numbers.TryParse(value, out var number) ? $"'{value}' is not a number"
            : number < bounds.Least || number > bounds.Most ? $"'{value}' is not between {bounds.Least} and 0x{bounds.Most:x}"
            : null;
    }

    /// <summary>What may stand behind the equals sign.</summary>
    public string Expected => Choices is not null ? string.Join("|", Choices) : Bounds is not null ? "NUMBER" : ValueName;
}
