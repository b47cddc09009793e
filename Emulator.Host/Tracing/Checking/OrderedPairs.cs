using Emulator.Memory;

namespace Emulator.Host.Tracing;

/// <summary>Which earlier accesses a fence keeps before which later ones.</summary>
[Flags]
internal enum OrderedPairs : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Writes before writes.</summary>
    WriteWrite = 1 << 0,

    /// <summary>Reads before reads.</summary>
    ReadRead = 1 << 1,

    /// <summary>Reads before writes.</summary>
    ReadWrite = 1 << 2,

    /// <summary>Writes before reads.</summary>
    WriteRead = 1 << 3,
}

/// <summary>Why a fence is owed at some place of a function's program.</summary>
/// <param name="Fence">The fence.</param>
/// <param name="At">The access that it stands before, or the fence itself.</param>
/// <param name="IsBus">True if it is the bus's.</param>
internal readonly record struct Obligation(DmaFence Fence, TraceEvent At, bool IsBus)
{
    /// <summary>The pairs that it orders.</summary>
    public OrderedPairs Pairs => Of(Fence) | (Fence == DmaFence.LoadLoad && At.Kind == TraceKind.Fence ? OrderedPairs.ReadWrite : 0);

    /// <summary>The pairs that a fence orders.</summary>
    public static OrderedPairs Of(DmaFence fence) => fence switch
    {
        DmaFence.StoreStore => OrderedPairs.WriteWrite,
        DmaFence.LoadLoad => OrderedPairs.ReadRead,
        DmaFence.LoadStore => OrderedPairs.ReadWrite,
        DmaFence.Release => OrderedPairs.WriteWrite | OrderedPairs.ReadWrite,
        DmaFence.Full => OrderedPairs.WriteWrite | OrderedPairs.ReadRead | OrderedPairs.ReadWrite | OrderedPairs.WriteRead,
        _ => OrderedPairs.None,
    };

    /// <summary>The rule in a line.</summary>
    /// <param name="pair">The one pair that it is about.</param>
    public string Rule(OrderedPairs pair)
    {
        var order = pair switch
        {
            OrderedPairs.WriteWrite => "write before write",
            OrderedPairs.ReadRead => "read before read",
            OrderedPairs.ReadWrite => "read before write",
            _ => "write before read",
        };
        var site = At.Site is { } name ? $" at {name}" : "";
        return IsBus ? $"{order}: '{At.Ordering}' puts a {TraceNames.Of(Fence)} fence before #{At.Sequence}"
            : At.Kind == TraceKind.Fence ? $"{order}: the {TraceNames.Of(Fence)} fence #{At.Sequence}{site} stands between them"
            : $"{order}: the {TraceNames.Of(At.Kind)} #{At.Sequence}{site} comes behind everything before it";
    }
}

/// <summary>What a check has found so far.</summary>
internal sealed class PairsFound
{
    /// <summary>Accesses of functions.</summary>
    public long Accesses { get; set; }

    /// <summary>Pairs looked at.</summary>
    public long Pairs { get; set; }

    /// <summary>Those that were in the wrong order.</summary>
    public List<TraceViolation> Violations { get; } = [];
}

/// <summary>Holds a function's accesses, which it is given in program order, against what is owed between them.</summary>
internal interface IOrderCheck
{
    /// <summary>A fence is owed between the accesses so far and those to come.</summary>
    void Owe(Obligation obligation);

    /// <summary>A fence was issued there.</summary>
    void Issued(OrderedPairs pairs);

    /// <summary>An access.</summary>
    void Access(TraceEvent access, bool isWrite);

    /// <summary>A message from a thread that is not the accesses': nothing but a read of a register orders it.</summary>
    void Aside(TraceEvent message);

    /// <summary>True if a write became visible behind another, as far as is known.</summary>
    bool IsBehind(TraceEvent write, TraceEvent other);

    /// <summary>A processor has read a register of the function.</summary>
    void Flush(TraceEvent read);
}
