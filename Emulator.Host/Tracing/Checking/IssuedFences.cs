using System.Numerics;

namespace Emulator.Host.Tracing;

/// <summary>Where memory is the host's, and nobody knows when a store is visible: finds pairs that no fence stood between though one was owed.</summary>
internal sealed class IssuedFences(PairsFound found) : IOrderCheck
{
    // By pair: the last access of its first kind that is before an owed fence with no such fence since.
    private readonly (long Earlier, Obligation Obligation)[] _open = new (long, Obligation)[4];
    private long _lastWrite;
    private long _lastRead;

    /// <inheritdoc/>
    public void Owe(Obligation obligation)
    {
        for (var pairs = (uint)obligation.Pairs; pairs != 0; pairs &= pairs - 1)
        {
            var pair = (OrderedPairs)(pairs & (~pairs + 1));
            var earlier = pair is OrderedPairs.WriteWrite or OrderedPairs.WriteRead ? _lastWrite : _lastRead;
            if (earlier > 0)
            {
                _open[BitOperations.Log2((uint)pair)] = (earlier, obligation);
            }
        }
    }

    /// <inheritdoc/>
    public void Issued(OrderedPairs pairs)
    {
        for (var i = 0; i < _open.Length; i++)
        {
            if (((uint)pairs >> i & 1) != 0)
            {
                _open[i] = default;
            }
        }
    }

    /// <inheritdoc/>
    public void Access(TraceEvent access, bool isWrite)
    {
        Close(isWrite ? OrderedPairs.WriteWrite : OrderedPairs.ReadRead, access);
        Close(isWrite ? OrderedPairs.ReadWrite : OrderedPairs.WriteRead, access);
        (isWrite ? ref _lastWrite : ref _lastRead) = access.Sequence;
    }

    /// <inheritdoc/>
    public void Aside(TraceEvent message)
    {
    }

    /// <inheritdoc/>
    public bool IsBehind(TraceEvent write, TraceEvent other) => write.Sequence > other.Sequence;

    /// <inheritdoc/>
    public void Flush(TraceEvent read)
    {
    }

    private void Close(OrderedPairs pair, TraceEvent later)
    {
        var earlier = pair is OrderedPairs.WriteWrite or OrderedPairs.WriteRead ? _lastWrite : _lastRead;
        found.Pairs += earlier > 0 ? 1 : 0;
        ref var open = ref _open[BitOperations.Log2((uint)pair)];
        if (open.Earlier > 0)
        {
            found.Violations.Add(new TraceViolation(open.Earlier, later.Sequence, open.Obligation.Rule(pair)));
            open = default;
        }
    }
}
