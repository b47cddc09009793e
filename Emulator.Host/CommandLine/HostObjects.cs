namespace Emulator.Host.CommandLine;

/// <summary>What <c>-object</c> takes.</summary>
internal static class HostObjects
{
    /// <summary>The kinds, with what they are.</summary>
    public static IReadOnlyList<(string Kind, string Meaning)> Kinds { get; } =
        [("iothread", "A thread that devices do their work on, shared by those that name it by iothread=")];

    /// <summary>Reads an <c>-object</c>.</summary>
    /// <param name="text">The option's value.</param>
    /// <param name="taken">The ids there are.</param>
    /// <returns>The id of an iothread.</returns>
    public static Result<string> Parse(string text, ICollection<string> taken)
    {
        var list = PropertyList.Parse(text);
        if (Kinds.All(each => each.Kind != list.Head))
        {
            return new Failure($"unknown object '{list.Head}'{Suggestion.For(list.Head, Kinds.Select(each => each.Kind))}");
        }

        string? id = null;
        foreach (var property in list.Properties)
        {
            if (property.Name != "id")
            {
                return new Failure($"object '{list.Head}' has no property '{property.Name}'{Suggestion.For(property.Name, ["id"])}");
            }

            id = property.Value;
        }

        return string.IsNullOrEmpty(id) ? new Failure("property 'id' is missing: id=ID")
            : taken.Contains(id) ? new Failure($"property 'id': '{id}' is taken; give another")
            : id;
    }
}
