namespace Emulator.Devices.Tests;

/// <summary>The waveforms of the data sheet's "Mode Definitions", clock by clock.</summary>
public class PitCounterTests
{
    private readonly PitCounter counter = new();
    private long clock;

    [Fact]
    public void Mode_0_rises_one_clock_more_than_the_count_after_it_was_written_and_stays_high()
    {
        Program(PitMode.InterruptOnTerminalCount, 4);

        Assert.Equal("4L 3L 2L 1L 0H 65535H 65534H", Clocks(7));
    }

    [Fact]
    public void Mode_0_counts_only_while_the_gate_is_high_but_loads_without_it()
    {
        Program(PitMode.InterruptOnTerminalCount, 3);
        Assert.Equal("3L 2L", Clocks(2));
        counter.SetGate(false);
        Assert.Equal("2L 2L", Clocks(2));
        counter.SetGate(true);
        Assert.Equal("1L 0H", Clocks(2));

        counter.SetGate(false);
        counter.Write(2);
        Assert.Equal("2L 2L", Clocks(2));
        counter.SetGate(true);
        Assert.Equal("1L 0H", Clocks(2));
    }

    [Fact]
    public void Mode_0_stops_at_the_first_byte_of_a_new_count_and_starts_anew_with_the_second()
    {
        Program(PitMode.InterruptOnTerminalCount, 2);
        Assert.Equal("2L 1L 0H", Clocks(3));

        counter.BeginWrite();
        Assert.Equal("0L 0L", Clocks(2));
        counter.Write(2);

        Assert.Equal("2L 1L 0H", Clocks(3));
    }

    [Fact]
    public void Mode_1_gives_a_pulse_of_the_count_for_each_trigger_and_a_trigger_within_it_lengthens_it()
    {
        counter.SetGate(false);
        Program(PitMode.HardwareRetriggerableOneShot, 3);
        Assert.Equal("0H 0H", Clocks(2));
        Trigger();
        Assert.Equal("3L 2L 1L 0H 65535H", Clocks(5));

        Trigger();
        Assert.Equal("3L 2L", Clocks(2));
        Trigger();
        Assert.Equal("3L 2L 1L 0H", Clocks(4));
    }

    [Fact]
    public void Mode_1_takes_a_new_count_only_at_a_trigger()
    {
        counter.SetGate(false);
        Program(PitMode.HardwareRetriggerableOneShot, 2);
        Trigger();
        Assert.Equal("2L", Clocks(1));
        counter.Write(4);
        Assert.Equal("1L 0H 65535H", Clocks(3));
        Trigger();

        Assert.Equal("4L 3L", Clocks(2));
    }

    [Fact]
    public void Mode_2_is_low_for_the_last_clock_of_each_period()
    {
        Program(PitMode.RateGenerator, 3);

        Assert.Equal("3H 2H 1L 3H 2H 1L 3H", Clocks(7));
    }

    [Fact]
    public void Mode_2_goes_high_when_the_gate_falls_and_starts_a_period_when_it_rises()
    {
        Program(PitMode.RateGenerator, 3);
        Assert.Equal("3H 2H 1L", Clocks(3));
        counter.SetGate(false);
        Assert.Equal("1H 1H", Clocks(2));
        counter.SetGate(true);

        Assert.Equal("3H 2H 1L 3H", Clocks(4));
    }

    [Fact]
    public void Mode_2_takes_a_new_count_at_the_end_of_its_period()
    {
        Program(PitMode.RateGenerator, 4);
        Assert.Equal("4H 3H", Clocks(2));
        counter.Write(5);
        Assert.True(counter.NullCount);

        Assert.Equal("2H 1L 5H 4H 3H 2H 1L 5H", Clocks(8));
        Assert.False(counter.NullCount);
    }

    [Fact]
    public void Mode_3_of_an_even_count_is_a_square_wave()
    {
        Program(PitMode.SquareWave, 4);

        Assert.Equal("4H 2H 4L 2L 4H 2H 4L", Clocks(7));
    }

    [Fact]
    public void Mode_3_of_an_odd_count_is_high_for_a_clock_longer_than_low()
    {
        Program(PitMode.SquareWave, 5);

        Assert.Equal("4H 2H 0H 4L 2L 4H 2H 0H 4L 2L", Clocks(10));
    }

    [Fact]
    public void Mode_3_takes_a_new_count_at_the_end_of_its_half_period()
    {
        Program(PitMode.SquareWave, 5);
        Assert.Equal("4H", Clocks(1));
        counter.Write(4);

        Assert.Equal("2H 0H 4L 2L 4H 2H 4L", Clocks(7));
    }

