using System.Globalization;
using Emulator.Memory;

namespace Emulator.Benchmarks.Ordering;

/// <summary>A line's times.</summary>
/// <param name="Case">What was done.</param>
internal sealed record OrderingTimes(OrderingCase Case)
{
    /// <summary>The columns: the bare access, then the orderings from the least to the most.</summary>
    public const int Columns = 6;

    /// <summary>The column of the bare access.</summary>
    public const int Bare = 0;

    /// <summary>The column all others are compared with.</summary>
    public const int Relaxed = 1;

    /// <summary>The ordering of each column; the bare access has none.</summary>
    public static readonly DmaOrdering[] Order =
        [DmaOrdering.Relaxed, DmaOrdering.Relaxed, DmaOrdering.Split, DmaOrdering.Pci, DmaOrdering.Tracked, DmaOrdering.Full];

    /// <summary>By column: a time an access for each round.</summary>
    public List<double>[] Nanoseconds { get; } = [.. Enumerable.Range(0, Columns).Select(_ => new List<double>())];

    /// <summary>The median of a column.</summary>
    public double Median(int column) => Median(Nanoseconds[column]);

    /// <summary>The median of some times.</summary>
    public static double Median(List<double> times)
    {
        var sorted = times.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

/// <summary>The tables of <c>ordering</c>.</summary>
internal static class OrderingTable
{
    /// <summary>How many times a <c>relaxed</c> write of 64 bytes alone one under the ordering may cost.</summary>
    private static readonly Dictionary<DmaOrdering, double> s_goals = new() { [DmaOrdering.Tracked] = 1.1, [DmaOrdering.Full] = 1.5 };

    /// <summary>Writes the times, and the goals.</summary>
    /// <param name="output">Takes them.</param>
    /// <param name="rows">The lines.</param>
    /// <param name="fences">Nanoseconds of a full fence with nothing around it.</param>
    /// <param name="rounds">How many times each was measured.</param>
    public static void Write(TextWriter output, List<OrderingTimes> rows, List<double> fences, int rounds)
    {
        output.WriteLine();
        output.WriteLine($"Nanoseconds a DMA access by ordering, median of {rounds}; in brackets, of relaxed.");
        output.Write($"{"",-28}{"bare",8}{"relaxed",9}");
        for (var column = OrderingTimes.Relaxed + 1; column < OrderingTimes.Columns; column++)
        {
            output.Write($"{DmaOrderings.Name(OrderingTimes.Order[column]),16}");
        }

        output.WriteLine();
        foreach (var row in rows)
        {
            var kind = row.Case.Kind switch { AccessKind.Write => "write", AccessKind.Read => "read", _ => "write/read" };
            output.Write(Text($"{kind,-11}{row.Case.Size,5} {(row.Case.Polled ? "polled" : "alone"),-11}"));
            output.Write(Text($"{row.Median(OrderingTimes.Bare),8:0.0}{row.Median(OrderingTimes.Relaxed),9:0.0}"));
            for (var column = OrderingTimes.Relaxed + 1; column < OrderingTimes.Columns; column++)
            {
                output.Write(Text($"{Text($"{row.Median(column):0.0} ({Ratio(row, column):0.00})"),16}"));
            }

            output.WriteLine();
        }

        output.WriteLine();
        output.WriteLine(Text($"a full fence alone: {OrderingTimes.Median(fences):0.0}"));
        var goal = rows.Single(row => row.Case == new OrderingCase(AccessKind.Write, 64, false));
        foreach (var (ordering, most) in s_goals)
        {
            var ratio = Ratio(goal, Array.LastIndexOf(OrderingTimes.Order, ordering));
            output.WriteLine(Text($"a write of 64 bytes under {DmaOrderings.Name(ordering)}: {ratio:0.00} of relaxed; goal {most:0.0}{(ratio <= most ? "" : ", missed")}"));
        }
    }

    /// <summary>Writes the fences of a frame's accesses under each ordering, and what <c>tracked</c> saves.</summary>
    public static void WriteFences(TextWriter output, DmaContextOwner owner)
    {
        output.WriteLine();
        output.Write($"{"Full fences a frame",-28}{"accesses",17}");
        foreach (var ordering in OrderingTimes.Order[2..])
        {
            output.Write($"{DmaOrderings.Name(ordering),16}");
        }

        output.WriteLine($"{"tracked saves",16}");
        foreach (var receive in (bool[])[true, false])
        {
            var fences = new Dictionary<DmaOrdering, double>();
            double accesses = 0;
            foreach (var ordering in OrderingTimes.Order[2..])
            {
                owner.SetOrdering(ordering);
                (accesses, fences[ordering]) = FrameFences.PerFrame(owner, receive);
            }

            output.Write(Text($"{(receive ? "received" : "transmitted"),-28}{accesses,17:0.00}"));
            foreach (var ordering in OrderingTimes.Order[2..])
            {
                output.Write(Text($"{fences[ordering],16:0.00}"));
            }

            output.WriteLine(Text($"{1 - (fences[DmaOrdering.Tracked] / fences[DmaOrdering.Full]),16:0 %}"));
        }
    }

    // Round by round, since what else the machine does comes and goes; then the median.
    private static double Ratio(OrderingTimes row, int column) =>
        OrderingTimes.Median([.. row.Nanoseconds[column].Zip(row.Nanoseconds[OrderingTimes.Relaxed], (time, relaxed) => time / relaxed)]);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
