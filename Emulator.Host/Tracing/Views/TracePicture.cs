using System.Collections.Immutable;

namespace Emulator.Host.Tracing;

/// <summary>An arrow: from a store to the load that saw it, or from a message to the interrupt that came of it.</summary>
/// <param name="From">An event, counted from 0 in the order of the trace.</param>
/// <param name="To">Another.</param>
/// <param name="IsInterrupt">True for a message's.</param>
internal readonly record struct TraceArrow(int From, int To, bool IsInterrupt);

/// <summary>A trace as every view of it draws it: who has a lane, what waited in which buffer, and what belongs together.</summary>
internal sealed class TracePicture
{
    private readonly Dictionary<long, int> _bySequence = [];

    /// <summary>Makes the picture.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="violations">What <see cref="TraceChecker"/> found in it.</param>
    /// <param name="first">How many events from the start; null for no such limit.</param>
    /// <param name="last">How many up to the end; null for no such limit. With both, those between are left out.</param>
    public TracePicture(Trace trace, IReadOnlyList<TraceViolation> violations, int? first = null, int? last = null)
    {
        var count = trace.Events.Count;
        Gap = first is null && last is null ? count : Math.Min(first ?? 0, count);
        LeftOut = Math.Max(count - Gap - (last ?? 0), 0);
        Header = trace.Header;
        Events = [.. trace.Events.Take(Gap), .. trace.Events.Skip(Gap + LeftOut)];
        for (var i = 0; i < Events.Length; i++)
        {
            _bySequence[Events[i].Sequence] = i;
        }

        // A trace that was cut or written by others may have events of somebody whom its header does not name.
        string[] names = [.. Header.Lanes.Select(l => l.Name), .. Events.Select(e => e.Lane).Distinct().Except(Header.Lanes.Select(l => l.Name))];
        var lanes = names.Select((name, index) => (name, index)).DistinctBy(lane => lane.name).ToDictionary(lane => lane.name, lane => lane.index);
        Lanes = [.. Header.Lanes, .. names.Skip(Header.Lanes.Length).Select(name => new TraceLane(name.Length > 0 ? name : "trace", IsProcessor: false))];
        LaneOf = [.. Events.Select(e => lanes[e.Lane])];
        Stores = [.. BufferedStore.Place(Events, LaneOf, load => Header.Model != "weak" || Lanes[LaneOf[load]].IsProcessor)];
        Arrows = [.. Loads(), .. Interrupts()];
        Violations = [.. violations.Where(v => _bySequence.ContainsKey(v.Earlier) && _bySequence.ContainsKey(v.Later))];
        AllViolations = violations.Count;
    }

    /// <summary>What the first line says.</summary>
    public TraceHeader Header { get; }

    /// <summary>Those that are shown, in order.</summary>
    public ImmutableArray<TraceEvent> Events { get; }

    /// <summary>How many events stand before those that are left out.</summary>
    public int Gap { get; }

    /// <summary>How many events are left out.</summary>
    public int LeftOut { get; }

    /// <summary>Those of the header, then whoever else has events; what is nobody's, such as that events were lost, is the trace's own.</summary>
    public ImmutableArray<TraceLane> Lanes { get; }

    /// <summary>The lane of each event.</summary>
    public ImmutableArray<int> LaneOf { get; }

    /// <summary>Where each event's store became visible, if it is one and the trace says so.</summary>
    public ImmutableArray<BufferedStore?> Stores { get; }

    /// <summary>The arrows.</summary>
    public ImmutableArray<TraceArrow> Arrows { get; }

    /// <summary>The pairs that broke a rule, if both of them are shown.</summary>
    public ImmutableArray<TraceViolation> Violations { get; }

    /// <summary>How many broke a rule in the whole trace.</summary>
    public int AllViolations { get; }

    /// <summary>The place of an event that is shown, by its number.</summary>
    public int IndexOf(long sequence) => _bySequence[sequence];

    private IEnumerable<TraceArrow> Loads()
    {
        for (var i = 0; i < Events.Length; i++)
        {
            foreach (var from in Events[i].From.Distinct())
            {
                if (_bySequence.TryGetValue(from, out var store))
                {
                    yield return new TraceArrow(store, i, IsInterrupt: false);
                }
            }
        }
    }

    /// <summary>A processor's next interrupt with a message's vector is that message's, and that of all like it before: a request bit holds one.</summary>
    private IEnumerable<TraceArrow> Interrupts()
    {
        var pending = new Dictionary<byte, List<int>>();
        for (var i = 0; i < Events.Length; i++)
        {
            if (Events[i] is { Kind: TraceKind.Message, Value: { } data })
            {
                if (!pending.TryGetValue((byte)data, out var messages))
                {
                    pending.Add((byte)data, messages = []);
                }

                messages.Add(i);
            }
            else if (Events[i] is { Kind: TraceKind.Interrupt, Value: { } vector } && pending.TryGetValue((byte)vector, out var messages))
            {
                foreach (var message in messages.Where(m => MayBeFor(Events[m].Address, LaneOf[i])))
                {
                    yield return new TraceArrow(message, i, IsInterrupt: true);
                }

                _ = messages.RemoveAll(m => MayBeFor(Events[m].Address, LaneOf[i]));
            }
        }
    }

    /// <summary>
    /// A message's address names one processor, unless it is a logical destination's (bit 2) or everybody's (SDM 3, 11.11.1). The lanes begin with
    /// the processors in their order.
    /// </summary>
    private static bool MayBeFor(ulong address, int lane)
    {
        var processor = (byte)(address >> 12);
        return (address & 4) != 0 || processor == 0xFF || processor == lane;
    }
}
