namespace Emulator.Devices.Tests;

public sealed class I8254Tests : IDisposable
{
    private const int Control = 3;

    private readonly ManualClock clock = new();
    private readonly RecordingLine irq0 = new();
    private readonly I8254 pit;

    public I8254Tests() => pit = new I8254(clock, irq0);

    public void Dispose() => pit.Dispose();

    [Fact]
    public void A_rate_generator_interrupts_at_its_rate_without_drift()
    {
        pit.Out(Control, 0x34);
        pit.Out(0, 1193 & 0xFF);
        pit.Out(0, 1193 >> 8);
        int before = irq0.Rises;

        clock.Advance(10_000_000_000);

        Assert.Equal(10 * I8254.ClockFrequency / 1193, irq0.Rises - before);
    }

    [Fact]
    public void After_power_up_it_ticks_as_a_PCs_firmware_leaves_it()
    {
        int before = irq0.Rises;

        clock.Advance(10_000_000_000);

        Assert.Equal(10 * I8254.ClockFrequency / 65536, irq0.Rises - before);
    }

    [Fact]
    public void A_timer_that_runs_late_over_several_periods_gives_one_edge()
    {
        var late = new LateClock();
        var line = new RecordingLine();
        using var timer = new I8254(late, line);
        timer.Out(Control, 0x34);
        timer.Out(0, 100);
        timer.Out(0, 0);
        int before = line.Rises;

        late.Jump(1_000_000_000);

        Assert.Equal(1, line.Rises - before);
        Assert.True(late.Due > late.NowNanoseconds);
        Assert.True(late.Due <= late.NowNanoseconds + 90_000);
    }

    [Fact]
    public void Who_looks_at_any_channel_makes_a_tick_that_is_due_and_need_not_wait_for_the_timer()
    {
        var late = new LateClock();
        var line = new RecordingLine();
        using var timer = new I8254(late, line);
        timer.Out(Control, 0x34);
        timer.Out(0, 100);
        timer.Out(0, 0);
        int before = line.Rises;

        late.NowNanoseconds += 90_000;
        _ = timer.Output2;
        Assert.Equal(1, line.Rises - before);
        late.NowNanoseconds += 90_000;
        timer.In(2);
        Assert.Equal(2, line.Rises - before);
    }

    [Fact]
    public void Mode_0_interrupts_once()
    {
        pit.Out(Control, 0x30);
        Assert.False(irq0.Level);
        int before = irq0.Rises;
        pit.Out(0, 0xE8);
        pit.Out(0, 0x03);
        long start = clock.NowNanoseconds;

        clock.AdvanceTo(start + Nanoseconds(1000));
        Assert.False(irq0.Level);
        clock.AdvanceTo(start + Nanoseconds(1002));
        Assert.True(irq0.Level);
        clock.Advance(1_000_000_000);
        Assert.Equal(1, irq0.Rises - before);
        Assert.Equal(long.MaxValue, clock.NextDueNanoseconds);
    }

    [Fact]
    public void The_latch_command_holds_a_count_until_both_bytes_are_read()
    {
        pit.Out(Control, 0x74);
        pit.Out(1, 0x34);
        pit.Out(1, 0x12);
        clock.Advance(Nanoseconds(0x101));
        pit.Out(Control, 0x40);
        clock.Advance(Nanoseconds(50));
        pit.Out(Control, 0x40);

        Assert.InRange(pit.In(1) | (pit.In(1) << 8), 0x1133, 0x1135);
        int live = pit.In(1) | (pit.In(1) << 8);
        Assert.InRange(live, 0x1134 - 53, 0x1134 - 48);
    }

    [Fact]
    public void Read_back_gives_status_first_and_then_the_count()
    {
        pit.Out(Control, 0xB0);
        pit.Out(Control, 0xE8);
        Assert.Equal(0x70, pit.In(2));
        pit.Gate2 = true;
        pit.Out(2, 0x10);
        pit.Out(2, 0x00);
        clock.Advance(Nanoseconds(3));
        pit.Out(Control, 0xC8);

        Assert.Equal(0x30, pit.In(2));
        Assert.InRange(pit.In(2), 0x0D, 0x0E);
        Assert.Equal(0, pit.In(2));
        clock.Advance(Nanoseconds(20));
        pit.Out(Control, 0xE8);
        Assert.Equal(0xB0, pit.In(2));
    }

    [Fact]
    public void BCD_counts_are_written_and_read_in_decimal_digits()
    {
        pit.Out(Control, 0x75);
        pit.Out(1, 0x00);
        pit.Out(1, 0x50);
        clock.AdvanceTo(Nanoseconds(2));
        Assert.Equal(0x99, pit.In(1));
        Assert.Equal(0x49, pit.In(1));
    }

    [Fact]
    public void One_byte_access_modes_set_the_other_byte_to_zero()
    {
        pit.Out(Control, 0x50);
        pit.Out(1, 0x20);
        clock.Advance(Nanoseconds(2));
        Assert.InRange(pit.In(1), 0x1E, 0x20);

        pit.Out(Control, 0x60);
        pit.Out(1, 0x20);
        clock.Advance(Nanoseconds(2));
        Assert.InRange(pit.In(1), 0x1F, 0x20);
    }

    [Fact]
    public void Channel_2_waits_for_its_gate_and_shows_its_output()
    {
        pit.Out(Control, 0xB0);
        pit.Out(2, 0x64);
        pit.Out(2, 0x00);
        clock.Advance(1_000_000);
        Assert.False(pit.Output2);

        pit.Gate2 = true;
        clock.Advance(Nanoseconds(99));
        Assert.False(pit.Output2);
        clock.Advance(Nanoseconds(2));
        Assert.True(pit.Output2);
    }

    private static long Nanoseconds(long clocks) => ((clocks * 1_000_000_000) + I8254.ClockFrequency - 1) / I8254.ClockFrequency;

    /// <summary>A clock whose thread was away for a while.</summary>
    private sealed class LateClock : IClock
    {
        private Action callback = static () => { };

        public long NowNanoseconds { get; set; }

        public long Due { get; private set; }

        public ITimer CreateTimer(string name, Action callback)
        {
            this.callback = callback;
            return new LateTimer(this, name);
        }

        public void Jump(long nanoseconds)
        {
            NowNanoseconds += nanoseconds;
            callback();
        }

        private sealed class LateTimer(LateClock clock, string name) : ITimer
        {
            public string Name => name;

            public void Arm(long dueNanoseconds) => clock.Due = dueNanoseconds;

            public void Cancel() => clock.Due = long.MaxValue;

            public void Dispose() => Cancel();
        }
    }
}
