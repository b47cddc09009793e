namespace Emulator.Devices.Tests;

/// <summary>After a loss of power at any moment there is what the driver was told is stable.</summary>
/// <remarks>Through the real controllers' code, with every prefix of the log of the disk.</remarks>
public sealed class PowerLossTests
{
    private const int Requests = 600;

    private readonly int _seed = Random.Shared.Next();
    private readonly Random _random;

    public PowerLossTests()
    {
        _random = new Random(_seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {_seed}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Virtio_blk_says_that_a_flush_is_done_when_it_is(bool hasCache)
    {
        using var log = new ToldLog(new Random(_seed));
        using (var board = new VirtioBoard(backEnd: log.BackEnd, properties: new DiskProperties { HasWriteCache = hasCache }))
        {
            DriveVirtio(board, log, isWriteThrough: !hasCache, tellsTooMuch: false);
        }

        AssertNothingLost(log);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Virtio_blk_writes_through_for_a_driver_that_cannot_flush(bool hasCache)
    {
        using var log = new ToldLog(new Random(_seed));
        using (var board = new VirtioBoard(backEnd: log.BackEnd, properties: new DiskProperties { HasWriteCache = hasCache }))
        {
            DriveVirtio(board, log, isWriteThrough: true, tellsTooMuch: false, VirtioFeatures.Version1);
        }

        AssertNothingLost(log);
    }

    [Fact]
    public void A_driver_that_takes_a_cached_write_for_stable_is_found_out()
    {
        using var log = new ToldLog(new Random(_seed));
        using (var board = new VirtioBoard(backEnd: log.BackEnd))
        {
            DriveVirtio(board, log, isWriteThrough: false, tellsTooMuch: true);
        }

        Assert.NotNull(log.FindLoss(_random));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_SCSI_disk_says_that_its_cache_is_on_the_medium_when_it_is(bool hasCache)
    {
        using var log = new ToldLog(new Random(_seed));
        using (var rig = new ScsiRig(log.BackEnd, new DiskProperties { HasWriteCache = hasCache }))
        {
            rig.TakeAttention();
            DriveScsi(rig, log, hasCache);
        }

        AssertNothingLost(log);
    }

    private void AssertNothingLost(ToldLog log)
    {
        for (var look = 0; look < 4; look++)
        {
            Assert.True(log.FindLoss(_random) is not { } loss, $"seed {_seed}: {log.FindLoss(new Random(_seed))}");
        }
    }

    // Up to five requests are under way; a sector is in one at a time.
    private void DriveVirtio(VirtioBoard board, ToldLog log, bool isWriteThrough, bool tellsTooMuch, VirtioFeatures? features = null)
    {
        const int Heads = 5;
        var queue = board.Start(features)[0];
        var ended = new int[ToldLog.Sectors];
        var underWay = new Pending?[Heads];
        for (var version = 1; version <= Requests || underWay.Any(pending => pending is not null); version++)
        {
            var free = Array.IndexOf(underWay, null);
            if (version <= Requests && free >= 0 && Next(underWay, version, ended) is { } next && !(next.IsFlush && features is not null))
            {
                var (type, data) = next.IsFlush ? (VirtioBlkType.Flush, []) : (VirtioBlkType.Out, ToldLog.Content(next.Count, version));
                underWay[free] = next with { Status = queue.Request(free * 3, type, (ulong)next.First, 0, data).Status };
                queue.Add(free * 3);
                queue.Kick();
            }

            if (underWay.Any(pending => pending is not null) && (free < 0 || version > Requests || _random.Next(3) == 0))
            {
                Deadline.Until(
                    () =>
                    {
                        log.EndOne();
                        return !queue.IsEmpty;
                    },
                    "a request ends");
                var (head, _) = queue.Receive();
                var pending = underWay[head / 3]!;
                underWay[head / 3] = null;
                Assert.Equal(0UL, board.Load(pending.Status, 1));
                Ended(log, pending, ended, isStable: isWriteThrough || tellsTooMuch);
            }
        }
    }

    // Writes and flushes, FUA, and a cache that is switched on and off; several tasks under way.
    private void DriveScsi(ScsiRig rig, ToldLog log, bool hasCache)
    {
        var ended = new int[ToldLog.Sectors];
        var underWay = new Pending?[5];
        var tasks = new (ScsiTask Task, ScsiRig.Transfer Transfer)[underWay.Length];
        for (var version = 1; version <= Requests || underWay.Any(pending => pending is not null); version++)
        {
            if (version <= Requests && version % 100 == 0)
            {
                // With nothing under way, so that each write knows what it was.
                Drain();
                SetCache(hasCache = !hasCache);
                if (!hasCache)
                {
                    Tell(log, ended);
                }
            }

            var free = Array.IndexOf(underWay, null);
            if (version <= Requests && free >= 0 && Next(underWay, version, ended) is { } next)
            {
                next = next with { IsForced = !next.IsFlush && _random.Next(5) == 0 };
                underWay[free] = next;
                tasks[free].Transfer = new(next.IsFlush ? [] : ToldLog.Content(next.Count, version));
                tasks[free].Task = rig.Start(next.IsFlush
                    ? ScsiRig.Command10(0x35, 0, 0)
                    : ScsiRig.Command10(0x2A, (uint)next.First, next.Count, (byte)(next.IsForced ? 0x08 : 0)));
            }

            if (free < 0 || version > Requests || _random.Next(3) == 0)
            {
                TakeOne();
            }
        }

        void Drain()
        {
            while (underWay.Any(pending => pending is not null))
            {
                TakeOne();
            }
        }

        void TakeOne()
        {
            for (var i = 0; i < underWay.Length; i++)
            {
                if (underWay[i] is { } pending)
                {
                    rig.Finish(tasks[i].Task, tasks[i].Transfer);
                    rig.Settle();
                    if (tasks[i].Task.State == ScsiTaskState.Ended)
                    {
                        Assert.Equal(ScsiStatus.Good, tasks[i].Task.Status);
                        underWay[i] = null;
                        Ended(log, pending, ended, isStable: pending.IsForced || !hasCache);
                    }
                }
            }

            log.EndOne();
            rig.Settle();
        }

        // MODE SELECT of the caching page; the flush that switching off takes is carried out meanwhile.
        void SetCache(bool on)
        {
            byte[] parameters = [0, 0, 0, 0, 0x08, 0x12, (byte)(on ? 0x04 : 0), .. new byte[17]];
            var transfer = new ScsiRig.Transfer(parameters);
            var task = rig.Start([0x15, 0x10, 0, 0, (byte)parameters.Length, 0]);
            while (task.State != ScsiTaskState.Ended)
            {
                rig.Finish(task, transfer);
                log.EndOne();
                rig.Settle();
            }

            Assert.True(task.Status == ScsiStatus.Good, task.Status == ScsiStatus.Good ? "" : rig.Sense());
        }
    }

    // A flush, or a write of sectors that nothing else writes now; null if what was thought of is not free.
    private Pending? Next(Pending?[] underWay, int version, int[] ended)
    {
        if (_random.Next(6) == 0)
        {
            return new Pending(0, 0, version) { Flushed = [.. ended] };
        }

        var count = 1 + _random.Next(6);
        var first = _random.Next(ToldLog.Sectors - count);
        return underWay.Any(other => other is not null && first < other.First + other.Count && other.First < first + count) ? null : new Pending(first, count, version);
    }

    private static void Ended(ToldLog log, Pending pending, int[] ended, bool isStable)
    {
        if (pending.IsFlush)
        {
            Tell(log, pending.Flushed!);
        }

        for (var sector = pending.First; sector < pending.First + pending.Count; sector++)
        {
            ended[sector] = pending.Version;
            if (isStable)
            {
                log.Tell(sector, pending.Version);
            }
        }
    }

    private static void Tell(ToldLog log, int[] versions)
    {
        for (var sector = 0; sector < versions.Length; sector++)
        {
            log.Tell(sector, versions[sector]);
        }
    }

    private sealed record Pending(int First, int Count, int Version)
    {
        public ulong Status { get; init; }

        public bool IsForced { get; init; }

        // What had ended when a flush was sent.
        public int[]? Flushed { get; init; }

        public bool IsFlush => Flushed is not null;
    }
}
