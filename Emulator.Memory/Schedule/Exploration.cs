namespace Emulator.Memory;

/// <summary>
/// Makes every choice of a stepped schedule over a simulated memory, one execution after the other, but of executions that differ
/// only in the order of steps that have nothing to do with each other one.
/// </summary>
/// <remarks>
/// A search from the start each time, with sleep sets (Godefroid, "Partial-Order Methods for the Verification of Concurrent
/// Systems", 1996, chapter 5): a step that was tried sleeps in the branches of its siblings until a step touches what it does.
/// An execution in which only sleepers are left is equivalent to one that has been: it is run to its end and does not count.
/// </remarks>
public sealed class Exploration : IChoices
{
    private readonly List<Node> _trail = [];
    private readonly Footprint _step = new();
    private Baton? _baton;
    private SimulatedMemory? _memory;
    private Node? _last;
    private int _at;
    private bool _hasBegun;

    /// <summary>True if the execution is equivalent to an earlier one.</summary>
    public bool IsRedundant { get; private set; }

    /// <summary>Says whose choices they are. Before the start.</summary>
    /// <param name="baton">The schedule, whose threads have been added.</param>
    /// <param name="memory">The memory, stepped.</param>
    public void Attach(Baton baton, SimulatedMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        (_baton, _memory, memory.Footprint) = (baton, memory, _step);
    }

    /// <summary>Begins the first execution. What was chosen before, on the way to it, is not varied.</summary>
    /// <returns>True.</returns>
    public bool Begin()
    {
        _step.Clear();
        return _hasBegun = true;
    }

    /// <summary>Begins the next execution.</summary>
    /// <returns>False if there is none that has not been.</returns>
    public bool Advance()
    {
        if (_at < _trail.Count)
        {
            throw new InvalidOperationException("the execution ended before the choices that led to it: it does not depend on them alone");
        }

        if (!IsRedundant)
        {
            EndStep();
        }

        (_at, _last, IsRedundant) = (0, null, false);
        while (_trail is [.., var node])
        {
            if (node.Advance())
            {
                return true;
            }

            _trail.RemoveAt(_trail.Count - 1);
        }

        return false;
    }

    /// <inheritdoc/>
    public int Next(int turns, int stores)
    {
        if (!_hasBegun || IsRedundant)
        {
            return 0;
        }

        EndStep();
        if (_at == _trail.Count)
        {
            var node = new Node(Candidates(turns, stores), _last);
            if (node.IsExhausted)
            {
                IsRedundant = true;
                return 0;
            }

            _trail.Add(node);
        }

        _last = _trail[_at++];
        return _last.Choose(turns + stores);
    }

    /// <inheritdoc/>
    public int Version(int versions)
    {
        if (!_hasBegun || IsRedundant)
        {
            return 0;
        }

        if (_at == _trail.Count)
        {
            _trail.Add(new Node(versions));
        }

        return _trail[_at++].Choose(versions);
    }

    /// <inheritdoc/>
    public int Quantum(int most) => most;

    // What has been touched since the last choice of a step was touched by that step.
    private void EndStep()
    {
        _last?.Touched(_step);
        _step.Clear();
    }

    private long[] Candidates(int turns, int stores)
    {
        var candidates = new long[turns + stores];
        for (var i = 0; i < turns; i++)
        {
            candidates[i] = _baton!.NumberOfReady(i);
        }

        for (var i = 0; i < stores; i++)
        {
            candidates[turns + i] = _memory!.NameOfReady(i);
        }

        return candidates;
    }

    // A choice that has been made, and those that were made in its place before.
    private sealed class Node
    {
        private readonly long[]? _candidates;
        private readonly List<Sleeper> _sleepers = [];
        private readonly int _of;
        private Footprint _touched = new();
        private int _chosen;

        // Of a value.
        public Node(int of) => _of = of;

        // Of a step: what slept before the last one sleeps on if that did not touch it.
        public Node(long[] candidates, Node? last)
        {
            (_candidates, _of) = (candidates, candidates.Length);
            if (last is not null)
            {
                _sleepers.AddRange(last._sleepers.Where(s => s.Step != last.Step && !s.Touches.Meets(last._touched)));
            }

            SkipSleepers();
        }

        public bool IsExhausted => _chosen == _of;

        private long Step => _candidates![_chosen];

        public int Choose(int of) => of == _of
            ? _chosen
            : throw new InvalidOperationException($"a choice had {_of} ways and now has {of}: the execution does not depend on the choices alone");

        public bool Advance()
        {
            if (_candidates is not null)
            {
                _sleepers.Add(new Sleeper(Step, _touched));
                _touched = new Footprint();
            }

            _chosen++;
            SkipSleepers();
            return !IsExhausted;
        }

        public void Touched(Footprint step) => _touched.Add(step);

        private void SkipSleepers()
        {
            while (_candidates is not null && !IsExhausted && _sleepers.Exists(s => s.Step == Step))
            {
                _chosen++;
            }
        }
    }

    private readonly record struct Sleeper(long Step, Footprint Touches);
}
