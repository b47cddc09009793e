using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>The ordering sites: which accesses, in which order, with which fences; and a driver that acts at the worst moment.</summary>
public class Eepro100OrderingTests
{
    [Fact]
    public void A_frame_is_payload_then_count_then_the_status_word_alone()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(2);
        nic.StartReceiving();
        nic.Settle();
        var seen = Watch(nic, SiteMutation.None, Eepro100Sites.PayloadCountStatus);
        nic.Board.Send(Eepro100Driver.FrameToMe(100));
        nic.Settle();
        var at = Eepro100Driver.Frame(0);
        Assert.Equal(
            [$"write {at + 16:X} 100", $"write {at + 12:X} 2", $"{DmaFence.Release} at {Eepro100Sites.PayloadCountStatus}", $"write {at:X} 2"],
            seen.Writes);
    }

    [Fact]
    public void Swapped_the_status_comes_before_the_count()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(2);
        nic.StartReceiving();
        nic.Settle();
        var seen = Watch(nic, SiteMutation.Swapped, Eepro100Sites.PayloadCountStatus);
        nic.Board.Send(Eepro100Driver.FrameToMe(100));
        nic.Settle();
        var at = Eepro100Driver.Frame(0);
        Assert.Equal(
            [$"write {at + 16:X} 100", $"write {at:X} 2", $"write {at + 12:X} 2"],
            seen.Writes.Where(line => line.StartsWith("write", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_command_is_done_before_its_status_unless_the_site_is_swapped(bool isSwapped)
    {
        using var nic = new Eepro100Driver();
        var seen = Watch(nic, isSwapped ? SiteMutation.Swapped : SiteMutation.None, Eepro100Sites.WorkBeforeStatus);
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.Dump, [0x00, 0x80, 0, 0]));
        var lines = seen.Writes.Where(line => line.StartsWith("write", StringComparison.Ordinal)).ToList();
        string[] expected = ["write 8000 596", $"write {Eepro100Driver.Block(0):X} 2"];
        Assert.Equal(isSwapped ? expected.Reverse() : expected, lines);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_frame_is_read_before_its_blocks_status_unless_the_site_is_swapped(bool isSwapped)
    {
        using var nic = new Eepro100Driver();
        var seen = Watch(nic, isSwapped ? SiteMutation.Swapped : SiteMutation.None, Eepro100Sites.WorkBeforeStatus);
        nic.PutFrame(0, Eepro100Driver.EndOfList, Eepro100Driver.FrameToMe(100));
        nic.Start();
        nic.Board.Receive();
        nic.Settle();
        var read = seen.Accesses.IndexOf($"read {Eepro100Driver.Block(0) + 16:X} 100");
        var write = seen.Accesses.IndexOf($"write {Eepro100Driver.Block(0):X} 2");
        Assert.True(read >= 0 && write >= 0 && (read < write) != isSwapped, string.Join("; ", seen.Accesses));
        Assert.Equal(1, seen.Accesses.Count(line => line.StartsWith("write", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_command_is_followed_by_a_read_barrier_before_its_block_is_read()
    {
        using var nic = new Eepro100Driver();
        var seen = Watch(nic, SiteMutation.None, Eepro100Sites.CommandBeforeBlock);
        nic.Do(Eepro100Driver.Nop);
        Assert.Equal($"{DmaFence.LoadLoad} at {Eepro100Sites.CommandBeforeBlock}", seen.Accesses[0]);
        Assert.Equal($"read {Eepro100Driver.Block(0):X} 16", seen.Accesses[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_block_added_before_the_unit_is_suspended_is_not_forgotten(bool resumes)
    {
        // C is written, the unit still active: the driver clears S, and resumes or relies on the unit, which has not come to its end.
        using var nic = new Eepro100Driver();
        var seen = Suspended(nic, SiteMutation.None);
        seen.Act = line =>
        {
            if (line == $"write {Eepro100Driver.Block(0):X} 2")
            {
                Assert.Equal(2, nic.CommandUnit);
                Add(nic, resumes);
            }
        };
        nic.Start();
        nic.Settle();
        Assert.Equal((1, Eepro100Driver.Done, 0), (nic.CommandUnit, nic.Status(1), nic.Status(2)));
    }

    [Fact]
    public void A_block_added_once_the_unit_is_suspended_is_not_forgotten()
    {
        using var nic = new Eepro100Driver();
        var seen = Suspended(nic, SiteMutation.None);
        seen.Act = line =>
        {
            if (line.EndsWith($" at {Eepro100Sites.SuspendRecheck}", StringComparison.Ordinal) && nic.Status(1) == 0)
            {
                Assert.Equal(1, nic.CommandUnit);
                Add(nic, resumes: true);
            }
        };
        nic.Start();
        nic.Settle();
        Assert.Equal((1, Eepro100Driver.Done, 0), (nic.CommandUnit, nic.Status(1), nic.Status(2)));
    }

    [Theory]
    [InlineData(DmaOrdering.Relaxed, true)]
    [InlineData(DmaOrdering.Split, false)]
    public void Without_the_fence_it_is(DmaOrdering ordering, bool resumes)
    {
        using var nic = new Eepro100Driver(ordering: ordering);
        var seen = Suspended(nic, SiteMutation.Dropped);
        seen.Act = line =>
        {
            if (line == $"read {Eepro100Driver.Block(0) + 2:X} 2")
            {
                seen.Act = null;
                Assert.Equal(2, nic.CommandUnit);
                Add(nic, resumes);
            }
        };
        nic.Start();
        nic.Settle();
        Assert.Equal((1, 0), (nic.CommandUnit, nic.Status(1)));
    }

    [Theory]
    [InlineData(DmaOrdering.Full, true)]
    [InlineData(DmaOrdering.Full, false)]
    [InlineData(DmaOrdering.Tracked, false)]
    [InlineData(DmaOrdering.Pci, false)]
    public void A_bus_with_a_full_fence_before_reads_makes_up_for_it(DmaOrdering ordering, bool resumes)
    {
        using var nic = new Eepro100Driver(ordering: ordering);
        var seen = Suspended(nic, SiteMutation.Dropped);
        seen.Act = line =>
        {
            if (line == $"write {Eepro100Driver.Block(0):X} 2")
            {
                Add(nic, resumes);
            }
        };
        nic.Start();
        nic.Settle();
        Assert.Equal((1, Eepro100Driver.Done), (nic.CommandUnit, nic.Status(1)));
    }

    [Fact]
    public void A_block_put_in_the_place_of_the_last_one_is_not_taken_for_a_cleared_S()
    {
        // A driver that has one block for everything and starts the unit each time clears it as soon as it finds C.
        using var nic = new Eepro100Driver();
        var seen = Suspended(nic, SiteMutation.None);
        seen.Act = line =>
        {
            if (line == $"write {Eepro100Driver.Block(0):X} 2")
            {
                nic.Board.Put(Eepro100Driver.Block(0), new byte[16]);
            }
        };
        nic.Put(0, Eepro100Driver.Diagnose | Eepro100Driver.Suspend, Eepro100Driver.Block(1));
        nic.Start();
        nic.Settle();
        Assert.Equal((1, 0), (nic.CommandUnit, nic.Status(1)));
    }

    private static Recorder Suspended(Eepro100Driver nic, SiteMutation mutation)
    {
        nic.Put(0, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.Put(2, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        return Watch(nic, mutation, Eepro100Sites.SuspendRecheck);
    }

    private static void Add(Eepro100Driver nic, bool resumes)
    {
        // On the I/O thread, which cannot wait for itself to accept the command.
        nic.SetFlags(0, Eepro100Driver.Nop);
        if (resumes)
        {
            nic.Write(Eepro100Register.Command, (ulong)Eepro100CommandUnitCommand.Resume << 4, 1);
        }
    }

    private static Recorder Watch(Eepro100Driver nic, SiteMutation mutation, OrderingSite site)
    {
        var seen = new Recorder();
        nic.Function.ObserveDma(seen);
        if (mutation != SiteMutation.None)
        {
            nic.Function.Mutate(site, mutation);
        }

        return seen;
    }

    // What the device did, in order, and a driver that is told of it on the I/O thread.
    private sealed class Recorder : IDmaObserver
    {
        public List<string> Accesses { get; } = [];

        public IEnumerable<string> Writes => Accesses.Where(line => !line.StartsWith("read", StringComparison.Ordinal)
            && !line.EndsWith($" at {Eepro100Sites.CommandBeforeBlock}", StringComparison.Ordinal));

        public Action<string>? Act { get; set; }

        public void Fence(DmaFence fence)
        {
        }

        public void At(OrderingSite site, SiteMutation mutation, DmaFence fence) => Saw($"{fence} at {site}");

        public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status) =>
            Saw($"{(direction == DmaDirection.Read ? "read" : "write")} {address:X} {length}");

        private void Saw(string line)
        {
            Accesses.Add(line);
            Act?.Invoke(line);
        }
    }
}
