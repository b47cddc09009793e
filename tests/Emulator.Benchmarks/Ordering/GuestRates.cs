using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Emulator.Host.Testing;
using Emulator.Memory;

namespace Emulator.Benchmarks.Ordering;

/// <summary>How often a second guests do something, each case under each DMA ordering, in turns over several rounds.</summary>
/// <param name="verb">For messages.</param>
/// <param name="unit">What is counted: <c>frames</c>.</param>
internal sealed partial class GuestRates(string verb, string unit)
{
    private static readonly DmaOrdering[] s_orderings = [DmaOrdering.Relaxed, DmaOrdering.Split, DmaOrdering.Pci, DmaOrdering.Tracked, DmaOrdering.Full];

    private readonly Dictionary<(GuestCase Case, DmaOrdering Ordering), List<double>> _rates = [];

    /// <summary>Measures and prints the table; returns the exit status: 0, 1 if a guest failed, 2 for wrong words.</summary>
    /// <param name="words">The command line behind the verb: <c>--rounds N</c>, <c>--count N</c>.</param>
    /// <param name="count">How many, in each round, unless the words say otherwise.</param>
    /// <param name="cases">The rows, for how many are to be done.</param>
    public async Task<int> RunAsync(string[] words, int count, Func<int, IReadOnlyList<GuestCase>> cases)
    {
        var rounds = 5;
        for (var i = 0; i < words.Length; i += 2)
        {
            if (i + 1 == words.Length || !int.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            {
                return Refuse($"{words[i]}: give --rounds N and --count N, from 1 up");
            }

            switch (words[i])
            {
                case "--rounds":
                    rounds = number;
                    break;
                case "--count":
                    count = number;
                    break;
                default:
                    return Refuse($"{words[i]}: unknown option; valid: --rounds, --count");
            }
        }

        if (!Manifest.Load(null).Get(out var manifest, out var mistake))
        {
            return Refuse(mistake);
        }

        var rows = cases(count);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var row in rows)
            {
                for (var turn = 0; turn < s_orderings.Length; turn++)
                {
                    // Who goes first changes with the round.
                    var ordering = s_orderings[(turn + round) % s_orderings.Length];
                    if (await MeasureAsync(manifest.Folder, row, ordering) is not { } rate)
                    {
                        return 1;
                    }

                    _rates.TryAdd((row, ordering), []);
                    _rates[(row, ordering)].Add(rate);
                }

                await Console.Error.WriteLineAsync($"round {round + 1} of {rounds}: {row.Name}");
            }
        }

        Write(Console.Out, rows, rounds);
        return 0;
    }

    private async Task<double?> MeasureAsync(string folder, GuestCase row, DmaOrdering ordering)
    {
        string[] words =
        [
            "run", "-kernel", Path.Combine(folder, "build", row.Image), "-append", row.Append,
            "-nodefaults", "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            .. row.Devices, "-dma-ordering", DmaOrderings.Name(ordering),
        ];
        var launcher = Path.Combine(Path.GetDirectoryName(folder)!, "bin", "emulator");
        var run = await ChildRun.StartAsync(launcher, words, "", TimeSpan.FromMinutes(2), CancellationToken.None);
        var output = Encoding.UTF8.GetString(run.Output);
        if (run.ExitStatus == 1 && Line().Match(output) is { Success: true } line)
        {
            return double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) * 1e6 / double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture);
        }

        await Console.Error.WriteLineAsync($"{verb}: {row.Name}, {ordering}: ended with {run.ExitStatus}: {output}{run.Error}");
        return null;
    }

    private void Write(TextWriter output, IReadOnlyList<GuestCase> rows, int rounds)
    {
        output.WriteLine();
        output.WriteLine($"Thousand {unit} a second, by ordering, best of {rounds}; in brackets, of relaxed.");
        output.Write($"{"",-32}");
        foreach (var ordering in s_orderings)
        {
            output.Write($"{DmaOrderings.Name(ordering),16}");
        }

        output.WriteLine();
        foreach (var row in rows)
        {
            output.Write($"{row.Name,-32}");
            // The best: a vCPU and its devices are several threads, and the host's scheduler disturbs some rounds more than others.
            var relaxed = _rates[(row, DmaOrdering.Relaxed)].Max();
            foreach (var ordering in s_orderings)
            {
                var rate = _rates[(row, ordering)].Max();
                output.Write($"{string.Create(CultureInfo.InvariantCulture, $"{rate / 1000:0.0} ({rate / relaxed:0.00})"),16}");
            }

            output.WriteLine();
        }
    }

    private int Refuse(string mistake)
    {
        Console.Error.WriteLine($"{verb}: {mistake}");
        return 2;
    }

    [GeneratedRegex(@"(\d+) \w+ of \d+ bytes in (\d+) us")]
    private static partial Regex Line();
}
