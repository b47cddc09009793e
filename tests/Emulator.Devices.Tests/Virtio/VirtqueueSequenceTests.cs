using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Every sequence of so many acts of a driver, with a device that is idle or works in between, against a model that counts.</summary>
public class VirtqueueSequenceTests
{
    // Nothing is left out: sizes up to four, with and without event indices, chains in the queue, in a table and in both, rings that wrap
    // after each act, indices that wrap, devices that return in order, backwards, and late.
    private const int Length = 4;

    private const VirtioFeatures Plain = VirtioFeatures.Version1 | VirtioFeatures.IndirectDescriptors;
    private const VirtioFeatures Events = Plain | VirtioFeatures.EventIndex;

    private static readonly ChainShape[] s_shapes = [ChainShape.Single, ChainShape.Pair, ChainShape.Table, ChainShape.Mixed];

    // Adding of each shape, publishing, telling if it is wanted, receiving, four ways to arm, the device's turn.
    private static readonly int s_acts = s_shapes.Length + 8;

    private static readonly int[] s_sizes = [1, 2, 4];
    private static readonly ushort[] s_starts = [0, 0xFFFE];

    public static TheoryData<int, bool, ushort> Queues =>
    [
        .. from size in s_sizes from start in s_starts from hasEvents in (bool[])[false, true] select new TheoryDataRow<int, bool, ushort>(size, hasEvents, start),
    ];

    [Theory]
    [MemberData(nameof(Queues))]
    public void Every_sequence_is_as_the_model_says(int size, bool hasEvents, ushort at)
    {
        foreach (var returns in Enum.GetValues<Returns>())
        {
            using var rig = new QueueRig(size, hasEvents ? Events : Plain);
            Assert.Null(Explore(rig, at, returns));
        }
    }

    public static TheoryData<string> Mistakes => [.. BrokenQueues.All.Keys];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_queue_that_is_broken_on_purpose_is_found(string mistake) =>
        Assert.Contains(s_sizes, size => FindMistake(BrokenQueues.All[mistake](), size, true) is not null || FindMistake(BrokenQueues.All[mistake](), size, false) is not null);

    private static string? FindMistake(QueueUnderTest queue, int size, bool hasEvents)
    {
        foreach (var returns in Enum.GetValues<Returns>())
        {
            using var rig = new QueueRig(size, hasEvents ? Events : Plain, queue);
            if (Explore(rig, 0xFFFE, returns) is { } mistake)
            {
                return mistake;
            }
        }

        return null;
    }

    private static string? Explore(QueueRig rig, ushort at, Returns returns)
    {
        var acts = new int[Length];
        for (var more = true; more; more = Next(acts))
        {
            rig.Start(at);
            if (new Run(rig, returns).Do(acts) is { } mistake)
            {
                return $"{mistake}, after {string.Join(' ', acts)}";
            }
        }

        return null;
    }

    private static bool Next(int[] acts)
    {
        for (var i = acts.Length - 1; i >= 0; i--)
        {
            if (++acts[i] < s_acts)
            {
                return true;
            }

            acts[i] = 0;
        }

        return false;
    }

    /// <summary>When the device returns what it takes.</summary>
    private enum Returns
    {
        AtOnce,
        Backwards,
        Late,
    }

    // The model is what is counted here: what is taken comes in the order of the ring, everything is returned once, and who wants to be told is told.
    private sealed class Run(QueueRig rig, Returns returns)
    {
        private readonly VirtqueueChain _chain = new();
        private readonly List<(ushort Head, ulong Serial, uint Written)> _held = [];
        private readonly HashSet<ulong> _returned = [];
        private ushort _toldOf = rig.Received;
        private bool _isNotified;

        // One chain there and back first, so that nothing is new any more.
        public string? Do(int[] acts)
        {
            rig.TryAdd(ChainShape.Single);
            foreach (var act in (int[])[s_shapes.Length, s_shapes.Length + 1, s_acts - 1, s_acts - 1, s_shapes.Length + 2, .. acts])
            {
                if (Do(act) is { } mistake)
                {
                    return mistake;
                }
            }

            // In the end everything is told of, and comes back.
            rig.Publish();
            return Do(s_shapes.Length + 1) ?? Device() ?? Device() ?? Receive() ?? (rig.Outstanding == 0 ? null : $"{rig.Outstanding} chains are lost");
        }

