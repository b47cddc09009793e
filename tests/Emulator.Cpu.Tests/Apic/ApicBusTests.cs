namespace Emulator.Cpu.Tests.Apic;

/// <summary>Who gets what: destinations, shorthands, messages, INIT and start-up.</summary>
public sealed class ApicBusTests : IDisposable
{
    private const uint Asserted = 0x4000;
    private const uint Logical = 0x800;
    private const uint Lowest = 0x100;
    private const uint Self = 1 << 18;
    private const uint All = 2 << 18;
    private const uint Others = 3 << 18;
    private const uint Nmi = 0x400;
    private const uint Init = 0x500;
    private const uint StartUp = 0x600;

    private readonly ApicRig _rig = new(4);

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(Asserted | 0x40, 2, new[] { 2 })]
    [InlineData(Asserted | 0x40, 0xFF, new[] { 0, 1, 2, 3 })]
    [InlineData(Asserted | 0x40, 9, new int[0])]
    [InlineData(Asserted | Self | 0x40, 2, new[] { 1 })]
    [InlineData(Asserted | All | 0x40, 2, new[] { 0, 1, 2, 3 })]
    [InlineData(Asserted | Others | 0x40, 2, new[] { 0, 2, 3 })]
    public void A_command_reaches_its_destination(uint low, byte destination, int[] expected)
    {
        _rig.Command(1, low, destination);
        Assert.Equal(expected, _rig.Requested(0x40));
        Assert.Equal(low, _rig.Read(1, ApicRegister.InterruptCommandLow));
    }

    [Theory]
    [InlineData(0b0001, new[] { 0 })]
    [InlineData(0b1010, new[] { 1, 3 })]
    [InlineData(0b1_0000, new int[0])]
    [InlineData(0xFF, new[] { 0, 1, 2, 3 })]
    public void Flat_logical_destinations_are_sets(byte destination, int[] expected)
    {
        for (var i = 0; i < 4; i++)
        {
            _rig.Write(i, ApicRegister.LogicalDestination, 1u << (24 + i));
        }

        _rig.Command(0, Asserted | Logical | 0x40, destination);
        Assert.Equal(expected, _rig.Requested(0x40));
    }

    [Theory]
    [InlineData(0x01, new[] { 0 })]
    [InlineData(0x03, new[] { 0, 1 })]
    [InlineData(0x13, new[] { 2, 3 })]
    [InlineData(0x23, new int[0])]
    [InlineData(0xFF, new[] { 0, 1, 2, 3 })]
    public void Clustered_logical_destinations_are_a_cluster_and_a_set(byte destination, int[] expected)
    {
        for (var i = 0; i < 4; i++)
        {
            _rig.Write(i, ApicRegister.DestinationFormat, 0);
            _rig.Write(i, ApicRegister.LogicalDestination, (uint)((i / 2 << 4) | 1 << (i % 2)) << 24);
        }

        _rig.Command(0, Asserted | Logical | 0x40, destination);
        Assert.Equal(expected, _rig.Requested(0x40));
    }

    [Fact]
    public void The_lowest_priority_of_the_destination_takes_it_and_equals_take_turns()
    {
        for (var i = 0; i < 4; i++)
        {
            _rig.Write(i, ApicRegister.TaskPriority, i == 2 ? 0x10u : 0x30);
        }

        _rig.Command(0, Asserted | Lowest | 0x90, 0xFF);
        Assert.Equal([2], _rig.Requested(0x90));

        for (var i = 0; i < 4; i++)
        {
            _rig.Write(i, ApicRegister.TaskPriority, 0xF0);
        }

        for (byte vector = 0xA0; vector < 0xA4; vector++)
        {
            _rig.Command(0, Asserted | Lowest | vector, 0xFF);
        }

        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0xA0, 4).SelectMany(v => _rig.Requested((byte)v)).Order());
    }

    [Fact]
    public void Lowest_priority_passes_by_who_is_switched_off()
    {
        _rig.Write(0, ApicRegister.SpuriousVector, 0xFF);
        _rig.Write(1, ApicRegister.TaskPriority, 0x30);
        _rig.Bus[2].SetBase(0xFEE0_0000);
        _rig.Write(3, ApicRegister.TaskPriority, 0x40);
        _rig.Command(3, Asserted | Lowest | 0x50, 0xFF);
        Assert.Equal([1], _rig.Requested(0x50));
    }

    [Theory]
    [InlineData(0xFEE0_2000UL, 0x0000_0040U, new[] { 2 })]
    [InlineData(0xFEEF_F000UL, 0x0000_0040U, new[] { 0, 1, 2, 3 })]
    [InlineData(0xFEE0_A004UL, 0x0000_0040U, new[] { 1, 3 })]
    [InlineData(0xFEE0_200CUL, 0x0000_0140U, new[] { 1 })]
    [InlineData(0xFEE0_200CUL, 0x0000_0040U, new[] { 1 })]
    [InlineData(0xFEE0_2000UL, 0x0000_8040U, new int[0])]
    public void A_message_reaches_its_destination(ulong address, uint data, int[] expected)
    {
        for (var i = 0; i < 4; i++)
        {
            _rig.Write(i, ApicRegister.LogicalDestination, 1u << (24 + i));
        }

        _rig.Bus.Message(address, data);
        Assert.Equal(expected, _rig.Requested(0x40));
    }

    [Fact]
    public void A_message_through_memory_is_an_aligned_word()
    {
        Assert.Equal(Memory.BusStatus.Ok, _rig.Bus.Write(0x1000, 4, 0x40));
        Assert.Equal(Memory.BusStatus.Unassigned, _rig.Bus.Write(0x2000, 8, 0x40));
        Assert.Equal(Memory.BusStatus.Unassigned, _rig.Bus.Read(0x1000, 4, out _));
        Assert.Equal([1], _rig.Requested(0x40));
    }

    [Fact]
    public void An_nmi_passes_by_masks_and_wakes()
    {
        _rig.Write(1, ApicRegister.SpuriousVector, 0xFF);
        Start(1);
        var before = _rig.Wakes[1];
        _rig.Command(0, Asserted | Nmi, 1);
        Assert.Equal(1, _rig.Wakes[1] - before);
        Assert.True(_rig.Bus[1].TakeNmi());
        Assert.False(_rig.Bus[1].TakeNmi());
    }

    [Fact]
    public void All_but_the_first_wait_for_start_up_and_hear_the_first_one_only()
    {
        Assert.Equal([false, true, true, true], Enumerable.Range(0, 4).Select(i => _rig.Bus[i].IsWaitingForStartUp));
        _rig.Command(0, Asserted | Others | StartUp | 0x12);
        _rig.Command(0, Asserted | Others | StartUp | 0x34);
        Assert.True(_rig.Bus[1].TakeStartUp(out var page));
        Assert.Equal(0x12, page);
        Assert.False(_rig.Bus[1].IsWaitingForStartUp);
        _rig.Command(0, Asserted | StartUp | 0x56, 1);
        _rig.Command(1, Asserted | StartUp | 0x56, 0);
        Assert.False(_rig.Bus[1].TakeStartUp(out _));
        Assert.False(_rig.Bus[0].TakeStartUp(out _));
    }

    [Fact]
    public void Init_and_start_up_in_a_row_are_both_heard_however_late_the_processor_looks()
    {
        Start(1);
        _rig.Interrupt(0x40, processor: 1);
        _rig.Command(0, Asserted | Init, 1);
        _rig.Command(0, 0x8000 | Init, 1);              // level de-assert: nothing
        _rig.Command(0, Asserted | StartUp | 0x12, 1);
        Assert.False(_rig.Bus[1].TakeStartUp(out _));
        Assert.True(_rig.Bus[1].TakeInit());
        Assert.True(_rig.Bus[1].IsWaitingForStartUp);
        Assert.Empty(_rig.Requested(0x40));
        Assert.Equal((0xFFu, 1u << 24), (_rig.Read(1, ApicRegister.SpuriousVector), _rig.Read(1, ApicRegister.Id)));
        Assert.True(_rig.Bus[1].TakeStartUp(out var page));
        Assert.Equal(0x12, page);
        Assert.False(_rig.Bus[1].TakeInit());
    }

    [Fact]
    public void An_init_voids_what_came_before_it()
    {
        _rig.Command(0, Asserted | StartUp | 0x12, 1);
        _rig.Command(0, Asserted | Nmi, 1);
        _rig.Command(0, Asserted | Init, 1);
        Assert.True(_rig.Bus[1].TakeInit());
        Assert.False(_rig.Bus[1].TakeStartUp(out _));
        Assert.False(_rig.Bus[1].TakeNmi());
    }

    [Fact]
    public void The_first_processor_starts_over_at_init_and_waits_for_nobody()
    {
        _rig.Command(1, Asserted | Init, 0);
        _rig.Command(1, Asserted | StartUp | 0x12, 0);
        Assert.True(_rig.Bus[0].TakeInit());
        Assert.False(_rig.Bus[0].IsWaitingForStartUp);
        Assert.False(_rig.Bus[0].TakeStartUp(out _));
    }

    [Fact]
    public void An_nmi_at_a_processor_that_waits_comes_after_start_up()
    {
        _rig.Command(0, Asserted | Nmi, 1);
        Assert.False(_rig.Bus[1].TakeNmi());
        Start(1);
        Assert.True(_rig.Bus[1].TakeNmi());
    }

    [Fact]
    public void An_id_that_software_changed_is_the_one_that_is_meant()
    {
        _rig.Write(1, ApicRegister.Id, 0x2A << 24);
        _rig.Command(0, Asserted | 0x40, 0x2A);
        _rig.Command(0, Asserted | 0x41, 1);
        Assert.Equal([1], _rig.Requested(0x40));
        Assert.Empty(_rig.Requested(0x41));
    }

    [Fact]
    public async Task Every_interrupt_of_many_senders_is_acknowledged_or_still_requested()
    {
        // Four threads send their own vectors to the first processor; nothing may be lost and nothing invented.
        const int Rounds = 20_000;
        var sent = new int[4];
        var taken = new int[4];
        var senders = Enumerable.Range(0, 4).Select(s => Task.Run(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                var vector = (byte)(0x41 + (s * 0x10));
                SpinWait.SpinUntil(() => Volatile.Read(ref taken[s]) == sent[s]);
                sent[s]++;
                _rig.Bus.Send(new InterruptMessage(DeliveryMode.Fixed, vector, 0, false, false));
            }
        })).ToArray();
        var all = Task.WhenAll(senders);
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (taken.Sum() < 4 * Rounds && DateTime.UtcNow < deadline)
        {
            if (_rig.First.PendingVector >= 0)
            {
                var vector = _rig.First.Acknowledge();
                _rig.EndOfInterrupt();
                Interlocked.Increment(ref taken[(vector - 0x41) / 0x10]);
            }
        }

        await all.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal([Rounds, Rounds, Rounds, Rounds], taken);
    }

    private void Start(int processor)
    {
        _rig.Command(0, Asserted | StartUp, (byte)processor);
        Assert.True(_rig.Bus[processor].TakeStartUp(out _));
    }
}
