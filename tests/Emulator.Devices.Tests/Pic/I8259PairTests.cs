namespace Emulator.Devices.Tests;

public class I8259PairTests
{
    private const int Command = 0;
    private const int Data = 1;
    private const int NonSpecificEoi = 0x20;
    private const int ReadRequests = 0x0A;
    private const int ReadInService = 0x0B;

    private readonly I8259Pair pic = new();

    public I8259PairTests() => Initialize(icw4: 0x01);

    [Fact]
    public void An_edge_is_answered_once_with_the_vector_of_its_input()
    {
        pic.Input(4).Set(true);

        Assert.True(pic.InterruptRequested);
        Assert.Equal(0x24, pic.Acknowledge());
        Assert.False(pic.InterruptRequested);
        pic.Master.Out(Command, NonSpecificEoi);
        Assert.False(pic.InterruptRequested);
    }

    [Fact]
    public void An_edge_stays_requested_after_the_line_has_fallen()
    {
        pic.Input(4).Set(true);
        pic.Input(4).Set(false);

        Assert.Equal(0x24, pic.Acknowledge());
    }

    [Fact]
    public void A_level_is_requested_again_after_its_end_of_interrupt_and_for_as_long_as_it_lasts()
    {
        pic.SetTriggerModes(1 << 11);
        pic.Input(11).Set(true);
        Assert.Equal(0x2B, pic.Acknowledge());
        Assert.False(pic.InterruptRequested);

        EndSlave();
        Assert.True(pic.InterruptRequested);
        Assert.Equal(0x2B, pic.Acknowledge());
        pic.Input(11).Set(false);
        EndSlave();

        Assert.False(pic.InterruptRequested);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(13)]
    public void The_inputs_of_the_board_itself_cannot_be_made_level_triggered(int irq)
    {
        pic.SetTriggerModes(0xFFFF);
        pic.Input(irq).Set(true);
        pic.Input(irq).Set(false);

        Assert.True(pic.InterruptRequested);
    }

    [Fact]
    public void The_lowest_input_comes_first_and_the_slave_stands_in_the_place_of_input_2()
    {
        foreach (int irq in new[] { 7, 15, 3, 8, 1 })
        {
            pic.Input(irq).Set(true);
        }

        var order = new List<int>();
        while (pic.InterruptRequested)
        {
            byte vector = pic.Acknowledge();
            order.Add(vector);
            if (vector >= 0x28)
            {
                pic.Slave.Out(Command, NonSpecificEoi);
            }

            pic.Master.Out(Command, NonSpecificEoi);
        }

        Assert.Equal([0x21, 0x28, 0x2F, 0x23, 0x27], order);
    }

    [Fact]
    public void Only_a_higher_priority_interrupts_one_in_service()
    {
        pic.Input(3).Set(true);
        pic.Acknowledge();

        pic.Input(5).Set(true);
        Assert.False(pic.InterruptRequested);
        pic.Input(1).Set(true);
        Assert.True(pic.InterruptRequested);
        Assert.Equal(0x21, pic.Acknowledge());

        pic.Master.Out(Command, ReadInService);
        Assert.Equal(0x0A, pic.Master.In(Command));
        pic.Master.Out(Command, ReadRequests);
        Assert.Equal(0x20, pic.Master.In(Command));
        pic.Master.Out(Command, NonSpecificEoi);
        Assert.False(pic.InterruptRequested);
        pic.Master.Out(Command, 0x63);
        Assert.Equal(0x25, pic.Acknowledge());
    }

    [Fact]
    public void A_masked_input_waits_until_it_is_unmasked()
    {
        pic.Master.Out(Data, 0x10);
        pic.Input(4).Set(true);
        Assert.False(pic.InterruptRequested);
        Assert.Equal(0x10, pic.Master.In(Data));

        pic.Master.Out(Data, 0);

        Assert.True(pic.InterruptRequested);
    }

    [Fact]
    public void A_request_that_has_gone_is_answered_with_the_spurious_vector_and_nothing_in_service()
    {
        pic.SetTriggerModes(1 << 5);
        pic.Input(5).Set(true);
        pic.Input(5).Set(false);

        Assert.Equal(0x27, pic.Acknowledge());
        pic.Master.Out(Command, ReadInService);
        Assert.Equal(0, pic.Master.In(Command));
    }

    [Fact]
    public void A_request_that_has_gone_from_the_slave_is_spurious_there_but_in_service_in_the_master()
    {
        pic.SetTriggerModes(1 << 10);
        pic.Input(10).Set(true);
        pic.Input(10).Set(false);

        Assert.Equal(0x2F, pic.Acknowledge());
        pic.Slave.Out(Command, ReadInService);
        Assert.Equal(0, pic.Slave.In(Command));
        pic.Master.Out(Command, ReadInService);
        Assert.Equal(0x04, pic.Master.In(Command));
    }

