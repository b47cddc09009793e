namespace Emulator.Host.Testing.Teeth;

/// <summary>What <c>emulator teeth</c> asks for.</summary>
public sealed record TeethRequest
{
    /// <summary>Part of a site's or a guest's name; null is everything.</summary>
    public string? Filter { get; init; }

    /// <summary>How many seeds, from 1, may pass before a broken site counts as not caught.</summary>
    public int Seeds { get; init; } = 20;

    /// <summary>How many seeds, from 1, each guest must pass with nothing broken.</summary>
    public int UnbrokenSeeds { get; init; } = 3;

    /// <summary>How many machines run at a time.</summary>
    public int Jobs { get; init; } = 1;

    /// <summary>Leaves out the long runs on the host's own memory.</summary>
    public bool SimulatedOnly { get; init; }

    /// <summary>Where the table goes as Markdown, or null.</summary>
    public string? MarkdownFile { get; init; }

    /// <summary>The manifest's path; null is the repository's own.</summary>
    public string? Manifest { get; init; }
}
