using Emulator.Memory;

namespace Emulator.Devices.Tests;

public sealed class PmRegistersTests : IDisposable
{
    private const long Second = 1_000_000_000;
    private const int Frequency = 3_579_545;

    // Half of the timer's 24 bits, at 3.579545 MHz, rounded up.
    private const long HalfRound = 2_343_484_438;

    private readonly ManualClock clock = new();
    private readonly RecordingLine sci = new();
    private readonly PmRegisters registers;
    private int powerOffs;

    public PmRegistersTests() => registers = new PmRegisters(clock, sci) { PowerOffRequested = () => powerOffs++ };

    public void Dispose() => registers.Dispose();

    [Fact]
    public void The_timer_counts_at_three_times_the_rate_of_the_PIT_and_wraps_at_24_bits()
    {
        Assert.Equal(0UL, Read(PmRegister.Timer, 4));
        clock.AdvanceTo(Second);
        Assert.Equal((ulong)Frequency, Read(PmRegister.Timer, 4));
        clock.AdvanceTo(3600 * Second);
        Assert.Equal((Frequency * 3600UL) & 0xFF_FFFF, Read(PmRegister.Timer, 4));
        clock.AdvanceTo(100_000_000 * Second);      // three years
        Assert.Equal((Frequency * 100_000_000UL) & 0xFF_FFFF, Read(PmRegister.Timer, 4));
    }

    [Fact]
    public void The_timer_can_be_read_by_bytes_and_not_written()
    {
        clock.AdvanceTo(Second);
        Write(PmRegister.Timer, 4, 0x123456);
        Assert.Equal((ulong)Frequency, Read(PmRegister.Timer, 4));
        Assert.Equal([Frequency & 0xFF, (Frequency >> 8) & 0xFF, Frequency >> 16, 0], Enumerable.Range(8, 4).Select(offset => (int)registers.In(offset)));
    }

    [Fact]
    public void Bit_23_changing_sets_the_status_which_writing_1_clears()
    {
        clock.AdvanceTo(HalfRound - 1);
        Assert.Equal(0UL, Read(PmRegister.Status, 2));
        clock.AdvanceTo(HalfRound);
        Assert.Equal(0x80_0000UL, Read(PmRegister.Timer, 4));
        Assert.Equal(1UL, Read(PmRegister.Status, 2));
        Write(PmRegister.Status, 2, 0xFFFE);
        Assert.Equal(1UL, Read(PmRegister.Status, 2));
        Write(PmRegister.Status, 1, 1);
        Assert.Equal(0UL, Read(PmRegister.Status, 2));
        clock.AdvanceTo((2 * HalfRound) + 1);
        Assert.True(Read(PmRegister.Timer, 4) < 0x80_0000);
        Assert.Equal(1UL, Read(PmRegister.Status, 2));
    }

    [Fact]
    public void An_overflow_interrupts_once_enabled_and_handed_over()
    {
        clock.AdvanceTo(HalfRound);
        Write(PmRegister.Enable, 2, 1);
        Assert.False(sci.Level);        // the interrupt is not the guest's yet
        registers.HandOver(0x55);
        Assert.False(sci.Level);
        registers.HandOver(PmRegisters.AcpiEnable);
        Assert.True(sci.Level);
        Write(PmRegister.Status, 2, 1);
        Assert.False(sci.Level);

        clock.AdvanceTo((2 * HalfRound) - 2);
        Assert.False(sci.Level);
        clock.Advance(2);
        Assert.True(sci.Level);
        Write(PmRegister.Enable, 2, 0);
        Assert.False(sci.Level);
        Write(PmRegister.Enable, 2, 1);
        Assert.True(sci.Level);
        registers.HandOver(PmRegisters.AcpiDisable);
        Assert.False(sci.Level);
        Assert.Equal(0UL, Read(PmRegister.Control, 2));
        Assert.Equal(3, sci.Rises);
    }

