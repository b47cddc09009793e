using System.Diagnostics;
using System.Globalization;
using Emulator.Memory;

namespace Emulator.Benchmarks.Ordering;

/// <summary>
/// The verb <c>ordering</c>: what each DMA ordering costs an access, in this process, the orderings in turn over several
/// rounds, so that what else the machine does meets all of them.
/// </summary>
internal static class OrderingCommand
{
    private const int WarmUpRounds = 3;

    /// <summary>Runs it; returns the exit status: 0, 2 for wrong words.</summary>
    public static int Run(string[] words)
    {
        var rounds = 31;
        if (words.Length != 0
            && (words is not ["--rounds", var number] || !int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out rounds) || rounds < 1))
        {
            Console.Error.WriteLine("ordering: give nothing or --rounds N, from 1 up");
            return 2;
        }

        using var memory = new GuestMemory();
        var ram = new RamBlock("ram", 1 << 20);
        memory.AddRam("ram", 0, ram, 0, ram.Size);
        var owner = new DmaContextOwner("benchmark", memory);
        owner.SetBusMaster(true);
        var fences = new List<double>();
        var rows = OrderingCase.All.Select(which => new OrderingTimes(which)).ToList();
        for (var round = -WarmUpRounds; round < rounds; round++)
        {
            foreach (var row in rows)
            {
                Measure(row, owner, ram, round);
            }

            fences.Add(MeasureFence());
        }

        OrderingTable.Write(Console.Out, rows, fences[WarmUpRounds..], rounds);
        OrderingTable.WriteFences(Console.Out, owner);
        return 0;
    }

    private static double MeasureFence()
    {
        const int Count = 100_000;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Count; i++)
        {
            Interlocked.MemoryBarrier();
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Count;
    }

    private static unsafe void Measure(OrderingTimes row, DmaContextOwner owner, RamBlock ram, int round)
    {
        using var poller = row.Case.Polled ? new LinePoller(ram.Host + OrderingCase.Address) : null;
        for (var turn = 0; turn < OrderingTimes.Columns; turn++)
        {
            // Who goes first changes with the round.
            var column = (turn + round + WarmUpRounds) % OrderingTimes.Columns;
            if (column != OrderingTimes.Bare)
            {
                owner.SetOrdering(OrderingTimes.Order[column]);
            }

            var start = Stopwatch.GetTimestamp();
            if (column == OrderingTimes.Bare)
            {
                row.Case.RunBare(ram.Host);
            }
            else
            {
                row.Case.Run(owner.Context);
            }

            var elapsed = Stopwatch.GetElapsedTime(start);
            if (round >= 0)
            {
                row.Nanoseconds[column].Add(elapsed.TotalNanoseconds / row.Case.Accesses);
            }
        }
    }
}