        private string? Do(int act)
        {
            if (act < s_shapes.Length)
            {
                rig.TryAdd(s_shapes[act]);
                return null;
            }

            switch (act - s_shapes.Length)
            {
                case 0:
                    rig.Publish();
                    return null;
                case 1:
                    // The device is idle: it wants to be told of anything new.
                    var isNew = rig.Told != rig.Published;
                    var wants = rig.WantsNotice();
                    _isNotified |= wants;
                    return wants == isNew || _isNotified ? null : "a notification is lost";
                case 2:
                    return Receive();
                case 3:
                    rig.Arm(null);
                    return null;
                case 4 or 5 or 6:
                    rig.Arm(act - s_shapes.Length - 4);
                    return null;
                default:
                    return Device();
            }
        }

        private string? Receive()
        {
            while (rig.Receive() is { } element)
            {
                if (!_returned.Remove(element.Serial))
                {
                    return $"chain {element.Serial} was not returned, and is received";
                }

                if (element.Written != Written(element.Serial))
                {
                    return $"of chain {element.Serial} {element.Written} bytes are written";
                }
            }

            return null;
        }

        private static uint Written(ulong serial) => (uint)(serial * 3);

        private string? Device()
        {
            if (!_isNotified)
            {
                return null;
            }

            _isNotified = false;
            var before = rig.UsedIndex;
            if (returns == Returns.Late)
            {
                Return();
            }

            rig.Queue.SuppressNotifications();
            do
            {
                while (rig.Queue.TryTake(_chain))
                {
                    if (Look() is { } mistake)
                    {
                        return mistake;
                    }
                }

                rig.Queue.SuppressNotifications();
            }
            while (rig.Queue.AllowNotifications());
            if (rig.Queue.IsBroken)
            {
                return "it is broken";
            }

            if (rig.Shapes.Count != (ushort)(rig.Added - rig.Published))
            {
                return $"{rig.Shapes.Count} chains are not taken";
            }

            if (returns == Returns.Backwards)
            {
                _held.Reverse();
            }

            if (returns != Returns.Late || rig.Queue.InFlight == rig.Size)
            {
                Return();
            }
            else if (_held.Count > 0)
            {
                // It has more to do, and will.
                _isNotified = true;
            }

            return Interrupts(before);
        }

        private string? Interrupts(ushort before)
        {
            var now = rig.UsedIndex;
            var expected = before != now && (rig.HasEvents ? QueueRig.Passes(rig.Word(rig.Layout.UsedEvent), now, _toldOf) : (rig.Word(QueueRig.Available) & 1) == 0);
            _toldOf = now;
            return rig.Queue.TakeInterrupt() == expected ? null : $"{(expected ? "no interrupt" : "an interrupt")} as used.idx goes from {before} to {now}";
        }

        private string? Look()
        {
            var (head, shape, serial) = rig.Shapes.Dequeue();
            var readable = Enumerable.Range(0, shape.Readable).Select(number => QueueRig.Segment(number, serial));
            var writable = Enumerable.Range(shape.Readable, shape.Writable).Select(number => QueueRig.Segment(number, serial));
            if (_chain.Head != head || !Same(_chain.Readable, readable) || !Same(_chain.Writable, writable))
            {
                return $"chain {serial} is not what it was";
            }

            _held.Add((head, serial, Written(serial)));
            if (returns == Returns.AtOnce)
            {
                Return();
            }

            return null;
        }

        private void Return()
        {
            foreach (var (head, serial, written) in _held)
            {
                rig.Queue.Return(head, written);
                _returned.Add(serial);
            }

            _held.Clear();
        }

        private static bool Same(ReadOnlySpan<DmaSegment> buffers, IEnumerable<DmaSegment> expected)
        {
            var i = 0;
            foreach (var segment in expected)
            {
                if (i == buffers.Length || buffers[i++] != segment)
                {
                    return false;
                }
            }

            return i == buffers.Length;
        }
    }
}
