using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>What <c>emulator litmus</c> is asked to do.</summary>
public sealed record LitmusRequest
{
    /// <summary>The tests, by file, or by name or pattern in the library; all of the library if there are none.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>True if the whole library is asked for: a matrix of all orderings and models.</summary>
    public bool IsMatrix => Files.Count == 0;

    /// <summary>Only lists the tests.</summary>
    public bool ListOnly { get; init; }

    /// <summary>Under this ordering only; null for what the tests expect something of.</summary>
    public DmaOrdering? Ordering { get; init; }

    /// <summary>In this model only; null for what the tests expect something of.</summary>
    public MemoryModel? Model { get; init; }

    /// <summary>Executions a sample consists of; null for a number that suits the model.</summary>
    public long? Runs { get; init; }

    /// <summary>The first execution's seed, the others' follow; null for one at random.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Makes every execution there is in place of a sample.</summary>
    public bool Explore { get; init; }

    /// <summary>Records the execution of the seed, or of those that there are the first in which the condition holds.</summary>
    public string? TraceFile { get; init; }

    /// <summary>Writes the results as JSON.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Writes the matrix as a page.</summary>
    public string? HtmlFile { get; init; }
}
