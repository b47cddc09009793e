using System.Diagnostics;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Runs tests: by seeds, freely, or every execution there is.</summary>
internal static class LitmusRunner
{
    /// <summary>More than any test of use has; one with more is not waited for.</summary>
    public const long MostExecutions = 50_000_000;

    /// <summary>A sample: in the simulated models each run from a seed of its own, one up from the last; under host as the processor will have it.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">The bus's.</param>
    /// <param name="model">The memory's.</param>
    /// <param name="runs">How many executions.</param>
    /// <param name="seed">The first one's.</param>
    /// <param name="progress">Told now and then how many there have been.</param>
    /// <param name="cancellation">Ends it early, with what there is.</param>
    public static LitmusSample Sample(
        LitmusTest test, DmaOrdering ordering, MemoryModel model, long runs, ulong seed, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        var sample = new LitmusSample(test, ordering, model, IsComplete: false);
        var started = Stopwatch.StartNew();
        var run = 0L;
        if (model == MemoryModel.Host)
        {
            LitmusRounds.Free(test, ordering, seed, GoesOn, values => sample.Add(values, null));
        }
        else
        {
            var choices = new SeededChoices(seed);
            LitmusRounds.Scheduled(
                test,
                ordering,
                model,
                choices,
                () =>
                {
                    choices.Restart(seed + (ulong)run);
                    return GoesOn();
                },
                values => sample.Add(values, seed + (ulong)(run - 1)));
        }

        sample.Time = started.Elapsed;
        return sample;

        bool GoesOn()
        {
            Report(progress, run);
            return run++ < runs && !cancellation.IsCancellationRequested;
        }
    }

    /// <summary>Every schedule and every choice of the model, of equivalent ones one.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">The bus's.</param>
    /// <param name="model">TSO or weak; what the host's processor does cannot be chosen.</param>
    /// <param name="progress">Told now and then how many executions there have been.</param>
    /// <param name="cancellation">Ends it early: the sample is then not complete.</param>
    public static LitmusSample Explore(
        LitmusTest test, DmaOrdering ordering, MemoryModel model, Action<long>? progress = null, CancellationToken cancellation = default)
    {
        var sample = new LitmusSample(test, ordering, model, IsComplete: true);
        var started = Stopwatch.StartNew();
        var choices = new Exploration();
        var isComplete = true;
        var isFirst = true;
        LitmusRounds.Scheduled(
            test,
            ordering,
            model,
            choices,
            () =>
            {
                Report(progress, sample.Executions);
                if (isFirst)
                {
                    isFirst = false;
                    return choices.Begin();
                }

                isComplete = sample.Executions < MostExecutions && !cancellation.IsCancellationRequested;
                return isComplete && choices.Advance();
            },
            values =>
            {
                if (!choices.IsRedundant)
                {
                    sample.Add(values, null);
                }
            });
        return sample with { IsComplete = isComplete, Time = started.Elapsed };
    }

    private static void Report(Action<long>? progress, long executions)
    {
        const long Often = 4096;
        if (progress is not null && executions % Often == 0)
        {
            progress(executions);
        }
    }
}
