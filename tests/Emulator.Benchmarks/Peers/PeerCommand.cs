using System.Globalization;
using Emulator.Host.Testing;

namespace Emulator.Benchmarks.Peers;

/// <summary>
/// The verb <c>peers</c>: each benchmark guest on each program in turn, over several rounds, so that what else the
/// machine does meets all of them. Times are user-mode processor time of the whole process, its start included.
/// </summary>
internal static class PeerCommand
{
    /// <summary>Runs it; returns the exit status: 0, 1 if a guest failed, 2 for wrong words.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        var rounds = 5;
        string? filter = null;
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] != "--rounds")
            {
                filter = words[i];
            }
            else if (++i == words.Length || !int.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out rounds) || rounds < 1)
            {
                return Refuse("--rounds: give a number from 1 up");
            }
        }

        if (!Manifest.Load(null).Get(out var manifest, out var mistake))
        {
            return Refuse(mistake);
        }

        var benchmarks = manifest.Images
            .Where(image => image.Name.StartsWith("bench-", StringComparison.Ordinal))
            .Where(image => filter is null || image.Name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            .ToList();
        var start = manifest.Images.FirstOrDefault(image => image.Name == "hello");
        if (benchmarks.Count == 0 || start is null)
        {
            return Refuse($"{filter ?? "bench-"}: no such benchmark in the manifest, or no guest 'hello' to time the start with");
        }

        if (benchmarks.Prepend(start).FirstOrDefault(image => !File.Exists(Path.Combine(manifest.Folder, image.File))) is { } absent)
        {
            return Refuse($"{absent.File} is not built; run: make guests");
        }

        var peers = new List<Peer> { Peer.Ours(Path.GetDirectoryName(manifest.Folder)!) };
        if (Peer.FindQemu() is { } qemu)
        {
            peers.Add(qemu);
        }
        else
        {
            Console.WriteLine("qemu-system-x86_64 is not installed, so there is nobody to compare with; on Debian: apt-get install qemu-system-x86");
        }

        try
        {
            var times = await MeasureAsync([start, .. benchmarks], manifest.Folder, peers, rounds);
            PeerTable.Write(Console.Out, times, rounds);
            return 0;
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync($"peers: {e.Message}");
            return 1;
        }
    }

    private static async Task<List<PeerTimes>> MeasureAsync(List<GuestImage> images, string folder, List<Peer> peers, int rounds)
    {
        var times = images.ConvertAll(image => new PeerTimes(image.Name, [.. peers.Select(_ => new List<double>())]));
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < images.Count; i++)
            {
                for (var turn = 0; turn < peers.Count; turn++)
                {
                    // Who goes first changes with the round.
                    var peer = (turn + round) % peers.Count;
                    times[i].Seconds[peer].Add(await peers[peer].TimeAsync(images[i], folder));
                }

                await Console.Error.WriteLineAsync($"round {round + 1} of {rounds}: {images[i].Name}");
            }
        }

        return times;
    }

    private static int Refuse(string mistake)
    {
        Console.Error.WriteLine($"peers: {mistake}");
        return 2;
    }
}
