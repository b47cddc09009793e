namespace Emulator.Devices;

/// <summary>A direct-access block device (SPC-3, SBC-3) on a parallel SCSI bus, with a <see cref="Disk"/> behind it (docs/devices/scsi-hd.md).</summary>
/// <remarks>
/// Everything is on the controller's I/O thread; only <see cref="PowerOn"/> comes from elsewhere, and is carried out there before anything else.
/// A task asks the disk for one thing at a time; tasks overlap, and end in whatever order the disk does.
/// </remarks>
public sealed class ScsiDisk : ScsiLogicalUnit
{
    /// <summary>Tasks at a time; the next one is told TASK SET FULL.</summary>
    public const int MaximumTasks = 64;

    // What asks for sense data, or who is there, is let in above that.
    private const int Reserve = 8;

    private readonly ScsiTaskSet _tasks = new();
    private readonly ScsiTaskPool<ScsiDiskTask> _pool;
    private readonly ScsiDiskRequest _flush = new(null);
    private readonly Work _work;
    private IoQueue? _queue;
    private ScsiSense? _sense;
    private ScsiSense? _attention = ScsiSense.WasReset;
    private int _abandoned;        // Given up, with something at the disk.
    private int _generation;
    private int _isPoweredOn;      // Set by any thread.

    /// <summary>A disk that is on no bus.</summary>
    /// <param name="disk">What is behind it, for this unit alone.</param>
    /// <param name="identity">What it says of itself.</param>
    public ScsiDisk(Disk disk, ScsiDiskIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(disk);
        ArgumentNullException.ThrowIfNull(identity);
        (Backing, Identity, _work) = (disk, identity, new Work(this));
        _pool = new(() => new ScsiDiskTask(this));
    }

    internal Disk Backing { get; }

    internal ScsiDiskIdentity Identity { get; }

    internal ScsiBuffers Buffers { get; } = new();

    internal ScsiBus? Bus { get; private set; }

    internal int Target { get; private set; }

    internal int BlockSize => Backing.Properties.LogicalBlockSize;

    /// <summary>True between a STOP and a START.</summary>
    internal bool IsStopped { get; set; }

    /// <inheritdoc/>
    public override ScsiTask Start(ReadOnlySpan<byte> command, ScsiTaskAttribute attribute, object? context)
    {
        CatchUp();
        var task = _pool.Take();
        task.Set(command, attribute, context);
        var isAlways = task.Operation?.Traits.HasFlag(ScsiTraits.Always) ?? false;
        if (_tasks.Count + _abandoned >= MaximumTasks + (isAlways ? Reserve : 0))
        {
            task.End(ScsiStatus.TaskSetFull);
            return task;
        }

        // While sense data waits to be asked for (contingent allegiance), what is without a tag does not overlap.
        var overlaps = !isAlways && _sense is null && _tasks.Overlaps(attribute);
        ForgetSense(task);
        _tasks.Add(task);
        if (overlaps)
        {
            task.Fail(ScsiSense.Overlapped);
        }
        else if (isAlways || _tasks.NextToBegin() == task)
        {
            task.Begin();
        }

        return task;
    }

    /// <inheritdoc/>
    public override void AbortAll()
    {
        CatchUp();
        GiveUpAll();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        GiveUpAll();
        IsStopped = false;
        _attention = ScsiSense.WasReset;

        // What was written while the guest had switched a cache on is as stable as it is told to be from now on.
        var mustFlush = Backing.HasWriteCache && !Backing.Properties.HasWriteCache;
        Backing.HasWriteCache = Backing.Properties.HasWriteCache;
        if (mustFlush && !_flush.IsUnderWay)
        {
            Flush();
        }
    }

    /// <inheritdoc/>
    public override void PowerOn()
    {
        Volatile.Write(ref _isPoweredOn, 1);
        _queue!.Post(_work);
    }

    /// <inheritdoc/>
    protected internal override void Attach(ScsiBus bus, IoQueue queue, int target, int lun)
    {
        ArgumentNullException.ThrowIfNull(queue);
        (Bus, _queue, Target, _generation) = (bus, queue, target, queue.Generation);
        Backing.Connect(queue, _work);
    }

    /// <summary>True if all the blocks are there.</summary>
    /// <param name="block">As the initiator wrote it: negative if it has more than 63 bits.</param>
    /// <param name="count">At most 32 bits.</param>
    internal bool Contains(long block, long count) => block >= 0 && block <= Backing.Blocks && count <= Backing.Blocks - block;

    /// <summary>Why the task cannot be carried out, or null. Reports a unit attention condition, once.</summary>
    internal ScsiSense? Refusal(ScsiDiskTask task)
    {
        var traits = task.Operation?.Traits ?? ScsiTraits.None;
        if (!traits.HasFlag(ScsiTraits.Always) && _attention is { } attention)
        {
            _attention = null;
            return attention;
        }

        if (task.Operation is not { } operation)
        {
            return ScsiOperationTable.Unknown(task.Command);
        }

        if (task.Command.Length < operation.Length)
        {
            return ScsiSense.InvalidField;
        }

        if (operation.FirstReserved(task.Command) is { } index)
        {
            return ScsiSense.InvalidField with { Field = index };
        }

        if (traits.HasFlag(ScsiTraits.Medium) && (IsStopped || Backing.Blocks == 0))
        {
            return IsStopped ? ScsiSense.Stopped : ScsiSense.NoMedium;
        }

        return traits.HasFlag(ScsiTraits.Change) && Backing.IsReadOnly ? ScsiSense.WriteProtected : null;
    }

