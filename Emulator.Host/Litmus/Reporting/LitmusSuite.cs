using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Emulator.Host.Console;
using Emulator.Memory;
using Spectre.Console;

namespace Emulator.Host.Litmus;

/// <summary>Does what <c>emulator litmus</c> is asked.</summary>
internal sealed class LitmusSuite(TextWriter output, TextWriter error)
{
    private const long Runs = 100_000;

    // In a matrix, on the bare host: enough for what this processor shows to be seen.
    private const long MatrixRuns = 20_000;

    // Where something is expected to be seen, and it is not the seed that makes it so.
    private const long Patience = 2_000_000;

    // But no longer than that: threads that want more processors than are free meet a thousand times more slowly.
    private static readonly TimeSpan s_matrixTime = TimeSpan.FromMilliseconds(150);

    private readonly ProgressLine _progress = new(error);

    /// <summary>Runs it; returns the exit status. Ctrl-C ends it with what there is.</summary>
    public async Task<int> RunAsync(LitmusRequest request, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            ending.Cancel();
        });
        return await Task.Run(() => Run(request, ending.Token), CancellationToken.None).ConfigureAwait(false);
    }

    private int Run(LitmusRequest request, CancellationToken cancellation)
    {
        if (!LitmusLibrary.Read([.. request.Files.Select(AsPattern)]).Get(out var tests, out var mistake))
        {
            return Refuse(mistake);
        }

        if (request.ListOnly)
        {
            List(tests);
            return ExitStatus.Success;
        }

        if (request.TraceFile is not null && tests.Count > 1)
        {
            return Refuse($"--trace: one execution is recorded, and '{request.Files[0]}' means {tests.Count} tests");
        }

        LitmusComparison? comparison = null;
        if (request.IsMatrix && !LitmusComparison.Load(Path.Combine(LitmusLibrary.Folder!, "models")).Get(out comparison, out mistake))
        {
            return Refuse(mistake);
        }

        if (!ResultFiles.Open(request.JsonFile, request.HtmlFile, request.TraceFile).Get(out var files, out mistake))
        {
            return Refuse(mistake);
        }

        using (files)
        {
            var results = RunAll([.. LitmusCases.Of(tests, request)], request, comparison, cancellation);
            if (request.IsMatrix)
            {
                LitmusMatrix.Write(output, results);
                foreach (var result in results.Where(r => !r.IsMet))
                {
                    LitmusText.Write(output, result);
                }
            }

            if (files.Write(results) is { } failure)
            {
                return Refuse(failure);
            }

            if (files.Trace is { } trace && results is [var first])
            {
                Trace(first, trace, request.TraceFile!);
            }

            return cancellation.IsCancellationRequested ? ExitStatus.Interrupted
                : results.TrueForAll(r => r.IsMet) ? ExitStatus.Success
                : ExitStatus.TestsFailed;
        }
    }

    private List<LitmusResult> RunAll(
        IReadOnlyList<LitmusCase> cases, LitmusRequest request, LitmusComparison? comparison, CancellationToken cancellation)
    {
        var seed = request.Seed ?? (ulong)Random.Shared.Next();
        var results = new List<LitmusResult>();
        foreach (var each in cases)
        {
            if (cancellation.IsCancellationRequested)
            {
                break;
            }

            var where = string.Create(CultureInfo.InvariantCulture, $"{results.Count + 1} of {cases.Count}: {Name(each)}");
            var result = Run(each, request, seed, where, cancellation);
            _progress.Clear();
            if (request.IsMatrix && result.IsInterrupted)
            {
                break;
            }

            results.Add(result with { Disagreement = comparison?.Compare(result.Sample) ?? "" });
            if (!request.IsMatrix)
            {
                LitmusText.Write(output, result);
            }
        }

        return results;
    }

    private LitmusResult Run(LitmusCase each, LitmusRequest request, ulong seed, string where, CancellationToken cancellation)
    {
        var (test, ordering, model) = each;
        var isExplored = model != MemoryModel.Host && (request.Explore || (request.IsMatrix && request.Runs is null));
        var started = Stopwatch.StartNew();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (IsHurried(each, request))
        {
            enough.CancelAfter(s_matrixTime);
        }

        var sample = isExplored
            ? LitmusRunner.Explore(test, ordering, model, Report, cancellation)
            : LitmusRunner.Sample(
                test, ordering, model, request.Runs ?? RunsFor(request), seed, Report, PatienceFor(each, request), enough.Token);
        return new LitmusResult(sample, seed) { IsExplored = isExplored, IsInterrupted = cancellation.IsCancellationRequested };

        void Report(long executions) => _progress.ShowNowAndThen(() => string.Create(
            CultureInfo.InvariantCulture, $"{where}, {executions:N0} executions, {executions / started.Elapsed.TotalSeconds:N0}/s"));
    }

    // What must be seen is waited for.
    private static bool IsHurried(LitmusCase each, LitmusRequest request) =>
        request.IsMatrix && request.Runs is null && each.Model == MemoryModel.Host
        && each.Test.Expected(each.Ordering, each.Model) != Observation.Sometimes;

    // The execution is made again, from its seed.
    private void Trace(LitmusResult result, FileStream file, string path)
    {
        var sample = result.Sample;
        var seed = sample.Seed ?? result.FirstSeed;
        LitmusTracer.Trace(sample.Test, sample.Ordering, sample.Model, seed, file, error.WriteLine);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Trace {path} of seed {seed}: emulator trace show {path} --html PAGE draws it"));
    }

    private static long RunsFor(LitmusRequest request) => request.TraceFile is not null ? 1 : request.IsMatrix ? MatrixRuns : Runs;

    // A trace is of an execution in which the condition holds, unless its seed is given.
    private static long PatienceFor(LitmusCase each, LitmusRequest request) =>
        request.Runs is not null ? 0
        : request.TraceFile is not null ? request.Seed is null ? Runs - 1 : 0
        : each.Model == MemoryModel.Host && each.Test.Expected(each.Ordering, each.Model) == Observation.Sometimes ? Patience
        : 0;

    // Part of a name means all that contain it, as in `test FILTER`.
    private static string AsPattern(string word) =>
        File.Exists(word) || LitmusLibrary.Names.Contains(word) || !LitmusLibrary.Names.Any(n => n.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? word
            : $"*{word}*";

    private static string Name(LitmusCase each) => $"{each.Test.Name}, {DmaOrderings.Name(each.Ordering)} {MemoryModels.Name(each.Model)}";

    private void List(IEnumerable<LitmusTest> tests)
    {
        var table = Tables.New("test", "what it asks");
        foreach (var test in tests)
        {
            table.AddRow(Markup.Escape(test.Name), Markup.Escape(test.Description));
        }

        Tables.Write(table, output);
    }

    private int Refuse(string mistake)
    {
        error.WriteLine($"emulator: {mistake}");
        return ExitStatus.BadCommandLine;
    }
}
