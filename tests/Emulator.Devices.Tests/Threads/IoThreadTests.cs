using System.Collections.Concurrent;

namespace Emulator.Devices.Tests;

/// <summary>Posted work: order, turns, resets, ends.</summary>
public sealed class IoThreadTests : IDisposable
{
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly ConcurrentQueue<string> _ran = new();
    private readonly IoThread _thread;
    private readonly IoQueue _queue;
    private readonly ManualResetEventSlim _entered = new();
    private readonly ManualResetEventSlim _leave = new();

    public IoThreadTests()
    {
        _thread = new IoThread("io", (_, e) => _failures.Enqueue(e));
        _queue = new IoQueue(_thread, "device");
    }

    public void Dispose()
    {
        _leave.Set();
        Assert.True(_thread.Stop(Deadline.Patience));
        _entered.Dispose();
        _leave.Dispose();
        Assert.Empty(_failures);
    }

    [Fact]
    public void Work_runs_on_the_thread_in_the_order_it_was_posted()
    {
        Occupy();
        for (var i = 0; i < 100; i++)
        {
            _queue.Post(Note($"{i}, {_thread.IsCurrent}"));
        }

        _queue.Post(new Work(() => _ran.Enqueue($"{_thread.IsCurrent}")));
        Release();
        _queue.Drain();
        Assert.Equal([.. Enumerable.Range(0, 100).Select(i => $"{i}, False"), "True"], _ran);
    }

    [Fact]
    public void Work_posted_twice_while_it_waits_runs_once()
    {
        Occupy();
        var work = Note("work");
        Assert.True(_queue.Post(work));
        Assert.True(_queue.Post(work));
        Release();
        _queue.Drain();
        Assert.Equal(["work"], _ran);
    }

    [Fact]
    public void Work_posted_while_it_runs_runs_again()
    {
        var rest = 5;
        Work work = null!;
        work = new Work(() =>
        {
            _ran.Enqueue("work");
            _ = --rest > 0 && _queue.Post(work);
        });
        _queue.Post(work);
        Deadline.Until(() => _ran.Count == 5, "five runs");
    }

    [Fact]
    public void Queues_on_a_thread_take_turns()
    {
        var other = new IoQueue(_thread, "other");
        Occupy();
        _queue.Post(Note("a"));
        _queue.Post(Note("b"));
        _queue.Post(Note("c"));
        other.Post(Note("x"));
        other.Post(Note("y"));
        Release();
        _queue.Drain();
        other.Drain();
        Assert.Equal(["a", "x", "b", "y", "c"], _ran);
    }

    [Fact]
    public void Work_that_posts_itself_for_ever_holds_up_nobody()
    {
        var other = new IoQueue(_thread, "other");
        var runs = 0;
        Work work = null!;
        work = new Work(() =>
        {
            Volatile.Write(ref runs, runs + 1);
            _queue.Post(work);
        });
        _queue.Post(work);
        other.Post(Note("other"));
        other.Drain();
        Assert.Equal(["other"], _ran);

        _queue.Drain();
        _queue.Reset(() => { });
        var after = Volatile.Read(ref runs);
        other.Post(Note("again"));
        other.Drain();
        Assert.Equal(after, Volatile.Read(ref runs));

        _queue.Post(work);
        Assert.True(_thread.Stop(Deadline.Patience));
        Assert.False(_queue.Post(work));
    }

    [Fact]
    public void Work_posted_before_a_reset_does_not_start_after_it()
    {
        Occupy(watchesForReset: true);
        var work = Note("old");
        _queue.Post(work);
        _queue.Post(Note("older"));
        _queue.Reset(() => { });
        _queue.Post(Note("new"));
        _queue.Post(work);
        _queue.Drain();
        Assert.Equal(["stale", "new", "old"], _ran);
    }

    [Fact]
    public void A_reset_waits_for_the_work_it_makes_stale()
    {
        Occupy(watchesForReset: true);
        _queue.Reset(() => { });
        Assert.Equal(["stale"], _ran);
    }

    [Fact]
    public void What_is_posted_while_the_device_is_put_back_starts_when_it_is()
    {
        var other = new IoQueue(_thread, "other");
        _queue.Reset(() =>
        {
            _queue.Post(Note("posted meanwhile"));
            _queue.Reset(() => _queue.Post(Note("posted in another reset")));
            other.Post(Note("another device's"));
            other.Drain();
            Assert.Equal(["another device's"], _ran);
            _ran.Enqueue("put back");
        });
        _queue.Post(Note("posted behind it"));
        _queue.Drain();
        Assert.Equal(["another device's", "put back", "posted in another reset", "posted behind it"], _ran);
    }

