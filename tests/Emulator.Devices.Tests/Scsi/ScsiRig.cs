using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace Emulator.Devices.Tests;

/// <summary>A bus with one disk, and the initiator, which is the test. What the disk posts runs when the rig says so, on the test's thread.</summary>
internal sealed class ScsiRig : IScsiInitiator, IDisposable
{
    private readonly IoThread _thread;
    private readonly ConcurrentQueue<Exception> _failures = new();

    /// <summary>A disk at target 1, logical unit 0.</summary>
    public ScsiRig(IBlockBackEnd backEnd, DiskProperties? properties = null, ScsiDiskIdentity? identity = null)
    {
        _thread = new IoThread("scsi", (_, e) => _failures.Enqueue(e));
        Queue = new IoQueue(_thread, "scsi");
        Bus = new ScsiBus(this, Queue);
        Disk = new Disk(backEnd, properties ?? new());
        Unit = new ScsiDisk(Disk, identity ?? new());
        Bus.Attach(Unit, 1, 0);
    }

    public IoQueue Queue { get; }

    public ScsiBus Bus { get; }

    public Disk Disk { get; }

    public ScsiDisk Unit { get; }

    /// <summary>Told of by TaskReady since it was last cleared.</summary>
    public List<ScsiTask> Ready { get; } = [];

    /// <summary>A disk of zeroes in memory whose unit attention condition has been taken.</summary>
    public static ScsiRig OfRam(long length = 1 << 20, DiskProperties? properties = null)
    {
        ScsiRig rig = new(new RamBackEnd(length), properties);
        rig.TakeAttention();
        return rig;
    }

    public void TakeAttention() => Assert.Equal((ScsiStatus.CheckCondition, "06/29/00"), Run(TestUnitReady));

    public static byte[] TestUnitReady => new byte[6];

    public void TaskReady(ScsiTask task) => Ready.Add(task);

    /// <summary>Waits until the disk has nothing more to do by itself.</summary>
    public void Settle()
    {
        do
        {
            Queue.Drain();
        }
        while (Queue.Posted != Queue.Completed);
        Assert.Empty(_failures);
    }

    /// <summary>On the disk's thread, as a controller.</summary>
    public void OnThread(Action act)
    {
        Exception? failure = null;
        Queue.Post(new Act(() =>
        {
            try
            {
                act();
            }
            catch (Exception e)
            {
                failure = e;
            }
        }));
        Settle();
        if (failure is not null)
        {
            throw new InvalidOperationException("on the I/O thread", failure);
        }
    }

    public ScsiTask Start(byte[] command, ScsiTaskAttribute attribute = ScsiTaskAttribute.Simple, int lun = 0)
    {
        ScsiTask? task = null;
        OnThread(() => task = Bus.Start(1, lun, command, attribute, null));
        return task!;
    }

    /// <summary>Carries on until the task ends, or waits for the back end.</summary>
    public void Finish(ScsiTask task, Transfer transfer)
    {
        for (var pieces = 0; pieces < 10_000 && task.State is ScsiTaskState.DataIn or ScsiTaskState.DataOut; pieces++)
        {
            OnThread(() => task.Continue(transfer.Move(task)));
        }
    }

    /// <summary>Starts a command and carries it out; a failed one is followed by REQUEST SENSE.</summary>
    public (ScsiStatus Status, string Sense) Run(byte[] command, byte[]? data = null, int lun = 0) => Run(command, out _, data, lun);

    public (ScsiStatus Status, string Sense) Run(byte[] command, out byte[] reply, byte[]? data = null, int lun = 0)
    {
        var transfer = new Transfer(data ?? []);
        var task = Start(command, lun: lun);
        Settle();
        Finish(task, transfer);
        Assert.Equal(ScsiTaskState.Ended, task.State);
        reply = [.. transfer.Received];
        return (task.Status, task.Status == ScsiStatus.CheckCondition ? Sense(lun) : "");
    }

    /// <summary>What a command says, which goes well.</summary>
    public byte[] Ask(byte[] command, byte[]? data = null)
    {
        Assert.Equal((ScsiStatus.Good, ""), Run(command, out var reply, data));
        return reply;
    }

    /// <summary>REQUEST SENSE, as "key/code/qualifier".</summary>
    public string Sense(int lun = 0)
    {
        var transfer = new Transfer([]);
        var task = Start([0x03, 0, 0, 0, 255, 0], ScsiTaskAttribute.Untagged, lun);
        Finish(task, transfer);
        Assert.Equal(ScsiStatus.Good, task.Status);
        LastSense = [.. transfer.Received];
        return $"{LastSense[2]:X2}/{LastSense[12]:X2}/{LastSense[13]:X2}";
    }

    /// <summary>What it said last, whole.</summary>
    public byte[] LastSense { get; private set; } = [];

    public void Dispose() => _thread.Dispose();

    public static byte[] Command10(byte code, uint block, int count, byte flags = 0)
    {
        var command = new byte[10];
        (command[0], command[1]) = (code, flags);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(2), block);
        BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(7), (ushort)count);
        return command;
    }

    public static byte[] Command12(byte code, uint block, uint count, byte flags = 0)
    {
        var command = new byte[12];
        (command[0], command[1]) = (code, flags);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(2), block);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(6), count);
        return command;
    }

    public static byte[] Command16(byte code, ulong block, uint count, byte flags = 0)
    {
        var command = new byte[16];
        (command[0], command[1]) = (code, flags);
        BinaryPrimitives.WriteUInt64BigEndian(command.AsSpan(2), block);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(10), count);
        return command;
    }

    /// <summary>The initiator's side of a data phase.</summary>
    public sealed class Transfer(byte[] send)
    {
        private int _sent;

        public List<byte> Received { get; } = [];

        /// <summary>The most to take; then the phase ends early.</summary>
        public int Room { get; init; } = int.MaxValue;

        public int Move(ScsiTask task)
        {
            Assert.False(task.Data.IsEmpty);
            if (task.State == ScsiTaskState.DataIn)
            {
                var taken = Math.Min(task.Data.Length, Room - Received.Count);
                Received.AddRange(task.Data.Span[..taken]);
                return taken;
            }

            var count = Math.Min(task.Data.Length, send.Length - _sent);
            send.AsSpan(_sent, count).CopyTo(task.Data.Span);
            _sent += count;
            return count;
        }
    }

    private sealed class Act(Action act) : IoWork
    {
        protected internal override void Run() => act();
    }
}
