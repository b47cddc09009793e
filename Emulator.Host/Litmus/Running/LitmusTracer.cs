using Emulator.Host.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Records the one execution that a seed makes of a test (docs/traces.md).</summary>
internal static class LitmusTracer
{
    /// <summary>Writes it to a file.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">The bus's.</param>
    /// <param name="model">The memory's; host is the seed's schedule with no store that waits.</param>
    /// <param name="seed">The execution's.</param>
    /// <param name="stream">The file; closed at the end.</param>
    /// <param name="tell">Told, in a line, if the file ends early.</param>
    /// <returns>The outcome, a value for each of the test's variables.</returns>
    public static LitmusState Trace(LitmusTest test, DmaOrdering ordering, MemoryModel model, ulong seed, FileStream stream, Action<string> tell)
    {
        using var file = new TraceFile(stream, stream.Name, HeaderOf(test, model, seed), tell);
        return Record(test, ordering, model, seed, file.Add);
    }

    /// <summary>Hands its events on, each when its last part is visible.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">The bus's.</param>
    /// <param name="model">The memory's.</param>
    /// <param name="seed">The execution's.</param>
    /// <param name="sink">Takes the events.</param>
    /// <param name="prepare">What else is to be done to the machine before it starts, or null.</param>
    /// <returns>The outcome.</returns>
    public static LitmusState Record(
        LitmusTest test, DmaOrdering ordering, MemoryModel model, ulong seed, Action<TraceEvent> sink, Action<LitmusMachine>? prepare = null)
    {
        var rounds = 0;
        var choices = new SeededChoices(seed);
        LitmusState outcome = default;
        TraceRecorder? recorder = null;
        LitmusRounds.Scheduled(
            test,
            ordering,
            model,
            choices,
            () =>
            {
                choices.Restart(seed);
                return rounds++ == 0;
            },
            values => outcome = new LitmusState(values),
            machine =>
            {
                prepare?.Invoke(machine);
                recorder = new TraceRecorder(sink, machine.Simulation) { HasHostTime = false, Covers = machine.Simulation!.Covers, IsRecording = false };
                machine.Trace(recorder);
                return recorder;
            });
        recorder!.Finish();
        return outcome;
    }

    /// <summary>The first line of its trace.</summary>
    public static TraceHeader HeaderOf(LitmusTest test, MemoryModel model, ulong seed) => new()
    {
        Model = MemoryModels.Name(model),
        Schedule = TraceNames.Deterministic,
        Seed = seed,
        Lanes = [.. test.Columns.Select(c => new TraceLane(c.Name, c.Kind == LitmusColumnKind.Vcpu)).OrderBy(l => !l.IsProcessor)],
    };
}
