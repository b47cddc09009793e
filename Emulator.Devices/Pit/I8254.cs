using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>The 8254 interval timer of a PC, at ports 0x40–0x43.</summary>
/// <remarks>
/// Thread-safe. Channel 0 drives IRQ 0; channel 1, which once refreshed memory, drives nothing; channel 2's gate and
/// output belong to port 0x61. The state of every channel is computed from the clock when somebody looks, so
/// nothing drifts; only channel 0 has a timer. If that timer runs late over several periods, IRQ 0 rises once.
/// A guest that polls holds the lock most of the time, so each look also serves a timer that is due: it need not wait
/// for the lock.
/// In the rate generator mode the line's fall, one clock before its rise, is made together with the rise.
/// </remarks>
public sealed class I8254 : ByteWindow, IResettable, IDisposable
{
    /// <summary>CLK of all channels, in Hz: a third of the colour carrier's frequency.</summary>
    public const long ClockFrequency = 1_193_182;

    private const int ControlWordOffset = 3;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly Lock gate = new();
    private readonly IClock clock;
    private readonly InterruptLine irq0;
    private readonly ITimer timer;
    private readonly PitChannel[] channels = [new(), new(), new()];
    private int risesSeen;
    private bool lineLevel;
    private long due = long.MaxValue;

    /// <summary>Makes the timer as a PC's firmware leaves it: all channels a square wave of 18.2 Hz, the gate of channel 2 closed.</summary>
    /// <param name="clock">What CLK is made from.</param>
    /// <param name="irq0">Driven by OUT of channel 0.</param>
    public I8254(IClock clock, InterruptLine irq0)
        : base(4)
    {
        this.clock = clock;
        this.irq0 = irq0;
        timer = clock.CreateTimer("pit-channel-0", OnTimer);
        Reset();
    }

    /// <summary>GATE of channel 2, from port 0x61 bit 0.</summary>
    public bool Gate2
    {
        get
        {
            lock (gate)
            {
                return channels[2].Counter.Gate;
            }
        }

        set
        {
            lock (gate)
            {
                Advance(2).Counter.SetGate(value);
            }
        }
    }

    /// <summary>OUT of channel 2 now, for port 0x61 bit 5 and a speaker.</summary>
    public bool Output2
    {
        get
        {
            lock (gate)
            {
                long now = clock.NowNanoseconds;
                ServeDue(now);
                return Advance(2, now).Counter.Output;
            }
        }
    }

    /// <summary>Back to the state it was made in.</summary>
    public void Reset()
    {
        lock (gate)
        {
            for (int i = 0; i < channels.Length; i++)
            {
                Advance(i).Reset();
                channels[i].Counter.SetGate(i != 2);
            }

            DriveIrq0();
        }
    }

    /// <summary>Gives the timer back to the clock.</summary>
    public void Dispose() => timer.Dispose();

    private protected override byte ReadByte(int offset)
    {
        lock (gate)
        {
            long now = clock.NowNanoseconds;
            ServeDue(now);

            // The control word cannot be read; the bus floats.
            return offset == ControlWordOffset ? (byte)0xFF : Advance(offset, now).Read();
        }
    }

    private protected override void WriteByte(int offset, byte value)
    {
        lock (gate)
        {
            if (offset != ControlWordOffset)
            {
                Advance(offset).Write(value);
            }
            else
            {
                WriteControl(new PitControlWord(value));
            }

            DriveIrq0();
        }
    }

    private void WriteControl(PitControlWord word)
    {
        if (word.IsReadBack)
        {
            for (int i = 0; i < channels.Length; i++)
            {
                if (word.Names(i))
                {
                    ReadBack(Advance(i), word);
                }
            }
        }
        else if (word.Access == PitAccess.Latch)
        {
            Advance(word.Select).LatchCount();
        }
        else
        {
            Advance(word.Select).Program(word);
        }
    }

    private static void ReadBack(PitChannel channel, PitControlWord word)
    {
        if (word.LatchesCount)
        {
            channel.LatchCount();
        }

        if (word.LatchesStatus)
        {
            channel.LatchStatus();
        }
    }

    private void OnTimer()
    {
        lock (gate)
        {
            DriveIrq0();
        }
    }

    private void ServeDue(long now)
    {
        if (now >= due)
        {
            DriveIrq0();
        }
    }

    /// <summary>Brings IRQ 0 up to OUT of channel 0 and sets the timer for its next change.</summary>
    private void DriveIrq0()
    {
        PitCounter counter = Advance(0).Counter;
        if (counter.Rises != risesSeen)
        {
            // Whatever the level was and is: it has risen since we looked, and the controller must see an edge.
            risesSeen = counter.Rises;
            SetLine(false);
            SetLine(true);
        }

        SetLine(counter.Output);

        long clocks = counter.ClocksToNextChange();
        long next = clocks < 0 ? long.MaxValue : ToNanoseconds(counter.Now + clocks);
        if (next == due)
        {
            return;     // a write to another channel
        }

        due = next;
        if (next == long.MaxValue)
        {
            timer.Cancel();
        }
        else
        {
            timer.Arm(next);
        }
    }

    private void SetLine(bool level)
    {
        if (level != lineLevel)
        {
            lineLevel = level;
            irq0.Set(level);
        }
    }

    private PitChannel Advance(int channel) => Advance(channel, clock.NowNanoseconds);

    private PitChannel Advance(int channel, long now)
    {
        channels[channel].Counter.AdvanceTo(ToClocks(now));
        return channels[channel];
    }

    private static long ToClocks(long nanoseconds)
    {
        (long seconds, long rest) = Math.DivRem(nanoseconds, NanosecondsPerSecond);
        return (seconds * ClockFrequency) + (rest * ClockFrequency / NanosecondsPerSecond);
    }

    // Rounded up, so that at this time the clock has been counted.
    private static long ToNanoseconds(long clocks)
    {
        (long seconds, long rest) = Math.DivRem(clocks, ClockFrequency);
        return (seconds * NanosecondsPerSecond)
            + (((rest * NanosecondsPerSecond) + ClockFrequency - 1) / ClockFrequency);
    }
}
