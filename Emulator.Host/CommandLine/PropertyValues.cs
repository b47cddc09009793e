namespace Emulator.Host.CommandLine;

/// <summary>What a word of the command line says behind its kind, checked against the kind's table of properties.</summary>
public class PropertyValues
{
    private readonly IReadOnlyList<DeviceProperty> _table;
    private readonly Dictionary<string, List<string>> _values = [];

    internal PropertyValues(string name, IReadOnlyList<DeviceProperty> table) => (Name, _table) = (name, table);

    /// <summary>The kind's name.</summary>
    public string Name { get; }

    /// <summary>True if there is such a property.</summary>
    public bool Takes(string property) => Definition(property) is not null;

    /// <summary>True if a property was given.</summary>
    public bool IsGiven(string property) => _values.ContainsKey(property);

    /// <summary>A property's value, its default if it was not given, empty if it has none. The last one of several.</summary>
    public string Text(string property) => _values.TryGetValue(property, out var values) ? values[^1] : Definition(property)!.Default;

    /// <summary>All values of a property that may be given more than once, in order.</summary>
    public IReadOnlyList<string> Texts(string property) => _values.TryGetValue(property, out var values) ? values : [];

    /// <summary>A numeric property's value; null if it was not given and has no default.</summary>
    public ulong? Number(string property) => Numbers.TryParse(Text(property), out var value) ? value : null;

    /// <summary>True if a property is on.</summary>
    public bool IsOn(string property) => Text(property) == "on";

    /// <summary>Sets properties; returns what is wrong with them, or null.</summary>
    /// <param name="what">What messages call the kind of thing it is.</param>
    /// <param name="properties">In order.</param>
    internal string? Set(string what, IEnumerable<Property> properties)
    {
        foreach (var property in properties)
        {
            if (Definition(property.Name) is not { } definition)
            {
                return $"{what} '{Name}' has no property '{property.Name}'{Suggestion.For(property.Name, _table.Select(each => each.Name))}";
            }

            if (definition.Check(property.Value) is { } mistake)
            {
                return $"property '{property.Name}' of '{Name}': {mistake}";
            }

            if (!_values.TryGetValue(property.Name, out var values) || !definition.IsRepeatable)
            {
                _values[property.Name] = values = [];
            }

            values.Add(property.Value!);
        }

        return _table.FirstOrDefault(each => each.IsRequired && !IsGiven(each.Name)) is { } missing
            ? $"property '{missing.Name}' of '{Name}' is missing: {missing.Name}={missing.Expected}"
            : null;
    }

    private DeviceProperty? Definition(string name) => _table.FirstOrDefault(each => each.Name == name);
}
