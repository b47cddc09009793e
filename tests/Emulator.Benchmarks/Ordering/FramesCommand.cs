using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Emulator.Host.Testing;
using Emulator.Memory;

namespace Emulator.Benchmarks.Ordering;

/// <summary>
/// The verb <c>frames</c>: frames a second from one controller to another of its kind over a hub, driven by a guest, for each
/// controller under each DMA ordering, in turns over several rounds.
/// </summary>
internal static partial class FramesCommand
{
    private static readonly string[] s_controllers = ["e1000", "i82559c", "rtl8139c", "rtl8139"];

    private static readonly int[] s_sizes = [60, 1514];

    private static readonly DmaOrdering[] s_orderings = [DmaOrdering.Relaxed, DmaOrdering.Split, DmaOrdering.Pci, DmaOrdering.Tracked, DmaOrdering.Full];

    /// <summary>Runs it; returns the exit status: 0, 1 if a guest failed, 2 for wrong words.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        int rounds = 5, frames = 100_000;
        for (var i = 0; i < words.Length; i += 2)
        {
            if (i + 1 == words.Length || !int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            {
                return Refuse($"{words[i]}: give --rounds N and --frames N, from 1 up");
            }

            switch (words[i])
            {
                case "--rounds":
                    rounds = number;
                    break;
                case "--frames":
                    frames = number;
                    break;
                default:
                    return Refuse($"{words[i]}: unknown option; valid: --rounds, --frames");
            }
        }

        if (!Manifest.Load(null).Get(out var manifest, out var mistake))
        {
            return Refuse(mistake);
        }

        var rates = new Dictionary<(string Controller, int Size, DmaOrdering Ordering), List<double>>();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (controller, size) in s_controllers.SelectMany(c => s_sizes.Select(s => (c, s))))
            {
                for (var turn = 0; turn < s_orderings.Length; turn++)
                {
                    // Who goes first changes with the round.
                    var ordering = s_orderings[(turn + round) % s_orderings.Length];
                    if (await MeasureAsync(manifest.Folder, controller, size, ordering, frames) is not { } rate)
                    {
                        return 1;
                    }

                    var key = (controller, size, ordering);
                    rates.TryAdd(key, []);
                    rates[key].Add(rate);
                }

                await Console.Error.WriteLineAsync($"round {round + 1} of {rounds}: {controller}, {size} bytes");
            }
        }

        Write(Console.Out, rates, rounds);
        return 0;
    }

    private static async Task<double?> MeasureAsync(string folder, string controller, int size, DmaOrdering ordering, int frames)
    {
        string[] words =
        [
            "run", "-kernel", Path.Combine(folder, "build", "net-frames.elf"), "-append", $"frames={frames} size={size}",
            "-nodefaults", "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-device", $"{controller},netdev=a", "-device", $"{controller},netdev=b", "-netdev", "hubport,id=a,hubid=0", "-netdev", "hubport,id=b,hubid=0",
            "-dma-ordering", DmaOrderings.Name(ordering),
        ];
        var launcher = Path.Combine(Path.GetDirectoryName(folder)!, "bin", "emulator");
        var run = await ChildRun.StartAsync(launcher, words, "", TimeSpan.FromMinutes(2), CancellationToken.None);
        var output = Encoding.UTF8.GetString(run.Output);
        if (run.ExitStatus == 1 && Line().Match(output) is { Success: true } line)
        {
            return double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) * 1e6 / double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture);
        }

        await Console.Error.WriteLineAsync($"frames: {controller}, {size} bytes, {ordering}: ended with {run.ExitStatus}: {output}{run.Error}");
        return null;
    }

    private static void Write(TextWriter output, Dictionary<(string Controller, int Size, DmaOrdering Ordering), List<double>> rates, int rounds)
    {
        output.WriteLine();
        output.WriteLine($"Thousand frames a second from one controller to another, by ordering, best of {rounds}; in brackets, of relaxed.");
        output.Write($"{"",-18}");
        foreach (var ordering in s_orderings)
        {
            output.Write($"{DmaOrderings.Name(ordering),16}");
        }

        output.WriteLine();
        foreach (var (controller, size) in s_controllers.SelectMany(c => s_sizes.Select(s => (c, s))))
        {
            output.Write($"{$"{controller}, {size} B",-18}");
            // The best: a vCPU, two controllers and a hub are four threads, and the host's scheduler disturbs some rounds more than others.
            var relaxed = rates[(controller, size, DmaOrdering.Relaxed)].Max();
            foreach (var ordering in s_orderings)
            {
                var rate = rates[(controller, size, ordering)].Max();
                output.Write($"{string.Create(CultureInfo.InvariantCulture, $"{rate / 1000:0.0} ({rate / relaxed:0.00})"),16}");
            }

            output.WriteLine();
        }
    }

    private static int Refuse(string mistake)
    {
        Console.Error.WriteLine($"frames: {mistake}");
        return 2;
    }

    [GeneratedRegex(@"(\d+) frames of \d+ bytes in (\d+) us")]
    private static partial Regex Line();
}
