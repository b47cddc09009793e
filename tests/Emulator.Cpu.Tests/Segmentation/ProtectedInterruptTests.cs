namespace Emulator.Cpu.Tests;

public sealed unsafe class ProtectedInterruptTests
{
    private const byte Service = 0x40;
    private const uint Handler = 0x5000;

    [Theory]
    [InlineData(SystemType.InterruptGate, 4, false)]
    [InlineData(SystemType.TrapGate, 4, true)]
    [InlineData(SystemType.InterruptGate16, 2, false)]
    [InlineData(SystemType.TrapGate16, 2, true)]
    public void A_handler_of_the_same_level_gets_flags_and_address_as_wide_as_its_gate(int type, int size, bool keepsInterruptFlag)
    {
        using var machine = FlatMachine.Protected();
        var cpu = machine.Cpu;
        machine.SetGate(Service, FlatMachine.Gate(type, 0, FlatMachine.Code0, Handler));
        Flags.Write(cpu, Rflags.Fixed | Rflags.Interrupt | Rflags.NestedTask | Rflags.Trap);
        cpu->Rip = 0x1234;
        var stack = machine.Rsp;
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverInterrupt(cpu, Service));
        machine.AssertFrame(size, 0x1234, FlatMachine.Code0, 0x4302);
        Assert.Equal(stack - 3 * (ulong)size, machine.Rsp);
        Assert.Equal(Rflags.Fixed | (keepsInterruptFlag ? Rflags.Interrupt : 0), Flags.Read(cpu));
        Assert.Equal((Handler, FlatMachine.Code0), ((uint)cpu->Rip, machine[SegmentName.Cs].Selector));
    }

    [Fact]
    public void A_handler_of_an_inner_level_gets_its_stack_from_the_TSS_and_the_old_one_in_the_frame()
    {
        using var machine = FlatMachine.Protected();
        var cpu = machine.Cpu;
        machine.SetLevel(3);
        machine.SetGate(Vector.GeneralProtection, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, Handler));
        cpu->Rip = 0x1234;
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverException(cpu, Vector.GeneralProtection, 0x18));
        machine.AssertFrame(4, 0x18, 0x1234, FlatMachine.Code3, 0x10002, FlatMachine.OuterStack, FlatMachine.Data3);
        Assert.Equal((FlatMachine.InnerStack - 24, 0), ((uint)machine.Rsp, cpu->Cpl));
        Assert.Equal((FlatMachine.Data0, FlatMachine.Code0), (machine[SegmentName.Ss].Selector, machine[SegmentName.Cs].Selector));
        Assert.Equal(0U, cpu->Mode & (uint)CodeMode.User);
    }

    [Fact]
    public void A_conforming_handler_stays_at_the_callers_level()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, FlatMachine.Conforming0, Handler));
        Assert.True(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 0x10));
        Assert.Equal((3, FlatMachine.Conforming0 | 3), (machine.Cpu->Cpl, machine[SegmentName.Cs].Selector));
        machine.AssertFrame(4, 0x10, FlatMachine.Code3, 2);
    }

    [Fact]
    public void From_virtual_8086_mode_all_segments_are_pushed_and_the_data_ones_made_null()
    {
        using var machine = FlatMachine.Virtual8086(0);
        var cpu = machine.Cpu;
        machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, Handler));
        cpu->Rip = 0x99;
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverInterrupt(cpu, Service));
        machine.AssertFrame(4, 0x99, 0x100, 0x20202, 0x1000, 0x200, 0, 0x300, 0x400, 0x500);
        Assert.Equal((0, 0UL), (cpu->Cpl, cpu->SystemFlags & Rflags.Virtual8086));
        foreach (var name in new[] { SegmentName.Es, SegmentName.Ds, SegmentName.Fs, SegmentName.Gs })
        {
            Assert.Equal((0, 0), (machine[name].Selector, machine[name].Attributes));
        }

        Assert.True(FarTransfers.InterruptReturn(cpu, 4, 0));
        Assert.Equal((0x99UL, 3, 0x1000UL), (cpu->Rip, cpu->Cpl, machine.Rsp));
        Assert.Equal(0x20202UL, Flags.Read(cpu));
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(
                (0x100 * i, 0x1000UL * (uint)i, 0xFFFFU, 0xF3),
                (machine[(SegmentName)i].Selector, machine[(SegmentName)i].Base, machine[(SegmentName)i].Limit, machine[(SegmentName)i].Attributes));
        }
    }

    [Fact]
    public void From_virtual_8086_mode_only_a_nonconforming_handler_of_level_0_will_do()
    {
        foreach (var selector in new[] { FlatMachine.Conforming0, FlatMachine.Code1, FlatMachine.Code3 })
        {
            using var machine = FlatMachine.Virtual8086(3);
            machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, selector, Handler));
            Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
            machine.AssertFault(Vector.GeneralProtection, (uint)selector & ~3U);
        }
    }

    [Fact]
    public void Every_type_privilege_and_presence_of_a_gate_is_judged_as_the_manual_says()
    {
        using var machine = FlatMachine.Protected();
        for (var n = 0; n < 32 * 4 * 2 * 2; n++)
        {
            var (type, dpl, present, level) = (n & 31, n >> 5 & 3, (n >> 7 & 1) != 0, (n >> 8 & 1) * 3);
            machine.SetLevel(level);
            machine.SetGate(
                Service,
                (FlatMachine.Gate(0, dpl, FlatMachine.Code0, Handler) & ~(0x8FUL << 40)) | (ulong)type << 40 | (present ? 0x80UL << 40 : 0));
            byte expected = type is not (5 or 6 or 7 or 14 or 15) || dpl < level ? Vector.GeneralProtection
                : !present ? Vector.SegmentNotPresent
                : (byte)0;
            var before = machine.Snapshot();
            var done = Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2);
            if (expected == 0 && type == 5)
            {
                // A code segment is no TSS.
                machine.AssertFault(Vector.GeneralProtection, FlatMachine.Code0);
                continue;
            }

            Assert.True(done == (expected == 0), $"type {type}, DPL {dpl}, present {present}, CPL {level}");
            if (!done)
            {
                machine.AssertFault(expected, Service * 8 + 2);
                machine.AssertUnchanged(before);
            }
        }
    }

    [Theory]
    [InlineData(0, true, Vector.GeneralProtection, 0)]
    [InlineData(FlatMachine.Data0, true, Vector.GeneralProtection, FlatMachine.Data0)]
    [InlineData(FlatMachine.Code3, true, Vector.GeneralProtection, FlatMachine.Code3 & ~3)]
    [InlineData(0xFFF8, true, Vector.GeneralProtection, 0xFFF8)]
    [InlineData(FlatMachine.Code0, false, Vector.SegmentNotPresent, FlatMachine.Code0)]
    public void A_bad_handler_segment_faults_with_its_selector(ushort selector, bool present, byte vector, uint error)
    {
        using var machine = FlatMachine.Protected();
        machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, selector, Handler));
        if (!present)
        {
            machine.SetDescriptor(selector, FlatMachine.Segment(0, 0xFFFFF, FlatMachine.Code32Attributes & ~SegmentAttributes.Present));
        }

        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(vector, error);
    }

    [Fact]
    public void Faults_while_an_outside_event_is_delivered_have_EXT_set_and_those_of_INT_n_have_not()
    {
        using var machine = FlatMachine.Protected();
        machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, Handler) & ~(0x80UL << 40));
        machine.SetGate(Vector.SegmentNotPresent, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, Handler));
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverInterrupt(machine.Cpu, Service));
        Assert.Equal(Service * 8UL + 3, machine.Frame(4, 1)[0]);
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverPending(machine.Cpu));
        Assert.Equal(Service * 8UL + 2, machine.Frame(4, 1)[0]);
    }

    [Theory]
    [InlineData(0, Vector.InvalidTss, 0)]
    [InlineData(FlatMachine.Data3, Vector.InvalidTss, FlatMachine.Data3 & ~3)]
    [InlineData(FlatMachine.Code0, Vector.InvalidTss, FlatMachine.Code0)]
    [InlineData(FlatMachine.Data0 | 3, Vector.InvalidTss, FlatMachine.Data0)]
    [InlineData(0xFFF8, Vector.InvalidTss, 0xFFF8)]
    [InlineData(FlatMachine.Free, Vector.StackFault, FlatMachine.Free)]
    public void A_bad_stack_in_the_TSS_faults_with_its_selector(ushort stack, byte vector, uint error)
    {
        using var machine = FlatMachine.Protected();
        machine.SetDescriptor(FlatMachine.Free, FlatMachine.Segment(0, 0xFFFFF, FlatMachine.Data32Attributes & ~SegmentAttributes.Present));
        machine.SetLevel(3);
        machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, FlatMachine.Code0, Handler));
        machine.Write(FlatMachine.Tss + 8, 2, stack);
        var before = machine.Snapshot();
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(vector, error);
        machine.AssertUnchanged(before);
    }

    [Fact]
    public void An_inner_frame_that_does_not_fit_names_the_new_stack_and_one_that_is_not_mapped_writes_nothing()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, FlatMachine.Code0, Handler));
        machine.SetDescriptor(FlatMachine.Data0, FlatMachine.Segment(0, 0xFFF, FlatMachine.Data32Attributes & ~SegmentAttributes.Granularity));
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(Vector.StackFault, FlatMachine.Data0);
        machine.SetDescriptor(FlatMachine.Data0, FlatMachine.Segment(0, 0xFFFFF, FlatMachine.Data32Attributes));
        machine.EnablePaging();
        machine.Unmap(FlatMachine.InnerStack - 8);
        machine.Write(FlatMachine.Tss + 4, 4, FlatMachine.InnerStack + 8);
        var before = machine.Snapshot();
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(Vector.PageFault, 2);
        Assert.Equal(0UL, machine.Read(FlatMachine.InnerStack, 8));
        machine.AssertUnchanged((before.State, before.Cpl));
    }

    [Fact]
    public void A_TSS_too_short_for_the_inner_stack_is_invalid()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.SetGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, FlatMachine.Code0, Handler));
        machine.Cpu->Segments[(int)SegmentName.Tr].Limit = 8;
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(Vector.InvalidTss, FlatMachine.TaskRegister);
    }

    [Fact]
    public void RF_is_set_in_the_frame_of_faults_and_not_of_traps_or_interrupts()
    {
        foreach (var (vector, software, expected) in new[] { (6, false, true), (14, false, true), (1, false, false), (3, true, false), (0x40, false, false) })
        {
            using var machine = FlatMachine.Protected();
            machine.SetGate(vector, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, Handler));
            machine.Cpu->Fault = new PendingFault { IsPending = true, Vector = (byte)vector, IsSoftware = software, IsExternal = vector >= 32 };
            Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverPending(machine.Cpu));
            Assert.Equal(expected, (machine.Frame(4, 3)[2] & Rflags.Resume) != 0);
        }
    }

    [Fact]
    public void A_debug_exception_opens_the_debug_registers_to_its_handler()
    {
        using var machine = FlatMachine.Protected();
        machine.SetGate(Vector.Debug, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, Handler));
        machine.Cpu->Dr[7] |= Dr7.GeneralDetect;
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverException(machine.Cpu, Vector.Debug, null));
        Assert.Equal(0UL, machine.Cpu->Dr[7] & Dr7.GeneralDetect);
    }
}
