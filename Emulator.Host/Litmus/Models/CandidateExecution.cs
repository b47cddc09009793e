using System.Globalization;
using System.Numerics;
using System.Text;

namespace Emulator.Host.Litmus;

/// <summary>One way in which a test may be thought to have run: which write each read saw, and in which order the writes of a location came.</summary>
public sealed class CandidateExecution
{
    private readonly EventGraph _graph;
    private readonly ulong[] _writtenBefore;

    internal CandidateExecution(EventGraph graph)
    {
        var count = graph.Events.Length;
        _graph = graph;
        _writtenBefore = (ulong[])graph.Messages.Clone();
        ReadsFrom = (ulong[])graph.Messages.Clone();
        Coherence = new ulong[count];
        FromReads = new ulong[count];
        Flushes = new ulong[count];
    }

    private CandidateExecution(CandidateExecution other)
    {
        _graph = other._graph;
        _writtenBefore = other._writtenBefore;
        ReadsFrom = (ulong[])other.ReadsFrom.Clone();
        Coherence = (ulong[])other.Coherence.Clone();
        FromReads = (ulong[])other.FromReads.Clone();
        Flushes = (ulong[])other.Flushes.Clone();
    }

    /// <summary>rf.</summary>
    internal ulong[] ReadsFrom { get; }

    /// <summary>co.</summary>
    internal ulong[] Coherence { get; }

    /// <summary>fr.</summary>
    internal ulong[] FromReads { get; }

    /// <summary>fl.</summary>
    internal ulong[] Flushes { get; }

    /// <summary>The events with their values, then rf, co and fl as herd writes them.</summary>
    public override string ToString()
    {
        var values = ExecutionValues.Of(this, _graph);
        var text = new StringBuilder();
        foreach (var e in _graph.Events)
        {
            var place = e.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"line {e.Line}") : "doorbell";
            text.AppendLine(CultureInfo.InvariantCulture, $"  {e.Name,-3} {_graph.Test.Columns[e.Column].Name,-4} {Describe(e, values),-24} {place}");
        }

        AppendPairs(text, "rf", ReadsFrom);
        AppendPairs(text, "co", Coherence);
        AppendPairs(text, "fl", Flushes);
        return text.ToString();
    }

    /// <summary>A cycle as it is read aloud: <c>a -> b -> a</c>, with what the events are.</summary>
    internal string Describe(IEnumerable<int> cycle)
    {
        var values = ExecutionValues.Of(this, _graph);
        return string.Join(" -> ", cycle.Select(i => $"{_graph.Events[i].Name}: {Describe(_graph.Events[i], values)}"));
    }

    internal CandidateExecution Copy() => new(this);

    /// <summary>Empties the choices that were made for a location.</summary>
    internal void Remove(IEnumerable<int> events)
    {
        foreach (var e in events)
        {
            (ReadsFrom[e], Coherence[e], FromReads[e]) = (_writtenBefore[e], 0, 0);
        }
    }

    private string Describe(LitmusEvent e, ExecutionValues? values)
    {
        var columns = _graph.Test.Columns;
        if (e.Is(EventKinds.Message | EventKinds.Pin))
        {
            return $"{(e.Is(EventKinds.Message) ? "M msi" : "I intx")} {columns[e.Target].Name}";
        }

        if (e.Is(EventKinds.Read | EventKinds.Write))
        {
            var value = values is null ? "?" : values[e.Id].ToString(CultureInfo.InvariantCulture);
            return $"{(e.Is(EventKinds.Read) ? "R" : "W")}{(e.Is(EventKinds.Locked) ? "x" : "")} {_graph.Test.Locations[e.Location].Name}={value}";
        }

        return e.Kinds switch
        {
            EventKinds.Fence => $"F {e.Fence}",
            EventKinds.Flush => $"FL {columns[e.Target].Name}",
            EventKinds.Doorbell => $"DB {columns[e.Target].Name}",
            EventKinds.Start => "ST",
            _ => "IW",
        };
    }

    private void AppendPairs(StringBuilder text, string name, ulong[] relation)
    {
        List<string> pairs = [];
        for (var i = 0; i < relation.Length; i++)
        {
            for (var rest = relation[i]; rest != 0; rest &= rest - 1)
            {
                pairs.Add($"{_graph.Events[i].Name}->{_graph.Events[BitOperations.TrailingZeroCount(rest)].Name}");
            }
        }

        if (pairs.Count > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {name}: {string.Join(' ', pairs)}");
        }
    }
}
