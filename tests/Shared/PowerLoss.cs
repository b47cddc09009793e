using Emulator.Devices;

namespace Emulator.Tests;

/// <summary>What a loss of power may leave of a disk, from the log of a <see cref="LoggingBackEnd"/> up to some event.</summary>
/// <remarks>
/// A sector is as it was made stable last, or as any write left it that has started since, or while that was being made stable: a cache may
/// write back in any order, and each 512 bytes for themselves.
/// </remarks>
/// <param name="image">The disk at first; what is stable in the end.</param>
internal sealed class PowerLoss(byte[] image)
{
    /// <summary>Bytes that are written or not, never in parts.</summary>
    public const int Sector = 512;

    private readonly Dictionary<int, List<Change>> _uncertain = [];
    private readonly Dictionary<long, Change> _started = [];
    private readonly Dictionary<long, int> _flushes = [];
    private int _time;

    /// <summary>How many flushes have ended well.</summary>
    public int Flushes { get; private set; }

    /// <summary>Sectors that a loss of power may leave in more than one way.</summary>
    public IReadOnlyCollection<int> Uncertain => _uncertain.Keys;

    /// <summary>The next event.</summary>
    public void Add(in BlockEvent next)
    {
        _time++;
        switch (next)
        {
            case { Operation: BlockOperation.Flush, IsEnd: false }:
                _flushes.Add(next.Number, _time);
                break;
            case { Operation: BlockOperation.Flush }:
                if (_flushes.Remove(next.Number, out var begin) && next.Status == BlockStatus.Ok)
                {
                    Flushes++;
                    Settle([.. _uncertain.Keys], begin);
                }

                break;
            case { Operation: BlockOperation.Discard }:
                break;
            case { IsEnd: false }:
                Begin(next);
                break;
            default:
                if (_started.Remove(next.Number, out var change) && next.Status == BlockStatus.Ok)
                {
                    change.End = _time;
                    if (next.ForceUnitAccess)
                    {
                        Force(change);
                    }
                }

                break;
        }
    }

    /// <summary>What is in a sector after a loss of power.</summary>
    /// <param name="sector">Which.</param>
    /// <param name="random">Chooses.</param>
    public ReadOnlySpan<byte> After(int sector, Random random) =>
        _uncertain.TryGetValue(sector, out var changes) && random.Next(changes.Count + 1) is > 0 and var chosen
            ? changes[chosen - 1].Of(sector)
            : image.AsSpan(sector * Sector, Sector);

    private void Begin(in BlockEvent next)
    {
        var change = new Change(next.Offset, next.Operation == BlockOperation.Write ? next.Data : new byte[next.Length], _time);
        _started.Add(next.Number, change);
        foreach (var sector in change.Sectors)
        {
            if (!_uncertain.TryGetValue(sector, out var changes))
            {
                _uncertain.Add(sector, changes = []);
            }

            changes.Add(change);
        }
    }

    // What ended before a flush began is stable now.
    private void Settle(int[] sectors, int begin)
    {
        foreach (var sector in sectors)
        {
            var changes = _uncertain[sector];
            if (changes.Where(change => change.End < begin).MaxBy(change => change.End) is { } last)
            {
                last.Of(sector).CopyTo(image.AsSpan(sector * Sector));
                Forget(sector, changes, change => change.End < begin);
            }
        }
    }

    // It is stable, and what had ended before it began is gone.
    private void Force(Change change)
    {
        foreach (var sector in change.Sectors)
        {
            change.Of(sector).CopyTo(image.AsSpan(sector * Sector));
            if (_uncertain.TryGetValue(sector, out var changes))
            {
                Forget(sector, changes, other => other == change || other.End < change.Begin);
            }
        }
    }

    private void Forget(int sector, List<Change> changes, Predicate<Change> which)
    {
        changes.RemoveAll(which);
        if (changes.Count == 0)
        {
            _uncertain.Remove(sector);
        }
    }

    private sealed class Change(long offset, ReadOnlyMemory<byte> data, int begin)
    {
        public int Begin => begin;

        public int End { get; set; } = int.MaxValue;

        public IEnumerable<int> Sectors => Enumerable.Range((int)(offset / Sector), data.Length / Sector);

        public ReadOnlySpan<byte> Of(int sector) => data.Span.Slice((int)(((long)sector * Sector) - offset), Sector);
    }
}
