namespace Emulator.Cpu.Tests.Apic;

/// <summary>Registers, priorities, levels, local vectors and errors of one local APIC.</summary>
public sealed class LocalApicTests : IDisposable
{
    private readonly ApicRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void After_a_reset_it_is_switched_off_by_software_with_everything_masked_but_the_8259_pair()
    {
        _rig.First.Reset();
        Assert.Equal(0xFFu, _rig.Read(0, ApicRegister.SpuriousVector));
        Assert.Equal(0x50014u, _rig.Read(0, ApicRegister.Version));
        Assert.Equal(0xFFFF_FFFFu, _rig.Read(0, ApicRegister.DestinationFormat));
        Assert.Equal(0u, _rig.Read(0, ApicRegister.LogicalDestination));
        Assert.Equal(0x10000u, _rig.Read(0, ApicRegister.LvtTimer));
        Assert.Equal(0x10000u, _rig.Read(0, ApicRegister.LvtLint1));
        Assert.Equal(0x700u, _rig.Read(0, ApicRegister.LvtLint0));
        Assert.True(_rig.First.AcceptsExternal);
        Assert.False(_rig.First.IsWaitingForStartUp);
    }

    [Fact]
    public void The_highest_vector_comes_first_and_holds_back_its_class_until_its_end()
    {
        _rig.Interrupt(0x41);
        _rig.Interrupt(0x52);
        _rig.Interrupt(0x5F);
        Assert.Equal(0x5F, _rig.First.Acknowledge());
        Assert.Equal(-1, _rig.First.PendingVector);
        Assert.Equal(0x50u, _rig.Read(0, ApicRegister.ProcessorPriority));
        _rig.Interrupt(0x60);
        Assert.Equal(0x60, _rig.First.Acknowledge());
        _rig.EndOfInterrupt();
        Assert.Equal(-1, _rig.First.PendingVector);
        _rig.EndOfInterrupt();
        Assert.Equal(0x52, _rig.First.Acknowledge());
        _rig.EndOfInterrupt();
        Assert.Equal(0x41, _rig.First.Acknowledge());
    }

    [Fact]
    public void The_task_priority_holds_back_its_class_and_those_below()
    {
        _rig.Interrupt(0x4F);
        _rig.Write(0, ApicRegister.TaskPriority, 0x40);
        Assert.Equal(4, _rig.First.TaskPriority);
        Assert.Equal(-1, _rig.First.PendingVector);
        _rig.First.TaskPriority = 3;
        Assert.Equal(0x30u, _rig.Read(0, ApicRegister.TaskPriority));
        Assert.Equal(0x4F, _rig.First.PendingVector);
        _rig.Write(0, ApicRegister.TaskPriority, 0x3A);
        _rig.First.TaskPriority = 3;
        Assert.Equal(0x3Au, _rig.Read(0, ApicRegister.ProcessorPriority));
    }

    [Fact]
    public void Only_the_end_of_a_level_triggered_interrupt_is_told_to_the_io_apics()
    {
        _rig.Interrupt(0x40);
        _rig.Interrupt(0x70, level: true);
        Assert.Equal(0x70, _rig.First.Acknowledge());
        _rig.EndOfInterrupt();
        Assert.Equal(0x40, _rig.First.Acknowledge());
        _rig.EndOfInterrupt();
        _rig.EndOfInterrupt();      // nothing in service
        Assert.Equal([0x70], _rig.Ended);
    }

    [Fact]
    public void A_vector_that_is_in_service_can_be_requested_once_more_but_not_twice()
    {
        _rig.Interrupt(0x40);
        _rig.First.Acknowledge();
        _rig.Interrupt(0x40);
        _rig.Interrupt(0x40);
        Assert.Equal(2, _rig.Wakes[0]);
        _rig.EndOfInterrupt();
        Assert.Equal(0x40, _rig.First.Acknowledge());
        _rig.EndOfInterrupt();
        Assert.Equal(-1, _rig.First.PendingVector);
    }

