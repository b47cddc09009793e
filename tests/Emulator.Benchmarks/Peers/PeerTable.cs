using System.Globalization;

namespace Emulator.Benchmarks.Peers;

/// <summary>A guest's times.</summary>
/// <param name="Guest">Its name in the manifest.</param>
/// <param name="Seconds">By peer, ours first: a time for each round.</param>
internal sealed record PeerTimes(string Guest, List<double>[] Seconds);

/// <summary>The table of <c>peers</c>.</summary>
internal static class PeerTable
{
    /// <summary>How much of TCG's speed the vCPU is meant to reach, start-up taken off both; the others 0.5.</summary>
    private static readonly Dictionary<string, double> s_goals = new() { ["bench-hashing"] = 0.25 };

    /// <summary>Writes it. The first row is the start-up guest, whose time is also taken off the others'.</summary>
    public static void Write(TextWriter output, List<PeerTimes> times, int rounds)
    {
        output.WriteLine();
        output.WriteLine($"Seconds of user-mode processor time, median of {rounds} (least to most).");
        var compares = times[0].Seconds.Length > 1;
        output.WriteLine(compares
            ? $"{"guest",-18}{"emulator",22}{"TCG",22}{"of TCG's speed",16}{"less start-up",15}{"goal",7}"
            : $"{"guest",-18}{"emulator",22}");
        for (var i = 0; i < times.Count; i++)
        {
            var row = times[i];
            output.Write($"{(i == 0 ? "start-up" : row.Guest),-18}{Spread(row.Seconds[0]),22}");
            if (compares)
            {
                output.Write($"{Spread(row.Seconds[1]),22}");
                if (i > 0)
                {
                    var goal = s_goals.GetValueOrDefault(row.Guest, 0.5);
                    var ratio = Median(row.Seconds[1]) / Median(row.Seconds[0]);
                    var net = Net(row, times[0], 1) / Net(row, times[0], 0);
                    output.Write(Text($"{ratio,16:0.00}{net,15:0.00}{goal,7:0.00}{(net >= goal ? "" : "  missed")}"));
                }
            }

            output.WriteLine();
        }
    }

    private static double Net(PeerTimes row, PeerTimes start, int peer) =>
        Math.Max(Median(row.Seconds[peer]) - Median(start.Seconds[peer]), 0.001);

    private static string Spread(List<double> seconds) => Text($"{Median(seconds):0.00} ({seconds.Min():0.00}–{seconds.Max():0.00})");

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
