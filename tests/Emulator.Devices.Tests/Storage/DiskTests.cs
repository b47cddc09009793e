namespace Emulator.Devices.Tests;

public sealed class DiskTests : IDisposable
{
    private readonly IoThread _thread = new("disk", (_, _) => { });
    private readonly HeldBackEnd _backEnd = new(1 << 20);
    private readonly Disk _disk;

    public DiskTests()
    {
        _disk = new Disk(_backEnd, new DiskProperties());
        _disk.Connect(new IoQueue(_thread, "disk"), new Nothing());
    }

    public void Dispose() => _thread.Dispose();

    [Fact]
    public void Requests_come_back_in_the_order_in_which_they_end()
    {
        var (first, second) = (Write(0), Write(512));
        _backEnd.End(second);
        _backEnd.End(first);
        Assert.Same(second, Taken());
        Assert.Same(first, Taken());
        Assert.False(_disk.TryTake(out _));
    }

    [Theory]
    [InlineData(-512, 512)]
    [InlineData((1 << 20) - 512, 1024)]
    [InlineData(1 << 20, 512)]
    [InlineData(256, 512)]
    [InlineData(512, 100)]
    [InlineData(long.MaxValue, 512)]
    [InlineData(512, long.MaxValue)]
    public void What_reaches_past_the_end_or_is_not_of_whole_blocks_does_not_reach_the_back_end(long offset, long length)
    {
        BlockRequest request = new() { Operation = BlockOperation.Discard, Offset = offset, Length = length };
        _disk.Submit(request);
        Assert.Same(request, Taken());
        Assert.Equal(BlockStatus.OutOfRange, request.Status);
        Assert.Empty(_backEnd.Held);
    }

    [Theory]
    [InlineData(BlockOperation.Write)]
    [InlineData(BlockOperation.WriteZeroes)]
    [InlineData(BlockOperation.Discard)]
    public void A_change_of_a_read_only_disk_does_not_reach_the_back_end(BlockOperation operation)
    {
        using var backEnd = new HeldBackEnd(1 << 20) { IsReadOnly = true };
        var disk = new Disk(backEnd, new DiskProperties());
        BlockRequest change = new() { Operation = operation, Length = 512, Buffer = new byte[512] };
        disk.Submit(change);
        Assert.True(disk.TryTake(out _));
        Assert.Equal(BlockStatus.ReadOnly, change.Status);
        disk.Submit(new BlockRequest { Operation = BlockOperation.Read, Length = 512, Buffer = new byte[512] });
        disk.Submit(new BlockRequest { Operation = BlockOperation.Flush });
        Assert.Equal([BlockOperation.Read, BlockOperation.Flush], backEnd.Held.Select(request => request.Operation));
    }

    [Fact]
    public void What_is_submitted_behind_a_cancellation_starts_when_the_cancelled_has_ended()
    {
        var old = Write(0);
        _disk.Cancel();
        var newer = Write(0);
        Assert.Equal([old], _backEnd.Held);
        _backEnd.End(old);
        Assert.Same(old, Taken());
        Assert.Equal(BlockStatus.Cancelled, old.Status);
        Assert.Equal([newer], _backEnd.Held);
        _backEnd.End(newer);
        Assert.Same(newer, Taken());
        Assert.Equal(BlockStatus.Ok, newer.Status);
    }

    [Fact]
    public void A_cancellation_reaches_what_waits_for_another()
    {
        var first = Write(0);
        _disk.Cancel();
        var second = Write(0);
        var third = Write(0);
        _disk.Cancel(third);
        Assert.Same(third, Taken());
        _disk.Cancel();
        var fourth = Write(0);
        Assert.Same(second, Taken());
        Assert.Equal([first], _backEnd.Held);
        _backEnd.End(first);
        Assert.Same(first, Taken());
        Assert.Equal([fourth], _backEnd.Held);
        Assert.All(new[] { first, second, third }, request => Assert.Equal(BlockStatus.Cancelled, request.Status));
    }

    [Fact]
    public void Without_a_write_cache_each_write_is_stable()
    {
        _disk.HasWriteCache = false;
        Assert.True(Write(0).ForceUnitAccess);
    }

    [Theory]
    [InlineData(BlockOperation.Flush, false, true)]
    [InlineData(BlockOperation.Flush, true, false)]
    [InlineData(BlockOperation.Discard, true, false)]
    [InlineData(BlockOperation.Discard, false, true)]
    public void What_the_disk_is_to_ignore_ends_well_and_does_not_reach_the_back_end(BlockOperation operation, bool flushes, bool discards)
    {
        var disk = new Disk(_backEnd, new DiskProperties { Flushes = flushes, Discards = discards });
        BlockRequest request = new() { Operation = operation };
        disk.Submit(request);
        if ((operation == BlockOperation.Flush) == flushes)
        {
            Assert.Same(request, Assert.Single(_backEnd.Held));
        }
        else
        {
            Assert.Empty(_backEnd.Held);
            Assert.True(disk.TryTake(out _));
            Assert.Equal(BlockStatus.Ok, request.Status);
        }
    }

    [Fact]
    public void What_the_disk_is_to_ignore_is_not_asked_of_zeroes_either()
    {
        var disk = new Disk(_backEnd, new DiskProperties { Flushes = false, Discards = false, HasWriteCache = false });
        BlockRequest request = new() { Operation = BlockOperation.WriteZeroes, ForceUnitAccess = true, MayUnmap = true };
        disk.Submit(request);
        Assert.Equal((false, false), (request.ForceUnitAccess, request.MayUnmap));
    }

    private BlockRequest Write(long offset)
    {
        BlockRequest request = new() { Operation = BlockOperation.Write, Offset = offset, Length = 512, Buffer = new byte[512] };
        _disk.Submit(request);
        return request;
    }

    private BlockRequest Taken()
    {
        Assert.True(_disk.TryTake(out var request));
        return request;
    }

    private sealed class Nothing : IoWork
    {
        protected internal override void Run()
        {
        }
    }
}
