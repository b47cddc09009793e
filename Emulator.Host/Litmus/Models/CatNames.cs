using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>The names that a model is given, and what they are in a test.</summary>
internal static class CatNames
{
    /// <summary>The relations that differ between the executions of a test; the first four slots.</summary>
    public const int ReadsFrom = 0;

    /// <summary>co.</summary>
    public const int Coherence = 1;

    /// <summary>fr.</summary>
    public const int FromReads = 2;

    /// <summary>fl.</summary>
    public const int Flushes = 3;

    private static readonly string[] s_relations = ["rf", "co", "fr", "fl", "po", "po-loc", "loc", "int", "ext", "id", "rmw", "irq", "start"];
    private static readonly (string Name, EventKinds Kind)[] s_kinds =
    [
        ("R", EventKinds.Read), ("W", EventKinds.Write), ("F", EventKinds.Fence), ("X", EventKinds.Locked), ("M", EventKinds.Message),
        ("I", EventKinds.Pin), ("IW", EventKinds.Interrupted), ("DB", EventKinds.Doorbell), ("ST", EventKinds.Start), ("FL", EventKinds.Flush),
    ];

    private static readonly (string Name, DmaFence Fence)[] s_fences =
    [
        ("StoreStore", DmaFence.StoreStore), ("LoadLoad", DmaFence.LoadLoad), ("LoadStore", DmaFence.LoadStore),
        ("Release", DmaFence.Release), ("Full", DmaFence.Full),
    ];

    private static readonly (string Name, LitmusColumnKind Kind)[] s_columns = [("P", LitmusColumnKind.Vcpu), ("D", LitmusColumnKind.Dma)];

    /// <summary>The names by slot: relations, then sets.</summary>
    public static IReadOnlyList<(string Name, bool IsSet)> All { get; } =
    [
        .. s_relations.Select(name => (name, false)), .. s_kinds.Select(k => (k.Name, true)), .. s_fences.Select(f => (f.Name, true)),
        .. s_columns.Select(c => (c.Name, true)), ("_", true),
    ];

    /// <summary>The values by slot, but for the four that differ between executions.</summary>
    public static IEnumerable<CatValue> Values(EventGraph graph)
    {
        var all = graph.Where(_ => true);
        var id = BitRelation.Identity(all, graph.Events.Length);
        yield return default;
        yield return default;
        yield return default;
        yield return default;
        yield return new CatValue(graph.ProgramOrder);
        yield return new CatValue(BitRelation.Intersection(graph.ProgramOrder, graph.SameLocation));
        yield return new CatValue(graph.SameLocation);
        yield return new CatValue(graph.SameColumn);
        yield return new CatValue(BitRelation.Difference(BitRelation.Product(all, all, graph.Events.Length), graph.SameColumn));
        yield return new CatValue(id);
        yield return new CatValue(graph.ReadModifyWrite);
        yield return new CatValue(graph.Interrupts);
        yield return new CatValue(graph.Starts);
        foreach (var (_, kind) in s_kinds)
        {
            yield return new CatValue(graph.Where(e => e.Is(kind)));
        }

        foreach (var (_, fence) in s_fences)
        {
            yield return new CatValue(graph.Where(e => e.Fence == fence));
        }

        foreach (var (_, kind) in s_columns)
        {
            yield return new CatValue(graph.Where(e => graph.Test.Columns[e.Column].Kind == kind));
        }

        yield return new CatValue(all);
    }
}

/// <summary>The value of an expression: a set's bits or a relation's rows.</summary>
internal readonly record struct CatValue(ulong Set, ulong[]? Rows)
{
    /// <summary>A set.</summary>
    public CatValue(ulong set)
        : this(set, null)
    {
    }

    /// <summary>A relation.</summary>
    public CatValue(ulong[] rows)
        : this(0, rows)
    {
    }
}
