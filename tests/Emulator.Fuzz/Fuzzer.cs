using System.Diagnostics;
using System.Globalization;

namespace Emulator.Fuzz;

/// <summary>Runs inputs, seed by seed, and shrinks those that show something.</summary>
/// <param name="target">The device.</param>
/// <param name="patience">How long one input may take.</param>
public sealed class Fuzzer(FuzzTarget target, TimeSpan patience)
{
    private static readonly TimeSpan s_patienceOfShrinking = TimeSpan.FromSeconds(3);

    // More of these and the process has too many threads that spin.
    private const int MostHangs = 8;

    private readonly HashSet<string> _kinds = [];
    private int _hangs;

    /// <summary>Inputs run.</summary>
    public long Inputs { get; private set; }

    /// <summary>Their operations.</summary>
    public long Operations { get; private set; }

    /// <summary>Their DMA accesses.</summary>
    public long Accesses { get; private set; }

    /// <summary>Of those, refused ones.</summary>
    public long Refused { get; private set; }

    /// <summary>Frames that the device sent, those of the checks apart.</summary>
    public long Sent { get; private set; }

    /// <summary>Frames that were sent to it.</summary>
    public long Received { get; private set; }

    /// <summary>Told that an input shows something, before it is shrunk, which may take long; null for nobody.</summary>
    public Action<string>? Noticed { get; set; }

    /// <summary>Runs the input of a seed.</summary>
    /// <returns>What it shows that none before did, shrunk; or null.</returns>
    public (FuzzFinding Finding, FuzzInput Input)? Try(ulong seed)
    {
        var input = FuzzWriter.Make(target, seed);
        var outcome = FuzzRun.Execute(target, input, patience);
        Inputs++;
        Operations += input.Operations.Count;
        Accesses += outcome.Accesses;
        Refused += outcome.Refused;
        Sent += outcome.Frames.Taken;
        Received += outcome.Frames.Sent;
        if (outcome.Finding is not { } finding || !_kinds.Add(finding.Kind))
        {
            return null;
        }

        Noticed?.Invoke($"{target.Name}: {finding.Kind}, seed {seed}; it is made short");

        // Of an input without a mistake what the driver does must stay whole, or the mistake would be the shrinker's.
        Func<FuzzOperation, bool>? mayGo = finding.Kind == "guard"
            ? static operation => operation.Verb is not (FuzzVerb.Write or FuzzVerb.Store or FuzzVerb.Config or FuzzVerb.Guard)
            : null;
        var shrunk = new Shrinker(candidate => Shows(candidate, finding), mayGo).Shrink(input);
        return (FuzzRun.Execute(target, shrunk, patience).Finding ?? finding, shrunk);
    }

    /// <summary>Runs inputs until time is over.</summary>
    /// <param name="seed">The first seed; those after it follow.</param>
    /// <param name="inputs">How many inputs at most.</param>
    /// <param name="time">How long.</param>
    /// <param name="found">Told of each new finding, shrunk.</param>
    /// <param name="progress">Told now and then how far it is.</param>
    public void Run(ulong seed, long inputs, TimeSpan time, Action<FuzzFinding, FuzzInput> found, Action<string> progress)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(progress);
        Noticed = progress;
        var start = Stopwatch.GetTimestamp();
        var next = TimeSpan.FromSeconds(30);
        for (; inputs > 0 && Stopwatch.GetElapsedTime(start) < time && _hangs < MostHangs; inputs--, seed++)
        {
            if (Try(seed) is { } result)
            {
                found(result.Finding, result.Input);
            }

            if (Stopwatch.GetElapsedTime(start) > next)
            {
                progress(Summary());
                next += TimeSpan.FromSeconds(30);
            }
        }

        progress(Summary());
    }

    private string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"{target.Name}: {Inputs} inputs, {Operations} operations, {Accesses} DMA accesses, {Refused} refused, {Sent} frames out, {Received} in, {_kinds.Count} findings, {GC.GetTotalMemory(false) >> 20} MiB");

    private bool Shows(FuzzInput candidate, FuzzFinding finding)
    {
        if (_hangs >= MostHangs)
        {
            return false;
        }

        var shows = FuzzRun.Execute(target, candidate, finding.Kind == FuzzRun.Hang ? s_patienceOfShrinking : patience).Finding?.Kind == finding.Kind;
        _hangs += shows && finding.Kind == FuzzRun.Hang ? 1 : 0;
        return shows;
    }
}
