namespace Emulator.Devices.Tests;

public sealed class Mc146818Tests : IDisposable
{
    private const long Second = 1_000_000_000;
    private const long Millisecond = 1_000_000;
    private const int A = 0x0A;
    private const int B = 0x0B;
    private const int C = 0x0C;

    private readonly ManualClock clock = new();
    private readonly RecordingLine irq8 = new();
    private Mc146818 rtc;

    public Mc146818Tests() => rtc = At(new DateTime(2024, 2, 29, 23, 59, 58, DateTimeKind.Utc));

    public void Dispose() => rtc.Dispose();

    [Fact]
    public void The_time_is_shown_in_BCD_and_24_hours_at_first()
    {
        Assert.Equal((0x23, 0x59, 0x58), (Read(4), Read(2), Read(0)));
        Assert.Equal((0x05, 0x29, 0x02, 0x24, 0x20), (Read(6), Read(7), Read(8), Read(9), Read(0x32)));
        Assert.Equal((0x26, 0x02, 0x80), (Read(A), Read(B), Read(0x0D)));
    }

    [Fact]
    public void Time_rolls_over_from_a_leap_day_to_March()
    {
        clock.Advance(2 * Second);

        Assert.Equal((0x00, 0x00, 0x00), (Read(4), Read(2), Read(0)));
        Assert.Equal((0x06, 0x01, 0x03), (Read(6), Read(7), Read(8)));
    }

    [Fact]
    public void Time_rolls_over_into_a_new_century()
    {
        using Mc146818 old = At(new DateTime(1999, 12, 31, 23, 59, 59, DateTimeKind.Utc));
        rtc = old;
        clock.Advance(Second);

        Assert.Equal((0x01, 0x01, 0x00, 0x20), (Read(7), Read(8), Read(9), Read(0x32)));
    }

    [Fact]
    public void The_last_second_of_the_calendar_is_followed_by_its_first()
    {
        Write(B, 0x82);
        foreach ((int register, int value) in new[] { (0x32, 0x99), (9, 0x99), (8, 0x12), (7, 0x31), (4, 0x23), (2, 0x59), (0, 0x59) })
        {
            Write(register, value);
        }

        Write(B, 0x02);
        clock.Advance(Second);

        Assert.Equal((0x00, 0x00, 0x01, 0x01), (Read(0x32), Read(9), Read(8), Read(7)));
        clock.Advance(long.MaxValue / 2);
        Assert.InRange(Read(0), 0, 0x59);
    }

    [Theory]
    [InlineData(0, 0x12)]
    [InlineData(1, 0x01)]
    [InlineData(11, 0x11)]
    [InlineData(12, 0x92)]
    [InlineData(13, 0x81)]
    [InlineData(23, 0x91)]
    public void Twelve_hour_mode_has_its_afternoon_bit(int hour, int shown)
    {
        Write(B, 0x06);
        Write(4, hour);
        Write(B, 0x00);
        Assert.Equal(shown, Read(4));
        Write(4, 0);
        Write(4, shown);
        Write(B, 0x06);

        Assert.Equal(hour, Read(4));
    }

    [Fact]
    public void SET_holds_the_time_while_it_is_written_and_turns_the_update_interrupt_off()
    {
        Write(B, 0x12);
        Write(B, 0x92);
        Assert.Equal(0x82, Read(B));
        clock.Advance(5 * Second);
        Assert.Equal(0x58, Read(0));
        Write(0, 0x10);
        Assert.Equal(0, Read(A) & 0x80);
        Write(B, 0x02);
        clock.Advance(Second);

        Assert.Equal(0x11, Read(0));
    }

    [Fact]
    public void A_date_that_does_not_exist_stands_still_until_it_is_corrected()
    {
        Write(7, 0x31);
        clock.Advance(10 * Second);
        Assert.Equal((0x31, 0x02, 0x58), (Read(7), Read(8), Read(0)));
        Write(8, 0x03);
        clock.Advance(Second);

        Assert.Equal(0x59, Read(0));
    }

    [Fact]
    public void Update_in_progress_is_shown_shortly_before_each_update()
    {
        Assert.Equal(0, Read(A) & 0x80);
        clock.Advance(Second - (3 * Millisecond));
        Assert.Equal(0, Read(A) & 0x80);
        clock.Advance(Millisecond);
        Assert.Equal(0x80, Read(A) & 0x80);
        Assert.Equal(0x58, Read(0));
        clock.Advance(2 * Millisecond);
        Assert.Equal(0, Read(A) & 0x80);
        Assert.Equal(0x59, Read(0));
    }

    [Fact]
    public void The_divider_let_go_makes_its_first_update_after_half_a_second()
    {
        Write(A, 0x76);
        clock.Advance((10 * Second) + 123);
        Assert.Equal(0x58, Read(0));
        Write(A, 0x26);
        clock.Advance((Second / 2) - 1);
        Assert.Equal(0x58, Read(0));
        clock.Advance(1);

        Assert.Equal(0x59, Read(0));
    }

    [Fact]
    public void A_start_within_a_second_is_counted_from_there()
    {
        using Mc146818 other = At(new DateTime(2024, 1, 1, 0, 0, 0, 250, DateTimeKind.Utc));
        rtc = other;
        clock.Advance(750 * Millisecond);

        Assert.Equal(0x01, Read(0));
    }

