using Emulator.Devices;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Fuzz.Scsi;

/// <summary>
/// A controller without SCRIPTS: a function whose registers are a CDB and a doorbell, so that a fuzzer's input reaches the units of a SCSI bus one act at a
/// time. It is the initiator of all of them, and holds them to what SCSI says.
/// </summary>
/// <remarks>
/// Acts are carried out on the I/O thread in the order in which they were rung. Besides what a bus has, an act ends a request of the back end, so that an
/// input says when and how each ends.
/// </remarks>
internal sealed class FuzzedScsiBus : PciFunction, IBusTarget, IScsiInitiator, IDisposable
{
    /// <summary>The units that there are; the next number is one that there is not.</summary>
    public const int Units = 3;

    /// <summary>Where the CDB is: 16 bytes.</summary>
    public const int Cdb = 0;

    /// <summary>The doorbell, 8 bytes written at once: see <see cref="ScsiAct"/>.</summary>
    public const int Doorbell = 16;

    /// <summary>How many blocks that were read have been compared with the model, 4 bytes.</summary>
    public const int Compared = 24;

    private const int Window = 32;
    private const int Budget = 16;

    // Rounds in which everything under way is moved on; a command has fewer pieces.
    private const int MostRounds = 20_000;

    private readonly FuzzSchedule _schedule;
    private readonly Lock _lock = new();
    private readonly IoQueue _queue;
    private readonly ScsiBus _bus;
    private readonly Work _work;
    private readonly byte[] _registers = new byte[Window];
    private readonly Queue<(ScsiAct Act, byte[] Cdb)> _acts = new();

    // All on the I/O thread.
    private readonly MemoryBackEnd[] _backEnds;
    private readonly DiskModel[] _models;
    private readonly List<FuzzedCommand> _live = [];
    private readonly bool[] _hasSense = new bool[Units + 1];
    private bool _isCalling;
    private int _rounds;
    private int _compared;

    /// <summary>A bus with three disks: one of small blocks, one of large ones beside it, and one that may only be read.</summary>
    public FuzzedScsiBus(string name, FuzzBoard board)
        : base(name, new PciIdentity(0x1234, 0x5C51, 0, 0x010000))
    {
        _schedule = board.Schedule;
        _queue = new IoQueue(board.Thread, name, _lock);
        _work = new Work(this);
        _bus = new ScsiBus(this, _queue);
        _models = [new(1200, 512), new(64, 4096), new(64, 512, isReadOnly: true)];
        _backEnds = [.. _models.Select(model => new MemoryBackEnd(model.Blocks * model.BlockSize, model.IsReadOnly, Complain))];
        for (var unit = 0; unit < Units; unit++)
        {
            var disk = new Disk(_backEnds[unit], new DiskProperties { LogicalBlockSize = _models[unit].BlockSize, PhysicalBlockSize = _models[unit].BlockSize });
            var (target, lun) = Place(unit);
            _bus.Attach(new ScsiDisk(disk, new ScsiDiskIdentity()), target, lun);
        }

        AddMemoryBar(0, Window, this, widest: 8);
    }

    /// <summary>Ends what runs.</summary>
    public void Dispose() => _queue.Dispose();

