using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Emulator.Devices;
using Emulator.Host.Testing;
using Emulator.Tests;

namespace Emulator.Guests.Tests.Disks;

/// <summary>Disks that Debian's tools have made, and that a guest reads and writes; afterwards those tools find no fault with them.</summary>
public sealed partial class DiskFilesTests : IDisposable
{
    private const double Seconds = 240;

    // What the guest fills a directory with: names so long, which are the contents too.
    private const int Many = 72, ManyName = 240;

    private readonly string _folder = Directory.CreateTempSubdirectory("emulator-test-").FullName;
    private readonly string _expected;
    private readonly PartitionedImage _mbr;
    private readonly PartitionedImage _gpt;

    public DiskFilesTests()
    {
        var missing = PartitionedImage.Tools.FirstOrDefault(tool => PartitionedImage.Find(tool) is null);
        Assert.SkipWhen(missing is not null, $"{missing} is not installed; on Debian: apt-get install e2fsprogs fdisk");
        _expected = PartitionedImage.MakeTree(_folder);
        _mbr = new PartitionedImage(_folder, "dos", "83", 1024);
        _gpt = new PartitionedImage(_folder, "gpt", "linux", 4096);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Files_of_mkfs_are_read_and_files_of_the_guest_are_whole_to_e2fsck_and_debugfs(bool gptFirst) => ExchangeAsync(Launcher, ["run"], gptFirst);

    [Fact]
    public Task QEMU_runs_the_same_guest_with_the_same_result()
    {
        var qemu = PartitionedImage.Find("qemu-system-x86_64");
        Assert.SkipWhen(qemu is null, "qemu-system-x86_64 is not installed");
        return ExchangeAsync(qemu!, [], gptFirst: false);
    }

    [Fact]
    public async Task A_file_system_whose_journal_must_be_replayed_is_refused_and_left_as_it_is()
    {
        await _gpt.MakeAsync();
        var first = _gpt.Extract().First();
        await PartitionedImage.RunAsync("debugfs", "", "-w", "-R", "feature needs_recovery", first);
        _gpt.PutBack(0);
        await RefusesAsync("its journal must be replayed first");
    }

    [Fact]
    public async Task A_bit_that_fell_over_in_an_inode_is_noticed_by_its_checksum()
    {
        await _gpt.MakeAsync();
        var first = _gpt.Extract().First();
        var where = Encoding.UTF8.GetString(await PartitionedImage.RunAsync("debugfs", "", "-R", "imap /hello.txt", first));
        var place = InodePlace().Match(where);
        Assert.True(place.Success, where);
        var (block, offset) = (Number(place.Groups[1], 10), Number(place.Groups[2], 16));
        using (var file = new FileStream(first, FileMode.Open))
        {
            file.Position = (block * 4096) + offset;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }

        _gpt.PutBack(0);
        var run = await GuestAsync(Launcher, ["run"], ["-device", "virtio-blk-pci,drive=d0", .. Drive(0, _gpt)]);
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains("reads /hello.txt: the file system has an inode with a wrong checksum", Text(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_loss_of_power_at_any_moment_nothing_old_is_lost_and_a_new_file_is_whole_or_not_there()
    {
        const int Looks = 25;
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await _mbr.MakeAsync();
        var stable = await File.ReadAllBytesAsync(_mbr.Path, TestContext.Current.CancellationToken);
        var path = Path.Combine(_folder, "log");
        var drive = $"if=none,id=d0,format=raw,file={_mbr.Path},write-log={path}";
        var run = await GuestAsync(Launcher, ["run"], ["-device", "virtio-blk-pci,drive=d0", "-drive", drive]);
        Assert.True(run.ExitStatus == 1, Text(run));
        var wrote = Wrote(run).Distinct().ToDictionary(); // the same on both partitions
        foreach (var name in ManyNames)
        {
            wrote.Add(name, PartitionedImage.Checksum(Encoding.ASCII.GetBytes(name)));
        }

        BlockEvent[] events;
        using (var log = File.OpenRead(path))
        {
            events = [.. BlockLog.Read(log)];
        }

        var moments = Enumerable.Range(0, Looks).Select(_ => random.Next(events.Length)).ToHashSet();
        var loss = new PowerLoss(stable);
        for (var i = 0; i < events.Length; i++)
        {
            loss.Add(events[i]);
            if (moments.Contains(i))
            {
                var left = (byte[])stable.Clone();
                foreach (var sector in loss.Uncertain)
                {
                    loss.After(sector, random).CopyTo(left.AsSpan(sector * PowerLoss.Sector));
                }

                await File.WriteAllBytesAsync(_mbr.Path, left, TestContext.Current.CancellationToken);
                await RepairAsync(wrote, $"seed {seed}, event {i} of {events.Length}");
            }
        }
    }

    private static string Launcher => Path.Combine(AppContext.BaseDirectory, "emulator");

    private static long Number(Group group, int radix) => Convert.ToInt64(group.Value, radix);

    private async Task ExchangeAsync(string program, string[] command, bool gptFirst)
    {
        await Task.WhenAll(_mbr.MakeAsync(), _gpt.MakeAsync());
        PartitionedImage[] images = gptFirst ? [_gpt, _mbr] : [_mbr, _gpt];
        var run = await GuestAsync(program, command,
        [
            .. Drive(0, images[0]), .. Drive(1, images[1]),
            "-device", "lsi53c895a", "-device", "scsi-hd,drive=d0", "-device", "virtio-blk-pci,drive=d1",
        ]);
        var output = Text(run);
        Assert.True(run.ExitStatus == 1, output);

        var wrote = Wrote(run).ToArray();
        Assert.Equal(8, wrote.Length); // two on each of two partitions of two disks
        var next = 0;
        foreach (var partition in images.SelectMany(image => image.Extract()))
        {
            await PartitionedImage.RunAsync("e2fsck", "", "-f", "-n", partition);
            var tree = Encoding.UTF8.GetString(await PartitionedImage.RunAsync("debugfs", "", "-R", "ex /pieces", partition));
            Assert.Contains("\n 1/", tree, StringComparison.Ordinal); // else there was no tree to read
            for (var i = 0; i < 2; i++)
            {
                var (name, crc) = wrote[next++];
                var content = await PartitionedImage.RunAsync("debugfs", "", "-R", $"cat /{name}", partition);
                Assert.Equal(crc, PartitionedImage.Checksum(content));
                var written = Encoding.UTF8.GetString(await PartitionedImage.RunAsync("debugfs", "", "-R", $"stat /{name}", partition));
                Assert.Contains($" {DateTime.UtcNow.Year.ToString(CultureInfo.InvariantCulture)}\n", written, StringComparison.Ordinal);
            }

            await HasManyAsync(partition);
        }
    }

    // The root directory has grown so far that its tree has a leaf; each name is there, with its content.
    private static async Task HasManyAsync(string partition)
    {
        var root = Encoding.UTF8.GetString(await PartitionedImage.RunAsync("debugfs", "", "-R", "ex /", partition));
        Assert.Contains("\n 1/", root, StringComparison.Ordinal);
        var files = await PartitionedImage.DumpAsync(partition, ManyNames);
        Assert.All(ManyNames, name => Assert.Equal(name, Encoding.ASCII.GetString(files[name])));
    }

    private static IEnumerable<string> ManyNames => Enumerable.Range(0, Many).Select(i => $"{i}-of-guest-".PadRight(ManyName, 'x'));

    // What was there is there. What the guest wrote is whole, maybe without its name, which is entered last; or it is not there.
    private async Task RepairAsync(Dictionary<string, uint> wrote, string when)
    {
        var hello = await File.ReadAllBytesAsync(Path.Combine(_folder, "tree/hello.txt"), TestContext.Current.CancellationToken);
        foreach (var partition in _mbr.Extract())
        {
            await PartitionedImage.RunAsync("e2fsck", "", success: 1, "-f", "-y", partition);
            var root = Encoding.UTF8.GetString(await PartitionedImage.RunAsync("debugfs", "", "-R", "ls -p /", partition));
            var lost = Encoding.UTF8.GetString(await PartitionedImage.RunAsync("debugfs", "", "-R", "ls -p /lost+found", partition));
            foreach (Match found in LostFile().Matches(lost))
            {
                var content = await PartitionedImage.RunAsync("debugfs", "", "-R", $"cat <{found.Groups[1].Value}>", partition);
                Assert.True(wrote.ContainsValue(PartitionedImage.Checksum(content)), $"{when}: in lost+found is a part of a file: {lost}");
            }

            Assert.Equal(hello, await PartitionedImage.RunAsync("debugfs", "", "-R", "cat /hello.txt", partition));
            var names = wrote.Keys.Where(name => root.Contains($"/{name}/", StringComparison.Ordinal)).ToArray();
            foreach (var (name, content) in await PartitionedImage.DumpAsync(partition, names))
            {
                Assert.True(PartitionedImage.Checksum(content) == wrote[name], $"{when}: {name} is not what was written");
            }
        }
    }

    private static IEnumerable<(string Name, uint Crc)> Wrote(ChildRun run) =>
        WroteLine().Matches(Text(run)).Select(line => (line.Groups[1].Value, Convert.ToUInt32(line.Groups[2].Value, 16)));

    private async Task RefusesAsync(string why)
    {
        var before = File.ReadAllBytes($"{_gpt.Path}.1");
        var run = await GuestAsync(Launcher, ["run"], ["-device", "virtio-blk-pci,drive=d0", .. Drive(0, _gpt)]);
        Assert.Equal(3, run.ExitStatus);
        Assert.Contains(why, Text(run), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_gpt.Extract().First()));
    }

    private static string[] Drive(int index, PartitionedImage image) => ["-drive", $"if=none,id=d{index},format=raw,file={image.Path}"];

    private async Task<ChildRun> GuestAsync(string program, string[] command, string[] devices)
    {
        Assert.True(Manifest.Load(null).Get(out var manifest, out var mistake), mistake);
        var image = new GuestImage { Name = "disk-files", File = "build/disk-files.elf", Modules = [_expected], Arguments = devices };
        var limit = TimeSpan.FromSeconds(Seconds);
        string[] words = [.. command, .. GuestCommandLine.Build(image, manifest.Folder)];
        return await ChildRun.StartAsync(program, words, "", limit, TestContext.Current.CancellationToken);
    }

    private static string Text(ChildRun run) => Encoding.UTF8.GetString(run.Output).Replace("\r", "", StringComparison.Ordinal) + run.Error;

    [GeneratedRegex(@"^  (\S+): \d+ bytes, CRC-32 ([0-9a-f]{8})$", RegexOptions.Multiline)]
    private static partial Regex WroteLine();

    [GeneratedRegex(@"/#(\d+)/")]
    private static partial Regex LostFile();

    [GeneratedRegex(@"located at block (\d+), offset 0x([0-9a-f]+)")]
    private static partial Regex InodePlace();
}
