using System.Runtime.InteropServices;

namespace Emulator.Devices.Tests;

/// <summary>Commands at random: what they leave on the disk, and what holds whatever they are.</summary>
public sealed class ScsiRandomTests(ITestOutputHelper output) : IDisposable
{
    private const int Lanes = 8;
    private const int LaneBlocks = 600;
    private const int Block = 512;

    private static readonly byte[] s_codes =
    [
        0x00, 0x03, 0x08, 0x0A, 0x12, 0x15, 0x1A, 0x1B, 0x1D, 0x25, 0x28, 0x2A, 0x2E, 0x2F, 0x35, 0x37, 0x41, 0x42, 0x55, 0x5A,
        0x88, 0x8A, 0x8E, 0x8F, 0x91, 0x93, 0x9E, 0xA0, 0xA3, 0xA8, 0xAA, 0xAE, 0xAF, 0xB7,
    ];

    private readonly ShufflingBackEnd _backEnd = new(new RamBackEnd(Lanes * LaneBlocks * Block));
    private readonly int _seed = Environment.TickCount;

    public void Dispose() => _backEnd.Dispose();

    // Each lane has a part of the disk and one command at a time, so that what is on it is certain; the lanes' requests end in any order.
    [Fact]
    public void Commands_side_by_side_leave_the_disk_as_a_model_of_it()
    {
        output.WriteLine($"seed {_seed}");
        Random random = new(_seed);
        using ScsiRig rig = new(_backEnd);
        rig.TakeAttention();
        Lane[] lanes = [.. Enumerable.Range(0, Lanes).Select(index => new Lane(rig, index * LaneBlocks))];
        for (var step = 0; step < 2000; step++)
        {
            if (_backEnd.Held.Count > 0 && random.Next(2) == 0)
            {
                _backEnd.End(random);
                rig.Settle();
            }

            lanes[random.Next(Lanes)].Step(random);
        }

        foreach (var lane in lanes)
        {
            while (!lane.IsIdle)
            {
                while (_backEnd.Held.Count > 0)
                {
                    _backEnd.End(random);
                    rig.Settle();
                }

                lane.Step(random);
            }
        }

        foreach (var lane in lanes)
        {
            var task = rig.Start(ScsiRig.Command10(0x28, lane.First, LaneBlocks));
            ScsiRig.Transfer transfer = new([]);
            while (task.State != ScsiTaskState.Ended)
            {
                while (_backEnd.Held.Count > 0)
                {
                    _backEnd.End(random);
                    rig.Settle();
                }

                rig.Finish(task, transfer);
            }

            Assert.True(CollectionsMarshal.AsSpan(transfer.Received).SequenceEqual(lane.Model), $"lane at {lane.First}");
        }
    }

    [Fact]
    public void Whatever_the_command_it_ends_once_and_the_disk_goes_on()
    {
        output.WriteLine($"seed {_seed}");
        Random random = new(_seed);
        using ScsiRig rig = new(_backEnd);
        List<ScsiTask> tasks = [];
        var data = new byte[256];
        for (var step = 0; step < 4000; step++)
        {
            switch (random.Next(10))
            {
                case < 4:
                    tasks.Add(rig.Start(Anything(random), Attribute(random), random.Next(40) == 0 ? 3 : 0));
                    break;
                case < 7 when _backEnd.Held.Count > 0:
                    _backEnd.End(random, random.Next(6) == 0 ? (BlockStatus)random.Next(2, 7) : BlockStatus.Ok);
                    rig.Settle();
                    break;
                case < 9 when tasks.Count > 0:
                    Continue(rig, tasks[random.Next(tasks.Count)], random, data);
                    break;
                case 9 when random.Next(20) == 0 && tasks.Count > 0:
                    var given = tasks[random.Next(tasks.Count)];
                    rig.OnThread(given.Abort);
                    tasks.Remove(given);
                    break;
                case 9 when random.Next(60) == 0:
                    Reset(rig, random);
                    tasks.Clear();
                    break;
            }

            Check(rig, tasks);
        }

        rig.OnThread(rig.Unit.Reset);
        while (_backEnd.Held.Count > 0)
        {
            _backEnd.End(random);
        }

        rig.Settle();
        rig.TakeAttention();
        Assert.Equal((ScsiStatus.Good, ""), rig.Run(ScsiRig.TestUnitReady));
    }

    private static void Continue(ScsiRig rig, ScsiTask task, Random random, byte[] data) => rig.OnThread(() =>
    {
        if (task.State is ScsiTaskState.DataIn or ScsiTaskState.DataOut)
        {
            random.NextBytes(data);
            if (task.State == ScsiTaskState.DataOut)
            {
                data.AsSpan(0, Math.Min(data.Length, task.Data.Length)).CopyTo(task.Data.Span);
            }

            task.Continue(random.Next(4) == 0 ? random.Next(task.Data.Length + 1) : task.Data.Length);
        }
    });

    private static void Reset(ScsiRig rig, Random random)
    {
        switch (random.Next(3))
        {
            case 0:
                rig.OnThread(rig.Bus.ResetAll);
                break;
            case 1:
                rig.OnThread(rig.Unit.AbortAll);
                break;
            default:
                rig.Queue.Reset(() => { });
                rig.Bus.PowerOn();
                rig.Settle();
                break;
        }

        rig.Ready.Clear();
    }

