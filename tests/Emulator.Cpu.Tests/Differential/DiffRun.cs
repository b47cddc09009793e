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

    /// <summary>Makes and runs cases of a name, or the one that the environment asks for.</summary>
    /// <param name="name">The form's name.</param>
    /// <param name="first">The first index.</param>
    /// <param name="end">The index behind the last.</param>
    /// <param name="build">Fills a case.</param>
    public void Add(string name, int first, int end, Action<DiffCase, int> build)
    {
        if (DiffSettings.OnlyCase is { } only)
        {
            if (only.Name == name && first == 0)
            {
                build(_cases[only.Slot], only.Index);
                Run(only.Slot, 1);
            }

            return;
        }

        for (int index = first; index < end && !IsHopeless; index++)
        {
            build(_cases[_filled], index);
            if (++_filled == DiffLayout.Slots)
            {
                Flush();
            }
        }
    }

    /// <summary>Runs what is left of the last batch.</summary>
    public void Flush()
    {
        Run(0, _filled);
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

    private void Run(int first, int count)
    {
        ReadOnlySpan<DiffCase> cases = _cases.AsSpan(first, count);
        truth.Run(cases, _truths.AsSpan(first, count));
        other.Run(cases, _others.AsSpan(first, count));
        for (int i = first; i < first + count; i++)
        {
            Count++;
            FaultCount += _truths[i].Vector >= 0 ? 1 : 0;
            if (!Comparison.Agree(_cases[i], _truths[i], _others[i]) && !AgreesWhenRepeated(i))
            {
                Note(_cases[i], _truths[i], _others[i]);
            }
        }
    }

    private static T[] Make<T>(Func<int, T> make) => [.. Enumerable.Range(0, DiffLayout.Slots).Select(make)];

    /// <summary>
    /// Both are asked twice before it counts, since either may be the processor: an interrupt of the host where RSP is
    /// non-canonical ends the case in a fault that is none of its own, and one while a segment register holds a null
    /// selector with an RPL leaves it zero (SDM volume 2, IRET: the return to an outer level).
    /// </summary>
    private bool AgreesWhenRepeated(int i)
    {
        truth.Run(_cases.AsSpan(i, 1), _truths.AsSpan(i, 1));
        other.Run(_cases.AsSpan(i, 1), _others.AsSpan(i, 1));
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