    /// <summary>Keeps the sense data of a task that is about to end, for REQUEST SENSE.</summary>
    /// <returns>False if another's are there, which the initiator has to take first: their statuses may still be on the way to it.</returns>
    internal bool KeepSense(ScsiDiskTask task, ScsiSense sense)
    {
        if (_sense is not null && (ScsiOperationCode)task.Command.Operation != ScsiOperationCode.RequestSense)
        {
            return false;
        }

        _sense = sense;
        return true;
    }

    /// <summary>What REQUEST SENSE says (SPC-3, 6.27), once.</summary>
    internal ScsiSense TakeSense()
    {
        var sense = _sense ?? _attention ?? (IsStopped ? ScsiSense.Stopped : ScsiSense.None);
        if (_sense is null)
        {
            _attention = null;
        }

        _sense = null;
        _queue!.Post(_work);
        return sense;
    }

    /// <summary>A task has ended: others may have their turn.</summary>
    internal void Ended(ScsiDiskTask task)
    {
        _tasks.Remove(task);
        _pool.Return(task);
        if (_tasks.Count > 0)
        {
            _queue!.Post(_work);
        }
    }

    /// <summary>A task was given up: others may have their turn.</summary>
    internal void Aborted(ScsiDiskTask task)
    {
        _tasks.Remove(task);
        Abandon(task);
        _queue!.Post(_work);
    }

    // A command without a tag says that its initiator has seen how all before it ended. A tagged one does not, but it is not
    // made to wait for a REQUEST SENSE that may never come.
    private void ForgetSense(ScsiDiskTask task)
    {
        if (_sense is null || (ScsiOperationCode)task.Command.Operation == ScsiOperationCode.RequestSense)
        {
            return;
        }

        var hasHeld = _tasks.FirstHeld() is not null;
        if (task.Attribute == ScsiTaskAttribute.Untagged || hasHeld)
        {
            _sense = null;
        }

        if (hasHeld)
        {
            _queue!.Post(_work);
        }
    }

    // A reset of the queue drops what was posted, and with it whoever waited for the tasks.
    private void CatchUp()
    {
        if (_generation != _queue!.Generation)
        {
            _generation = _queue.Generation;
            GiveUpAll();
            _queue.Post(_work);
        }

        if (Volatile.Read(ref _isPoweredOn) != 0)
        {
            Volatile.Write(ref _isPoweredOn, 0);
            Reset();
        }
    }

    private void GiveUpAll()
    {
        Backing.Cancel();
        for (var index = 0; index < _tasks.Count; index++)
        {
            _tasks[index].Abandon();
            Abandon(_tasks[index]);
        }

        _tasks.Clear();
        _sense = null;
    }

    private void Abandon(ScsiDiskTask task)
    {
        if (task.IsUnderWay)
        {
            _abandoned++;
        }
        else
        {
            _pool.Return(task);
        }
    }

    private void Flush()
    {
        (_flush.Operation, _flush.IsUnderWay) = (BlockOperation.Flush, true);
        Backing.Submit(_flush);
    }

    private void Completed(ScsiDiskRequest request)
    {
        request.IsUnderWay = false;
        if (request.Task is not { } task)
        {
            if (request.Status == BlockStatus.Cancelled)
            {
                Flush();
            }
        }
        else
        {
            // It may be someone else's task on return.
            var isAbandoned = task.IsAborted;
            task.Completed();
            if (isAbandoned)
            {
                _abandoned--;
                _pool.Return(task);
            }
            else
            {
                Tell(task);
            }
        }
    }

    private void Tell(ScsiTask task)
    {
        if (task.State != ScsiTaskState.Busy)
        {
            Bus!.Initiator.TaskReady(task);
        }
    }

    // One step; false if there is nothing to do.
    private bool Step()
    {
        if (Backing.TryTake(out var request))
        {
            Completed((ScsiDiskRequest)request);
        }
        else if (_tasks.NextToBegin() is { } next)
        {
            next.Begin();
            Tell(next);
        }
        else if (_sense is null && _tasks.FirstHeld() is { } held)
        {
            held.FailHeld();
            Tell(held);
        }
        else
        {
            return false;
        }

        return true;
    }

    private sealed class Work(ScsiDisk disk) : IoWork
    {
        private const int Budget = 64;

        protected internal override void Run()
        {
            for (var step = 0; step < Budget && !disk._queue!.IsStale; step++)
            {
                disk.CatchUp();
                if (!disk.Step())
                {
                    return;
                }
            }

            disk._queue!.Post(this);
        }
    }
}