    [Fact]
    public void No_timer_of_the_clock_runs_unless_an_overflow_would_set_an_enabled_event()
    {
        Assert.Equal(long.MaxValue, clock.NextDueNanoseconds);
        Write(PmRegister.Enable, 2, 1);
        Assert.Equal(HalfRound, clock.NextDueNanoseconds);
        clock.AdvanceTo(HalfRound);
        Assert.Equal(long.MaxValue, clock.NextDueNanoseconds);
        Write(PmRegister.Status, 2, 1);
        Assert.InRange(clock.NextDueNanoseconds, (2 * HalfRound) - 1, 2 * HalfRound);
        Write(PmRegister.Enable, 2, 0);
        Assert.Equal(long.MaxValue, clock.NextDueNanoseconds);
    }

    [Theory]
    [InlineData(0x2000, 1)]
    [InlineData(0x2001, 1)]
    [InlineData(0x2400, 0)]
    [InlineData(0x3400, 0)]
    [InlineData(0x0000, 0)]
    [InlineData(0x1C00, 0)]
    public void Sleep_type_0_with_the_enable_bit_asks_for_power_off(int control, int expected)
    {
        Write(PmRegister.Control, 2, (ulong)control);
        Assert.Equal(expected, powerOffs);
        Assert.Equal((ulong)control & 0x1C01, Read(PmRegister.Control, 2));
    }

    [Fact]
    public void Power_off_can_be_asked_for_by_the_upper_byte_alone()
    {
        registers.Out(4, 1);
        registers.Out(5, 0x20);
        Assert.Equal(1, powerOffs);
        Assert.Equal(1UL, Read(PmRegister.Control, 2));
    }

    [Fact]
    public void Only_enables_that_exist_can_be_set()
    {
        Write(PmRegister.Enable, 2, 0xFFFF);
        Assert.Equal((ulong)PmEvents.All, Read(PmRegister.Enable, 2));
        Write(PmRegister.GeneralEnable, 2, 0xA55A);
        registers.Out(0x0E, 0x11);
        Assert.Equal(0xA511_0000UL, Read(PmRegister.GeneralStatus, 4));
    }

    [Fact]
    public void A_reset_forgets_all_but_the_time()
    {
        clock.AdvanceTo(HalfRound);
        Write(PmRegister.Enable, 2, 0xFFFF);
        Write(PmRegister.Control, 2, 0x1C03);
        Write(PmRegister.GeneralEnable, 2, 0xFFFF);
        Assert.True(sci.Level);
        registers.Reset();
        Assert.False(sci.Level);
        Assert.Equal((0UL, 0UL, 0UL), (Read(PmRegister.Status, 4), Read(PmRegister.Control, 4), Read(PmRegister.GeneralStatus, 4)));
        Assert.Equal(0x80_0000UL, Read(PmRegister.Timer, 4));
        Assert.Equal(long.MaxValue, clock.NextDueNanoseconds);
    }

    [Fact]
    public void What_crosses_a_dword_is_refused_and_behind_the_last_register_nobody_answers()
    {
        Assert.Equal(BusStatus.InvalidSize, registers.Read(2, 4, out _));
        Assert.Equal(BusStatus.InvalidSize, registers.Read(0, 8, out _));
        Assert.Equal(BusStatus.InvalidSize, registers.Write(7, 2, 0));
        Assert.Equal(BusStatus.InvalidRegister, registers.Read(0x10, 4, out _));
        Assert.Equal(BusStatus.InvalidRegister, registers.Write(0x3F, 1, 0));
    }

    private ulong Read(PmRegister register, int size)
    {
        Assert.Equal(BusStatus.Ok, registers.Read((ulong)register, size, out var value));
        return value;
    }

    private void Write(PmRegister register, int size, ulong value) => Assert.Equal(BusStatus.Ok, registers.Write((ulong)register, size, value));
}
