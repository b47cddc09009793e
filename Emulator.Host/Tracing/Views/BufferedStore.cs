namespace Emulator.Host.Tracing;

/// <summary>
/// Where a store is drawn to have become visible: places between events, counted from 0 for the first one (2.5: behind the third,
/// before the fourth).
/// </summary>
/// <remarks>
/// A trace has the moments on memory's clock, not between which events they fell. But a store is issued before it is visible, the
/// moments have an order, a load that saw a moment came behind it, and a processor's load that saw less came before it. A moment
/// gets the first place that agrees with all of it. What still waited when the trace ended has the place behind the last event.
/// </remarks>
/// <param name="First">When the first part was.</param>
/// <param name="Last">When all of it was.</param>
/// <param name="Row">The row of its lane's buffer: no two stores that wait at the same time have the same.</param>
internal readonly record struct BufferedStore(double First, double Last, int Row)
{
    /// <summary>Places the stores of a trace.</summary>
    /// <param name="events">In order.</param>
    /// <param name="lanes">The lane of each event.</param>
    /// <param name="seesNow">True for a load that sees what there is at its moment, and nothing older.</param>
    /// <returns>For each event its store, or null if it is none or memory was not simulated.</returns>
    public static BufferedStore?[] Place(IReadOnlyList<TraceEvent> events, IReadOnlyList<int> lanes, Func<int, bool> seesNow)
    {
        var first = new double[events.Count];
        var last = new double[events.Count];
        Array.Fill(first, events.Count);
        Array.Fill(last, events.Count);
        PlaceMoments(events, seesNow, (store, isLast, place) => (isLast ? last : first)[store] = place);
        return Stack(events, lanes, first, last);
    }

    private static void PlaceMoments(IReadOnlyList<TraceEvent> events, Func<int, bool> seesNow, Action<int, bool, double> place)
    {
        var moments = new List<(long Time, int Store, bool IsLast)>();
        for (var i = 0; i < events.Count; i++)
        {
            if (IsStore(events[i]) && events[i].Visible is { } visible)
            {
                moments.Add((visible.First, i, false));
                moments.Add((visible.Last, i, true));
            }
        }

        moments.Sort();
        var behind = 0;
        var load = 0;
        var group = new List<(long Time, int Store, bool IsLast)>();
        foreach (var moment in moments)
        {
            var from = Math.Max(behind, moment.Store);
            for (; load < events.Count && !Saw(events[load], moment.Time); load++)
            {
                from = SawLess(events[load], moment.Time) && seesNow(load) ? Math.Max(from, load) : from;
            }

            if (from != behind)
            {
                Spread(group, behind, place);
            }

            behind = from;
            group.Add(moment);
        }

        Spread(group, behind, place);
    }

    private static bool IsStore(TraceEvent e) => e.Kind is TraceKind.Write or TraceKind.Publish or TraceKind.Update or TraceKind.Message;

    private static bool Saw(TraceEvent load, long time) => load.Kind == TraceKind.Read && load.Visible is { } seen && seen.Last >= time;

    private static bool SawLess(TraceEvent load, long time) =>
        load.Kind is TraceKind.Read or TraceKind.RegisterRead && load.Visible is { } seen && seen.Last < time;

    private static void Spread(List<(long Time, int Store, bool IsLast)> group, int behind, Action<int, bool, double> place)
    {
        var (steps, step) = (group.Select(m => m.Time).Distinct().Count(), 0);
        for (var i = 0; i < group.Count; i++)
        {
            step += i == 0 || group[i].Time != group[i - 1].Time ? 1 : 0;
            place(group[i].Store, group[i].IsLast, behind + (step / (steps + 1.0)));
        }

        group.Clear();
    }

    private static BufferedStore?[] Stack(IReadOnlyList<TraceEvent> events, IReadOnlyList<int> lanes, double[] first, double[] last)
    {
        var stores = new BufferedStore?[events.Count];
        var buffers = new Dictionary<int, Buffer>();
        for (var i = 0; i < events.Count; i++)
        {
            if (IsStore(events[i]) && (events[i].Visible is not null || events[i].Status == TraceEvent.Waiting))
            {
                if (!buffers.TryGetValue(lanes[i], out var buffer))
                {
                    buffers.Add(lanes[i], buffer = new Buffer());
                }

                stores[i] = new BufferedStore(first[i], last[i], buffer.Take(i, last[i]));
            }
        }

        return stores;
    }

    private sealed class Buffer
    {
        private readonly PriorityQueue<int, double> _taken = new();
        private readonly PriorityQueue<int, int> _free = new();
        private int _rows;

        /// <summary>The first row that is free from one place to another.</summary>
        public int Take(double from, double to)
        {
            while (_taken.TryPeek(out var row, out var until) && until <= from)
            {
                _ = _taken.Dequeue();
                _free.Enqueue(row, row);
            }

            var taken = _free.Count > 0 ? _free.Dequeue() : _rows++;
            _taken.Enqueue(taken, to);
            return taken;
        }
    }
}
