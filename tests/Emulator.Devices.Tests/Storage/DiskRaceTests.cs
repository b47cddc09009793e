using System.Globalization;

namespace Emulator.Devices.Tests;

/// <summary>A disk whose requests end on other threads, in any order and in any way, while its controller gives some up and the machine stops and goes on.</summary>
public sealed class DiskRaceTests
{
    private const int Requests = 16;
    private const int Rounds = 20_000;

    [Fact]
    public void Each_request_ends_once_and_nothing_starts_beside_what_was_given_up()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}"));
        using var controller = new Controller(seed);
        controller.Run();
    }

    private sealed class Controller : IoWork, IDisposable
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly IoThread _thread;
        private readonly IoQueue _queue;
        private readonly StoppableMachine _machine = new();
        private readonly ScatteringBackEnd _backEnd;
        private readonly Disk _disk;
        private readonly Random _random;
        private readonly HashSet<Numbered> _underWay = [];
        private readonly Stack<Numbered> _free = new(Enumerable.Range(0, Requests).Select(_ => new Numbered()));
        private int _submitted;

        public Controller(int seed)
        {
            _thread = new IoThread("disk", (_, e) => _done.TrySetException(e));
            _queue = new IoQueue(_thread, "disk");
            _random = new Random(seed);
            _backEnd = new ScatteringBackEnd(seed + 1, _machine);
            _disk = new Disk(_backEnd, new DiskProperties { WriteErrors = ErrorPolicy.StopIfFull }, _machine);
            _disk.Connect(_queue, this);
        }

        public void Run(TimeSpan patience)
        {
            _queue.Post(this);
            Assert.True(_done.Task.Wait(patience), $"after {_submitted} requests {_underWay.Count} do not end");
        }

        public void Run(int seconds = 60) => Run(TimeSpan.FromSeconds(seconds));

        public void Dispose()
        {
            _backEnd.Dispose();
            _thread.Dispose();
        }

        protected internal override void Run()
        {
            while (_disk.TryTake(out var ended))
            {
                var request = (Numbered)ended;
                Assert.True(_underWay.Remove(request), "it ended twice");
                Assert.Equal(request.IsGivenUp, request.Status == BlockStatus.Cancelled);
                Assert.NotEqual(BlockStatus.NoSpace, request.Status);
                request.IsGivenUp = false;
                _free.Push(request);
            }

            while (_submitted < Rounds && _free.TryPop(out var request))
            {
                (request.Operation, request.Offset, request.Length) = (BlockOperation.Discard, 512 * _random.Next(64), 512);
                _submitted++;
                _underWay.Add(request);
                _disk.Submit(request);
            }

            switch (_random.Next(20))
            {
                case 0:
                    foreach (var each in _underWay)
                    {
                        each.IsGivenUp = true;
                    }

                    _disk.Cancel();
                    break;
                case < 4 when _underWay.Count > 0:
                    var one = _underWay.ElementAt(_random.Next(_underWay.Count));
                    one.IsGivenUp = true;
                    _disk.Cancel(one);
                    break;
                default:
                    break;
            }

            if (_submitted == Rounds && _underWay.Count == 0)
            {
                _done.TrySetResult();
            }
        }
    }

    private sealed class Numbered : BlockRequest
    {
        public volatile bool IsGivenUp;
    }

    /// <summary>Ends requests on two threads of its own, in any order, in any way; and lets the machine go on.</summary>
    private sealed class ScatteringBackEnd : IBlockBackEnd
    {
        private readonly object _gate = new();
        private readonly List<BlockRequest> _held = [];
        private readonly Random _random;
        private readonly StoppableMachine _machine;
        private readonly Thread[] _threads;
        private bool _stopping;

        public ScatteringBackEnd(int seed, StoppableMachine machine)
        {
            (_random, _machine) = (new Random(seed), machine);
            _threads = [new Thread(Loop), new Thread(Loop)];
            Array.ForEach(_threads, thread => thread.Start());
        }

        public long Length => 64 * 512;

        public bool IsReadOnly => false;

        public bool CanDiscard => false;

        public void Start(BlockRequest request)
        {
            lock (_gate)
            {
                Assert.DoesNotContain(_held, each => ((Numbered)each).IsGivenUp);
                _held.Add(request);
                Monitor.Pulse(_gate);
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _stopping = true;
                Monitor.PulseAll(_gate);
            }

            Array.ForEach(_threads, thread => thread.Join());
        }

        private void Loop()
        {
            while (true)
            {
                BlockRequest? request = null;
                BlockStatus status;
                lock (_gate)
                {
                    if (_stopping)
                    {
                        return;
                    }

                    if (_held.Count == 0)
                    {
                        // Nothing comes while the machine is stopped; the controller may be about to stop it.
                        Monitor.Wait(_gate, 1);
                    }

                    if (_held.Count > 0)
                    {
                        var index = _random.Next(_held.Count);
                        request = _held[index];
                        _held.RemoveAt(index);
                    }

                    status = (BlockStatus)(_random.Next(4) == 0 ? _random.Next((int)BlockStatus.IoError, (int)BlockStatus.ReadOnly) : (int)BlockStatus.Ok);
                }

                request?.Complete(status);
                if (_machine.IsStopped)
                {
                    _machine.Continue();
                }
            }
        }
    }
}
