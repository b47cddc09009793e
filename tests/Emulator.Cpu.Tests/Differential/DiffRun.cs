using System.Text;

namespace Emulator.Cpu.Tests.Differential;

/// <summary>Runs cases on two executors, in batches, and collects where they disagree.</summary>
internal sealed class DiffRun(IExecutor truth, IExecutor other, string otherName)
{
    private const int DescribedPerGroup = 2;
    private const int Described = 24;

    private readonly DiffCase[] _cases = Make(slot => new DiffCase(slot));
    private readonly Outcome[] _truths = Make(_ => new Outcome());
    private readonly Outcome[] _others = Make(_ => new Outcome());
    private readonly SortedDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly List<string> _descriptions = [];
    private int _filled;
    private int _troubles;

    /// <summary>Cases run.</summary>
    public long Count { get; private set; }

    /// <summary>Of them, those where the executors disagreed.</summary>
    public long FailureCount { get; private set; }

    /// <summary>Of them, those that ended in an exception.</summary>
    public long FaultCount { get; private set; }

    /// <summary>True if the other executor did not even end too many cases: there is no point in waiting for more.</summary>
    public bool IsHopeless => _troubles >= 3;

    /// <summary>The next case to fill; after that call <see cref="Commit"/>.</summary>
    public DiffCase Next => _cases[_filled];

    /// <summary>Takes the case that was filled, and runs the batch when it is full.</summary>
    public void Commit()
    {
        if (++_filled == DiffLayout.Slots)
        {
            Flush();
        }
    }

    /// <summary>Runs what is left of the last batch.</summary>
    public void Flush()
    {
        ReadOnlySpan<DiffCase> cases = _cases.AsSpan(0, _filled);
        truth.Run(cases, _truths.AsSpan(0, _filled));
        other.Run(cases, _others.AsSpan(0, _filled));
        for (int i = 0; i < _filled; i++)
        {
            Count++;
            FaultCount += _truths[i].Vector >= 0 ? 1 : 0;
            if (!Comparison.Agree(cases[i], _truths[i], _others[i]) && !AgreesWhenRepeated(i))
            {
                Note(cases[i], _truths[i], _others[i]);
            }
        }

        _filled = 0;
    }

    /// <summary>Which forms failed how often, then some cases in full; empty if none did.</summary>
    public string Report()
    {
        if (FailureCount == 0)
        {
            return "";
        }

        StringBuilder text = new();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{FailureCount} of {Count} cases disagree: ");
        text.AppendJoin(", ", _failures.Select(form => $"{form.Key} {form.Value}×")).AppendLine();
        foreach (string description in _descriptions)
        {
            text.AppendLine().AppendLine(description);
        }

        return text.ToString();
    }

    private static T[] Make<T>(Func<int, T> make) => [.. Enumerable.Range(0, DiffLayout.Slots).Select(make)];

    /// <summary>
    /// The truth is asked twice before it counts: where a case leaves RSP non-canonical, an interrupt of the host at
    /// that moment ends it in a fault that is none of its own.
    /// </summary>
    private bool AgreesWhenRepeated(int i)
    {
        truth.Run(_cases.AsSpan(i, 1), _truths.AsSpan(i, 1));
        return Comparison.Agree(_cases[i], _truths[i], _others[i]);
    }

    private void Note(DiffCase test, Outcome truthful, Outcome wrong)
    {
        FailureCount++;
        _troubles += wrong.Trouble is null ? 0 : 1;
        string group = Comparison.Group(test, wrong);
        int seen = _failures.GetValueOrDefault(group);
        _failures[group] = seen + 1;
        if (seen < DescribedPerGroup && _descriptions.Count < Described)
        {
            _descriptions.Add(Comparison.Describe(test, truthful, wrong, otherName));
        }
    }
}
