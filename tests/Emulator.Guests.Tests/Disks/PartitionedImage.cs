using System.Globalization;
using System.Text;
using Emulator.Host.Testing;

namespace Emulator.Guests.Tests.Disks;

/// <summary>A disk image as Debian's tools make it: two partitions, an ext4 with its default features on each; and what those tools say of it later.</summary>
internal sealed class PartitionedImage(string folder, string label, string linux, int blockSize)
{
    private const int Sector = 512, Mebibyte = 1 << 20, Islands = 350, Island = 4096;

    // Sectors: where each partition begins, and how long it is.
    private static readonly (long First, long Count)[] s_partitions = [(2048, 40960), (43008, 81920)];

    /// <summary>What making and checking takes.</summary>
    public static readonly string[] Tools = ["sfdisk", "mkfs.ext4", "e2fsck", "debugfs"];

    /// <summary>The image.</summary>
    public string Path { get; } = System.IO.Path.Combine(folder, $"{label}.img");

    /// <summary>Where a program is; null if it is not installed.</summary>
    public static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':')
            .Select(place => System.IO.Path.Combine(place, program))
            .FirstOrDefault(File.Exists);

    /// <summary>
    /// The files of a tree to put on a disk, and the guest's list of them: a small one, one in hundreds of pieces with holes between them, one deep down,
    /// and one among as many as give its directory an index.
    /// </summary>
    public static string MakeTree(string folder)
    {
        var tree = Directory.CreateDirectory(System.IO.Path.Combine(folder, "tree")).FullName;
        var deep = Directory.CreateDirectory(System.IO.Path.Combine(tree, "a/b/c/d/e/f/g/h")).FullName;
        var many = Directory.CreateDirectory(System.IO.Path.Combine(tree, "many")).FullName;
        File.WriteAllText(System.IO.Path.Combine(tree, "hello.txt"), "Hello from mkfs.ext4.\n");
        File.WriteAllText(System.IO.Path.Combine(deep, "deep.txt"), "Nine directories down.\n");
        for (var i = 0; i < 900; i++)
        {
            File.WriteAllText(System.IO.Path.Combine(many, $"one-of-so-many-that-there-is-an-index-{i:D4}"), $"{i}\n");
        }

        var island = new byte[Island];
        var random = new Random(1);
        using (var pieces = File.Create(System.IO.Path.Combine(tree, "pieces")))
        {
            for (var i = 0; i < Islands; i++)
            {
                random.NextBytes(island);
                pieces.Position = 2L * i * Island;
                pieces.Write(island);
            }
        }

        var list = new StringBuilder();
        foreach (var path in (string[])["/hello.txt", "/pieces", "/a/b/c/d/e/f/g/h/deep.txt", "/many/one-of-so-many-that-there-is-an-index-0777"])
        {
            var content = File.ReadAllBytes(tree + path);
            list.Append(CultureInfo.InvariantCulture, $"{Checksum(content):x8} {content.Length} {path}\n");
        }

        var file = System.IO.Path.Combine(folder, "expected");
        File.WriteAllText(file, list.ToString());
        return file;
    }

    /// <summary>Partitions the disk and makes both file systems with what <see cref="MakeTree"/> has made.</summary>
    public async Task MakeAsync()
    {
        using (var image = File.Create(Path))
        {
            image.SetLength(64L * Mebibyte);
        }

        var table = new StringBuilder($"label: {label}\n");
        foreach (var (first, count) in s_partitions)
        {
            table.Append(CultureInfo.InvariantCulture, $"start={first}, size={count}, type={linux}\n");
        }

        await RunAsync("sfdisk", table.ToString(), "-q", Path);
        foreach (var (first, count) in s_partitions)
        {
            var tree = System.IO.Path.Combine(folder, "tree");
            await RunAsync("mkfs.ext4", "", "-q", "-F", "-b", $"{blockSize}", "-d", tree, "-E", $"offset={first * Sector}", Path, $"{count * Sector / 1024}k");
        }
    }

    /// <summary>Each partition on its own, in a file.</summary>
    public IEnumerable<string> Extract()
    {
        for (var i = 0; i < s_partitions.Length; i++)
        {
            var (first, count) = s_partitions[i];
            var content = new byte[count * Sector];
            using (var image = File.OpenRead(Path))
            {
                image.Position = first * Sector;
                image.ReadExactly(content);
            }

            var file = $"{Path}.{i + 1}";
            File.WriteAllBytes(file, content);
            yield return file;
        }
    }

    /// <summary>Puts an extracted partition back.</summary>
    public void PutBack(int index)
    {
        using var image = File.OpenWrite(Path);
        image.Position = s_partitions[index].First * Sector;
        image.Write(File.ReadAllBytes($"{Path}.{index + 1}"));
    }

    /// <summary>What files of the root directory hold, all of which must be there; by one run of debugfs.</summary>
    public static async Task<Dictionary<string, byte[]>> DumpAsync(string partition, IEnumerable<string> names)
    {
        var folder = Directory.CreateDirectory($"{partition}.files").FullName;
        var commands = $"{partition}.commands";
        var files = names.ToDictionary(name => name, name => System.IO.Path.Combine(folder, name));
        await File.WriteAllLinesAsync(commands, files.Select(file => $"dump /{file.Key} {file.Value}"), TestContext.Current.CancellationToken);
        await RunAsync("debugfs", "", "-f", commands, partition);
        var contents = files.ToDictionary(file => file.Key, file => File.ReadAllBytes(file.Value));
        Directory.Delete(folder, recursive: true);
        return contents;
    }

    /// <summary>What a tool prints; it must end with 0.</summary>
    public static Task<byte[]> RunAsync(string program, string input, params string[] words) => RunAsync(program, input, success: 0, words);

    /// <summary>What a tool prints; it must end with 0, or no more than this.</summary>
    public static async Task<byte[]> RunAsync(string program, string input, int success, params string[] words)
    {
        var run = await ChildRun.StartAsync(Find(program)!, words, input, TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.True(run.ExitStatus <= success,
            $"{program} {string.Join(' ', words)} ended with {run.ExitStatus}:\n{Encoding.UTF8.GetString(run.Output)}{run.Error}");
        return run.Output;
    }

    /// <summary>CRC-32 as gzip has it.</summary>
    public static uint Checksum(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var value in content)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            }
        }

        return ~crc;
    }
}
