using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>Every interleaving of a device's accesses with a driver that sends on one processor and waits for interrupts on another: nothing is lost.</summary>
/// <remarks>
/// Memory is in order here, so that what is looked at is the order of the program: what stands in which order, and what is looked at once
/// more. What fences are for is the guests' business, in a simulated memory.
/// </remarks>
public class VirtqueueInterleavingTests
{
    private const VirtioFeatures Plain = VirtioFeatures.Version1 | VirtioFeatures.IndirectDescriptors;
    private const VirtioFeatures Events = Plain | VirtioFeatures.EventIndex;

    [Theory]
    [InlineData(1, 2, false)]
    [InlineData(1, 2, true)]
    [InlineData(2, 2, false)]
    [InlineData(2, 2, true)]
    [InlineData(4, 3, false)]
    [InlineData(4, 3, true)]
    public void No_chain_no_notification_and_no_interrupt_is_lost(int size, int chains, bool hasEvents)
    {
        using var exploration = new Exploration(size, chains, hasEvents ? Events : Plain, new QueueUnderTest());
        Assert.Null(exploration.Run());
        Assert.True(exploration.States > 500, $"{exploration.States} states are not many");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_that_does_not_look_again_before_it_is_idle_loses_a_notification(bool hasEvents)
    {
        var features = hasEvents ? Events : Plain;
        using var once = new Exploration(2, 2, features, new BrokenQueues.DoesNotLookAgain());
        Assert.NotNull(once.Run());
        using var early = new Exploration(2, 2, features, new BrokenQueues.LooksTooEarly(features));
        Assert.NotNull(early.Run());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_device_that_looks_whether_to_interrupt_and_returns_then_loses_an_interrupt(bool hasEvents)
    {
        using var exploration = new Exploration(2, 2, hasEvents ? Events : Plain, new BrokenQueues.AsksTooEarly());
        Assert.NotNull(exploration.Run());
    }

    // Runs everything again from the start, with other choices, until there are none that lead anywhere new. A state is the memory, what
    // driver and device keep, and what the device has read since its work began: that is all its next step depends on.
    private sealed class Exploration(int size, int chains, VirtioFeatures features, QueueUnderTest queue) : IDmaObserver, IDisposable
    {
        private readonly QueueRig _rig = new(size, features, queue);
        private readonly HashSet<ulong> _seen = [];
        private readonly List<(int Chosen, int Choices)> _path = [];
        private readonly VirtqueueChain _chain = new();
        private int _depth;
        private bool _isKnown;
        private ulong _history;
        private int _sent;
        private int _received;
        private int _interrupts;
        private bool _isNotified;
        private Sender _sender;
        private Receiver _receiver;

        private enum Sender
        {
            Adds,
            Publishes,
            Tells,
            Done,
        }

        private enum Receiver
        {
            Arms,
            LooksAgain,
            Waits,
            Suppresses,
            Receives,
            Done,
        }

        public int States => _seen.Count;

        public string? Run()
        {
            do
            {
                if (RunOnce() is { } mistake)
                {
                    return mistake;
                }
            }
            while (NextPath());

            return null;
        }

        public void Dispose() => _rig.Dispose();

        void IDmaObserver.Begin(bool relaxed)
        {
            // Whoever else can go on does so before the device's next access, or the device does.
            while (Choose(inDevice: true) is { } who)
            {
                Step(who);
            }
        }

        void IDmaObserver.Fence(DmaFence fence)
        {
        }

        void IDmaObserver.Moved(ReadOnlySpan<byte> data)
        {
            foreach (var each in data)
            {
                _history = Mix(_history, each);
            }
        }

        void IDmaObserver.Accessed(DmaDirection direction, ulong address, int length, DmaStatus status) => _history = Mix(_history, address);

        private static ulong Mix(ulong hash, ulong value) => (hash ^ value) * 0x9E37_79B9_7F4A_7C15 ^ hash >> 29;

        private string? RunOnce()
        {
            (_depth, _isKnown, _history, _sent, _received, _interrupts, _isNotified) = (0, false, 1, 0, 0, 0, false);
            (_sender, _receiver) = (Sender.Adds, Receiver.Arms);
            _rig.Owner.SetObserver(null);
            _rig.Start(0);
            _rig.Owner.SetObserver(this);
            while (Choose(inDevice: false) is { } who)
            {
                if (who == 0)
                {
                    Device();
                }
                else
                {
                    Step(who);
                }
            }

            return _rig.Queue.IsBroken ? "the queue is broken"
                : _receiver == Receiver.Done || _isKnown ? null
                : $"{_received} of {chains} are received, and nobody goes on: {_sender}, {_receiver}, {_rig.Outstanding} outstanding";
        }

        // 1 for the sender, 2 for the receiver, 0 for the device that begins, null for the device that goes on, or for nobody.
        private int? Choose(bool inDevice)
        {
            Span<int> who = stackalloc int[3];
            var count = 0;
            if (inDevice || _isNotified)
            {
                who[count++] = 0;
            }

            if (_sender != Sender.Done && (_sender != Sender.Adds || _rig.FreeDescriptors > 0))
            {
                who[count++] = 1;
            }

            if (_receiver != Receiver.Done && (_receiver != Receiver.Waits || _interrupts > 0))
            {
                who[count++] = 2;
            }

            if (count == 0)
            {
                return null;
            }

            var chosen = who[Choice(count, inDevice)];
            return inDevice && chosen == 0 ? null : chosen;
        }

        private int Choice(int choices, bool inDevice)
        {
            if (_depth < _path.Count)
            {
                return _path[_depth++].Chosen;
            }

            // Behind a state that was seen there is nothing new: the run only comes to its end.
            if (_isKnown || !_seen.Add(State(inDevice)))
            {
                _isKnown = true;
                return 0;
            }

            _path.Add((0, choices));
            _depth++;
            return 0;
        }

        private bool NextPath()
        {
            while (_path.Count > 0 && _path[^1].Chosen + 1 == _path[^1].Choices)
            {
                _path.RemoveAt(_path.Count - 1);
            }

            if (_path.Count == 0)
            {
                return false;
            }

            _path[^1] = (_path[^1].Chosen + 1, _path[^1].Choices);
            return true;
        }

        private ulong State(bool inDevice)
        {
            var state = Mix(_history, inDevice ? 1UL : 2);
            state = Mix(state, (ulong)((((((_sent * 16) + _received) * 16) + (int)_sender) * 16) + (int)_receiver));
            state = Mix(state, (ulong)((_interrupts * 2) + (_isNotified ? 1 : 0)));
            state = Mix(state, ((ulong)_rig.Added << 48) | ((ulong)_rig.Published << 32) | ((ulong)_rig.Told << 16) | _rig.Received);
            for (var part = QueueRig.Available; part <= QueueRig.Used; part += QueueRig.Used - QueueRig.Available)
            {
                for (ulong at = 0; at < 48; at += 8)
                {
                    _rig.Memory.Read(part + at, 8, out var value);
                    state = Mix(state, value);
                }
            }

            return state;
        }

        private void Step(int who)
        {
            if (who == 1)
            {
                Send();
            }
            else
            {
                Receive();
            }
        }

        private void Send()
        {
            switch (_sender)
            {
                case Sender.Adds:
                    Assert.True(_rig.TryAdd(ChainShape.Single));
                    _sent++;
                    _sender = Sender.Publishes;
                    break;
                case Sender.Publishes:
                    _rig.Publish();
                    _sender = Sender.Tells;
                    break;
                default:
                    _isNotified |= _rig.WantsNotice();
                    _sender = _sent == chains ? Sender.Done : Sender.Adds;
                    break;
            }
        }

        private void Receive()
        {
            switch (_receiver)
            {
                case Receiver.Arms:
                    _rig.Arm(0);
                    _receiver = Receiver.LooksAgain;
                    break;
                case Receiver.LooksAgain:
                    _receiver = _rig.UsedIndex != _rig.Received ? Receiver.Suppresses : Receiver.Waits;
                    break;
                case Receiver.Waits:
                    _interrupts = 0;
                    _receiver = Receiver.Suppresses;
                    break;
                case Receiver.Suppresses:
                    _rig.Arm(null);
                    _receiver = Receiver.Receives;
                    break;
                default:
                    while (_rig.Receive() is { } element)
                    {
                        Assert.NotEqual(0UL, element.Serial);
                        _received++;
                    }

                    _receiver = _received == chains ? Receiver.Done : Receiver.Arms;
                    break;
            }
        }

        private void Device()
        {
            _isNotified = false;
            _history = Mix(_history, 7);
            var queue = _rig.Queue;
            queue.SuppressNotifications();
            do
            {
                queue.SuppressNotifications();
                while (queue.TryTake(_chain))
                {
                    queue.Return(_chain.Head, 1);
                }
            }
            while (queue.AllowNotifications());
            if (queue.TakeInterrupt())
            {
                // More than one at a time is one.
                _interrupts = 1;
            }
        }
    }
}
