using System.Numerics;

namespace Emulator.Host.Tracing;

/// <summary>Where memory is simulated: compares the moments at which accesses became visible, or whose values they took.</summary>
/// <remarks>
/// A fence orders all before it and all behind it, so that of those before it the last to be visible is enough: a store is
/// visible behind it, and a load takes no value from before it.
/// </remarks>
internal sealed class VisibleOrder(PairsFound found, bool isDeterministic) : IOrderCheck
{
    // The last to be visible: of the writes and of the reads so far, and of those behind which something must stand.
    private readonly Bound[] _bounds = new Bound[4];
    private (long Moment, long Sequence) _writes;
    private (long Moment, long Sequence) _reads;
    private (long Moment, long Sequence) _posted;
    private (long Moment, long Sequence) _underWay;

    /// <inheritdoc/>
    public void Owe(Obligation obligation)
    {
        for (var pairs = (uint)obligation.Pairs; pairs != 0; pairs &= pairs - 1)
        {
            var pair = (OrderedPairs)(pairs & (~pairs + 1));
            var latest = pair is OrderedPairs.WriteWrite or OrderedPairs.WriteRead ? _writes : _reads;
            ref var bound = ref _bounds[BitOperations.Log2((uint)pair)];
            if (latest.Sequence > 0 && (bound.Sequence == 0 || latest.Moment > bound.Moment))
            {
                bound = new Bound(latest.Moment, latest.Sequence, obligation);
            }
        }
    }

    /// <inheritdoc/>
    public void Issued(OrderedPairs pairs)
    {
    }

    /// <inheritdoc/>
    public void Access(TraceEvent access, bool isWrite)
    {
        var isWaiting = access.Status == TraceEvent.Waiting;
        if (access.Visible is not { } visible)
        {
            if (!isWaiting)
            {
                return;
            }

            visible = new TraceSpan(long.MaxValue, long.MaxValue);
        }

        if (isWrite)
        {
            // A moment belongs to one store only, so that a store behind another never shares its moment.
            Compare(OrderedPairs.WriteWrite, access, isWaiting ? long.MaxValue : visible.First - 1);
            Compare(OrderedPairs.ReadWrite, access, isWaiting ? long.MaxValue : visible.First - 1);
            Raise(ref _writes, visible.Last, access);
            Post(access, visible.Last, !isDeterministic && !IsWord(access));
        }
        else
        {
            Compare(OrderedPairs.WriteRead, access, visible.First);
            Compare(OrderedPairs.ReadRead, access, visible.First);
            Raise(ref _reads, visible.Last, access);
        }
    }

    /// <inheritdoc/>
    public void Aside(TraceEvent message)
    {
        var last = message.Visible?.Last ?? (message.Status == TraceEvent.Waiting ? long.MaxValue : -1);
        if (last >= 0)
        {
            Post(message, last, isUnderWay: false);
        }
    }

    /// <inheritdoc/>
    public bool IsBehind(TraceEvent write, TraceEvent other) =>
        other.Visible is { } first && (write.Visible?.Last ?? long.MaxValue) > first.First;

    /// <inheritdoc/>
    public void Flush(TraceEvent read)
    {
        if (read.Visible is not { } returned || _posted.Sequence == 0)
        {
            return;
        }

        found.Pairs++;
        if (_posted.Moment > returned.Last)
        {
            found.Violations.Add(new TraceViolation(
                _posted.Sequence, read.Sequence, $"write before register read: #{read.Sequence} returns only when the writes before it are visible"));
        }
    }

    // Whether the stores of a write that is longer than a word were all made before a read that another thread began
    // meanwhile is not known until the function goes on.
    private void Post(TraceEvent write, long moment, bool isUnderWay)
    {
        if (_underWay.Sequence > 0)
        {
            _posted = _posted.Sequence == 0 || _underWay.Moment > _posted.Moment ? _underWay : _posted;
            _underWay = default;
        }

        Raise(ref isUnderWay ? ref _underWay : ref _posted, moment, write);
    }

    private static bool IsWord(TraceEvent access) =>
        access.Length is 1 or 2 or 4 or 8 && access.Address % (ulong)access.Length == 0;

    private static void Raise(ref (long Moment, long Sequence) latest, long moment, TraceEvent access)
    {
        if (latest.Sequence == 0 || moment > latest.Moment)
        {
            latest = (moment, access.Sequence);
        }
    }

    private void Compare(OrderedPairs pair, TraceEvent later, long earliest)
    {
        ref readonly var bound = ref _bounds[BitOperations.Log2((uint)pair)];
        if (bound.Sequence == 0)
        {
            return;
        }

        found.Pairs++;
        if (bound.Moment > earliest)
        {
            found.Violations.Add(new TraceViolation(bound.Sequence, later.Sequence, bound.Obligation.Rule(pair)));
        }
    }

    private readonly record struct Bound(long Moment, long Sequence, Obligation Obligation);
}
