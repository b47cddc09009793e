using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>What running a test has shown.</summary>
/// <param name="Test">The test.</param>
/// <param name="Ordering">The bus's.</param>
/// <param name="Model">The memory's.</param>
/// <param name="IsComplete">True if every execution there is was made.</param>
internal sealed record LitmusSample(LitmusTest Test, DmaOrdering Ordering, MemoryModel Model, bool IsComplete)
{
    /// <summary>The outcomes, over all of the test's variables, and how often each came.</summary>
    public Dictionary<LitmusState, long> States { get; } = [];

    /// <summary>How many executions there were.</summary>
    public long Executions { get; private set; }

    /// <summary>Those in which the condition held.</summary>
    public long Positive { get; private set; }

    /// <summary>The seed that shows the first of them again by itself; null if there was none, or where no seed decides.</summary>
    public ulong? Seed { get; private set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Time { get; set; }

    /// <summary>How often the condition held.</summary>
    public Observation Observation => Observations.Of(Positive, Executions - Positive);

    /// <summary>Counts an outcome.</summary>
    /// <param name="values">A value for each of the test's variables.</param>
    /// <param name="seed">What shows it again, or null.</param>
    public void Add(ReadOnlySpan<uint> values, ulong? seed)
    {
        Executions++;
        if (Test.Holds(values))
        {
            Positive++;
            Seed ??= seed;
        }

        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(States, new LitmusState(values), out _)++;
    }
}
