namespace Emulator.Memory;

/// <summary>The deterministic schedule: the threads of a machine pass one baton, so that one runs at a time, and who is next is a choice.</summary>
/// <remarks>
/// It changes hands at switch points only: a DMA access, a register access, an interrupt, a count of instructions. What a
/// thread outside the schedule does (the user's keys) is seen at the next of them, and is the one thing that no seed repeats.
/// </remarks>
public sealed class Baton
{
    private const int SpinsWithRoom = 4000;
    private const int SpinsWithout = 20;

    private readonly List<Turn> _turns = [];
    private readonly IChoices _choices;
    private Turn? _holder;
    private bool _started;
    private bool _isAbandoned;

    /// <summary>A schedule of nobody yet.</summary>
    public Baton(IChoices choices) => _choices = choices;

    /// <summary>Its stores become visible as one more choice at each switch point. Set before the start.</summary>
    public SimulatedMemory? Memory { get; set; }

    /// <summary>
    /// Asked when nobody can go on: makes somebody able to (moves time to the next timer) and says so, or says that there is
    /// nothing to be done but wait for the outside. Called with the turn, under no lock. Set before the start.
    /// </summary>
    public Func<bool>? Idle { get; set; }

    internal Lock Gate { get; } = new();

    internal int Spins { get; private set; }

    /// <summary>Adds a thread. Turns are numbered in the order they are added, which must not differ from run to run. Before the start, or with the turn.</summary>
    public Turn Add(string name)
    {
        var turn = new Turn(this, name);
        lock (Gate)
        {
            _turns.Add(turn);
            Spins = _turns.Count <= Environment.ProcessorCount ? SpinsWithRoom : SpinsWithout;
        }

        return turn;
    }

    /// <summary>Lets the first one go. All that take part have been added; their threads may start later.</summary>
    public void Start()
    {
        lock (Gate)
        {
            _started = true;
        }

        _ = Next(null);
    }

    /// <summary>Gives the schedule up: from here on every thread runs as it likes. For an end that does not wait; any thread.</summary>
    public void Abandon()
    {
        lock (Gate)
        {
            Volatile.Write(ref _isAbandoned, true);
            foreach (var turn in _turns)
            {
                turn.Go();
            }
        }
    }

    /// <summary>The number, from 0, of a thread that can go on; with the turn.</summary>
    internal int NumberOfReady(int index)
    {
        lock (Gate)
        {
            return _turns.IndexOf(Ready(index)!);
        }
    }

    internal bool IsWith(Turn turn) => Volatile.Read(ref _holder) == turn || Volatile.Read(ref _isAbandoned);

    internal void Wake(Turn turn)
    {
        lock (Gate)
        {
            if (turn.HasEnded)
            {
                return;
            }

            (turn.IsAwake, turn.IsReady) = (true, true);
            if (turn != _holder)
            {
                Memory?.Footprint?.Everything();
            }

            if (!_started || _holder is not null || !turn.CanGoOn)
            {
                return;
            }

            // Nobody had anything to do: the outside decides.
            Volatile.Write(ref _holder, turn);
        }

        turn.Go();
    }

    // Called by whoever has the baton: chooses who has it next, which may be nobody.
    internal Turn? Next(Turn? from)
    {
        while (!Volatile.Read(ref _isAbandoned))
        {
            int turns;
            var stores = Memory?.Ready ?? 0;
            lock (Gate)
            {
                turns = CountReady();
            }

            if (turns + stores == 0)
            {
                if (Idle?.Invoke() == true || !LayDown())
                {
                    continue;
                }

                return null;
            }

            var choice = _choices.Next(turns, stores);
            if (choice >= turns)
            {
                Memory!.MakeVisible(choice - turns);
                continue;
            }

            // None if the schedule was given up meanwhile, and its threads run as they like.
            if (HandTo(choice, from) is { } next)
            {
                return next;
            }
        }

        return from;
    }

    // False if somebody was woken meanwhile.
    private bool LayDown()
    {
        lock (Gate)
        {
            if (CountReady() > 0)
            {
                return false;
            }

            Volatile.Write(ref _holder, null);
            return true;
        }
    }

    private int CountReady()
    {
        var count = 0;
        foreach (var turn in _turns)
        {
            count += turn.CanGoOn ? 1 : 0;
        }

        return count;
    }

    // Under the gate.
    private Turn? Ready(int index)
    {
        foreach (var turn in _turns)
        {
            if (turn.CanGoOn && index-- == 0)
            {
                return turn;
            }
        }

        return null;
    }

    private Turn? HandTo(int choice, Turn? from)
    {
        Turn? next;
        lock (Gate)
        {
            // Others may have been woken from outside since they were counted; the choice stands.
            next = Ready(choice);
            if (next is null)
            {
                return null;
            }

            Volatile.Write(ref _holder, next);
        }

        if (next != from)
        {
            next.Go();
        }

        return next;
    }
}