    [Fact]
    public void Registers_show_requests_service_and_trigger_modes()
    {
        _rig.Interrupt(0x45, level: true);
        _rig.Interrupt(0xFF);
        Assert.Equal(1u << 5, _rig.Read(0, ApicRegister.InterruptRequest + 0x20));
        Assert.Equal(1u << 31, _rig.Read(0, ApicRegister.InterruptRequest + 0x70));
        Assert.Equal(1u << 5, _rig.Read(0, ApicRegister.TriggerMode + 0x20));
        _rig.First.Acknowledge();
        Assert.Equal(1u << 31, _rig.Read(0, ApicRegister.InService + 0x70));
        Assert.Equal(0u, _rig.Read(0, ApicRegister.InterruptRequest + 0x70));
    }

    [Fact]
    public void Switched_off_by_software_it_takes_no_vectors_and_masks_its_table()
    {
        _rig.Write(0, ApicRegister.LvtTimer, 0x30);
        _rig.Interrupt(0x40);
        _rig.Write(0, ApicRegister.SpuriousVector, 0xFF);
        Assert.Equal(0x10030u, _rig.Read(0, ApicRegister.LvtTimer));
        _rig.Write(0, ApicRegister.LvtTimer, 0x31);
        Assert.Equal(0x10031u, _rig.Read(0, ApicRegister.LvtTimer));
        Assert.Equal(-1, _rig.First.PendingVector);
        _rig.Interrupt(0x50);
        _rig.Write(0, ApicRegister.SpuriousVector, 0x1FF);
        Assert.Equal(0x40, _rig.First.PendingVector);
        Assert.Empty(_rig.Requested(0x50));
    }

    [Fact]
    public void Switched_off_by_the_processor_it_forgets_everything_and_lets_the_pins_through()
    {
        _rig.Write(0, ApicRegister.LvtLint0, 0x10000);
        _rig.Interrupt(0x40);
        _rig.First.SetBase(0xFEE0_0100);
        Assert.False(_rig.First.Answers(0xFEE0_0020));
        Assert.True(_rig.First.AcceptsExternal);
        _rig.First.SetPin(LocalVector.Lint1, true);
        Assert.True(_rig.First.TakeNmi());
        _rig.Interrupt(0x41);
        _rig.First.SetBase(0xFEE0_0900);
        Assert.True(_rig.First.Answers(0xFEE0_0FFC));
        _rig.Write(0, ApicRegister.SpuriousVector, 0x1FF);
        Assert.Equal(-1, _rig.First.PendingVector);
    }

    [Theory]
    [InlineData(0x7, true)]
    [InlineData(0x87, true)]
    [InlineData(0x107, false)]
    [InlineData(0x0, false)]
    public void Lint0_lets_the_8259_pair_through_in_external_mode_alone(uint entry, bool accepts)
    {
        _rig.Write(0, ApicRegister.LvtLint0, entry << 8);
        Assert.Equal(accepts, _rig.First.AcceptsExternal);
        var before = _rig.Wakes[0];
        _rig.First.SetPin(LocalVector.Lint0, true);
        _rig.First.SetPin(LocalVector.Lint0, true);     // another request before the first was seen to go
        Assert.Equal(accepts ? 2 : 0, entry == 0 ? 0 : _rig.Wakes[0] - before);
    }

    [Fact]
    public void A_level_at_a_pin_asks_again_after_each_end_of_interrupt()
    {
        _rig.Write(0, ApicRegister.LvtLint0, 0x8000 | 0x45);
        _rig.First.SetPin(LocalVector.Lint0, true);
        Assert.Equal(0x8000u | 0x4000 | 0x45, _rig.Read(0, ApicRegister.LvtLint0));
        Assert.Equal(0x45, _rig.First.Acknowledge());
        Assert.Empty(_rig.Requested(0x45));
        _rig.EndOfInterrupt();
        Assert.Equal([0], _rig.Requested(0x45));
        _rig.First.SetPin(LocalVector.Lint0, false);
        _rig.First.Acknowledge();
        _rig.EndOfInterrupt();
        Assert.Empty(_rig.Requested(0x45));
        Assert.Equal(0x8045u, _rig.Read(0, ApicRegister.LvtLint0));
    }