    [Fact]
    public void Without_special_fully_nested_mode_the_slave_cannot_interrupt_itself_before_the_masters_end_of_interrupt()
    {
        pic.Input(12).Set(true);
        pic.Acknowledge();
        pic.Input(9).Set(true);

        Assert.False(pic.InterruptRequested);
        pic.Master.Out(Command, NonSpecificEoi);
        Assert.Equal(0x29, pic.Acknowledge());
    }

    [Fact]
    public void In_special_fully_nested_mode_a_higher_input_of_the_slave_interrupts_a_lower_one()
    {
        Initialize(icw4: 0x11);
        pic.Input(12).Set(true);
        pic.Acknowledge();

        pic.Input(9).Set(true);
        Assert.True(pic.InterruptRequested);
        Assert.Equal(0x29, pic.Acknowledge());
        pic.Input(14).Set(true);
        Assert.False(pic.InterruptRequested);
    }

    [Fact]
    public void Automatic_end_of_interrupt_leaves_nothing_in_service()
    {
        Initialize(icw4: 0x03);
        pic.Input(6).Set(true);
        pic.Acknowledge();
        pic.Master.Out(Command, ReadInService);

        Assert.Equal(0, pic.Master.In(Command));
        pic.Input(7).Set(true);
        Assert.Equal(0x27, pic.Acknowledge());
    }

    [Fact]
    public void Rotation_in_automatic_end_of_interrupt_mode_takes_turns()
    {
        Initialize(icw4: 0x03);
        pic.Master.Out(Command, 0x80);
        pic.SetTriggerModes(0x18);
        pic.Input(3).Set(true);
        pic.Input(4).Set(true);

        Assert.Equal([0x23, 0x24, 0x23, 0x24], Enumerable.Range(0, 4).Select(_ => (int)pic.Acknowledge()));

        pic.Master.Out(Command, 0x00);
        pic.Master.Out(Command, 0xC7);
        Assert.Equal([0x23, 0x23], Enumerable.Range(0, 2).Select(_ => (int)pic.Acknowledge()));
    }

    [Fact]
    public void Rotation_on_an_end_of_interrupt_makes_the_input_that_ended_the_lowest()
    {
        pic.Input(4).Set(true);
        pic.Acknowledge();
        pic.Master.Out(Command, 0xA0);
        pic.Input(4).Set(false);

        pic.Input(4).Set(true);
        pic.Input(5).Set(true);
        pic.Input(3).Set(true);

        Assert.Equal(0x25, pic.Acknowledge());
        pic.Master.Out(Command, 0xE5);
        Assert.Equal(0x23, pic.Acknowledge());
    }

    [Fact]
    public void The_set_priority_command_makes_its_input_the_lowest()
    {
        pic.Master.Out(Command, 0xC0 | 4);
        pic.Input(4).Set(true);
        pic.Input(5).Set(true);

        Assert.Equal(0x25, pic.Acknowledge());
    }

    [Fact]
    public void In_special_mask_mode_a_masked_input_in_service_blocks_nothing_and_is_passed_over_by_a_non_specific_end()
    {
        pic.Input(3).Set(true);
        pic.Acknowledge();
        pic.Input(6).Set(true);
        pic.Master.Out(Data, 0x08);
        Assert.False(pic.InterruptRequested);

        pic.Master.Out(Command, 0x68);
        Assert.True(pic.InterruptRequested);
        Assert.Equal(0x26, pic.Acknowledge());
        pic.Master.Out(Command, NonSpecificEoi);
        pic.Master.Out(Command, ReadInService);
        Assert.Equal(0x08, pic.Master.In(Command));

        pic.Master.Out(Command, 0x48);
        pic.Input(7).Set(true);
        Assert.False(pic.InterruptRequested);
    }

    [Fact]
    public void A_poll_acknowledges_and_gives_the_input()
    {
        pic.Input(5).Set(true);
        pic.Master.Out(Command, 0x0C);

        Assert.Equal(0x85, pic.Master.In(Command));
        Assert.False(pic.InterruptRequested);
        pic.Master.Out(Command, ReadInService);
        Assert.Equal(0x20, pic.Master.In(Command));
        pic.Master.Out(Command, 0x0C);
        Assert.Equal(0x00, pic.Master.In(Command));
    }

    [Fact]
    public void The_slave_is_polled_through_the_master()
    {
        pic.Input(14).Set(true);
        pic.Input(15).Set(true);
        pic.Master.Out(Command, 0x0C);
        Assert.Equal(0x82, pic.Master.In(Command));
        pic.Slave.Out(Command, 0x0C);
        Assert.Equal(0x86, pic.Slave.In(Command));

        EndSlave();

        Assert.Equal(0x2F, pic.Acknowledge());
    }

