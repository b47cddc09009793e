using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Emulator.Benchmarks.Peers;
using Emulator.Host.Testing;
using Emulator.Memory;

namespace Emulator.Benchmarks.Ordering;

/// <summary>How often a second guests do something, each case under each DMA ordering and on QEMU, in turns over several rounds.</summary>
/// <param name="verb">For messages.</param>
/// <param name="unit">What is counted: <c>frames</c>.</param>
internal sealed partial class GuestRates(string verb, string unit)
{
    private static readonly DmaOrdering[] s_orderings = [DmaOrdering.Relaxed, DmaOrdering.Split, DmaOrdering.Pci, DmaOrdering.Tracked, DmaOrdering.Full];

    private readonly Dictionary<(GuestCase Case, Column Column), List<double>> _rates = [];

    /// <summary>A program that runs the guests, and how.</summary>
    private sealed record Column(string Name, Peer Peer, bool IsQemu, string[] Last);

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

        var columns = FindColumns(Path.GetDirectoryName(manifest.Folder)!);
        var rows = cases(count);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var row in rows)
            {
                for (var turn = 0; turn < columns.Count; turn++)
                {
                    // Who goes first changes with the round.
                    var column = columns[(turn + round) % columns.Count];
                    if (column.IsQemu && !row.IsOnQemu)
                    {
                        continue;
                    }

                    if (await MeasureAsync(manifest.Folder, row, column) is not { } rate)
                    {
                        return 1;
                    }

                    _rates.TryAdd((row, column), []);
                    _rates[(row, column)].Add(rate);
                }

                await Console.Error.WriteLineAsync($"round {round + 1} of {rounds}: {row.Name}");
            }
        }

        Write(Console.Out, rows, columns, rounds);
        return 0;
    }

    private static List<Column> FindColumns(string root)
    {
        var ours = Peer.Ours(root);
        var columns = s_orderings.Select(ordering => new Column(DmaOrderings.Name(ordering), ours, IsQemu: false, ["-dma-ordering", DmaOrderings.Name(ordering)])).ToList();
        if (Peer.FindQemu() is { } qemu)
        {
            columns.Add(new Column($"QEMU {qemu.Name}", qemu, IsQemu: true, ["-display", "none"]));
        }

        return columns;
    }

    private async Task<double?> MeasureAsync(string folder, GuestCase row, Column column)
    {
        string[] words =
        [
            .. column.Peer.First, "-kernel", Path.Combine(folder, "build", row.Image), "-append", row.Append,
            "-nodefaults", "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            .. row.Devices, .. column.Last,
        ];
        var run = await ChildRun.StartAsync(column.Peer.Program, words, "", TimeSpan.FromMinutes(2), CancellationToken.None);
        var output = Encoding.UTF8.GetString(run.Output);
        if (run.ExitStatus == 1 && Line().Match(output) is { Success: true } line)
        {
            return double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) * 1e6 / double.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture);
        }

        await Console.Error.WriteLineAsync($"{verb}: {row.Name}, {column.Name}: ended with {run.ExitStatus}: {output}{run.Error}");
        return null;
    }

    private void Write(TextWriter output, IReadOnlyList<GuestCase> rows, List<Column> columns, int rounds)
    {
        output.WriteLine();
        output.WriteLine($"Thousand {unit} a second, by ordering, best of {rounds}; in brackets, of {columns[0].Name}.");
        output.Write($"{"",-32}");
        foreach (var column in columns)
        {
            output.Write($"{column.Name,16}");
        }

        output.WriteLine();
        foreach (var row in rows)
        {
            output.Write($"{row.Name,-32}");
            // The best: a vCPU and its devices are several threads, and the host's scheduler disturbs some rounds more than others.
            var relaxed = _rates[(row, columns[0])].Max();
            foreach (var column in columns)
            {
                var rate = _rates.TryGetValue((row, column), out var rates) ? rates.Max() : (double?)null;
                output.Write($"{(rate is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known / 1000:0.0} ({known / relaxed:0.00})") : "–"),16}");
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
