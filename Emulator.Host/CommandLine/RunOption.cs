namespace Emulator.Host.CommandLine;

/// <summary>One option of <c>emulator run</c>.</summary>
internal sealed record RunOption
{
    /// <summary>An option with a value.</summary>
    /// <param name="name">The word without its dashes.</param>
    /// <param name="value">What the help calls the value.</param>
    /// <param name="meaning">What it does, in a line.</param>
    /// <param name="apply">Puts a value into the builder; returns what is wrong with it, or null.</param>
    public RunOption(string name, string value, string meaning, Func<MachineDescriptionBuilder, string, string?> apply)
    {
        Name = name;
        ValueName = value;
        Meaning = meaning;
        Apply = apply;
    }

    /// <summary>An option without a value.</summary>
    public RunOption(string name, string meaning, Action<MachineDescriptionBuilder> apply)
        : this(name, "", meaning, (builder, _) =>
        {
            apply(builder);
            return null;
        })
    {
    }

    /// <summary>The word without its dashes.</summary>
    public string Name { get; }

    /// <summary>Other words for the same.</summary>
    public string[] Aliases { get; init; } = [];

    /// <summary>What the help calls the value; empty for a flag.</summary>
    public string ValueName { get; }

    /// <summary>What it does.</summary>
    public string Meaning { get; }

    /// <summary>Puts a value into the builder; returns what is wrong with it, or null.</summary>
    public Func<MachineDescriptionBuilder, string, string?> Apply { get; }

    /// <summary>True if it is followed by a value.</summary>
    public bool TakesValue => ValueName.Length > 0;

    /// <summary>Every spelling, one-dash ones first.</summary>
    public IEnumerable<string> Spellings => Aliases.Prepend(Name).SelectMany(n => new[] { "-" + n, "--" + n });
}
