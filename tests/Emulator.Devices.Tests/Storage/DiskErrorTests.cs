namespace Emulator.Devices.Tests;

/// <summary>What becomes of a host's errors.</summary>
public sealed class DiskErrorTests : IDisposable
{
    private const int Block = 512;

    private static readonly BlockOperation[] s_script =
    [
        BlockOperation.Write, BlockOperation.Read, BlockOperation.Flush, BlockOperation.Write, BlockOperation.WriteZeroes, BlockOperation.Discard,
        BlockOperation.Read, BlockOperation.Write, BlockOperation.Flush,
    ];

    private readonly IoThread _thread = new("disk", (_, _) => { });
    private readonly StoppableMachine _machine = new();
    private readonly RamBackEnd _ram = new(s_script.Length * Block);
    private IoQueue? _queue;

    public static TheoryData<ErrorPolicy, BlockStatus> PoliciesAndErrors { get; } = new MatrixTheoryData<ErrorPolicy, BlockStatus>(
        Enum.GetValues<ErrorPolicy>(), Enum.GetValues<BlockStatus>().Except([BlockStatus.Pending, BlockStatus.Ok, BlockStatus.Cancelled]));

    public void Dispose() => _thread.Dispose();

    [Theory]
    [MemberData(nameof(PoliciesAndErrors))]
    public void Whichever_request_fails_each_ends_once(ErrorPolicy policy, BlockStatus error)
    {
        for (var failing = 0; failing < s_script.Length; failing++)
        {
            var disk = Disk(FailingBackEnd.At(_ram, failing, error), policy);
            var requests = s_script.Select((operation, i) => Request(operation, i)).ToArray();
            var isHosts = error is BlockStatus.IoError or BlockStatus.NoSpace;
            var isStop = isHosts && (policy == ErrorPolicy.Stop || (policy == ErrorPolicy.StopIfFull && error == BlockStatus.NoSpace));
            Array.ForEach(requests, disk.Submit);
            var taken = Take(disk);
            Assert.Equal(isStop, _machine.IsStopped);
            if (isStop)
            {
                Assert.Equal(requests.Except([requests[failing]]), taken);
                Assert.Contains($"drive d0: {s_script[failing]} of ", _machine.Reasons[^1], StringComparison.Ordinal);
                Continue();
                taken.AddRange(Take(disk));
            }

            Assert.Equal(requests.ToHashSet(), taken.ToHashSet());
            Assert.Equal(requests.Length, taken.Count);
            var expected = isHosts && (isStop || policy == ErrorPolicy.Ignore) ? BlockStatus.Ok : error;
            Assert.All(requests.Index(), each => Assert.Equal(each.Index == failing ? expected : BlockStatus.Ok, each.Item.Status));
            if (s_script[failing] == BlockOperation.Read && expected == BlockStatus.Ok)
            {
                Assert.Equal(new byte[Block], requests[failing].Buffer.ToArray());
            }
        }
    }

    [Theory]
    [InlineData(BlockOperation.Read, ErrorPolicy.Report)]
    [InlineData(BlockOperation.Write, ErrorPolicy.Stop)]
    [InlineData(BlockOperation.Flush, ErrorPolicy.Stop)]
    public void Reading_has_a_policy_of_its_own(BlockOperation operation, ErrorPolicy expected)
    {
        var disk = Disk(FailingBackEnd.At(_ram, 0, BlockStatus.IoError), ErrorPolicy.Report, ErrorPolicy.Stop);
        disk.Submit(Request(operation, 0));
        Assert.Equal(expected == ErrorPolicy.Report ? 1 : 0, Take(disk).Count);
        Assert.Equal(expected == ErrorPolicy.Stop, _machine.IsStopped);
    }

    [Fact]
    public void A_request_that_fails_again_stops_the_machine_again()
    {
        var disk = Disk(new FailingBackEnd(_ram, request => request.Number < 3 ? BlockStatus.NoSpace : null), ErrorPolicy.StopIfFull);
        disk.Submit(Request(BlockOperation.Write, 0));
        for (var stops = 1; stops <= 3; stops++)
        {
            Assert.Empty(Take(disk));
            Assert.Equal((true, stops), (_machine.IsStopped, _machine.Reasons.Count));
            Assert.Equal("drive d0: Write of 512 bytes at 0: the host has no room", _machine.Reasons[^1]);
            Continue();
        }

        Assert.Equal(BlockStatus.Ok, Assert.Single(Take(disk)).Status);
        Assert.False(_machine.IsStopped);
    }