    [Fact]
    public void Mode_4_is_low_for_one_clock_once_the_count_has_run_out()
    {
        Program(PitMode.SoftwareTriggeredStrobe, 3);
        Assert.Equal("3H 2H 1H 0L 65535H 65534H", Clocks(6));

        counter.Write(1);
        Assert.Equal("1H 0L 65535H", Clocks(3));
    }

    [Fact]
    public void Mode_5_strobes_after_each_trigger()
    {
        counter.SetGate(false);
        Program(PitMode.HardwareTriggeredStrobe, 2);
        Assert.Equal("0H", Clocks(1));
        Trigger();
        Assert.Equal("2H 1H 0L 65535H", Clocks(4));
        Trigger();

        Assert.Equal("2H", Clocks(1));
        Trigger();
        Assert.Equal("2H 1H 0L 65535H", Clocks(4));
    }

    [Fact]
    public void A_count_of_zero_is_the_largest()
    {
        Program(PitMode.InterruptOnTerminalCount, 0);
        counter.AdvanceTo(clock += 65_536);
        Assert.False(counter.Output);
        counter.AdvanceTo(clock += 1);
        Assert.True(counter.Output);
    }

    [Fact]
    public void BCD_counts_modulo_ten_thousand()
    {
        counter.Program(PitMode.InterruptOnTerminalCount, bcd: true);
        counter.Write(0);
        counter.AdvanceTo(clock += 10_000);
        Assert.False(counter.Output);

        Assert.Equal("0H 9999H", Clocks(2));
    }

    [Theory]
    [InlineData((int)PitMode.RateGenerator)]
    [InlineData((int)PitMode.SquareWave)]
    public void The_forbidden_count_of_one_leaves_the_output_high(int mode)
    {
        Program((PitMode)mode, 1);
        counter.AdvanceTo(1_000_000_000);

        Assert.True(counter.Output);
        Assert.Equal(-1, counter.ClocksToNextChange());
    }

    [Fact]
    public void Leaps_and_single_clocks_end_in_the_same_state()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int run = 0; run < 200; run++)
        {
            var leaping = new PitCounter();
            var stepping = new PitCounter();
            long time = 0;
            for (int action = 0; action < 20; action++)
            {
                int what = random.Next(5);
                int argument = random.Next(6);
                int count = random.Next(4) == 0 ? 0 : random.Next(2, 40);
                foreach (PitCounter each in new[] { leaping, stepping })
                {
                    Act(each, what, argument, count);
                }

                time += random.Next(20) == 0 ? random.Next(70_000) : random.Next(60);
                leaping.AdvanceTo(time);
                while (stepping.Now < time)
                {
                    stepping.AdvanceTo(stepping.Now + 1);
                }

                Assert.True(
                    (leaping.Count, leaping.Output, leaping.NullCount) == (stepping.Count, stepping.Output, stepping.NullCount),
                    $"seed {seed}, run {run}, action {action}, mode {leaping.Mode}: count {leaping.Count}/{stepping.Count}, output {leaping.Output}/{stepping.Output}");
            }
        }
    }

    [Fact]
    public void The_next_change_is_never_announced_too_late()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        for (int run = 0; run < 500; run++)
        {
            var pit = new PitCounter();
            Act(pit, 0, random.Next(6), 0);
            Act(pit, 1, 0, random.Next(2, 50));
            Act(pit, 2, 0, 0);
            Act(pit, 3, 0, 0);
            for (int step = 0; step < 200; step++)
            {
                long announced = pit.ClocksToNextChange();
                int rises = pit.Rises;
                pit.AdvanceTo(pit.Now + (announced < 0 ? 100_000 : announced - 1));

                Assert.True(rises == pit.Rises, $"seed {seed}, run {run}, mode {pit.Mode}: OUT rose before the time announced");
                pit.AdvanceTo(pit.Now + 1);
            }
        }
    }

    private static void Act(PitCounter counter, int what, int argument, int count)
    {
        switch (what)
        {
            case 0:
                counter.Program((PitMode)argument, bcd: count % 2 == 1);
                break;
            case 1:
                counter.Write(count);
                break;
            case 2:
                counter.SetGate(false);
                break;
            case 3:
                counter.SetGate(true);
                break;
            default:
                counter.BeginWrite();
                counter.Write(count);
                break;
        }
    }

    private void Program(PitMode mode, int count)
    {
        counter.Program(mode, bcd: false);
        counter.Write(count);
    }

    private void Trigger()
    {
        counter.SetGate(false);
        counter.SetGate(true);
    }

    private string Clocks(int number)
    {
        var states = new List<string>();
        for (int i = 0; i < number; i++)
        {
            counter.AdvanceTo(++clock);
            states.Add($"{counter.Count}{(counter.Output ? 'H' : 'L')}");
        }

        return string.Join(' ', states);
    }
}