    [Fact]
    public void A_level_at_a_masked_pin_comes_when_it_is_unmasked_and_an_edge_does_not()
    {
        _rig.Write(0, ApicRegister.LvtLint0, 0x18045);
        _rig.Write(0, ApicRegister.LvtLint1, 0x10046);
        _rig.First.SetPin(LocalVector.Lint0, true);
        _rig.First.SetPin(LocalVector.Lint1, true);
        _rig.Write(0, ApicRegister.LvtLint0, 0x8045);
        _rig.Write(0, ApicRegister.LvtLint1, 0x46);
        Assert.Equal([0], _rig.Requested(0x45));
        Assert.Empty(_rig.Requested(0x46));
        _rig.First.SetPin(LocalVector.Lint1, false);
        _rig.First.SetPin(LocalVector.Lint1, true);
        Assert.Equal([0], _rig.Requested(0x46));
    }

    [Fact]
    public void Errors_are_shown_by_writing_the_status_register_and_interrupt_once()
    {
        _rig.Write(0, ApicRegister.LvtError, 0x33);
        _rig.Command(0, 0x40005);                   // a vector below 16 to itself
        _ = _rig.Read(0, (ApicRegister)0x3F0);      // no register
        _ = _rig.Read(0, (ApicRegister)0x3F0);
        _rig.Interrupt(3);
        Assert.Equal(0u, _rig.Read(0, ApicRegister.ErrorStatus));
        _rig.Write(0, ApicRegister.ErrorStatus, 0);
        Assert.Equal(0xE0u, _rig.Read(0, ApicRegister.ErrorStatus));
        Assert.Equal(0x33, _rig.First.Acknowledge());
        _rig.Write(0, ApicRegister.ErrorStatus, 0);
        Assert.Equal(0u, _rig.Read(0, ApicRegister.ErrorStatus));
    }

    [Fact]
    public void An_illegal_error_vector_is_not_an_error_without_end()
    {
        _rig.Write(0, ApicRegister.LvtError, 0x02);
        _rig.Interrupt(3);
        _rig.Write(0, ApicRegister.ErrorStatus, 0);
        Assert.Equal(0x40u, _rig.Read(0, ApicRegister.ErrorStatus));
    }

    [Fact]
    public void Only_accesses_of_32_bits_write_and_any_read_inside_a_register_reads()
    {
        _rig.First.Write((int)ApicRegister.TaskPriority, 1, 0x50);
        _rig.First.Write((int)ApicRegister.TaskPriority + 4, 4, 0x50);
        Assert.Equal(0u, _rig.Read(0, ApicRegister.TaskPriority));
        _rig.First.Write((int)ApicRegister.TaskPriority, 8, 0xDEAD_0000_0050);
        Assert.Equal(0x50u, _rig.Read(0, ApicRegister.TaskPriority));
        Assert.Equal(0x05UL, _rig.First.Read((int)ApicRegister.Version + 2, 1));
        Assert.Equal(0x0005UL, _rig.First.Read((int)ApicRegister.Version + 2, 2));
        Assert.Equal(0x50014UL, _rig.First.Read((int)ApicRegister.Version, 8));
        Assert.Equal(0UL, _rig.First.Read((int)ApicRegister.Version + 4, 4));
    }

    [Fact]
    public void Whatever_a_guest_does_to_its_page_is_answered()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        try
        {
            for (var i = 0; i < 200_000; i++)
            {
                var offset = random.Next(0x1000);
                var size = 1 << random.Next(4);
                if (random.Next(2) == 0)
                {
                    _rig.First.Write(offset & ~(random.Next(2) * 15), size, (ulong)random.NextInt64());
                }
                else
                {
                    var value = _rig.First.Read(offset, size);
                    Assert.True(size == 8 || value >> (size * 8) == 0);
                }

                if (_rig.First.PendingVector >= 0 && random.Next(4) == 0)
                {
                    _rig.First.Acknowledge();
                }

                if (random.Next(10) == 0)
                {
                    _rig.First.SetPin(random.Next(2) == 0 ? LocalVector.Lint0 : LocalVector.Lint1, random.Next(2) == 0);
                    _rig.Clock.Advance(random.Next(100_000));
                }
            }
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"seed {seed}: {e}");
        }
    }
}
