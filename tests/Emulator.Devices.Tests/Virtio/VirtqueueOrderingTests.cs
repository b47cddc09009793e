using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>The ordering sites of a queue: which accesses, with which fences and no others; and a driver on a thread of its own.</summary>
public class VirtqueueOrderingTests
{
    private const VirtioFeatures Plain = VirtioFeatures.Version1 | VirtioFeatures.IndirectDescriptors;
    private const VirtioFeatures Events = Plain | VirtioFeatures.EventIndex;

    [Theory]
    [InlineData(DmaOrdering.Full)]
    [InlineData(DmaOrdering.Relaxed)]
    public void A_chain_is_served_with_the_fences_of_its_sites_and_none_of_the_buss(DmaOrdering ordering)
    {
        using var rig = new QueueRig(4, Events);
        rig.Owner.SetOrdering(ordering);
        var seen = new Recorder();
        rig.Owner.SetObserver(seen);
        Serve(rig);
        var head = rig.Layout.UsedAt(0);
        Assert.Equal(
            [
                "read 2002 2", "LoadLoad at virtio.avail-idx-before-ring", "read 2004 2", "read 1000 16",
                $"write {head:X} 8", "Release at virtio.used-elem-before-idx", "write 3002 2",
                "Full at virtio.event-idx.used", $"read {rig.Layout.UsedEvent:X} 2",
                "read 2002 2", $"write {rig.Layout.AvailableEvent:X} 2", "Full at virtio.event-idx.avail", "read 2002 2",
            ],
            seen.Lines);
        Assert.Equal(4, seen.Fences);
    }

    [Fact]
    public void Without_event_indices_the_flags_of_the_rings_stand_behind_the_same_fences()
    {
        using var rig = new QueueRig(4, Plain);
        var seen = new Recorder();
        rig.Owner.SetObserver(seen);
        Serve(rig);
        Assert.Equal(
            ["Full at virtio.event-idx.used", "read 2000 2", "read 2002 2", "write 3000 2", "Full at virtio.event-idx.avail", "read 2002 2"],
            seen.Lines.TakeLast(6));
    }

    [Fact]
    public void Swapped_the_index_is_written_before_the_element()
    {
        using var rig = new QueueRig(4, Events);
        var seen = new Recorder();
        rig.Owner.Mutate(VirtioSites.UsedElementBeforeIndex, SiteMutation.Swapped);
        rig.Owner.SetObserver(seen);
        Serve(rig);
        var writes = seen.Lines.Where(line => line.StartsWith("write", StringComparison.Ordinal)).Take(2);
        Assert.Equal(["write 3002 2", "write 3004 8"], writes);
    }

    [Theory]
    [InlineData("virtio.avail-idx-before-ring")]
    [InlineData("virtio.used-elem-before-idx")]
    [InlineData("virtio.event-idx.used")]
    [InlineData("virtio.event-idx.avail")]
    public void Dropped_a_fence_is_not_there_under_full_either(string name)
    {
        using var rig = new QueueRig(4, Events);
        rig.Owner.SetOrdering(DmaOrdering.Full);
        var seen = new Recorder();
        rig.Owner.Mutate(VirtioSites.All.Single(site => site.Name == name), SiteMutation.Dropped);
        rig.Owner.SetObserver(seen);
        Serve(rig);
        Assert.Equal(3, seen.Fences);
        Assert.All(VirtioSites.All, site => Assert.True(site.IsRelaxed));
    }

    /// <summary>Real threads, by the host's own memory: the driver's fences are those of Linux's.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_driver_on_a_thread_of_its_own_loses_nothing_and_reads_nothing_old(bool hasEvents)
    {
        const int Chains = 5_000;
        using var rig = new QueueRig(4, hasEvents ? Events : Plain);
        using var notified = new SemaphoreSlim(0);
        using var interrupted = new SemaphoreSlim(0);
        var isOver = false;
        var device = new Thread(() =>
        {
            var chain = new VirtqueueChain();
            uint number = 0;
            while (notified.Wait(Deadline.Patience) && !Volatile.Read(ref isOver))
            {
                do
                {
                    rig.Queue.SuppressNotifications();
                    while (rig.Queue.TryTake(chain))
                    {
                        var at = chain.Writable[0].Address;
                        Assert.Equal(DmaStatus.Ok, rig.Owner.Context.StoreRelaxed(at & ~7UL, ++number));
                        rig.Queue.Return(chain.Head, number);
                    }
                }
                while (rig.Queue.AllowNotifications());

                if (rig.Queue.TakeInterrupt())
                {
                    interrupted.Release();
                }
            }
        })
        { Name = "device" };
        device.Start();
        for (uint number = 1; number <= Chains; number++)
        {
            Assert.True(rig.TryAdd(ChainShape.Single));
            var (_, _, serial) = rig.Shapes.Dequeue();
            Thread.MemoryBarrier();
            rig.Publish();
            Thread.MemoryBarrier();
            if (rig.WantsNotice())
            {
                notified.Release();
            }

            rig.Arm(0);
            Thread.MemoryBarrier();
            while (rig.UsedIndex == rig.Received)
            {
                Assert.True(interrupted.Wait(Deadline.Patience, TestContext.Current.CancellationToken), $"chain {number} of {Chains} is not returned, or nobody tells");
            }

            Thread.MemoryBarrier();
            Assert.Equal((serial, number), rig.Receive());
            rig.Memory.Read(QueueRig.Segment(0, serial).Address & ~7UL, 4, out var written);
            Assert.Equal(number, written);
        }

        Volatile.Write(ref isOver, true);
        notified.Release();
        Deadline.Join(device);
    }

    private static void Serve(QueueRig rig)
    {
        var chain = new VirtqueueChain();
        Assert.True(rig.TryAdd(ChainShape.Single));
        rig.Publish();
        Assert.True(rig.Queue.TryTake(chain));
        rig.Queue.Return(chain.Head, 1);
        rig.Queue.TakeInterrupt();
        Assert.False(rig.Queue.TryTake(chain));
        Assert.False(rig.Queue.AllowNotifications());
    }

    private sealed class Recorder : IDmaObserver
    {
        public List<string> Lines { get; } = [];

        /// <summary>Those that were issued and are one.</summary>
        public int Fences { get; private set; }

        public void Fence(DmaFence fence) => Fences += fence == DmaFence.None ? 0 : 1;

        public void At(OrderingSite site, SiteMutation mutation, DmaFence fence) => Lines.Add($"{fence} at {site}");

        public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status) =>
            Lines.Add($"{(direction == DmaDirection.Read ? "read" : "write")} {address:X} {length}");
    }
}