    /// <inheritdoc/>
    BusStatus IBusTarget.Read(ulong offset, int size, out ulong value)
    {
        lock (_lock)
        {
            BitConverter.TryWriteBytes(_registers.AsSpan(Compared), _compared);
            value = 0;
            for (var i = size - 1; i >= 0; i--)
            {
                value = (value << 8) | _registers[(int)offset + i];
            }
        }

        return BusStatus.Ok;
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Write(ulong offset, int size, ulong value)
    {
        lock (_lock)
        {
            if (offset == Doorbell && size == sizeof(ulong))
            {
                _acts.Enqueue((new ScsiAct(value), _registers[..Doorbell]));
                _queue.Post(_work);
            }
            else
            {
                for (var i = 0; i < size && (int)offset + i < Doorbell; i++)
                {
                    _registers[(int)offset + i] = (byte)(value >> (i * 8));
                }
            }
        }

        return BusStatus.Ok;
    }

    /// <inheritdoc/>
    void IScsiInitiator.TaskReady(ScsiTask task)
    {
        if (_isCalling)
        {
            Complain("ready", "a unit calls its initiator from within the initiator's call");
        }

        if (_live.Find(command => command.Task == task) is not { } command || task.Context != command)
        {
            Complain("ready", "a task is ready that nobody waits for");
        }
        else if (task.State == ScsiTaskState.Busy)
        {
            Complain("ready", $"{command} is ready and busy");
        }
        else
        {
            Look(command);
        }
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        _queue.Reset(() => { });
        lock (_lock)
        {
            _acts.Clear();
            Array.Clear(_registers);
        }

        // No work runs: the I/O thread's state is this thread's.
        Forget(static _ => true);
        _compared = 0;
        _bus.PowerOn();
    }

    private static (int Target, int Lun) Place(int unit) => unit switch { 0 => (0, 0), 1 => (0, 1), 2 => (1, 0), _ => (1, 5) };

    private void Complain(string kind, string detail) => _schedule.Report(kind, detail);

    private void Run()
    {
        for (var i = 0; i < Budget && !_queue.IsStale; i++)
        {
            (ScsiAct Act, byte[] Cdb) next;
            lock (_lock)
            {
                if (!_acts.TryPeek(out next))
                {
                    break;
                }
            }

            var isOver = Carry(next.Act, next.Cdb);
            lock (_lock)
            {
                if (isOver)
                {
                    _acts.TryDequeue(out _);
                }
                else
                {
                    // The units have their turn before it goes on.
                    _queue.Post(_work);
                    return;
                }
            }
        }

        foreach (var command in _live.FindAll(static command => command.IsEager))
        {
            Move(command, int.MaxValue);
        }

        lock (_lock)
        {
            if (_acts.Count > 0)
            {
                _queue.Post(_work);
            }
        }
    }

    // False if it is to be carried on with.
    private bool Carry(ScsiAct act, byte[] cdb)
    {
        switch (act.Verb)
        {
            case ScsiVerb.Start:
                Start(cdb.AsSpan(0, Math.Min(act.Which, cdb.Length)), act);
                break;
            case ScsiVerb.Move when _live.Count > 0:
                Move(_live[act.Of(_live.Count)], act.Value == 0 ? int.MaxValue : (int)(act.Value & 0xF_FFFF));
                break;
            case ScsiVerb.Abort when _live.Count > 0:
                var given = _live[act.Of(_live.Count)];
                Call(given.Task!.Abort);
                Forget(command => command == given);
                break;
            case ScsiVerb.AbortAll when _bus.Unit(Place(act.Unit).Target, Place(act.Unit).Lun) is { } unit:
                Call(unit.AbortAll);
                Forget(command => command.Unit == act.Unit);
                break;
            case ScsiVerb.ResetUnit when _bus.Unit(Place(act.Unit).Target, Place(act.Unit).Lun) is { } unit:
                Call(unit.Reset);
                Forget(command => command.Unit == act.Unit);
                break;
            case ScsiVerb.ResetTarget:
                Call(() => _bus.ResetTarget(act.Unit & 1));
                Forget(command => Place(command.Unit).Target == (act.Unit & 1));
                break;
            case ScsiVerb.ResetAll:
                Call(_bus.ResetAll);
                Forget(static _ => true);
                break;
            case ScsiVerb.End when act.Unit < Units:
                _backEnds[act.Unit].End(act.Of(_backEnds[act.Unit].Held), (BlockStatus)(act.Value & 0xF));
                break;
            case ScsiVerb.Settle:
                return Settle();
            default:
                break;
        }

        return true;
    }

    private void Start(ReadOnlySpan<byte> cdb, ScsiAct act)
    {
        if (cdb.IsEmpty)
        {
            return;
        }

        var block = new CommandBlock(cdb);
        var command = new FuzzedCommand(block, act.Unit, act.Unit < Units ? _models[act.Unit] : null, act.Value, act.IsEager)
        {
            MustHaveSense = block.Code == FuzzedCommand.RequestSense && _hasSense[act.Unit],
        };
        _hasSense[act.Unit] = false;
        var (target, lun) = Place(act.Unit);
        _isCalling = true;
        var task = _bus.Start(target, lun, cdb, act.Attribute, command);
        _isCalling = false;
        if (_live.Exists(other => other.Task == task))
        {
            Complain("task", $"{command} is given a task that another one has");
        }

        command.Task = task;
        _live.Add(command);
        Look(command);
    }

    private void Move(FuzzedCommand command, int most)
    {
        if (command.Task!.State is not (ScsiTaskState.DataIn or ScsiTaskState.DataOut))
        {
            return;
        }

        var compared = command.Compared;
        _isCalling = true;
        var wrong = command.Move(most);
        _isCalling = false;
        _compared += command.Compared - compared;
        if (wrong is not null)
        {
            Complain("data", wrong);
        }

        Look(command);
    }

    // What has become of it.
    private void Look(FuzzedCommand command)
    {
        var task = command.Task!;
        var hasData = task.State is ScsiTaskState.DataIn or ScsiTaskState.DataOut;
        if (hasData == task.Data.IsEmpty)
        {
            Complain("data", $"{command} has {task.Data.Length} bytes in {task.State}");
        }

        if (hasData && command.IsEager)
        {
            _queue.Post(_work);
        }

        if (task.State == ScsiTaskState.Ended)
        {
            _live.Remove(command);
            _hasSense[command.Unit] = task.Status == ScsiStatus.CheckCondition;
            if (command.End(task.Status) is { } wrong)
            {
                Complain("end", wrong);
            }
        }
    }

    private void Forget(Predicate<FuzzedCommand> which)
    {
        Array.Clear(_hasSense);
        foreach (var command in _live.FindAll(which))
        {
            command.End(null);
            _live.Remove(command);
        }
    }

    private void Call(Action call)
    {
        _isCalling = true;
        call();
        _isCalling = false;
    }

    // Moves everything on until nothing is under way: then every command has ended.
    private bool Settle()
    {
        for (var unit = 0; unit < Units; unit++)
        {
            for (var held = _backEnds[unit].Held; held > 0; held--)
            {
                _backEnds[unit].End(0, BlockStatus.Ok);
            }
        }

        foreach (var command in _live.ToArray())
        {
            Move(command, int.MaxValue);
        }

        // What has failed may wait for the sense data of another to be taken.
        for (var unit = 0; unit < Units && _rounds % 8 == 7; unit++)
        {
            if (_live.Exists(command => command.Unit == unit))
            {
                Start([FuzzedCommand.RequestSense, 0, 0, 0, 252, 0], new ScsiAct(ScsiVerb.Start, 6, (byte)unit, ScsiTaskAttribute.Simple, isEager: true));
            }
        }

        if (_live.Count > 0 && ++_rounds < MostRounds)
        {
            return false;
        }

        if (_live.Count > 0)
        {
            Complain("no end", $"{_live[0]} does not end; it is {_live[0].Task!.State}");
        }

        _rounds = 0;
        return true;
    }

    private sealed class Work(FuzzedScsiBus bus) : IoWork
    {
        protected override void Run() => bus.Run();
    }
}
