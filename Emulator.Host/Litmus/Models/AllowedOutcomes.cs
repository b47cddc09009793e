namespace Emulator.Host.Litmus;

/// <summary>What a model allows a test to do.</summary>
/// <param name="Test">The test.</param>
/// <param name="Outcomes">Each allowed outcome, over all of the test's variables, and an execution that has it.</param>
/// <param name="Candidates">How many executions were tried.</param>
/// <param name="Consistent">How many of them the model allows.</param>
public sealed record AllowedOutcomes(
    LitmusTest Test, IReadOnlyDictionary<LitmusState, CandidateExecution> Outcomes, long Candidates, long Consistent)
{
    /// <summary>How often the test's condition holds in them.</summary>
    public Observation Observation => Observations.Of(
        Outcomes.Keys.Count(state => Test.Holds(state.Values)), Outcomes.Keys.Count(state => !Test.Holds(state.Values)));

    /// <summary>Whether an outcome is allowed.</summary>
    /// <param name="values">Over all of the test's variables.</param>
    public bool Contains(ReadOnlySpan<uint> values) => Outcomes.ContainsKey(new LitmusState(values));
}

/// <summary>From counts to words.</summary>
internal static class Observations
{
    /// <summary>How often something held.</summary>
    /// <param name="positive">How often it did.</param>
    /// <param name="negative">How often it did not.</param>
    public static Observation Of(long positive, long negative) =>
        positive == 0 ? Observation.Never : negative == 0 ? Observation.Always : Observation.Sometimes;
}
