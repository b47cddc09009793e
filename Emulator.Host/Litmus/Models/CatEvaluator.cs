namespace Emulator.Host.Litmus;

/// <summary>Checks executions of one test against a model.</summary>
internal sealed class CatEvaluator
{
    private readonly CatModel _model;
    private readonly CatValue[] _slots;
    private readonly bool[] _differs;
    private readonly int _events;

    /// <summary>Works out once what is the same in all executions.</summary>
    public CatEvaluator(CatModel model, EventGraph graph)
    {
        var given = CatNames.All.Count;
        _model = model;
        _events = graph.Events.Length;
        _slots = new CatValue[given + model.Definitions.Count];
        _differs = new bool[_slots.Length];
        _differs.AsSpan(CatNames.ReadsFrom, CatNames.Flushes + 1).Fill(true);
        CatNames.Values(graph).ToArray().CopyTo(_slots, 0);
        for (var i = given; i < _slots.Length; i++)
        {
            _differs[i] = Differs(model.Definitions[i - given]);
            if (!_differs[i])
            {
                _slots[i] = Evaluate(model.Definitions[i - given]);
            }
        }
    }

    /// <summary>The axioms that an execution breaks, with the relation that breaks each.</summary>
    public IEnumerable<(CatAxiom Axiom, ulong[] Relation)> Broken(CandidateExecution execution)
    {
        _slots[CatNames.ReadsFrom] = new CatValue(execution.ReadsFrom);
        _slots[CatNames.Coherence] = new CatValue(execution.Coherence);
        _slots[CatNames.FromReads] = new CatValue(execution.FromReads);
        _slots[CatNames.Flushes] = new CatValue(execution.Flushes);
        var given = CatNames.All.Count;
        for (var i = given; i < _slots.Length; i++)
        {
            if (_differs[i])
            {
                _slots[i] = Evaluate(_model.Definitions[i - given]);
            }
        }

        foreach (var axiom in _model.Axioms)
        {
            var relation = Relation(axiom.Expression);
            var holds = axiom.Check switch
            {
                CatCheck.Acyclic => BitRelation.IsAcyclic(relation),
                CatCheck.Irreflexive => BitRelation.IsIrreflexive(relation),
                _ => relation.All(row => row == 0),
            };
            if (!holds)
            {
                yield return (axiom, relation);
            }
        }
    }

    private bool Differs(CatExpression expression) => expression switch
    {
        CatName name => _differs[name.Slot],
        CatBinary binary => Differs(binary.Left) || Differs(binary.Right),
        CatProduct product => Differs(product.Left) || Differs(product.Right),
        CatIdentity identity => Differs(identity.Set),
        CatPostfix postfix => Differs(postfix.Operand),
        _ => true,
    };

    private CatValue Evaluate(CatExpression expression) => expression.IsSet ? new CatValue(Set(expression)) : new CatValue(Relation(expression));

    private ulong Set(CatExpression expression)
    {
        if (expression is CatName name)
        {
            return _slots[name.Slot].Set;
        }

        var binary = (CatBinary)expression;
        var (left, right) = (Set(binary.Left), Set(binary.Right));
        return binary.Operator switch
        {
            '|' => left | right,
            '&' => left & right,
            _ => left & ~right,
        };
    }

    private ulong[] Relation(CatExpression expression) => expression switch
    {
        CatName name => _slots[name.Slot].Rows!,
        CatProduct product => BitRelation.Product(Set(product.Left), Set(product.Right), _events),
        CatIdentity identity => BitRelation.Identity(Set(identity.Set), _events),
        CatPostfix postfix => Postfix(postfix.Operator, Relation(postfix.Operand)),
        _ => Binary((CatBinary)expression),
    };

    private static ulong[] Binary(CatBinary binary, ulong[] left, ulong[] right) => binary.Operator switch
    {
        '|' => BitRelation.Union(left, right),
        '&' => BitRelation.Intersection(left, right),
        '\\' => BitRelation.Difference(left, right),
        _ => BitRelation.Sequence(left, right),
    };

    private ulong[] Binary(CatBinary binary) => Binary(binary, Relation(binary.Left), Relation(binary.Right));

    private ulong[] Postfix(char sign, ulong[] operand) => sign switch
    {
        '+' => BitRelation.Closure(operand),
        '*' => WithIdentity(BitRelation.Closure(operand)),
        '?' => WithIdentity(operand),
        _ => BitRelation.Inverse(operand),
    };

    private ulong[] WithIdentity(ulong[] relation) => BitRelation.Union(relation, BitRelation.Identity(ulong.MaxValue, _events));
}
