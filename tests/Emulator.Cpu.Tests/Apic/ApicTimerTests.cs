namespace Emulator.Cpu.Tests.Apic;

/// <summary>The local APIC's timer on a clock moved by hand.</summary>
public sealed class ApicTimerTests : IDisposable
{
    private const uint DivideBy1 = 0b1011;
    private const uint DivideBy16 = 0b0011;
    private const uint Periodic = 0x20000;
    private const uint Masked = 0x10000;

    private readonly ApicRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(0b0000u, 2)]
    [InlineData(0b0001u, 4)]
    [InlineData(0b0010u, 8)]
    [InlineData(0b0011u, 16)]
    [InlineData(0b1000u, 32)]
    [InlineData(0b1001u, 64)]
    [InlineData(0b1010u, 128)]
    [InlineData(0b1011u, 1)]
    public void The_bus_clock_of_one_nanosecond_is_divided(uint divide, int ticks)
    {
        _rig.Write(0, ApicRegister.TimerDivide, divide);
        Assert.Equal(divide, _rig.Read(0, ApicRegister.TimerDivide));
        _rig.Write(0, ApicRegister.TimerInitialCount, 1000);
        _rig.Clock.Advance(ticks * 400);
        Assert.Equal(600u, _rig.Read(0, ApicRegister.TimerCurrentCount));
    }

    [Fact]
    public void A_single_shot_interrupts_once_at_its_end_and_stays_at_0()
    {
        _rig.Write(0, ApicRegister.LvtTimer, 0x40);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy16);
        _rig.Write(0, ApicRegister.TimerInitialCount, 1000);
        _rig.Clock.Advance(15_999);
        Assert.Equal(-1, _rig.First.PendingVector);
        _rig.Clock.Advance(1);
        Assert.Equal(0x40, _rig.First.Acknowledge());
        _rig.Clock.Advance(1_000_000);
        Assert.Equal(0u, _rig.Read(0, ApicRegister.TimerCurrentCount));
        Assert.Empty(_rig.Requested(0x40));
    }

    [Fact]
    public void A_periodic_timer_interrupts_at_each_end_and_begins_again()
    {
        _rig.Write(0, ApicRegister.LvtTimer, Periodic | 0x40);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy1);
        _rig.Write(0, ApicRegister.TimerInitialCount, 100_000);
        for (var i = 0; i < 5; i++)
        {
            _rig.Clock.Advance(100_000);
            Assert.Equal(0x40, _rig.First.Acknowledge());
            _rig.EndOfInterrupt();
        }

        _rig.Clock.Advance(30_000);
        Assert.Equal(70_000u, _rig.Read(0, ApicRegister.TimerCurrentCount));
        Assert.Empty(_rig.Requested(0x40));
    }

    [Fact]
    public void A_masked_timer_counts_and_does_not_interrupt_even_later()
    {
        _rig.Write(0, ApicRegister.LvtTimer, Masked | 0x40);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy1);
        _rig.Write(0, ApicRegister.TimerInitialCount, 1000);
        _rig.Clock.Advance(400);
        Assert.Equal(600u, _rig.Read(0, ApicRegister.TimerCurrentCount));
        _rig.Clock.Advance(1000);
        _rig.Write(0, ApicRegister.LvtTimer, 0x40);
        _rig.Clock.Advance(1000);
        Assert.Equal((0, -1), (_rig.Clock.Calls, _rig.First.PendingVector));
    }

    [Fact]
    public void Masking_does_not_take_back_what_is_due_when_the_host_is_late()
    {
        _rig.Write(0, ApicRegister.LvtTimer, 0x40);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy1);
        _rig.Write(0, ApicRegister.TimerInitialCount, 1000);
        _rig.Clock.AdvanceSilently(2000);
        _rig.Write(0, ApicRegister.LvtTimer, Masked | 0x40);
        _rig.Clock.Advance(1);
        Assert.Equal([0], _rig.Requested(0x40));
    }

    [Fact]
    public void Writing_0_stops_and_another_count_starts_anew()
    {
        _rig.Write(0, ApicRegister.LvtTimer, 0x40);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy1);
        _rig.Write(0, ApicRegister.TimerInitialCount, 1000);
        _rig.Clock.Advance(999);
        _rig.Write(0, ApicRegister.TimerInitialCount, 0);
        _rig.Clock.Advance(1000);
        Assert.Equal((0u, -1), (_rig.Read(0, ApicRegister.TimerCurrentCount), _rig.First.PendingVector));
        _rig.Write(0, ApicRegister.TimerInitialCount, 500);
        _rig.Clock.Advance(500);
        Assert.Equal(0x40, _rig.First.PendingVector);
    }

    [Fact]
    public void A_new_divider_keeps_the_count()
    {
        _rig.Write(0, ApicRegister.LvtTimer, 0x40);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy1);
        _rig.Write(0, ApicRegister.TimerInitialCount, 1000);
        _rig.Clock.Advance(400);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy16);
        Assert.Equal(600u, _rig.Read(0, ApicRegister.TimerCurrentCount));
        _rig.Clock.Advance((600 * 16) - 1);
        Assert.Equal(-1, _rig.First.PendingVector);
        _rig.Clock.Advance(1);
        Assert.Equal(0x40, _rig.First.PendingVector);
    }

    [Fact]
    public void Periods_too_short_to_follow_do_not_keep_the_clock_busy()
    {
        _rig.Write(0, ApicRegister.LvtTimer, Periodic | 0x40);
        _rig.Write(0, ApicRegister.TimerDivide, DivideBy1);
        _rig.Write(0, ApicRegister.TimerInitialCount, 1);
        _rig.Clock.Advance(1_000_000);
        Assert.InRange(_rig.Clock.Calls, 10, 100);
        Assert.Equal([0], _rig.Requested(0x40));
    }

    [Fact]
    public void A_reset_stops_it()
    {
        _rig.Write(0, ApicRegister.LvtTimer, Periodic | 0x40);
        _rig.Write(0, ApicRegister.TimerInitialCount, 1000);
        _rig.First.Reset();
        _rig.Clock.Advance(1_000_000);
        Assert.Equal((0, 0u), (_rig.Clock.Calls, _rig.Read(0, ApicRegister.TimerInitialCount)));
    }
}
