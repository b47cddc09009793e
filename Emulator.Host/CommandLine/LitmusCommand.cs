using System.CommandLine;
using Emulator.Host.Litmus;
using Emulator.Memory;

namespace Emulator.Host.CommandLine;

/// <summary><c>emulator litmus</c>.</summary>
internal static class LitmusCommand
{
    private delegate bool NameParser<T>(string? text, out T value, out string? error);

    /// <summary>The verb.</summary>
    /// <param name="litmus">Runs tests; returns the exit status.</param>
    /// <param name="refuse">Says what is wrong with the command line; returns the exit status.</param>
    public static Command Create(Func<LitmusRequest, CancellationToken, Task<int>> litmus, Func<string, Task<int>> refuse)
    {
        var files = new Argument<string[]>("FILE")
        {
            Description = "litmus files, or tests of the library whose names contain this; * and ? match as in file names; the whole library if there is none",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var ordering = Named<DmaOrdering>("-dma-ordering", "under this ordering only: " + DmaOrderings.AllNames, DmaOrderings.TryParse);
        var model = Named<MemoryModel>("-memory-model", "in this memory model only: " + MemoryModels.AllNames, MemoryModels.TryParse);
        var runs = Number("runs", "executions of each sample", 1, long.MaxValue);
        var seed = Number("seed", "of the first execution; each further one has the next", 0, ulong.MaxValue);
        var explore = new Option<bool>("--explore", "-explore") { Description = "makes every execution there is, in tso and weak" };
        var json = new Option<string?>("--json", "-json") { Description = "writes the results as JSON", HelpName = "FILE" };
        var html = new Option<string?>("--html", "-html") { Description = "writes the matrix as a page for a browser", HelpName = "FILE" };
        var trace = new Option<string?>("--trace", "-trace")
        {
            Description = "records the execution of --seed, or the first in which the condition holds; with one FILE, an ordering and a model",
            HelpName = "FILE",
        };
        var list = new Option<bool>("--list", "-list") { Description = "lists the tests and runs none" };
        var command = new Command("litmus", "Runs DMA litmus tests; without FILE the library, as a matrix.")
        {
            files, ordering, model, runs, seed, explore, json, html, trace, list,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new LitmusRequest
            {
                Files = parsed.GetValue(files) ?? [],
                Ordering = parsed.GetValue(ordering),
                Model = parsed.GetValue(model),
                Runs = (long?)parsed.GetValue(runs),
                Seed = parsed.GetValue(seed),
                Explore = parsed.GetValue(explore),
                JsonFile = parsed.GetValue(json),
                TraceFile = parsed.GetValue(trace),
                HtmlFile = parsed.GetValue(html),
                ListOnly = parsed.GetValue(list),
            };
            return Contradiction(request) is { } mistake ? refuse(mistake) : litmus(request, cancellation);
        });
        return command;
    }

    /// <summary>Options that do not go together, or null.</summary>
    private static string? Contradiction(LitmusRequest request) => request switch
    {
        { Explore: true, Model: MemoryModel.Host } =>
            "--explore: what the host's own processor does cannot be chosen; give -memory-model tso or weak",
        { Explore: true, Runs: not null } =>
            "--explore: every execution is made, so --runs has no meaning beside it",
        { TraceFile: null } => null,
        { Files.Count: not 1 } or { Ordering: null } or { Model: null } or { Explore: true } =>
            "--trace: one execution is recorded, so give one FILE, -dma-ordering and -memory-model, and not --explore",
        { Model: MemoryModel.Host } =>
            "--trace: the host's own processor does not make an execution again; give -memory-model tso or weak",
        _ => null,
    };

    private static Option<T?> Named<T>(string name, string description, NameParser<T> parse)
        where T : struct => new(name, "-" + name)
        {
            Description = description,
            HelpName = "NAME",
            CustomParser = result =>
            {
                if (parse(result.Tokens[0].Value, out var value, out var error))
                {
                    return value;
                }

                result.AddError($"{name} {result.Tokens[0].Value}: {error}");
                return null;
            },
        };

    private static Option<ulong?> Number(string name, string description, ulong least, ulong most) => new("--" + name, "-" + name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Numbers.TryParse(text, out var value) && value >= least && value <= most)
            {
                return value;
            }

            result.AddError($"--{name} {text}: not a number from {least}");
            return null;
        },
    };
}
