namespace Emulator.Devices.Tests;

/// <summary>Many posters, resets at any moment, the end under load.</summary>
public sealed class IoThreadStressTests
{
    private const int Posters = 3;
    private const int Resets = 2000;

    [Fact]
    public void After_a_reset_nothing_of_before_is_seen_whoever_posts()
    {
        Exception? failure = null;
        using var thread = new IoThread("io", (_, e) => failure = e);
        var devices = new[] { new Counted(thread), new Counted(thread) };
        var stop = false;
        var posters = Enumerable.Range(0, Posters).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            while (!Volatile.Read(ref stop))
            {
                devices[random.Next(2)].Post();
            }
        })).ToArray();
        Array.ForEach(posters, poster => poster.Start());

        var wrong = "";
        for (var i = 0; i < Resets && wrong.Length == 0; i++)
        {
            wrong = devices[i & 1].ResetAndLook();
        }

        Volatile.Write(ref stop, true);
        Array.ForEach(posters, Deadline.Join);
        foreach (var device in devices)
        {
            device.Queue.Drain();
        }

        Assert.Equal("", wrong);
        Assert.Null(failure);
        Assert.All(devices, device => Assert.True(device.Runs > 0));
        TestContext.Current.TestOutputHelper?.WriteLine($"{devices.Sum(device => device.Runs)} runs, {Resets} resets");
    }

    [Fact]
    public void Every_post_is_followed_by_a_run()
    {
        using var thread = new IoThread("io", (_, _) => { });
        var device = new Counted(thread);
        for (var i = 1; i <= 20_000; i++)
        {
            device.Ask(i);
            if ((i & 15) == 0)
            {
                device.Queue.Drain();
                Assert.Equal(i, device.Answer);
            }
        }
    }

    [Fact]
    public void A_thread_ends_under_load_and_posting_goes_on_in_vain()
    {
        for (var round = 0; round < 50; round++)
        {
            var thread = new IoThread("io", (_, _) => { });
            var device = new Counted(thread);
            using var begun = new ManualResetEventSlim();
            var stop = false;
            var poster = new Thread(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    device.Post();
                    begun.Set();
                }
            });
            poster.Start();
            Assert.True(begun.Wait(Deadline.Patience, TestContext.Current.CancellationToken));
            Assert.True(thread.Stop(Deadline.Patience));
            var runs = device.Runs;
            Assert.False(device.Queue.Post(device));
            Volatile.Write(ref stop, true);
            Deadline.Join(poster);
            Assert.Equal(runs, device.Runs);
        }
    }

    // A device whose work takes steps and looks for a reset between them, as a script does.
    private sealed class Counted : IoWork
    {
        private readonly Lock _lock = new();
        private int _resets;
        private int _epoch;
        private int _seen;
        private int _asked;

        public Counted(IoThread thread) => Queue = new IoQueue(thread, "device", _lock);

        public IoQueue Queue { get; }

        public int Runs { get; private set; }

        public int Answer { get; private set; }

        public void Post()
        {
            lock (_lock)
            {
                if (_resets == 0)
                {
                    Queue.Post(this);
                }
            }
        }

        public void Ask(int value)
        {
            Volatile.Write(ref _asked, value);
            Queue.Post(this);
        }

        public string ResetAndLook()
        {
            lock (_lock)
            {
                _resets++;
            }

            Queue.Reset(() => { });
            string wrong;
            lock (_lock)
            {
                // Nothing runs now, so nothing changes what is written here behind our back.
                var epoch = ++_epoch;
                _seen = 0;
                for (var i = 0; i < 100; i++)
                {
                    Thread.SpinWait(1);
                }

                wrong = Volatile.Read(ref _seen) == 0 && _epoch == epoch ? "" : $"work of before ran after reset {epoch}";
                _resets--;
            }

            return wrong;
        }

        protected internal override void Run()
        {
            Runs++;
            Answer = Volatile.Read(ref _asked);
            for (var i = 0; i < 50 && !Queue.IsStale; i++)
            {
                Volatile.Write(ref _seen, i + 1);
            }

            if (!Queue.IsStale)
            {
                Queue.Post(this);
            }
        }
    }
}