    [Fact]
    public void The_update_ended_interrupt_comes_each_second_once_its_flag_is_read()
    {
        Write(B, 0x12);
        clock.Advance(Second);
        Assert.True(irq8.Level);
        clock.Advance(Second);
        Assert.Equal(1, irq8.Rises);
        Assert.Equal(0x90, Read(C) & 0x90);
        Assert.False(irq8.Level);
        Assert.Equal(0, Read(C));
        clock.Advance(Second);

        Assert.Equal(2, irq8.Rises);
    }

    [Fact]
    public void Flags_are_set_without_their_interrupts()
    {
        Read(C);
        clock.Advance(Second);

        Assert.False(irq8.Level);
        Assert.Equal(0x50, Read(C) & 0xD0);
    }

    [Theory]
    [InlineData(0x26, 1024)]
    [InlineData(0x23, 8192)]
    [InlineData(0x21, 256)]
    [InlineData(0x22, 128)]
    [InlineData(0x2F, 2)]
    [InlineData(0x20, 0)]
    public void The_periodic_interrupt_has_its_rate(int registerA, int rate)
    {
        Write(A, registerA);
        Write(B, 0x42);
        Read(C);
        int interrupts = 0;
        while (clock.NextDueNanoseconds <= Second)
        {
            clock.AdvanceTo(clock.NextDueNanoseconds);
            if (irq8.Level)
            {
                Assert.Equal(0xC0, Read(C) & 0xC0);
                interrupts++;
            }
        }

        Assert.Equal(rate, interrupts);
    }

    [Fact]
    public void The_alarm_comes_at_its_time()
    {
        Write(1, 0x05);
        Write(3, 0x00);
        Write(5, 0x00);
        Write(B, 0x22);
        clock.Advance(7 * Second - 1);
        Assert.False(irq8.Level);
        clock.Advance(1);

        Assert.True(irq8.Level);
        Assert.Equal(0xA0, Read(C) & 0xA0);
    }

    [Fact]
    public void An_alarm_register_of_C0_and_above_matches_anything()
    {
        Write(1, 0x30);
        Write(3, 0xFF);
        Write(5, 0xC0);
        Write(B, 0x22);
        clock.Advance(32 * Second);
        Assert.Equal(0xA0, Read(C) & 0xA0);
        clock.Advance(59 * Second);
        Assert.False(irq8.Level);
        clock.Advance(Second);

        Assert.True(irq8.Level);
    }

    [Fact]
    public void An_alarm_that_passed_while_nobody_looked_has_set_its_flag()
    {
        Read(C);
        Write(1, 0x00);
        Write(3, 0x00);
        Write(5, 0x12);
        clock.Advance(11 * 3600 * Second);
        Assert.Equal(0, Read(C) & 0x20);
        clock.Advance(400L * 86_400 * Second);

        Assert.Equal(0x20, Read(C) & 0x20);
    }

    [Fact]
    public void The_index_port_masks_NMI_and_cannot_be_read()
    {
        rtc.Out(0, 0x8F);
        Assert.True(rtc.NmiMasked);
        rtc.Out(1, 0x5A);
        rtc.Out(0, 0x0F);

        Assert.False(rtc.NmiMasked);
        Assert.Equal(0x5A, rtc.In(1));
        Assert.Equal(0xFF, rtc.In(0));
    }

    [Fact]
    public void The_memory_size_is_where_firmware_looks_for_it()
    {
        rtc.StoreMemorySize(new CmosMemorySize(0xC000_0000, 0x1_4000_0000));

        Assert.Equal((0x80, 0x02), (Read(0x15), Read(0x16)));
        Assert.Equal((0xFF, 0xFF, 0xFF, 0xFF), (Read(0x17), Read(0x18), Read(0x30), Read(0x31)));
        Assert.Equal((0x00, 0xBF), (Read(0x34), Read(0x35)));
        Assert.Equal((0x00, 0x40, 0x01), (Read(0x5B), Read(0x5C), Read(0x5D)));
        Assert.Equal(Enumerable.Range(0x10, 0x1E).Sum(Read), (Read(0x2E) << 8) | Read(0x2F));
        rtc.StoreMemorySize(new CmosMemorySize(8 << 20, 0));
        Assert.Equal((0x00, 0x1C, 0x00), (Read(0x17), Read(0x18), Read(0x34)));
    }

    [Fact]
    public void A_reset_turns_interrupts_off_and_keeps_time_and_RAM()
    {
        Write(0x40, 0x77);
        Write(B, 0x52);
        clock.Advance(Second);
        Assert.True(irq8.Level);

        rtc.Reset();

        Assert.False(irq8.Level);
        Assert.Equal(0x02, Read(B));
        Assert.Equal(0x77, Read(0x40));
        Assert.Equal(0x59, Read(0));
    }

    [Fact]
    public void A_peek_has_no_side_effects()
    {
        clock.Advance(Second);
        Assert.NotEqual(0, rtc.Peek(C));

        Assert.NotEqual(0, Read(C));
    }

    private Mc146818 At(DateTime start) => new(clock, irq8, start);

    private int Read(int register)
    {
        rtc.Out(0, register);
        return rtc.In(1);
    }

    private void Write(int register, int value)
    {
        rtc.Out(0, register);
        rtc.Out(1, value);
    }
}
