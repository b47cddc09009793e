using Emulator.Memory;

namespace Emulator.Devices.Tests;

/// <summary>irq.mask-recheck: a cause that meets its enable, in every order that seeds make.</summary>
public sealed class MaskRecheckSiteTests
{
    private const int Seeds = 200;

    [Fact]
    public void With_its_fence_no_interrupt_is_lost() =>
        Assert.All(Enumerable.Range(1, Seeds), seed => Assert.True(IsAsserted((ulong)seed, (cause, bits) => cause.Raise(bits)), $"seed {seed}"));

    [Fact]
    public void Without_it_some_seed_loses_one_and_loses_it_again()
    {
        var losing = Enumerable.Range(1, Seeds).FirstOrDefault(seed => !IsAsserted((ulong)seed, (cause, bits) => cause.RaiseUnfenced(bits)));
        Assert.NotEqual(0, losing);
        Assert.False(IsAsserted((ulong)losing, (cause, bits) => cause.RaiseUnfenced(bits)));
    }

    // One thread raises a cause, another enables it: the line must be on in the end.
    private static bool IsAsserted(ulong seed, Action<InterruptCause, uint> raise)
    {
        var line = new RecordingLine();
        var cause = new InterruptCause(line);
        var baton = new Baton(new SeededChoices(seed));
        Thread[] threads = [Take(baton.Add("device"), () => raise(cause, 1)), Take(baton.Add("driver"), () => cause.SetMask(1))];
        baton.Start();
        Assert.All(threads, thread => Assert.True(thread.Join(TimeSpan.FromSeconds(30))));
        return line.Level;
    }

    private static Thread Take(Turn turn, Action act)
    {
        var thread = new Thread(() =>
        {
            turn.Begin();
            Turn.SwitchPoint();
            act();
            turn.End();
        });
        thread.Start();
        return thread;
    }
}
