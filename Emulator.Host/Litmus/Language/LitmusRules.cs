namespace Emulator.Host.Litmus;

/// <summary>What a test must keep to beyond its grammar, so that it has exactly one meaning and comes to an end.</summary>
internal static class LitmusRules
{
    /// <summary>The first rule that is broken, or null.</summary>
    public static LitmusDiagnostic? Check(LitmusTest test) =>
        CheckInterrupts(test) ?? CheckDoorbells(test) ?? CheckProgress(test) ?? CheckSize(test);

    private static LitmusDiagnostic? CheckInterrupts(LitmusTest test)
    {
        for (var i = 0; i < test.Columns.Length; i++)
        {
            var column = test.Columns[i];
            var waits = column.Cells.OfType<WaitInterruptCell>().ToArray();
            if (waits.Length > 1)
            {
                return At(test, waits[1], $"column {column.Name} waits for an interrupt already; one 'wait irq' a column");
            }

            var aimed = Cells(test).Where(cell => InterruptTarget(cell) == i).ToArray();
            if (aimed.Length > 0 && waits.Length == 0)
            {
                return At(test, aimed[0], $"column {column.Name} has no 'wait irq' to take this interrupt");
            }

            if (aimed.Length > 1)
            {
                return At(test, aimed[1], $"column {column.Name} is interrupted by line {aimed[0].Line} already; one interrupt a 'wait irq'");
            }

            if (aimed.Length == 0 && waits.Length == 1)
            {
                return At(test, waits[0], $"nothing interrupts column {column.Name}: it needs one 'msi {column.Name}' or 'intx {column.Name}'");
            }

            if (column.Cells.Any(cell => cell is DmaMessageCell) && column.Cells.FirstOrDefault(cell => cell is DmaIntxCell) is { } pin)
            {
                return At(test, pin, $"column {column.Name} uses msi as well; a function has one or the other");
            }
        }

        return null;
    }

    private static LitmusDiagnostic? CheckDoorbells(LitmusTest test)
    {
        foreach (var group in Cells(test).OfType<DoorbellCell>().GroupBy(cell => cell.Target))
        {
            if (group.Skip(1).FirstOrDefault() is { } second)
            {
                return At(test, second, $"column {test.Columns[group.Key].Name} is started by line {group.First().Line} already; one doorbell a function");
            }
        }

        return null;
    }

    /// <summary>Runs the columns without their accesses: only waiting for an interrupt or a doorbell can stop one for good.</summary>
    private static LitmusDiagnostic? CheckProgress(LitmusTest test)
    {
        var done = new int[test.Columns.Length];
        var interrupted = new bool[test.Columns.Length];
        var waiting = test.Columns.Select((_, i) => Cells(test).OfType<DoorbellCell>().Any(cell => cell.Target == i)).ToArray();
        bool moved;
        do
        {
            moved = false;
            for (var i = 0; i < done.Length; i++)
            {
                while (!waiting[i] && done[i] < test.Columns[i].Cells.Length)
                {
                    var cell = test.Columns[i].Cells[done[i]];
                    if (cell is WaitInterruptCell && !interrupted[i])
                    {
                        break;
                    }

                    if (InterruptTarget(cell) is >= 0 and var target)
                    {
                        interrupted[target] = true;
                    }

                    if (cell is DoorbellCell bell)
                    {
                        waiting[bell.Target] = false;
                    }

                    done[i]++;
                    moved = true;
                }
            }
        }
        while (moved);

        for (var i = 0; i < done.Length; i++)
        {
            if (!waiting[i] && done[i] < test.Columns[i].Cells.Length)
            {
                return At(test, test.Columns[i].Cells[done[i]], "the test cannot end: what interrupts this column comes only after it");
            }
        }

        return null;
    }

    /// <summary>An explorer would not come to the end of it, and the axiomatic checker has 64 bits in a row.</summary>
    private static LitmusDiagnostic? CheckSize(LitmusTest test)
    {
        var events = test.Columns.Length;
        foreach (var cell in Cells(test))
        {
            // With the fences that an ordering can put before it.
            events += cell switch
            {
                DmaFillCell fill => fill.Count + 1,
                DmaFetchCell fetch => fetch.Count + 1,
                DmaPublishCell or DmaMessageCell => 3,
                LoadCell or StoreCell or MoveCell or FenceCell => 1,
                _ => 2,
            };
            if (events > EventGraph.MostEvents)
            {
                return At(test, cell, $"the test is too large: it has more than {EventGraph.MostEvents} accesses and fences");
            }
        }

        return null;
    }

    private static IEnumerable<LitmusCell> Cells(LitmusTest test) => test.Columns.SelectMany(column => column.Cells);

    private static int InterruptTarget(LitmusCell cell) => cell switch
    {
        DmaMessageCell message => message.Target,
        DmaIntxCell pin => pin.Target,
        _ => -1,
    };

    private static LitmusDiagnostic At(LitmusTest test, LitmusCell cell, string message) => new(test.Path, cell.Line, cell.Column, message);
}
