using System.Diagnostics;

namespace Emulator.Devices.Tests;

public class ClockTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public void A_manual_clock_runs_timers_in_order_of_their_due_times_at_those_times()
    {
        var clock = new ManualClock();
        var log = new List<(string, long)>();
        ITimer late = clock.CreateTimer("late", () => log.Add(("late", clock.NowNanoseconds)));
        ITimer early = clock.CreateTimer("early", () => log.Add(("early", clock.NowNanoseconds)));
        late.Arm(20);
        early.Arm(10);

        clock.Advance(19);
        Assert.Equal([("early", 10L)], log);
        clock.Advance(1);
        Assert.Equal([("early", 10L), ("late", 20L)], log);
        Assert.Equal(long.MaxValue, clock.NextDueNanoseconds);
    }

    [Fact]
    public void A_timer_that_arms_itself_again_runs_as_often_as_fits_into_an_advance()
    {
        var clock = new ManualClock();
        int runs = 0;
        ITimer? timer = null;
        timer = clock.CreateTimer("periodic", () =>
        {
            runs++;
            timer!.Arm(clock.NowNanoseconds + 10);
        });
        timer.Arm(10);

        clock.Advance(105);

        Assert.Equal(10, runs);
        Assert.Equal(105, clock.NowNanoseconds);
    }

    [Fact]
    public void A_cancelled_timer_does_not_run_and_a_timer_armed_twice_runs_once()
    {
        var clock = new ManualClock();
        int cancelled = 0;
        int moved = 0;
        ITimer first = clock.CreateTimer("cancelled", () => cancelled++);
        ITimer second = clock.CreateTimer("moved", () => moved++);
        first.Arm(10);
        first.Cancel();
        second.Arm(10);
        second.Arm(20);

        clock.Advance(100);

        Assert.Equal(0, cancelled);
        Assert.Equal(1, moved);
    }

    [Fact]
    public void A_real_time_clock_runs_a_timer_never_early()
    {
        using var clock = new RealTimeClock();
        using var done = new ManualResetEventSlim();
        long ranAt = 0;
        using ITimer timer = clock.CreateTimer("once", () =>
        {
            ranAt = clock.NowNanoseconds;
            done.Set();
        });
        long due = clock.NowNanoseconds + 2_300_000;

        timer.Arm(due);

        Assert.True(done.Wait(Deadline, TestContext.Current.CancellationToken));
        Assert.True(ranAt >= due);
    }

    [Fact]
    public void A_stopped_real_time_clock_stands_still_and_goes_on_from_there()
    {
        using var clock = new RealTimeClock();
        using var done = new ManualResetEventSlim();
        using ITimer timer = clock.CreateTimer("later", done.Set);
        clock.Stop();
        long begin = Stopwatch.GetTimestamp();
        Assert.True(SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(begin) > TimeSpan.FromMilliseconds(20), Deadline));
        long stoppedAt = clock.NowNanoseconds;
        timer.Arm(stoppedAt + 1_000_000);
        Assert.True(SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(begin) > TimeSpan.FromMilliseconds(40), Deadline));
        Assert.False(done.IsSet);
        Assert.Equal(stoppedAt, clock.NowNanoseconds);

        long before = Stopwatch.GetTimestamp();
        clock.Continue();
        long passed = clock.NowNanoseconds - stoppedAt;
        Assert.InRange(passed, 0, (long)Stopwatch.GetElapsedTime(before).TotalNanoseconds);
        Assert.True(done.Wait(Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_timer_armed_for_an_earlier_time_overtakes_the_one_the_thread_waits_for()
    {
        using var clock = new RealTimeClock();
        using var done = new ManualResetEventSlim();
        using ITimer far = clock.CreateTimer("far", static () => { });
        using ITimer near = clock.CreateTimer("near", done.Set);
        far.Arm(long.MaxValue);

        near.Arm(0);

        Assert.True(done.Wait(Deadline, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_real_time_clock_can_be_disposed_of_by_a_timer_of_its_own()
    {
        var clock = new RealTimeClock();
        using var done = new ManualResetEventSlim();
        ITimer timer = clock.CreateTimer("last", () =>
        {
            clock.Dispose();
            done.Set();
        });

        timer.Arm(0);

        Assert.True(done.Wait(Deadline, TestContext.Current.CancellationToken));
        clock.Dispose();
    }
}