    [Fact]
    public void Initialization_clears_masks_services_and_latched_edges_and_wants_a_new_edge()
    {
        pic.Input(3).Set(true);
        pic.Input(4).Set(true);
        pic.Acknowledge();
        pic.Master.Out(Data, 0xFB);

        Initialize(icw4: 0x01);

        Assert.Equal(0, pic.Master.In(Data));
        Assert.False(pic.InterruptRequested);
        pic.Input(4).Set(false);
        pic.Input(4).Set(true);
        Assert.Equal(0x24, pic.Acknowledge());
    }

    [Fact]
    public void Before_its_initialization_it_interrupts_nobody()
    {
        var fresh = new I8259Pair();
        fresh.Input(0).Set(true);
        Assert.False(fresh.InterruptRequested);
        pic.Reset();
        pic.Input(0).Set(true);
        Assert.False(pic.InterruptRequested);
    }

    [Fact]
    public void ICW1_can_make_all_inputs_level_triggered()
    {
        pic.Master.Out(Command, 0x19);
        pic.Master.Out(Data, 0x20);
        pic.Master.Out(Data, 0x04);
        pic.Master.Out(Data, 0x01);
        pic.Input(1).Set(true);
        pic.Input(1).Set(false);

        Assert.False(pic.InterruptRequested);
    }

    [Fact]
    public void A_single_chip_without_ICW4_is_initialized_by_two_words()
    {
        pic.Master.Out(Command, 0x12);
        pic.Master.Out(Data, 0x40);
        pic.Master.Out(Data, 0x5A);

        Assert.Equal(0x5A, pic.Master.In(Data));
        pic.Input(0).Set(true);
        Assert.Equal(0x40, pic.Acknowledge());
    }

    [Fact]
    public void The_output_is_announced_at_each_change()
    {
        var changes = new List<bool>();
        pic.OutputChanged = changes.Add;

        pic.Input(3).Set(true);
        pic.Input(4).Set(true);
        pic.Acknowledge();
        pic.Master.Out(Command, NonSpecificEoi);

        Assert.Equal([true, false, true], changes);
    }

    [Fact]
    public void A_shared_line_is_active_while_any_source_is()
    {
        var wire = new RecordingLine();
        var shared = new SharedInterruptLine(wire);
        Emulator.Pci.InterruptLine a = shared.AddSource();
        Emulator.Pci.InterruptLine b = shared.AddSource();

        a.Set(true);
        b.Set(true);
        b.Set(true);
        a.Set(false);
        Assert.True(wire.Level);
        b.Set(false);

        Assert.False(wire.Level);
        Assert.Equal(1, wire.Rises);
    }

    [Fact]
    public void Interrupts_raised_by_several_threads_while_another_acknowledges_are_all_delivered()
    {
        const int Rounds = 300;
        int[] lines = [3, 4, 10, 14];
        using var finished = new CountdownEvent(lines.Length);
        int[] delivered = new int[16];
        var threads = lines.Select(irq => new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                pic.Input(irq).Set(true);
                SpinWait.SpinUntil(() => Volatile.Read(ref delivered[irq]) > i);
                pic.Input(irq).Set(false);
            }

            finished.Signal();
        })).ToList();
        threads.ForEach(static thread => thread.Start());

        var limit = System.Diagnostics.Stopwatch.StartNew();
        while (!finished.IsSet && limit.Elapsed < TimeSpan.FromSeconds(60))
        {
            if (!pic.InterruptRequested)
            {
                Thread.Yield();
                continue;
            }

            int irq = pic.Acknowledge() - 0x20;
            if (irq >= 8)
            {
                pic.Slave.Out(Command, NonSpecificEoi);
            }

            pic.Master.Out(Command, NonSpecificEoi);
            Volatile.Write(ref delivered[irq], delivered[irq] + 1);
        }

        Assert.All(lines, irq => Assert.Equal(Rounds, delivered[irq]));
    }

    private void Initialize(int icw4)
    {
        pic.Master.Out(Command, 0x11);
        pic.Master.Out(Data, 0x20);
        pic.Master.Out(Data, 0x04);
        pic.Master.Out(Data, icw4);
        pic.Slave.Out(Command, 0x11);
        pic.Slave.Out(Data, 0x28);
        pic.Slave.Out(Data, 0x02);
        pic.Slave.Out(Data, 0x01);
    }

    private void EndSlave()
    {
        pic.Slave.Out(Command, NonSpecificEoi);
        pic.Master.Out(Command, NonSpecificEoi);
    }
}
