using System.Globalization;
using Emulator.Devices;
using Emulator.Host.Tests.Tracing;

namespace Emulator.Host.Tests.Disks;

public sealed class FileBackEndTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cache=writeback")]
    [InlineData("cache=writethrough")]
    [InlineData("cache=none")]
    [InlineData("cache=directsync")]
    [InlineData("cache=unsafe")]
    public void It_is_what_was_written_to_it(string words)
    {
        const int Length = (1 << 20) + 512 + 100;
        var path = Image(Length);
        var model = WriteAndRead(path, words);
        Assert.Equal((1 << 20) + 1024, model.Length);
        var left = File.ReadAllBytes(path);
        Assert.InRange(left.Length, Length, model.Length);
        Assert.Equal(model[..left.Length], left);
        Assert.DoesNotContain(model[left.Length..], value => value != 0);
    }

    [Theory]
    [InlineData("cache=writeback")]
    [InlineData("cache=writethrough")]
    [InlineData("cache=none")]
    public void A_block_device_is_what_was_written_to_it(string words)
    {
        var path = Image(1 << 20);
        using (var loop = new LoopDevice(path))
        {
            Assert.SkipWhen(loop.WhyNot is not null, loop.WhyNot ?? "");
            var model = WriteAndRead(loop.Path, words);
            using var rig = DriveRig.Open($"file={loop.Path},format=raw");
            Assert.Equal(model, rig.Read(0, 1 << 20));
            Assert.Equal(BlockStatus.Ok, rig.Ask(BlockOperation.Discard, 4096, length: 8192));
            Assert.Equal(model[..4096], rig.Read(0, 4096));
        }
    }

    [Fact]
    public void Requests_are_under_way_together_and_each_ends()
    {
        using var rig = DriveRig.Open($"file={Image(1 << 20)},format=raw");
        var asked = Enumerable.Range(0, 256).Select(i => rig.Start(BlockOperation.Write, i * 4096, DriveRig.Filled(4096, (byte)i))).ToArray();
        Assert.All(asked, each => Assert.Equal(BlockStatus.Ok, each.Wait()));
        Assert.All(Enumerable.Range(0, 256), i => Assert.Equal(DriveRig.Filled(4096, (byte)i), rig.Read(i * 4096, 4096)));
    }

    [Fact]
    public void What_is_under_way_when_it_is_closed_is_done()
    {
        var path = Image(1 << 20);
        DriveRig.Asked[] asked;
        using (var rig = DriveRig.Open($"file={path},format=raw"))
        {
            asked = [.. Enumerable.Range(0, 256).Select(i => rig.Start(BlockOperation.Write, i * 4096, DriveRig.Filled(4096, 7)))];
        }

        Assert.All(asked, each => Assert.Equal(BlockStatus.Ok, each.Status));
        Assert.Equal(DriveRig.Filled(1 << 20, 7), File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData("writeback")]
    [InlineData("none")]
    public void A_disk_ends_with_a_whole_block_if_the_file_does_not(string cache)
    {
        var path = _folder.File("tail");
        File.WriteAllBytes(path, DriveRig.Filled(1000, 5));
        using (var rig = DriveRig.Open($"file={path},format=raw,cache={cache}"))
        {
            Assert.Equal(1024, rig.BackEnd.Length);
            Assert.Equal([.. DriveRig.Filled(488, 5), .. new byte[24]], rig.Read(512, 512));
            Assert.Equal(BlockStatus.Ok, rig.Write(512, DriveRig.Filled(512, 6)));
            Assert.Equal([.. DriveRig.Filled(512, 5), .. DriveRig.Filled(512, 6)], rig.Read(0, 1024));
        }

        Assert.Equal(1024, new FileInfo(path).Length);
    }

    [Theory]
    [InlineData("writeback")]
    [InlineData("none")]
    public void What_a_file_has_no_longer_is_an_error_and_a_line_of_the_log(string cache)
    {
        var path = Image(1 << 20);
        using var rig = DriveRig.Open($"file={path},format=raw,cache={cache}");
        using (var file = File.OpenWrite(path))
        {
            file.SetLength(8192);
        }

        Assert.Equal(BlockStatus.IoError, rig.Ask(BlockOperation.Read, 4096, new byte[8192]));
        Assert.Equal(BlockStatus.IoError, rig.Ask(BlockOperation.Read, 65536, new byte[512]));
        Assert.Equal([$"{path}: Read of 8192 bytes at 4096 failed: the file is shorter than it was; more of these are not logged"], rig.Log);
        Assert.Equal(new byte[512], rig.Read(0, 512));
    }

    [Fact]
    public void A_discard_gives_room_back()
    {
        using var rig = DriveRig.Open($"file={Image(1 << 20)},format=raw,discard=unmap");
        Assert.True(rig.BackEnd.CanDiscard);
        Assert.Equal(BlockStatus.Ok, rig.Write(0, DriveRig.Filled(65536, 1)));
        Assert.Equal(BlockStatus.Ok, rig.Ask(BlockOperation.Discard, 0, length: 65536));
        Assert.Equal(new byte[65536], rig.Read(0, 65536));
    }

    [Fact]
    public void A_file_that_may_only_be_read_is_not_changed()
    {
        var path = Image(1 << 20);
        using (var rig = DriveRig.Open($"file={path},format=raw,readonly=on"))
        {
            Assert.True(rig.BackEnd.IsReadOnly);
            Assert.Equal(BlockStatus.IoError, rig.Write(0, DriveRig.Filled(512, 1)));   // which no disk asks of it
            Assert.Equal(BlockStatus.Ok, rig.Flush());
        }

        Assert.Equal(new byte[1 << 20], File.ReadAllBytes(path));
    }

    [Fact]
    public void In_a_schedule_nothing_is_left_for_later()
    {
        using var rig = DriveRig.Open($"file={Image(1 << 20)},format=raw", isScheduled: true);
        Assert.All(Enum.GetValues<BlockOperation>(), operation => Assert.Equal(BlockStatus.Ok, rig.Start(operation, 0, new byte[512]).Status));
    }

    [Fact]
    public void A_read_of_what_is_in_memory_ends_at_once_and_allocates_nothing()
    {
        using var rig = DriveRig.Open($"file={Image(1 << 20)},format=raw");
        _ = rig.Read(0, 4096);
        var disk = new Disk(rig.BackEnd, new DiskProperties());
        var request = new BlockRequest { Operation = BlockOperation.Read, Buffer = new byte[4096], Length = 4096 };
        disk.Submit(request);
        Assert.SkipUnless(disk.TryTake(out _), "The file system does not say what is in memory.");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var ended = 0;
        for (var i = 0; i < 1000; i++)
        {
            disk.Submit(request);
            ended += disk.TryTake(out _) ? 1 : 0;
        }

        Assert.Equal((1000, 0), (ended, GC.GetAllocatedBytesForCurrentThread() - before));
    }

    [Theory]
    [InlineData("writeback")]
    [InlineData("writethrough")]
    [InlineData("none")]
    public void Its_threads_allocate_nothing_for_a_request(string cache)
    {
        using var rig = DriveRig.Open($"file={Image(1 << 20)},format=raw,cache={cache}");
        using var meter = new AllocationMeter(rig.BackEnd);
        var disk = new Disk(meter, new DiskProperties { HasWriteCache = cache != "writethrough" });
        var request = new BlockRequest { Buffer = new byte[4096], Length = 4096 };
        for (var i = 0; i < 200; i++)
        {
            (request.Operation, request.ForceUnitAccess) = ((BlockOperation)(i % 3), false);
            disk.Submit(request);
            Assert.True(SpinWait.SpinUntil(() => disk.TryTake(out _), TimeSpan.FromSeconds(20)));
            meter.IsWarm = i > 100;
        }

        // A lock that is contended for the first time makes itself an event; a hundred requests with an object each would be beyond this.
        Assert.InRange(meter.Allocated, 0, 1000);
    }

    [Theory]
    [InlineData("nothing", "cannot open {0}/nothing: No such file or directory; make it: truncate -s 64M {0}/nothing")]
    [InlineData("empty", "{0}/empty: it is empty; give it a size: truncate -s 64M {0}/empty")]
    [InlineData(".,readonly=on", "{0}/.: it is neither a file nor a block device")]
    [InlineData("qcow2", "{0}/qcow2: it looks like a qcow2 image; let qemu-nbd -f qcow2 serve it and give file=nbd://localhost, or give format=raw if the guest is to see it as it is")]
    public void What_is_no_disk_is_refused_in_a_line(string name, string expected)
    {
        File.WriteAllBytes(_folder.File("empty"), []);
        File.WriteAllBytes(_folder.File("qcow2"), [0x51, 0x46, 0x49, 0xFB, .. new byte[508]]);
        Assert.Equal(string.Format(CultureInfo.InvariantCulture, expected, _folder.File("")), DriveRig.Refuse($"file={_folder.File(name)}"));
    }

    // What it holds in the end.
    private static byte[] WriteAndRead(string path, string words)
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        using var rig = DriveRig.Open($"file={path},format=raw,{words}");
        var model = new byte[rig.BackEnd.Length];
        for (var i = 0; i < 150; i++)
        {
            var count = 512 << random.Next(10);
            var offset = 512 * random.Next((model.Length - count) / 512 + 1);
            switch (random.Next(6))
            {
                case 0:
                    Assert.Equal(BlockStatus.Ok, rig.Flush());
                    break;
                case 1:
                    Assert.Equal(BlockStatus.Ok, rig.Ask(BlockOperation.WriteZeroes, offset, length: count, stable: random.Next(2) == 0, mayUnmap: random.Next(2) == 0));
                    model.AsSpan(offset, count).Clear();
                    break;
                case 2:
                    Assert.Equal(model[offset..(offset + count)], rig.Read(offset, count));
                    break;
                default:
                    var data = new byte[count];
                    random.NextBytes(data);
                    Assert.Equal(BlockStatus.Ok, rig.Write(offset, data, stable: random.Next(2) == 0));
                    data.CopyTo(model, offset);
                    break;
            }
        }

        return model;
    }

    private string Image(int length)
    {
        var path = _folder.File("image");
        using var file = File.Create(path);
        file.SetLength(length);
        return path;
    }

    /// <summary>Looks at what the thread that ends a request, if it is not the test's, has allocated since it ended the one before.</summary>
    private sealed class AllocationMeter(IBlockBackEnd below) : BlockFilter(below)
    {
        private readonly Thread _test = Thread.CurrentThread;
        private readonly ThreadLocal<long> _before = new();

        public bool IsWarm { get; set; }

        public long Allocated { get; private set; }

        protected override BlockStatus Ending(FilteredRequest request)
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            Allocated += IsWarm && _before.Value > 0 && Thread.CurrentThread != _test ? now - _before.Value : 0;
            _before.Value = now;
            return request.Status;
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            _before.Dispose();
        }
    }
}
