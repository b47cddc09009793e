using Emulator.Memory;

namespace Emulator.Host.Tracing;

/// <summary>Goes along a function's program and says what is owed where: the bus's table, the device's own fences, its sites.</summary>
internal sealed class ProgramOrder(IOrderCheck check, PairsFound found)
{
    private DmaDirection? _last;
    private string? _thread;
    private TraceEvent? _word;

    /// <summary>The next event of the function.</summary>
    public void Take(TraceEvent line)
    {
        if (line.Kind == TraceKind.Fence)
        {
            TakeFence(line);
            return;
        }

        found.Accesses++;
        if (line.Status is not (null or TraceEvent.Waiting))
        {
            // Of an access that was refused it is not known how much of it there was, nor does it count as the last one.
            _last = null;
            return;
        }

        if (line.Kind == TraceKind.Message)
        {
            TakeMessage(line);
            return;
        }

        _thread = line.Thread;
        var isWrite = line.Kind != TraceKind.Read;
        var direction = isWrite ? DmaDirection.Write : DmaDirection.Read;
        if (!line.Relaxed && DmaOrderings.TryParse(line.Ordering, out var ordering, out _))
        {
            check.Owe(new Obligation(DmaOrderings.Between(ordering, _last, direction), line, IsBus: true));
        }

        _last = line.Relaxed ? null : direction;
        if (line.Kind == TraceKind.Publish)
        {
            check.Owe(new Obligation(DmaFence.Release, line, IsBus: false));
        }

        check.Issued(Pairs(line));
        check.Access(line, isWrite);
        FindSwapped(line);
    }

    /// <summary>A processor has read a register of the function.</summary>
    public void Flush(TraceEvent read) => check.Flush(read);

    private void TakeFence(TraceEvent line)
    {
        // What another thread orders, a message's sender, the function's own program does not know of.
        if (line.Thread == _thread && line.Fences.Length > 0 && TraceNames.TryParse(line.Fences[0], out DmaFence fence))
        {
            var owed = new Obligation(fence, line, IsBus: false);
            check.Owe(owed);
            check.Issued(line.Mutation == "dropped" ? OrderedPairs.None : owed.Pairs);
        }
    }

    private void TakeMessage(TraceEvent line)
    {
        if (line.Thread != _thread)
        {
            check.Aside(line);
            return;
        }

        check.Owe(new Obligation(DmaFence.Release, line, IsBus: false));
        check.Issued(Pairs(line));
        check.Access(line, isWrite: true);
    }

    private void FindSwapped(TraceEvent line)
    {
        if (line.Mutation != "swapped")
        {
            return;
        }

        if (line.Kind == TraceKind.Publish)
        {
            _word = line;
        }
        else if (_word is { } word && word.Site == line.Site)
        {
            found.Pairs++;
            _word = null;
            if (check.IsBehind(line, word))
            {
                var rule = $"write before write: at {word.Site} the body comes first, then the word that hands it over; they were made the other way round";
                found.Violations.Add(new TraceViolation(word.Sequence, line.Sequence, rule));
            }
        }
    }

    private static OrderedPairs Pairs(TraceEvent line)
    {
        var pairs = OrderedPairs.None;
        foreach (var word in line.Fences)
        {
            pairs |= TraceNames.TryParse(word, out DmaFence fence) ? Obligation.Of(fence) : OrderedPairs.None;
        }

        return pairs;
    }
}