    [Fact]
    public void While_the_machine_is_stopped_what_is_under_way_ends_and_nothing_starts()
    {
        using var held = new HeldBackEnd(1 << 20);
        var disk = Disk(held, ErrorPolicy.Report);
        var (first, second) = (Request(BlockOperation.Write, 0), Request(BlockOperation.Write, 1));
        disk.Submit(first);
        _machine.Stop("another disk");
        disk.Submit(second);
        Assert.Equal([first], held.Held);
        held.End(first);
        Assert.Equal([first], Take(disk));
        Continue();
        Assert.Equal([second], held.Held);
    }

    [Fact]
    public void A_cancellation_reaches_what_waits_for_the_machine()
    {
        var disk = Disk(FailingBackEnd.At(_ram, 0, BlockStatus.IoError), ErrorPolicy.Stop);
        var (failed, later) = (Request(BlockOperation.Write, 0), Request(BlockOperation.Write, 1));
        disk.Submit(failed);
        Assert.Empty(Take(disk));
        disk.Submit(later);
        disk.Cancel();
        Assert.Equal([failed, later], Take(disk));
        Assert.All([failed, later], request => Assert.Equal(BlockStatus.Cancelled, request.Status));
        disk.Submit(failed);
        Assert.Empty(Take(disk));
        Continue();
        Assert.Equal(BlockStatus.Ok, Assert.Single(Take(disk)).Status);
    }

    [Fact]
    public void A_reset_of_the_queue_does_not_lose_what_was_to_go_on()
    {
        var disk = Disk(_ram, ErrorPolicy.Report);
        var (first, second) = (Request(BlockOperation.Write, 0), Request(BlockOperation.Write, 1));
        _machine.Stop("another disk");
        disk.Submit(first);
        Continue();
        _machine.Stop("again");
        Continue();
        _queue!.Reset(() => { });
        disk.Submit(second);
        Assert.Equal([first, second], Take(disk));
    }

    [Fact]
    public void An_error_of_a_cancelled_request_stops_nothing()
    {
        using var held = new HeldBackEnd(1 << 20);
        var disk = Disk(held, ErrorPolicy.Stop);
        var request = Request(BlockOperation.Write, 0);
        disk.Submit(request);
        disk.Cancel(request);
        held.End(request, BlockStatus.IoError);
        Assert.Equal(BlockStatus.Cancelled, Assert.Single(Take(disk)).Status);
        Assert.False(_machine.IsStopped);
    }

    private Disk Disk(IBlockBackEnd backEnd, ErrorPolicy policy) => Disk(backEnd, policy, policy);

    private Disk Disk(IBlockBackEnd backEnd, ErrorPolicy reads, ErrorPolicy writes)
    {
        var disk = new Disk(backEnd, new DiskProperties { Name = "d0", ReadErrors = reads, WriteErrors = writes }, _machine);
        _queue = new IoQueue(_thread, "disk");
        disk.Connect(_queue, new Nothing());
        return disk;
    }

    private void Continue()
    {
        _machine.Continue();
        _queue!.Drain();
    }

    private static BlockRequest Request(BlockOperation operation, int place) => new()
    {
        Operation = operation,
        Offset = operation == BlockOperation.Flush ? 0 : place * Block,
        Length = operation == BlockOperation.Flush ? 0 : Block,
        Buffer = operation is BlockOperation.Read or BlockOperation.Write ? Enumerable.Repeat((byte)0xEE, Block).ToArray() : default,
    };

    private static List<BlockRequest> Take(Disk disk)
    {
        List<BlockRequest> taken = [];
        while (disk.TryTake(out var request))
        {
            taken.Add(request);
        }

        return taken;
    }

    private sealed class Nothing : IoWork
    {
        protected internal override void Run()
        {
        }
    }
}
