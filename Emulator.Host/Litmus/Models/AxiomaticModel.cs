using System.Globalization;
using System.Text;
using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>
/// A memory model as a file says it. Finds what a test may do by trying every execution one can think of against
/// the axioms, without running anything. An instance may be used by one thread at a time.
/// </summary>
public sealed class AxiomaticModel
{
    private readonly CatModel _model;

    private AxiomaticModel(CatModel model) => _model = model;

    /// <summary>The string at the file's head.</summary>
    public string Title => _model.Title;

    /// <summary>Reads a model.</summary>
    /// <param name="path">A file of <c>guest-images/litmus/models</c>, or one like it. A mistake in it is answered with path:line:column.</param>
    public static Result<AxiomaticModel> Load(string path)
    {
        try
        {
            return CatParser.TryParse(path, File.ReadAllText(path), out var model, out var diagnostic)
                ? new AxiomaticModel(model)
                : new Failure(diagnostic.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure($"{path}: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>The outcomes that the model allows.</summary>
    /// <param name="test">The test.</param>
    /// <param name="ordering">Of the bus: it decides which fences stand between a function's accesses.</param>
    public AllowedOutcomes Enumerate(LitmusTest test, DmaOrdering ordering) => Enumerate(test, ordering, coherentOnly: true);

    /// <summary>The same without the short cut, to check it.</summary>
    internal AllowedOutcomes Enumerate(LitmusTest test, DmaOrdering ordering, bool coherentOnly)
    {
        var graph = new EventGraph(test, ordering);
        var evaluator = new CatEvaluator(_model, graph);
        var allowed = new SortedDictionary<LitmusState, CandidateExecution>();
        var (candidates, consistent) = (0L, 0L);
        new CandidateEnumerator(graph, coherentOnly, candidate =>
        {
            candidates++;
            if (!evaluator.Broken(candidate).Any() && ExecutionValues.Of(candidate, graph) is { } values)
            {
                consistent++;
                var outcome = values.Outcome(candidate);
                if (!allowed.ContainsKey(outcome))
                {
                    allowed.Add(outcome, candidate.Copy());
                }
            }
        }).Run();
        return new AllowedOutcomes(test, allowed, candidates, consistent);
    }

    /// <summary>
    /// Why an outcome is allowed or not, in several lines: an execution that has it and, if it is forbidden, the axioms it breaks and the
    /// cycle. Of several executions, one that breaks the fewest.
    /// </summary>
    public string Explain(LitmusTest test, DmaOrdering ordering, LitmusState outcome)
    {
        var graph = new EventGraph(test, ordering);
        var evaluator = new CatEvaluator(_model, graph);
        CandidateExecution? nearest = null;
        (CatAxiom Axiom, ulong[] Relation)[] broken = [];
        new CandidateEnumerator(graph, coherentOnly: false, candidate =>
        {
            if ((nearest is null || broken.Length > 0) && ExecutionValues.Of(candidate, graph)?.Outcome(candidate) == outcome)
            {
                (CatAxiom, ulong[])[] found = [.. evaluator.Broken(candidate)];
                if (nearest is null || found.Length < broken.Length)
                {
                    (nearest, broken) = (candidate.Copy(), found);
                }
            }
        }).Run();
        return nearest is null
            ? $"{outcome.Format(test.Variables)} no execution has these values\n"
            : Describe(outcome.Format(test.Variables), nearest, broken);
    }

    private static string Describe(string outcome, CandidateExecution execution, (CatAxiom Axiom, ulong[] Relation)[] broken)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{outcome} {(broken.Length == 0 ? "is allowed" : "is forbidden")}");
        text.Append(execution);
        foreach (var (axiom, relation) in broken)
        {
            var cycle = axiom.Check == CatCheck.Empty ? "" : execution.Describe(BitRelation.Cycle(relation));
            text.AppendLine(CultureInfo.InvariantCulture, $"  breaks '{axiom.Name}' {cycle}");
        }

        return text.ToString();
    }
}