    [Fact]
    public void A_reset_does_not_wait_for_another_queues_work()
    {
        var other = new IoQueue(_thread, "other");
        Occupy();
        other.Post(Note("dropped"));
        other.Reset(() => { });
        Release();
        _queue.Drain();
        Assert.Empty(_ran);
    }

    [Fact]
    public void On_the_thread_itself_nothing_waits_and_stale_work_posts_in_vain()
    {
        Work work = null!;
        var posted = true;
        var wasStale = false;
        work = new Work(() =>
        {
            _queue.Drain();
            _queue.Reset(() => { });
            wasStale = _queue.IsStale;
            posted = _queue.Post(work);
            _ran.Enqueue("work");
        });
        _queue.Post(work);
        _queue.Drain();
        Assert.True(wasStale);
        Assert.False(posted);
        _queue.Post(Note("after"));
        _queue.Drain();
        Assert.Equal(["work", "after"], _ran);
    }

    [Fact]
    public void A_completion_of_what_began_before_a_reset_is_dropped()
    {
        var generation = _queue.Generation;
        Assert.True(_queue.Post(Note("in time"), generation));
        _queue.Drain();
        var running = -1;
        _queue.Post(new Work(() => running = _queue.RunningGeneration));
        _queue.Drain();
        Assert.Equal(generation, running);
        _queue.Reset(() => { });
        Assert.False(_queue.Post(Note("late"), generation));
        Assert.True(_queue.Post(Note("next"), _queue.Generation));
        _queue.Drain();
        Assert.Equal(["in time", "next"], _ran);
    }

    [Fact]
    public void Nobody_may_wait_under_the_lock_that_work_takes()
    {
        var deviceLock = new Lock();
        var queue = new IoQueue(_thread, "device", deviceLock);
        lock (deviceLock)
        {
            queue.Post(Note("posting may be"));
            Assert.Throws<InvalidOperationException>(() => queue.Reset(() => { }));
            Assert.Throws<InvalidOperationException>(queue.Drain);
        }

        queue.Dispose();
        Assert.False(queue.Post(Note("closed")));
    }

    [Fact]
    public void An_exception_is_told_once_and_the_thread_goes_on()
    {
        _queue.Post(new Work(() => throw new InvalidOperationException("a mistake")));
        _queue.Drain();
        _queue.Post(Note("after"));
        _queue.Drain();
        Assert.Equal("a mistake", Assert.Single(_failures).Message);
        _failures.Clear();
        Assert.Equal(["after"], _ran);
    }

    [Fact]
    public void Work_may_stop_its_own_thread()
    {
        _queue.Post(new Work(_thread.Dispose));
        _queue.Post(Note("too late"));
        Assert.True(_thread.Stop(Deadline.Patience));
        Assert.True(_ran.Count <= 1);
    }

    [Fact]
    public void A_thread_is_reset_with_all_its_queues()
    {
        var other = new IoQueue(_thread, "other");
        Occupy(watchesForReset: true);
        other.Post(Note("dropped"));
        _queue.Post(Note("dropped"));
        _thread.Reset();
        _queue.Drain();
        other.Drain();
        Assert.Equal(["stale"], _ran);
    }

    [Fact]
    public void Posting_allocates_nothing()
    {
        var work = new Work(() => { });
        _queue.Post(work);
        _queue.Drain();

        // The runtime allocates on this thread too, once in a while, for its own: the best of some rounds has none of that.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => AllocatedByPosts()));

        long AllocatedByPosts()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                _queue.Post(work);
                _queue.Drain();
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private Work Note(string text) => new(() => _ran.Enqueue(text));

    // The thread is busy until Release, or until a reset.
    private void Occupy(bool watchesForReset = false)
    {
        _queue.Post(new Work(() =>
        {
            _entered.Set();
            if (watchesForReset)
            {
                Deadline.Until(() => _queue.IsStale, "the reset");
                _ran.Enqueue("stale");
            }
            else
            {
                Assert.True(_leave.Wait(Deadline.Patience));
            }
        }));
        Assert.True(_entered.Wait(Deadline.Patience));
    }

    private void Release() => _leave.Set();

    private sealed class Work(Action run) : IoWork
    {
        protected internal override void Run() => run();
    }
}
