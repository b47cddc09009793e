using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>The SB row of a controller's cause and mask, with a device's thread and a processor's.</summary>
public sealed class InterruptCauseStressTests
{
    private const int Rounds = 500_000;
    private const int Batch = 2048;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    [Fact]
    public void No_interrupt_is_lost_between_raising_a_cause_and_unmasking_it()
    {
        var lines = Lines();
        var causes = Array.ConvertAll(lines, line => new InterruptCause(line));
        Assert.Equal(0, Lost(lines, i => causes[i].Raise(1), i => causes[i].SetMask(1), i => causes[i].Reset()));
    }

    [Fact]
    public void Without_the_fences_an_interrupt_is_lost()
    {
        Assert.SkipWhen(Environment.ProcessorCount < 2, "One processor sees its own stores in order.");
        var lost = 0;
        var tries = 0;
        for (var deadline = DateTime.UtcNow + s_patience; lost == 0 && DateTime.UtcNow < deadline; tries++)
        {
            lost = BareCausesLost(fenced: false);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{lost} lost in try {tries} of {Rounds} rounds");
        Assert.NotEqual(0, lost);
    }

    [Fact]
    public void With_the_fences_alone_none_is() => Assert.Equal(0, BareCausesLost(fenced: true));

    [Fact]
    public void A_driver_that_clears_as_it_reads_takes_every_cause_and_leaves_the_line_off()
    {
        var line = new Level();
        var cause = new InterruptCause(line);
        cause.SetMask(uint.MaxValue);
        var taken = 0;
        var done = false;
        var device = new Thread(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                cause.Raise(1);

                // Raised again only when it was taken: one bit counts no further than one.
                var wait = new SpinWait();
                while ((cause.Cause & 1) != 0)
                {
                    wait.SpinOnce(-1);
                }
            }

            Volatile.Write(ref done, true);
        });
        device.Start();
        var deadline = DateTime.UtcNow + s_patience;
        var wait = new SpinWait();
        while (!Volatile.Read(ref done) && DateTime.UtcNow < deadline)
        {
            // The processor sees the line, not the word.
            if (line.IsOn)
            {
                taken += (int)cause.Clear(1) & 1;
            }
            else
            {
                wait.SpinOnce(-1);
            }
        }

        device.Join(s_patience);
        Assert.Equal(Rounds, taken);
        Assert.False(line.IsOn);
    }

    private static Level[] Lines() => [.. Enumerable.Range(0, Batch).Select(_ => new Level())];

    private static int BareCausesLost(bool fenced)
    {
        var lines = Lines();
        var causes = Array.ConvertAll(lines, line => new BareCause(line, fenced));
        return Lost(lines, i => causes[i].Raise(1), i => causes[i].SetMask(1), i => causes[i].Reset());
    }

    private static int Lost(Level[] lines, Action<int> raise, Action<int> unmask, Action<int> reset)
    {
        var places = new Rendezvous();
        var device = new Thread(() =>
        {
            for (var done = 0; done < Rounds; done += Batch)
            {
                places.Meet(0);
                for (var i = 0; i < Batch; i++)
                {
                    places.Approach(0, i);
                    raise(i);
                }

                places.Meet(0);
            }
        });
        device.Start();
        var lost = 0;
        for (var done = 0; done < Rounds; done += Batch)
        {
            places.Meet(1);
            for (var i = 0; i < Batch; i++)
            {
                places.Approach(1, i);
                unmask(i);
            }

            places.Meet(1);
            for (var i = 0; i < Batch; i++)
            {
                lost += lines[i].IsOn ? 0 : 1;
                reset(i);
            }
        }

        device.Join();
        return lost;
    }

    private sealed class Level : InterruptLine
    {
        private bool _on;

        public bool IsOn => Volatile.Read(ref _on);

        public override void Set(bool asserted) => Volatile.Write(ref _on, asserted);
    }

    /// <summary>The same steps with and without fences, each word on a cache line of its own: on one line they hardly pass each other.</summary>
    private sealed class BareCause(InterruptLine line, bool fenced)
    {
        private const int Cause = 32;
        private const int Mask = 64;

        private readonly uint[] _words = new uint[96];

        public void Raise(uint bits) => Step(Cause, Mask, bits);

        public void SetMask(uint bits) => Step(Mask, Cause, bits);

        public void Reset()
        {
            Array.Clear(_words);
            line.Set(false);
        }

        private void Step(int mine, int other, uint bits)
        {
            Volatile.Write(ref _words[mine], bits);
            if (fenced)
            {
                Interlocked.MemoryBarrier();
            }

            if ((bits & Volatile.Read(ref _words[other])) != 0)
            {
                line.Set(true);
            }
        }
    }
}
