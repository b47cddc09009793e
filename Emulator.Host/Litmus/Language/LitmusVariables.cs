using System.Collections.Immutable;

namespace Emulator.Host.Litmus;

/// <summary>Numbers what an outcome consists of.</summary>
internal sealed class LitmusVariables
{
    private LitmusVariables(ImmutableArray<LitmusVariable> all) => All = all;

    /// <summary>Registers by column and number, then the locations.</summary>
    public ImmutableArray<LitmusVariable> All { get; }

    /// <summary>The variables of a test: registers that are written or named, and every location.</summary>
    public static LitmusVariables Of(LitmusScope scope, ImmutableArray<LitmusColumn> columns, LitmusCondition condition)
    {
        var registers = new SortedSet<(int Column, int Number)>();
        registers.UnionWith(Atoms(condition).Where(a => a.Variable.Column >= 0).Select(a => (a.Variable.Column, a.Variable.Index)));
        for (var i = 0; i < columns.Length; i++)
        {
            registers.UnionWith(columns[i].Cells.SelectMany(Written).Select(number => (i, number)));
        }

        return new LitmusVariables([
            .. registers.Select(r => Register(scope, r.Column, r.Number)),
            .. scope.Locations.Select((location, i) => new LitmusVariable(location.Name, -1, i))]);
    }

    /// <summary>A register as a variable.</summary>
    public static LitmusVariable Register(LitmusScope scope, int column, int number)
    {
        var (name, kind) = column < scope.Columns.Count ? scope.Columns[column] : ("", LitmusColumnKind.Vcpu);
        return new LitmusVariable($"{name}:{LitmusRegisters.Names(kind)[number]}", column, number);
    }

    /// <summary>The condition with its variables numbered.</summary>
    public LitmusCondition Resolve(LitmusCondition condition) => condition switch
    {
        NamedEquals atom => new LitmusEquals(All.IndexOf(atom.Variable), atom.Value, atom.Variable.Name),
        LitmusAnd and => new LitmusAnd(Resolve(and.Left), Resolve(and.Right)),
        LitmusOr or => new LitmusOr(Resolve(or.Left), Resolve(or.Right)),
        LitmusNot not => new LitmusNot(Resolve(not.Operand)),
        _ => condition,
    };

    /// <summary>The numbers of the variables that the condition names, ascending.</summary>
    public ImmutableArray<int> Named(LitmusCondition condition) =>
        [.. Atoms(condition).Select(a => All.IndexOf(a.Variable)).Distinct().Order()];

    private static IEnumerable<NamedEquals> Atoms(LitmusCondition condition) => condition switch
    {
        NamedEquals atom => [atom],
        LitmusAnd and => Atoms(and.Left).Concat(Atoms(and.Right)),
        LitmusOr or => Atoms(or.Left).Concat(Atoms(or.Right)),
        LitmusNot not => Atoms(not.Operand),
        _ => [],
    };

    private static IEnumerable<int> Written(LitmusCell cell) => cell switch
    {
        LoadCell load => [(int)load.Register],
        MoveCell move => [(int)move.Register],
        ExchangeCell exchange => [(int)exchange.Register],
        LockExchangeAddCell add => [(int)add.Register],
        DmaReadCell read => [read.Register],
        DmaFetchCell fetch => Enumerable.Range(fetch.Register, fetch.Count),
        _ => [],
    };
}
