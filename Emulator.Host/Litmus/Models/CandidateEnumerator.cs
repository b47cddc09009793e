namespace Emulator.Host.Litmus;

/// <summary>
/// Makes the candidate executions of a test: for each location an order of its writes and a write for each of its reads, and for each
/// flush a cut in the program of its function.
/// </summary>
internal sealed class CandidateEnumerator
{
    private readonly List<List<LocationChoice>> _locations;
    private readonly List<List<FlushChoice>> _flushes;
    private readonly Action<CandidateExecution> _visit;
    private readonly CandidateExecution _candidate;

    /// <summary>Prepares the choices.</summary>
    /// <param name="graph">The events.</param>
    /// <param name="coherentOnly">
    /// Leaves out what makes a single location incoherent or an atomic instruction not so. Every model forbids it, and to
    /// leave it out while there is only one location to look at saves most of the work.
    /// </param>
    /// <param name="visit">Called with each candidate, which changes afterwards: copy it to keep it.</param>
    public CandidateEnumerator(EventGraph graph, bool coherentOnly, Action<CandidateExecution> visit)
    {
        _visit = visit;
        _candidate = new CandidateExecution(graph);
        _locations = [.. graph.Events
            .Where(e => e.Location >= 0 && !e.Is(EventKinds.Message))
            .GroupBy(e => e.Location)
            .Select(group => LocationChoice.All([.. group]).Where(c => !coherentOnly || c.IsCoherent(graph)).ToList())];
        _flushes = [.. graph.Events.Where(e => e.Is(EventKinds.Flush)).Select(e => FlushChoice.All(graph, e).ToList())];
    }

    /// <summary>Visits every candidate.</summary>
    public void Run() => ChooseLocation(0);

    private void ChooseLocation(int index)
    {
        if (index == _locations.Count)
        {
            ChooseFlush(0);
            return;
        }

        foreach (var choice in _locations[index])
        {
            choice.Enter(_candidate);
            ChooseLocation(index + 1);
            _candidate.Remove(choice.Events);
        }
    }

    private void ChooseFlush(int index)
    {
        if (index == _flushes.Count)
        {
            _visit(_candidate);
            return;
        }

        foreach (var choice in _flushes[index])
        {
            choice.Toggle(_candidate);
            ChooseFlush(index + 1);
            choice.Toggle(_candidate);
        }
    }
}

/// <summary>For one location: the order of its writes, and which of them each read saw.</summary>
internal sealed class LocationChoice
{
    private readonly LitmusEvent[] _writes;
    private readonly LitmusEvent[] _reads;
    private readonly int[] _seen;

    private LocationChoice(LitmusEvent[] writes, LitmusEvent[] reads, int[] seen)
    {
        _writes = writes;
        _reads = reads;
        _seen = seen;
    }

    /// <summary>The numbers of the location's events.</summary>
    public IEnumerable<int> Events => _writes.Concat(_reads).Select(e => e.Id);

    /// <summary>Every choice for a location.</summary>
    public static IEnumerable<LocationChoice> All(LitmusEvent[] events)
    {
        LitmusEvent[] writes = [.. events.Where(e => e.Is(EventKinds.Write))];
        LitmusEvent[] reads = [.. events.Where(e => e.Is(EventKinds.Read))];
        foreach (var order in Orders(writes))
        {
            var seen = new int[reads.Length];
            Array.Fill(seen, -1);
            do
            {
                yield return new LocationChoice(order, reads, (int[])seen.Clone());
            }
            while (Next(seen, order.Length));
        }
    }

    /// <summary>Whether one location alone is as every model has it.</summary>
    public bool IsCoherent(EventGraph graph)
    {
        var alone = new CandidateExecution(graph);
        Enter(alone);
        var programOrder = BitRelation.Intersection(graph.ProgramOrder, graph.SameLocation);
        var order = BitRelation.Union(BitRelation.Union(programOrder, alone.ReadsFrom), BitRelation.Union(alone.Coherence, alone.FromReads));
        var between = BitRelation.Sequence(
            BitRelation.Difference(alone.FromReads, graph.SameColumn), BitRelation.Difference(alone.Coherence, graph.SameColumn));
        return BitRelation.IsAcyclic(order) && BitRelation.Intersection(graph.ReadModifyWrite, between).All(row => row == 0);
    }

    /// <summary>Makes these choices in an execution.</summary>
    public void Enter(CandidateExecution execution)
    {
        var later = 0UL;
        for (var i = _writes.Length - 1; i >= 0; i--)
        {
            execution.Coherence[_writes[i].Id] = later;
            EnterReads(execution, i, later);
            later |= 1UL << _writes[i].Id;
        }

        EnterReads(execution, -1, later);
    }

    private void EnterReads(CandidateExecution execution, int seen, ulong later)
    {
        for (var i = 0; i < _reads.Length; i++)
        {
            if (_seen[i] == seen)
            {
                execution.FromReads[_reads[i].Id] = later;
                if (seen >= 0)
                {
                    execution.ReadsFrom[_writes[seen].Id] |= 1UL << _reads[i].Id;
                }
            }
        }
    }

    /// <summary>Counts up: -1 (the value before the test), 0, 1, … for each read.</summary>
    private static bool Next(int[] seen, int writes)
    {
        for (var i = 0; i < seen.Length; i++)
        {
            if (++seen[i] < writes)
            {
                return true;
            }

            seen[i] = -1;
        }

        return false;
    }

    private static IEnumerable<LitmusEvent[]> Orders(LitmusEvent[] writes)
    {
        if (writes.Length <= 1)
        {
            yield return writes;
            yield break;
        }

        for (var i = 0; i < writes.Length; i++)
        {
            foreach (var rest in Orders([.. writes[..i], .. writes[(i + 1)..]]))
            {
                yield return [writes[i], .. rest];
            }
        }
    }
}

/// <summary>Where in its program a function was when a register of it was read.</summary>
internal sealed class FlushChoice(int flush, ulong before, ulong after)
{
    /// <summary>Every cut: before everything, and behind each access, fence and pin.</summary>
    public static IEnumerable<FlushChoice> All(EventGraph graph, LitmusEvent flush)
    {
        var before = 0UL;
        var after = graph.Where(e => e.Column == flush.Target && e.Is(EventKinds.Read | EventKinds.Write | EventKinds.Fence | EventKinds.Pin));
        yield return new FlushChoice(flush.Id, before, after);
        foreach (var e in graph.Events.Where(e => (after >> e.Id & 1) != 0).ToArray())
        {
            before |= 1UL << e.Id;
            after &= ~before;
            yield return new FlushChoice(flush.Id, before, after);
        }
    }

    /// <summary>Makes the choice in an execution, or takes it back.</summary>
    public void Toggle(CandidateExecution execution)
    {
        execution.Flushes[flush] ^= after;
        for (var rest = before; rest != 0; rest &= rest - 1)
        {
            execution.Flushes[System.Numerics.BitOperations.TrailingZeroCount(rest)] ^= 1UL << flush;
        }
    }
}
