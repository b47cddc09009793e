using Emulator.Memory;

namespace Emulator.Host.Tracing;

/// <summary>An event that is under way: begun, and not yet visible with all its parts.</summary>
/// <param name="lane">Whose it is.</param>
internal sealed class OpenEvent(TraceLane lane)
{
    // A read of many words may have seen as many stores; the first ones are enough to draw.
    private const int MostSources = 64;

    private TraceSpan? _stores;
    private TraceSpan? _loads;
    private SortedSet<long>? _sources;

    public TraceLane Lane => lane;

    /// <summary>Null until it is known.</summary>
    public TraceKind? Kind { get; set; }

    /// <summary>0 until its first word has moved.</summary>
    public long Sequence { get; set; }

    public long Time { get; set; }

    public long HostTime { get; set; }

    public string Thread { get; set; } = "";

    public string? Function { get; set; }

    public string? Site { get; set; }

    public SiteMutation Mutation { get; set; }

    public ulong Address { get; set; }

    public int Length { get; set; }

    public ulong? Value { get; set; }

    public string? Ordering { get; set; }

    public bool Relaxed { get; set; }

    public string? Status { get; set; }

    public List<DmaFence> Fences { get; } = [];

    /// <summary>How many of its stores are not visible.</summary>
    public int Waiting { get; set; }

    /// <summary>True once it makes no further stores.</summary>
    public bool HasEnded { get; set; }

    /// <summary>False while it is a vCPU's store that no DMA has had to do with.</summary>
    public bool IsWanted { get; set; } = true;

    /// <summary>True if it can be written down.</summary>
    public bool IsComplete => HasEnded && Waiting == 0;

    public void Loaded(long moment) => Widen(ref _loads, moment);

    public void Stored(long moment) => Widen(ref _stores, moment);

    /// <summary>It saw a store of that number.</summary>
    public void Saw(long sequence) => (_sources ??= []).Add(sequence);

    public TraceEvent ToEvent() => new()
    {
        Sequence = Sequence,
        Time = Time,
        HostTime = HostTime,
        Thread = Thread,
        Lane = lane.Name,
        Kind = Kind ?? TraceKind.Write,
        Function = Function,
        Site = Site,
        Mutation = Mutation switch { SiteMutation.Dropped => "dropped", SiteMutation.Swapped => "swapped", _ => null },
        Address = Address,
        Length = Length,
        Value = Value,
        Ordering = Ordering,
        Relaxed = Relaxed,
        Fences = [.. Fences.Select(TraceNames.Of)],
        Visible = Kind is TraceKind.Read or TraceKind.RegisterRead ? _loads : Waiting > 0 ? null : _stores,
        From = Kind == TraceKind.Read && _sources is not null ? [.. _sources.Take(MostSources)] : [],
        Status = Waiting > 0 ? TraceEvent.Waiting : Status,
    };

    private static void Widen(ref TraceSpan? span, long moment) =>
        span = span is { } known ? new TraceSpan(Math.Min(known.First, moment), Math.Max(known.Last, moment)) : new TraceSpan(moment, moment);
}
