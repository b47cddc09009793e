using System.Globalization;
using System.Text;
using Emulator.Memory.Tests.Models;

namespace Emulator.Memory.Tests.Schedule;

/// <summary>A few accesses by two or three threads, run by one schedule after the other.</summary>
/// <remarks>
/// As text, threads apart by a bar: <c>Wx1</c> stores 1 to x, <c>Rx</c> loads it, <c>Ux</c> adds 1 in place; <c>Fss</c>, <c>Fll</c>,
/// <c>Frel</c> and <c>Ffull</c> are fences. x, y and z are dwords in qwords of their own; h is the upper half of x's qword, and
/// <c>Rq</c> loads and <c>Wq1</c> stores all of that. A thread whose name begins with P is a processor's, with D a function's.
/// </remarks>
internal sealed class TinyProgram : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _text;
    private readonly SimulatedBoard _board;
    private readonly List<(Initiator Who, string[] Steps)> _threads = [];
    private readonly StringBuilder[] _seen;
    private readonly List<Thread> _runners = [];
    private readonly SemaphoreSlim _ended = new(0);
    private readonly SemaphoreSlim[] _goes;
    private readonly Turn?[] _turns;
    private readonly IChoices _choices;
    private volatile Exception? _failure;
    private volatile bool _isOver;

    public TinyProgram(string text, MemoryModel model, IChoices choices)
    {
        (_text, _choices) = (text, choices);
        _board = new SimulatedBoard(model, choices, isScheduled: true, isStepped: true);
        foreach (var thread in text.Split('|', StringSplitOptions.TrimEntries))
        {
            var words = thread.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            _threads.Add((_board.Memory.Add(words[0], words[0][0] == 'P'), words[1..]));
        }

        _seen = [.. _threads.Select(_ => new StringBuilder())];
        _goes = [.. _threads.Select(_ => new SemaphoreSlim(0))];
        _turns = new Turn?[_threads.Count];
        for (var i = 0; i < _threads.Count; i++)
        {
            var index = i;
            _runners.Add(new Thread(() => RunThread(index)) { IsBackground = true });
            _runners[i].Start();
        }
    }

    /// <summary>Every outcome that an exploration finds.</summary>
    /// <param name="text">The program.</param>
    /// <param name="model">The model.</param>
    /// <param name="executions">How many executions that took, those apart that were redundant.</param>
    public static SortedSet<string> Explore(string text, MemoryModel model, out int executions)
    {
        var exploration = new Exploration();
        using var program = new TinyProgram(text, model, exploration);
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        executions = 0;
        for (var more = exploration.Begin(); more; more = exploration.Advance())
        {
            var outcome = program.Run();
            if (!exploration.IsRedundant)
            {
                outcomes.Add(outcome);
                executions++;
            }
        }

        return outcomes;
    }

    /// <summary>Every outcome of all schedules and versions, one by one.</summary>
    /// <param name="text">The program.</param>
    /// <param name="model">The model.</param>
    /// <param name="most">More executions than this are not waited for.</param>
    /// <returns>Null if there are more.</returns>
    public static SortedSet<string>? Enumerate(string text, MemoryModel model, int most)
    {
        var all = new EveryChoice();
        using var program = new TinyProgram(text, model, all);
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < most; i++)
        {
            outcomes.Add(program.Run());
            if (!all.Advance())
            {
                return outcomes;
            }
        }

        return null;
    }

    /// <summary>One execution: what each thread loaded, and the memory in the end.</summary>
    public string Run()
    {
        _board.Memory.Forget();
        _board.Visible[..64].Clear();
        var baton = new Baton(_choices) { Memory = _board.Memory };
        for (var i = 0; i < _threads.Count; i++)
        {
            _ = _seen[i].Clear();
            _turns[i] = baton.Add(_threads[i].Who.Name);
        }

        (_choices as Exploration)?.Attach(baton, _board.Memory);
        foreach (var go in _goes)
        {
            go.Release();
        }

        baton.Start();
        for (var i = 0; i < _threads.Count; i++)
        {
            if (!_ended.Wait(s_patience) || _failure is not null)
            {
                baton.Abandon();
                throw new InvalidOperationException($"{_text}: a thread does not come to its end", _failure);
            }
        }

        return $"{string.Join(" | ", _seen.Select(s => s.ToString().TrimEnd()))} ; {string.Join(' ', "xhyz".Select(l => _board.VisibleAt(Place(l))))}";
    }

    public void Dispose()
    {
        _isOver = true;
        foreach (var go in _goes)
        {
            go.Release();
        }

        _runners.ForEach(runner => runner.Join(s_patience));
        _board.Dispose();
        _ended.Dispose();
    }

    private void RunThread(int index)
    {
        while (true)
        {
            _goes[index].Wait();
            if (_isOver)
            {
                return;
            }

            try
            {
                _turns[index]!.Begin();
                foreach (var step in _threads[index].Steps)
                {
                    Do(_threads[index].Who, step, _seen[index]);
                }

                _turns[index]!.End();
            }
            catch (Exception e)
            {
                _failure = e;
            }

            _ended.Release();
        }
    }

    private void Do(Initiator who, string step, StringBuilder seen)
    {
        ulong? value = null;
        switch (step[0])
        {
            case 'W':
                _board.Store(who, Place(step[1]), ulong.Parse(step.AsSpan(2), CultureInfo.InvariantCulture), Size(step[1]));
                break;
            case 'R':
                value = _board.Load(who, Place(step[1]), Size(step[1]));
                break;
            case 'U':
                value = _board.Increment(who, Place(step[1]));
                break;
            default:
                who.Fence(step[1..] switch
                {
                    "ss" => DmaFence.StoreStore,
                    "ll" => DmaFence.LoadLoad,
                    "rel" => DmaFence.Release,
                    _ => DmaFence.Full,
                });
                break;
        }

        if (value is { } loaded)
        {
            _ = seen.Append(CultureInfo.InvariantCulture, $"{loaded:X} ");
        }
    }

    private static int Place(char location) => location switch
    {
        'h' => 4,
        'y' => 8,
        'z' => 16,
        _ => 0,
    };

    private static int Size(char location) => location == 'q' ? 8 : 4;

    /// <summary>Makes every choice there is, and knows nothing about any of them.</summary>
    private sealed class EveryChoice : IChoices
    {
        private readonly List<(int Chosen, int Of)> _trail = [];
        private int _at;

        public bool Advance()
        {
            _at = 0;
            while (_trail is [.., var (chosen, of)])
            {
                _trail.RemoveAt(_trail.Count - 1);
                if (chosen + 1 < of)
                {
                    _trail.Add((chosen + 1, of));
                    return true;
                }
            }

            return false;
        }

        public int Next(int turns, int stores) => Choose(turns + stores);

        public int Version(int versions) => Choose(versions);

        public int Quantum(int most) => most;

        private int Choose(int of)
        {
            if (_at == _trail.Count)
            {
                _trail.Add((0, of));
            }

            return _trail[_at++].Chosen;
        }
    }
}
