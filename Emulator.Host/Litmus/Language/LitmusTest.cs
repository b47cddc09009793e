using System.Collections.Immutable;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>What is asked about the outcomes of a test.</summary>
public enum LitmusQuantifier
{
    /// <summary>Is there an outcome for which the condition holds?</summary>
    Exists,

    /// <summary>Is there none?</summary>
    NotExists,

    /// <summary>Does it hold for every outcome?</summary>
    ForAll,
}

/// <summary>How often the condition of a test held.</summary>
public enum Observation
{
    /// <summary>In no outcome.</summary>
    Never,

    /// <summary>In some outcomes and not in others.</summary>
    Sometimes,

    /// <summary>In every outcome.</summary>
    Always,
}

/// <summary>A litmus test: columns that run at the same time, and a question about what they may see.</summary>
/// <param name="Name">As in the file's first line.</param>
/// <param name="Description">One sentence.</param>
/// <param name="Path">The file it was read from, as it was named.</param>
/// <param name="Locations">The words of memory; the elements of an array stand next to each other.</param>
/// <param name="Columns">What runs at the same time, from the left.</param>
/// <param name="Quantifier">What is asked.</param>
/// <param name="Condition">About which outcomes; over <see cref="Variables"/>.</param>
/// <param name="Expectations">What the answer must be, by ordering and model.</param>
public sealed record LitmusTest(
    string Name,
    string Description,
    string Path,
    ImmutableArray<LitmusLocation> Locations,
    ImmutableArray<LitmusColumn> Columns,
    LitmusQuantifier Quantifier,
    LitmusCondition Condition,
    ImmutableArray<LitmusExpectation> Expectations)
{
    /// <summary>What an outcome consists of: every register that a column writes or the condition names, then every location.</summary>
    public required ImmutableArray<LitmusVariable> Variables { get; init; }

    /// <summary>The variables that the condition names, as indices into <see cref="Variables"/>, ascending.</summary>
    public required ImmutableArray<int> Shown { get; init; }

    /// <summary>The whole text of the file.</summary>
    public required string Source { get; init; }

    /// <summary>Whether the condition, without its quantifier, holds.</summary>
    /// <param name="values">A value for each of <see cref="Variables"/>.</param>
    public bool Holds(ReadOnlySpan<uint> values) => Condition.Holds(values);

    /// <summary>What is expected under an ordering and a model; null if the file does not say.</summary>
    public Observation? Expected(DmaOrdering ordering, MemoryModel model)
    {
        foreach (var expectation in Expectations)
        {
            if (expectation.Orderings.Contains(ordering) && expectation.Models.Contains(model))
            {
                return expectation.Expected;
            }
        }

        return null;
    }
}

/// <summary>An aligned dword of guest memory.</summary>
/// <param name="Name">"x", or "a[1]" for an element of an array.</param>
/// <param name="Initial">Its value before the test.</param>
public sealed record LitmusLocation(string Name, uint Initial)
{
    /// <summary>How many elements the array has that it belongs to; 0 for a plain location.</summary>
    public int ArrayLength { get; init; }

    /// <summary>Which element it is.</summary>
    public int Element { get; init; }
}

/// <summary>Part of an outcome: a register of a column, or a location at the end.</summary>
/// <param name="Name">As it is printed: "P0:eax", "D0:r0", "x", "a[1]".</param>
/// <param name="Column">The register's column; -1 for a location.</param>
/// <param name="Index">The register's number, or the location's index.</param>
public sealed record LitmusVariable(string Name, int Column, int Index);

/// <summary>What the answer must be.</summary>
/// <param name="Orderings">Under each of these,</param>
/// <param name="Models">in each of these.</param>
/// <param name="Expected">How often the condition must hold.</param>
/// <param name="Line">Where it stands in the file, from 1.</param>
public sealed record LitmusExpectation(
    ImmutableArray<DmaOrdering> Orderings,
    ImmutableArray<MemoryModel> Models,
    Observation Expected,
    int Line);
