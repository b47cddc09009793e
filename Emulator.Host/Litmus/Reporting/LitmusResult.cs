namespace Emulator.Host.Litmus;

/// <summary>A test under one ordering in one model: what it showed, and what it should have.</summary>
/// <param name="Sample">What it showed.</param>
/// <param name="FirstSeed">The seed of the first execution; of no meaning where every execution was to be made.</param>
internal sealed record LitmusResult(LitmusSample Sample, ulong FirstSeed)
{
    /// <summary>True if every execution was to be made; whether there was time for all, the sample says.</summary>
    public bool IsExplored { get; init; }

    /// <summary>True if somebody ended it before its time: what it has not shown, it might have.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>What the test expects, or null if it says nothing.</summary>
    public Observation? Expected { get; } = Sample.Test.Expected(Sample.Ordering, Sample.Model);

    /// <summary>Where the written model and the machine disagree, with the executions; empty if they do not, or if they were not compared.</summary>
    public string Disagreement { get; init; } = "";

    /// <summary>True if it cannot have shown what is expected: no execution is by itself <see cref="Observation.Sometimes"/>.</summary>
    public bool IsTooShort => Expected == Observation.Sometimes && Sample.Executions == 1 && !IsExplored;

    /// <summary>True if it showed what is expected, as far as it could, and nothing that the model forbids.</summary>
    public bool IsMet => (Expected is null || Expected == Sample.Observation || IsTooShort) && Disagreement.Length == 0;

    /// <summary>The outcomes, over the variables that the condition names, with how often each came and whether the condition holds; sorted.</summary>
    public IReadOnlyList<(LitmusState State, long Count, bool Holds)> Outcomes { get; } =
    [
        .. Sample.States
            .GroupBy(s => s.Key.Shown(Sample.Test))
            .OrderBy(g => g.Key)
            .Select(g => (g.Key, g.Sum(s => s.Value), Sample.Test.Holds(g.First().Key.Values))),
    ];

    /// <summary>The variables that the outcomes are of.</summary>
    public IEnumerable<LitmusVariable> Variables => Sample.Test.Shown.Select(i => Sample.Test.Variables[i]);
}
