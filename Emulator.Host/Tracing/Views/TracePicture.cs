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
    /// <param name="header">The first line.</param>
    /// <param name="events">The others, in any order.</param>
    public TracePicture(TraceHeader header, IReadOnlyList<TraceEvent> events)
    {
        Header = header;
        Events = [.. events.OrderBy(e => e.Sequence)];
        for (var i = 0; i < Events.Length; i++)
        {
            _bySequence[Events[i].Sequence] = i;
        }

        // A trace that was cut or written by others may have events of somebody whom its header does not name.
        var strangers = Events.Select(e => e.Lane).Distinct().Except(header.Lanes.Select(l => l.Name)).Select(name => new TraceLane(name, IsProcessor: false));
        Lanes = [.. header.Lanes, .. strangers];
        var lanes = Lanes.Select((lane, index) => (lane.Name, index)).DistinctBy(lane => lane.Name).ToDictionary(lane => lane.Name, lane => lane.index);
        LaneOf = [.. Events.Select(e => lanes[e.Lane])];
        Stores = [.. BufferedStore.Place(Events, LaneOf, load => header.Model != "weak" || Lanes[LaneOf[load]].IsProcessor)];
        Arrows = [.. Loads(), .. Interrupts()];
        Violations = [.. TraceChecker.Check(header, Events).Where(v => _bySequence.ContainsKey(v.Earlier) && _bySequence.ContainsKey(v.Later))];
    }

    /// <summary>What the first line says.</summary>
    public TraceHeader Header { get; }

    /// <summary>In order.</summary>
    public ImmutableArray<TraceEvent> Events { get; }

    /// <summary>Those of the header, then whoever else has events.</summary>
    public ImmutableArray<TraceLane> Lanes { get; }

    /// <summary>The lane of each event.</summary>
    public ImmutableArray<int> LaneOf { get; }

    /// <summary>Where each event's store became visible, if it is one and the trace says so.</summary>
    public ImmutableArray<BufferedStore?> Stores { get; }

    /// <summary>The arrows.</summary>
    public ImmutableArray<TraceArrow> Arrows { get; }

    /// <summary>What the memory model and the bus forbid.</summary>
    public ImmutableArray<TraceViolation> Violations { get; }

    /// <summary>The place of an event that is in the trace, by its number.</summary>
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
            else if (Events[i] is { Kind: TraceKind.Interrupt, Value: { } vector } && pending.Remove((byte)vector, out var messages))
            {
                foreach (var message in messages)
                {
                    yield return new TraceArrow(message, i, IsInterrupt: true);
                }
            }
        }
    }
}