    private void Check(ScsiRig rig, List<ScsiTask> tasks)
    {
        Assert.True(rig.Ready.TrueForAll(tasks.Contains));
        rig.Ready.Clear();
        Assert.True(_backEnd.Held.Count <= ScsiDisk.MaximumTasks + 8);
        foreach (var request in _backEnd.Held)
        {
            Assert.True(request.Length <= 32 << 20 && request.Offset + request.Length <= _backEnd.Length);
        }

        foreach (var task in tasks)
        {
            var hasData = task.State is ScsiTaskState.DataIn or ScsiTaskState.DataOut;
            Assert.True(hasData == !task.Data.IsEmpty && task.Data.Length <= 128 * 1024);
        }

        tasks.RemoveAll(task => task.State == ScsiTaskState.Ended);
    }

    private static ScsiTaskAttribute Attribute(Random random) => random.Next(20) switch
    {
        0 => ScsiTaskAttribute.Untagged,
        1 => ScsiTaskAttribute.Ordered,
        2 => ScsiTaskAttribute.HeadOfQueue,
        _ => ScsiTaskAttribute.Simple,
    };

    // Mostly a command that there is, with few bits set; sometimes of the wrong length, or noise.
    private static byte[] Anything(Random random)
    {
        var code = s_codes[random.Next(s_codes.Length)];
        var command = new byte[random.Next(20) == 0 ? random.Next(0, 18) : (code >> 5) switch { 0 => 6, 4 => 16, 5 => 12, _ => 10 }];
        if (random.Next(20) == 0)
        {
            random.NextBytes(command);
            return command;
        }

        for (var bits = random.Next(6); bits > 0 && command.Length > 1; bits--)
        {
            command[random.Next(1, command.Length)] |= (byte)(1 << random.Next(8));
        }

        if (command.Length > 0)
        {
            command[0] = code;
            if (code is 0x9E or 0xA3 && command.Length > 1)
            {
                command[1] = code == 0x9E ? (byte)0x10 : (byte)0x0C;
            }
        }

        return command;
    }

    private sealed class Lane(ScsiRig rig, int first)
    {
        private ScsiTask? _task;
        private ScsiRig.Transfer _transfer = new([]);
        private byte[]? _expected;
        private uint _place;

        public uint First => (uint)first;

        public byte[] Model { get; } = new byte[LaneBlocks * Block];

        public bool IsIdle => _task is null;

        public void Step(Random random)
        {
            if (_task is null)
            {
                Begin(random);
                return;
            }

            rig.Finish(_task, _transfer);
            if (_task.State == ScsiTaskState.Ended)
            {
                Assert.Equal(ScsiStatus.Good, _task.Status);
                if (_expected is not null)
                {
                    Assert.True(CollectionsMarshal.AsSpan(_transfer.Received).SequenceEqual(_expected), $"a read at {_place}");
                }

                _task = null;
            }
        }

        private void Begin(Random random)
        {
            var start = random.Next(LaneBlocks);
            var count = random.Next(1, Math.Min(random.Next(3) == 0 ? 600 : 20, LaneBlocks - start) + 1);
            var place = (uint)(first + start);
            var part = Model.AsSpan(start * Block, count * Block);
            byte[] data = [];
            byte[] command;
            (_expected, _place) = (null, place);
            switch (random.Next(8))
            {
                case 0:
                    command = ScsiRig.Command10((byte)(random.Next(2) == 0 ? 0x2A : 0x2E), place, count, (byte)(random.Next(2) << 4));
                    data = Noise(random, part);
                    break;
                case 1:
                    command = ScsiRig.Command16(0x8A, place, (uint)count, (byte)(random.Next(2) << 3));
                    data = Noise(random, part);
                    break;
                case 2:
                    command = ScsiRig.Command10(0x2F, place, count, 0x02);
                    data = part.ToArray();
                    break;
                case 3:
                    command = ScsiRig.Command10(0x41, place, count);
                    data = Noise(random, part[..Block]);
                    Repeat(part);
                    break;
                case 4:
                    command = ScsiRig.Command16(0x93, place, (uint)count, (byte)(0x01 | (random.Next(2) << 3)));
                    part.Clear();
                    break;
                case 5:
                    command = ScsiRig.Command10(0x42, 0, 24);
                    data = ScsiTransferTests.Unmap((place, (uint)count));
                    part.Clear();
                    break;
                default:
                    command = ScsiRig.Command12(0xA8, place, (uint)count, (byte)(random.Next(2) << 3));
                    _expected = part.ToArray();
                    break;
            }

            _transfer = new(data);
            _task = rig.Start(command);
        }

        private static byte[] Noise(Random random, Span<byte> part)
        {
            random.NextBytes(part);
            return part.ToArray();
        }

        private static void Repeat(Span<byte> part)
        {
            for (var at = Block; at < part.Length; at += Block)
            {
                part[..Block].CopyTo(part[at..]);
            }
        }
    }
}
