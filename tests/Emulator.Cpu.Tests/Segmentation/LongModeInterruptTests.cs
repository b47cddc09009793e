namespace Emulator.Cpu.Tests;

public sealed unsafe class LongModeInterruptTests
{
    private const byte Service = 0x40;
    private const uint HandlerLow = 0x81005000;
    private const ulong Handler = 0xFFFFFFFF81005000;

    [Fact]
    public void The_frame_is_aligned_and_holds_SS_and_RSP_even_at_the_same_level()
    {
        using var machine = WithGate(FlatMachine.LongCode0);
        var cpu = machine.Cpu;
        machine.Rsp = 0x8FF7;
        cpu->Rip = 0x1234;
        Flags.Write(cpu, Rflags.Fixed | Rflags.Interrupt);
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverException(cpu, Service, 0xABCD));
        Assert.Equal(0x8FF0UL - 48, machine.Rsp);
        machine.AssertFrame(8, 0xABCD, 0x1234, FlatMachine.LongCode0, 0x202, 0x8FF7, FlatMachine.Data0);
        Assert.Equal((Handler, FlatMachine.Data0), (cpu->Rip, machine[SegmentName.Ss].Selector));
        Assert.Equal(Rflags.Fixed, Flags.Read(cpu));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void From_level_3_the_stack_comes_from_the_TSS_and_SS_becomes_null(bool compatibility)
    {
        using var machine = WithGate(FlatMachine.LongCode0);
        var cpu = machine.Cpu;
        machine.SetLongLevel(3);
        if (compatibility)
        {
            machine.SetLevel(3);
        }

        cpu->Rip = 0x1234;
        Assert.True(Interrupts.SoftwareInterrupt(cpu, Service, 0x1236));
        var code = compatibility ? FlatMachine.Code3 : FlatMachine.LongCode3;
        machine.AssertFrame(8, 0x1236, code, 2, FlatMachine.OuterStack, FlatMachine.Data3);
        Assert.Equal((FlatMachine.InnerStack - 40UL, 0, 0), (machine.Rsp, cpu->Cpl, machine[SegmentName.Ss].Selector));
        Assert.NotEqual(0U, cpu->Mode & (uint)CodeMode.Code64);

        Assert.True(FarTransfers.InterruptReturn(cpu, 8, 0));
        Assert.Equal((0x1236UL, 3, (ulong)FlatMachine.OuterStack), (cpu->Rip, cpu->Cpl, machine.Rsp));
        Assert.Equal((code, FlatMachine.Data3), (machine[SegmentName.Cs].Selector, machine[SegmentName.Ss].Selector));
    }

    [Fact]
    public void A_gate_with_an_IST_index_switches_stacks_whatever_the_level()
    {
        using var machine = FlatMachine.Long();
        machine.SetLongGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, FlatMachine.LongCode0, HandlerLow, count: 7), 0xFFFFFFFF);
        machine.Write(FlatMachine.Tss + 0x24 + 6 * 8, 8, 0xA00F);
        var stack = machine.Rsp;
        Assert.True(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 0x10));
        Assert.Equal(0xA000UL - 40, machine.Rsp);
        machine.AssertFrame(8, 0x10, FlatMachine.LongCode0, 2, stack, FlatMachine.Data0);
        Assert.Equal(FlatMachine.Data0, machine[SegmentName.Ss].Selector);
    }

    [Fact]
    public void Only_64_bit_interrupt_and_trap_gates_exist()
    {
        using var machine = FlatMachine.Long();
        for (var type = 0; type < 32; type++)
        {
            machine.SetLongLevel(0);
            machine.SetLongGate(
                Service, FlatMachine.Gate(0, 3, FlatMachine.LongCode0, HandlerLow) | (ulong)type << 40, 0xFFFFFFFF);
            var done = Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2);
            Assert.Equal(type is 14 or 15, done);
            if (!done)
            {
                machine.AssertFault(Vector.GeneralProtection, Service * 8 + 2);
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(FlatMachine.Code0, FlatMachine.Code0)]
    [InlineData(FlatMachine.Data0, FlatMachine.Data0)]
    [InlineData(FlatMachine.LongCode3, FlatMachine.LongCode3 & ~3)]
    public void Handlers_must_be_64_bit_code_of_this_or_an_inner_level(ushort selector, uint error)
    {
        using var machine = WithGate(selector);
        var before = machine.Snapshot();
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(Vector.GeneralProtection, error);
        machine.AssertUnchanged(before);
    }

    [Fact]
    public void Addresses_that_are_not_canonical_fault_before_anything_changes()
    {
        using var machine = FlatMachine.Long();
        machine.SetLongGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, FlatMachine.LongCode0, 0), 0x8000);
        var before = machine.Snapshot();
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(Vector.GeneralProtection, 0);
        machine.AssertUnchanged(before);
        machine.Rsp = 0x0000800000000010;
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(Vector.StackFault, 0);
    }

    [Fact]
    public void A_return_in_64_bit_code_always_takes_the_stack_from_the_frame_and_may_load_a_null_SS()
    {
        using var machine = FlatMachine.Long();
        machine.SetFrame(8, 0x7000, FlatMachine.LongCode0, 0x202, 0x6000, 0);
        Assert.True(FarTransfers.InterruptReturn(machine.Cpu, 8, 0));
        Assert.Equal((0x7000UL, 0x6000UL, 0), (machine.Cpu->Rip, machine.Rsp, machine[SegmentName.Ss].Selector));
        machine.SetLongLevel(0);
        machine.SetFrame(8, 0x7000, FlatMachine.LongCode3, 0x202, 0x6000, 3);
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 8, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void A_return_with_NT_set_faults_as_there_are_no_tasks()
    {
        using var machine = FlatMachine.Long();
        machine.Cpu->SystemFlags |= Rflags.NestedTask;
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 8, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    private static FlatMachine WithGate(ushort selector)
    {
        var machine = FlatMachine.Long();
        machine.SetLongGate(Service, FlatMachine.Gate(SystemType.InterruptGate, 3, selector, HandlerLow), 0xFFFFFFFF);
        return machine;
    }
}
