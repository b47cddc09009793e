using System.Collections.Concurrent;

namespace Emulator.Devices.Tests;

/// <summary>A logical unit whose commands do as the test says: the first byte is what, bytes 1 to 3 are how much of it.</summary>
internal sealed class LsiTestUnit : ScsiLogicalUnit
{
    /// <summary>Ends at once.</summary>
    public const byte Nothing = 0x00;

    /// <summary>Data for the initiator: the length in bytes 2 to 4. A command of six bytes.</summary>
    public const byte Read = 0x08;

    /// <summary>Data of the initiator's, as <see cref="Read"/>.</summary>
    public const byte Write = 0x0A;

    /// <summary>As <see cref="Nothing"/>, in ten bytes.</summary>
    public const byte LongNothing = 0x2F;

    private readonly List<Command> _tasks = [];
    private ScsiBus? _bus;
    private IoQueue? _queue;

    /// <summary>Bytes of the pieces in which data comes and goes.</summary>
    public int PieceSize { get; set; } = 512;

    /// <summary>True if a command is busy until <see cref="Release"/>, from its start.</summary>
    public bool IsSlow { get; set; }

    /// <summary>True if it is, between the pieces of its data, too.</summary>
    public bool IsSlowBetween { get; set; }

    /// <summary>What commands end with.</summary>
    public ScsiStatus Status { get; set; }

    /// <summary>What came of the initiator.</summary>
    public List<byte> Written { get; } = [];

    /// <summary>The commands, as they came.</summary>
    public ConcurrentQueue<(byte[] Command, ScsiTaskAttribute Attribute)> Started { get; } = new();

    /// <summary>What was done to the unit.</summary>
    public ConcurrentQueue<string> Events { get; } = new();

    /// <summary>Byte i of the data of a READ.</summary>
    public static byte Pattern(int i) => (byte)((i * 7) ^ (i >> 8) ^ 0x5A);

    /// <summary>A command of six bytes.</summary>
    public static byte[] Of(byte operation, int length = 0) => [operation, 0, (byte)(length >> 16), (byte)(length >> 8), (byte)length, 0];

    /// <summary>Lets the busy command go on that is the n-th of those there are.</summary>
    public void Release(int index = 0) => _queue!.Post(new Work(() => _tasks.Where(task => task.State == ScsiTaskState.Busy).ElementAtOrDefault(index)?.GoOn()));

    public override ScsiTask Start(ReadOnlySpan<byte> command, ScsiTaskAttribute attribute, object? context)
    {
        Started.Enqueue((command.ToArray(), attribute));
        var task = new Command(this, command, context);
        _tasks.Add(task);
        return task;
    }

    public override void AbortAll()
    {
        Events.Enqueue("abort all");
        _tasks.Clear();
    }

    public override void Reset()
    {
        Events.Enqueue("reset");
        _tasks.Clear();
    }

    public override void PowerOn()
    {
        Events.Enqueue("power on");
        _tasks.Clear();
    }

    protected internal override void Attach(ScsiBus bus, IoQueue queue, int target, int lun) => (_bus, _queue) = (bus, queue);

    private sealed class Work(Action action) : IoWork
    {
        protected internal override void Run() => action();
    }

    private sealed class Command : ScsiTask
    {
        private readonly LsiTestUnit _unit;
        private readonly byte _operation;
        private readonly int _length;
        private int _done;

        public Command(LsiTestUnit unit, ReadOnlySpan<byte> command, object? context)
        {
            (_unit, _operation, Context) = (unit, command[0], context);
            _length = command.Length == 6 ? (command[2] << 16) | (command[3] << 8) | command[4] : 0;
            if (unit.IsSlow)
            {
                State = ScsiTaskState.Busy;
            }
            else
            {
                Next();
            }
        }

        public override void Continue(int moved)
        {
            if (_operation == Write)
            {
                _unit.Written.AddRange(Data.Span[..moved]);
            }

            _done += moved;
            if (moved < Data.Length)
            {
                _done = _length;
            }

            if (_unit.IsSlowBetween && _done < _length)
            {
                State = ScsiTaskState.Busy;
            }
            else
            {
                Next();
            }
        }

        public override void Terminate(ScsiSense sense)
        {
            _unit.Events.Enqueue($"terminated {(int)sense.Key:X2}/{sense.Code:X2}/{sense.Qualifier:X2}");
            (State, Status) = (ScsiTaskState.Ended, ScsiStatus.CheckCondition);
            _unit._tasks.Remove(this);
        }

        public override void Abort()
        {
            _unit.Events.Enqueue("abort");
            _unit._tasks.Remove(this);
        }

        public void GoOn()
        {
            Next();
            _unit._bus!.Initiator.TaskReady(this);
        }

        private void Next()
        {
            if (_done >= _length || _operation is not (Read or Write))
            {
                (State, Status) = (ScsiTaskState.Ended, _unit.Status);
                _unit._tasks.Remove(this);
                return;
            }

            var piece = new byte[Math.Min(_unit.PieceSize, _length - _done)];
            if (_operation == Read)
            {
                for (var i = 0; i < piece.Length; i++)
                {
                    piece[i] = Pattern(_done + i);
                }
            }

            (Data, State) = (piece, _operation == Read ? ScsiTaskState.DataIn : ScsiTaskState.DataOut);
        }
    }
}
