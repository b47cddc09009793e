using Emulator.Memory;

namespace Emulator.Host.Litmus;

/// <summary>Makes the events of a test under an ordering: its accesses, and the fences that the bus and the devices put between them.</summary>
internal sealed class EventBuilder
{
    private readonly LitmusTest _test;
    private readonly DmaOrdering _ordering;
    private readonly List<LitmusEvent> _events = [];
    private readonly List<LitmusStep>[] _steps;
    private int _column;
    private int _line;
    private DmaDirection? _last;
    private int _messages;

    private EventBuilder(LitmusTest test, DmaOrdering ordering)
    {
        _test = test;
        _ordering = ordering;
        _steps = [.. test.Columns.Select(_ => new List<LitmusStep>())];
    }

    /// <summary>The events, in the order of columns and programs, and for each column which cell made which.</summary>
    public static (LitmusEvent[] Events, List<LitmusStep>[] Steps) Build(LitmusTest test, DmaOrdering ordering)
    {
        var builder = new EventBuilder(test, ordering);
        for (var i = 0; i < test.Columns.Length; i++)
        {
            builder.AddColumn(i);
        }

        return ([.. builder._events], builder._steps);
    }

    private void AddColumn(int index)
    {
        _column = index;
        _line = 0;
        _last = null;
        if (_test.Columns.Any(column => column.Cells.Any(cell => cell is DoorbellCell bell && bell.Target == index)))
        {
            Add(EventKinds.Start);
        }

        foreach (var cell in _test.Columns[index].Cells)
        {
            _line = cell.Line;
            AddCell(cell);
        }
    }

    private void AddCell(LitmusCell cell)
    {
        switch (cell)
        {
            case LoadCell load:
                Step(cell, Add(EventKinds.Read, load.Location));
                break;
            case StoreCell store:
                Step(cell, Add(EventKinds.Write, store.Location));
                break;
            case MoveCell:
                Step(cell, -1);
                break;
            case ExchangeCell exchange:
                AddLocked(cell, exchange.Location);
                break;
            case LockAddCell add:
                AddLocked(cell, add.Location);
                break;
            case LockExchangeAddCell add:
                AddLocked(cell, add.Location);
                break;
            case FenceCell { Fence: VcpuFence.Mfence }:
                AddFence(DmaFence.Full);
                break;
            case WaitInterruptCell:
                Add(EventKinds.Interrupted);
                break;
            case FlushCell flush:
                Add(EventKinds.Flush, target: flush.Target);
                break;
            case DoorbellCell bell:
                Add(EventKinds.Doorbell, target: bell.Target);
                break;
            default:
                AddDma(cell);
                break;
        }
    }

    private void AddDma(LitmusCell cell)
    {
        switch (cell)
        {
            case DmaWriteCell write:
                Enter(DmaDirection.Write, write.Relaxed);
                Step(cell, Add(EventKinds.Write, write.Location));
                break;
            case DmaPublishCell publish:
                Enter(DmaDirection.Write, publish.Relaxed);
                AddFence(DmaFence.Release);
                Step(cell, Add(EventKinds.Write, publish.Location));
                break;
            case DmaReadCell read:
                Enter(DmaDirection.Read, read.Relaxed);
                Step(cell, Add(EventKinds.Read, read.Location));
                break;
            case DmaFillCell fill:
                Enter(DmaDirection.Write, fill.Relaxed);
                AddWords(cell, EventKinds.Write, fill.First, fill.Count);
                break;
            case DmaFetchCell fetch:
                Enter(DmaDirection.Read, fetch.Relaxed);
                AddWords(cell, EventKinds.Read, fetch.First, fetch.Count);
                break;
            case DmaBarrierCell barrier:
                AddFence(barrier.Fence);
                break;
            case DmaMessageCell message:
                AddMessage(message.Target);
                break;
            case DmaIntxCell pin:
                Add(EventKinds.Pin, target: pin.Target);
                break;
            default:
                // What is left is nothing to memory: lfence and sfence.
                break;
        }
    }

    /// <summary>The fence that the bus puts before an access.</summary>
    private void Enter(DmaDirection direction, bool relaxed)
    {
        if (!relaxed)
        {
            AddFence(DmaOrderings.Between(_ordering, _last, direction));
        }

        _last = relaxed ? null : direction;
    }

    /// <summary>One access of many words: nothing stands between them.</summary>
    private void AddWords(LitmusCell cell, EventKinds kind, int first, int count)
    {
        Step(cell, _events.Count);
        for (var i = 0; i < count; i++)
        {
            Add(kind, first + i);
        }
    }

    /// <summary>As DmaContext.SendMessage: behind everything, and leaving no last direction for the bus to remember.</summary>
    private void AddMessage(int target)
    {
        AddFence(DmaFence.Release);
        Add(EventKinds.Write | EventKinds.Message, _test.Locations.Length + _messages++, target: target);
        AddFence(DmaOrderings.Between(_ordering, DmaDirection.Write, DmaDirection.Read));
        _last = null;
    }

    private void AddLocked(LitmusCell cell, int location)
    {
        Step(cell, Add(EventKinds.Read | EventKinds.Locked, location));
        Add(EventKinds.Write | EventKinds.Locked, location);
    }

    private void AddFence(DmaFence fence)
    {
        if (fence != DmaFence.None)
        {
            Add(EventKinds.Fence, fence: fence);
        }
    }

    private int Add(EventKinds kinds, int location = -1, DmaFence fence = DmaFence.None, int target = -1)
    {
        _events.Add(new LitmusEvent(_events.Count, _column, kinds, location, fence, target, _line));
        return _events.Count - 1;
    }

    private void Step(LitmusCell cell, int firstEvent) => _steps[_column].Add(new LitmusStep(cell, firstEvent));
}

/// <summary>A cell that moves values, and the first of its reads and writes (-1 if it has none); the others follow it.</summary>
internal readonly record struct LitmusStep(LitmusCell Cell, int FirstEvent);
