using System.Numerics;

namespace Emulator.Host.Litmus;

/// <summary>The values of an execution's reads and writes, and its outcome: found by running the columns with what each read saw.</summary>
internal sealed class ExecutionValues
{
    private const int Registers = LitmusRegisters.OfDma;

    private readonly EventGraph _graph;
    private readonly uint?[] _values;
    private readonly int[] _source;
    private readonly uint?[][] _registers;
    private bool _learnt;

    private ExecutionValues(CandidateExecution execution, EventGraph graph)
    {
        _graph = graph;
        _values = new uint?[graph.Events.Length];
        _source = new int[graph.Events.Length];
        _registers = [.. graph.Test.Columns.Select(_ => new uint?[Registers])];
        Array.Fill(_source, -1);
        for (var i = 0; i < _source.Length; i++)
        {
            for (var rest = execution.ReadsFrom[i]; rest != 0; rest &= rest - 1)
            {
                _source[BitOperations.TrailingZeroCount(rest)] = i;
            }
        }
    }

    /// <summary>The value that an event read or wrote.</summary>
    public uint this[int e] => _values[e] ?? 0;

    /// <summary>The values; null if a value would depend on itself, which no execution can make true.</summary>
    public static ExecutionValues? Of(CandidateExecution execution, EventGraph graph)
    {
        var values = new ExecutionValues(execution, graph);
        do
        {
            values._learnt = false;
            for (var column = 0; column < graph.Steps.Length; column++)
            {
                values.Run(column);
            }
        }
        while (values._learnt);

        var accesses = graph.Where(e => e.Location >= 0 && !e.Is(EventKinds.Message));
        return Enumerable.Range(0, graph.Events.Length).All(i => (accesses >> i & 1) == 0 || values._values[i] is not null) ? values : null;
    }

    /// <summary>The outcome: the registers, and what the last write of each location left.</summary>
    public LitmusState Outcome(CandidateExecution execution)
    {
        var test = _graph.Test;
        var outcome = new uint[test.Variables.Length];
        for (var i = 0; i < outcome.Length; i++)
        {
            var variable = test.Variables[i];
            outcome[i] = variable.Column >= 0 ? _registers[variable.Column][variable.Index] ?? 0 : Final(execution, variable.Index);
        }

        return new LitmusState(outcome);
    }

    private uint Final(CandidateExecution execution, int location)
    {
        foreach (var e in _graph.Events)
        {
            if (e.Location == location && e.Is(EventKinds.Write) && execution.Coherence[e.Id] == 0)
            {
                return this[e.Id];
            }
        }

        return _graph.Test.Locations[location].Initial;
    }

    /// <summary>Runs a column from its start with the values known so far; what depends on an unknown one is unknown.</summary>
    private void Run(int column)
    {
        var r = _registers[column];
        Array.Fill(r, 0u);
        foreach (var (cell, e) in _graph.Steps[column])
        {
            switch (cell)
            {
                case MoveCell move:
                    r[(int)move.Register] = Value(r, move.Source);
                    break;
                case LoadCell load:
                    r[(int)load.Register] = Read(e);
                    break;
                case StoreCell store:
                    Write(e, Value(r, store.Source));
                    break;
                case ExchangeCell exchange:
                    Write(e + 1, r[(int)exchange.Register]);
                    r[(int)exchange.Register] = Read(e);
                    break;
                case LockAddCell add:
                    Write(e + 1, Read(e) + Value(r, add.Source));
                    break;
                case LockExchangeAddCell add:
                    var before = Read(e);
                    Write(e + 1, before + r[(int)add.Register]);
                    r[(int)add.Register] = before;
                    break;
                default:
                    RunDma(r, cell, e);
                    break;
            }
        }
    }

    private void RunDma(uint?[] r, LitmusCell cell, int e)
    {
        switch (cell)
        {
            case DmaWriteCell write:
                Write(e, write.Value);
                break;
            case DmaPublishCell publish:
                Write(e, publish.Value);
                break;
            case DmaReadCell read:
                r[read.Register] = Read(e);
                break;
            case DmaFillCell fill:
                for (var i = 0; i < fill.Count; i++)
                {
                    Write(e + i, fill.Value);
                }

                break;
            case DmaFetchCell fetch:
                for (var i = 0; i < fetch.Count; i++)
                {
                    r[fetch.Register + i] = Read(e + i);
                }

                break;
            default:
                break;
        }
    }

    private static uint? Value(uint?[] registers, LitmusOperand operand) =>
        operand.IsRegister ? registers[(int)operand.Register] : operand.Immediate;

    private uint? Read(int e)
    {
        Write(e, _source[e] < 0 ? _graph.Test.Locations[_graph.Events[e].Location].Initial : _values[_source[e]]);
        return _values[e];
    }

    private void Write(int e, uint? value)
    {
        if (_values[e] is null && value is not null)
        {
            _values[e] = value;
            _learnt = true;
        }
    }
}
