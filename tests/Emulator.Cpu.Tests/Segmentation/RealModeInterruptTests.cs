namespace Emulator.Cpu.Tests;

public sealed unsafe class RealModeInterruptTests
{
    private const byte Service = 0x21;

    [Fact]
    public void An_interrupt_pushes_flags_and_address_and_goes_through_the_vector_table()
    {
        using var machine = FlatMachine.Real();
        var cpu = machine.Cpu;
        machine.Write(Service * 4, 4, 0x12345678);
        machine.Rsp = 0xABCD1000;
        cpu->Rip = 0x7C00;
        Flags.Write(cpu, 0x0302 | Rflags.Carry);
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverInterrupt(cpu, Service));
        Assert.Equal((0x1234, 0x12340UL, 0x5678UL), (machine[SegmentName.Cs].Selector, machine[SegmentName.Cs].Base, cpu->Rip));
        Assert.Equal(0xABCD0FFAUL, machine.Rsp);
        machine.AssertFrame(2, 0x7C00, 0, 0x0303);
        Assert.Equal(Rflags.Fixed | Rflags.Carry, Flags.Read(cpu));
    }

    [Fact]
    public void A_software_interrupt_returns_behind_itself_and_IRET_goes_there()
    {
        using var machine = FlatMachine.Real();
        var cpu = machine.Cpu;
        machine.Write(Service * 4, 4, 0x00508000);
        machine.Rsp = 0x1000;
        Flags.Write(cpu, Rflags.Fixed | Rflags.Interrupt | Rflags.Direction);
        Assert.True(Interrupts.SoftwareInterrupt(cpu, Service, 0x102));
        Assert.Equal(0x8000UL, cpu->Rip);
        Assert.True(FarTransfers.InterruptReturn(cpu, 2, 0x8001));
        Assert.Equal((0x102UL, 0x1000UL, 0UL), (cpu->Rip, machine.Rsp, machine[SegmentName.Cs].Base));
        Assert.Equal(Rflags.Fixed | Rflags.Interrupt | Rflags.Direction, Flags.Read(cpu));
    }

    [Fact]
    public void A_vector_beyond_the_tables_limit_is_a_general_protection_fault()
    {
        using var machine = FlatMachine.Real();
        machine.Cpu->IdtLimit = Service * 4 + 2;
        machine.Rsp = 0x1000;
        var before = machine.Snapshot();
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        machine.AssertFault(Vector.GeneralProtection, 0);
        machine.AssertUnchanged(before);
    }

    [Fact]
    public void An_exception_with_no_vector_table_at_all_shuts_the_processor_down()
    {
        using var machine = FlatMachine.Real();
        machine.Cpu->IdtLimit = 0;
        Assert.Equal(InterruptResult.Shutdown, Interrupts.DeliverException(machine.Cpu, Vector.InvalidOpcode, null));
    }

    [Fact]
    public void The_stack_wraps_between_words_but_not_inside_one()
    {
        using var machine = FlatMachine.Real();
        machine.Write(Service * 4, 4, 0x00508000);
        machine.Rsp = 2;
        Assert.True(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 0x102));
        Assert.Equal((0xFFFCUL, 0x102UL, 2UL), (machine.Rsp, machine.Read(0xFFFC, 2), machine.Read(0, 2)));
        machine.Rsp = 1;
        Assert.False(Interrupts.SoftwareInterrupt(machine.Cpu, Service, 0x102));
        machine.AssertFault(Vector.StackFault, 0);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_virtual_8086_tasks_INT_n_needs_IOPL_3(int ioLevel, bool allowed)
    {
        using var machine = FlatMachine.Virtual8086(ioLevel);
        machine.SetGate(Service, FlatMachine.Gate(SystemType.TrapGate, 3, FlatMachine.Code0, 0x5000));
        machine.SetGate(Vector.Breakpoint, FlatMachine.Gate(SystemType.TrapGate, 3, FlatMachine.Code0, 0x6000));
        Assert.Equal(allowed, Interrupts.SoftwareInterrupt(machine.Cpu, Service, 2));
        if (allowed)
        {
            Assert.Equal((0x5000UL, 0), (machine.Cpu->Rip, machine.Cpu->Cpl));
            return;
        }

        machine.AssertFault(Vector.GeneralProtection, 0);
        Assert.True(Interrupts.SoftwareException(machine.Cpu, Vector.Breakpoint, 2));
        Assert.Equal(0x6000UL, machine.Cpu->Rip);
    }

    [Theory]
    [InlineData(0, Rflags.VirtualInterrupt, 0x3202)]
    [InlineData(0, 0UL, 0x3002)]
    [InlineData(3, 0UL, 0x3202)]
    public void With_VME_a_clear_bit_in_the_redirection_map_leaves_INT_n_to_the_task(int ioLevel, ulong virtualInterrupt, ulong pushed)
    {
        const ulong MapBase = 0x88;
        using var machine = FlatMachine.Virtual8086(ioLevel);
        var cpu = machine.Cpu;
        cpu->Cr4 |= Cr4.VirtualModeExtensions;
        cpu->SystemFlags |= virtualInterrupt;
        machine.Write(FlatMachine.Tss + 0x66, 2, MapBase);
        machine.Write(Service * 4, 4, 0x03004000);
        Assert.True(Interrupts.SoftwareInterrupt(cpu, Service, 0x12));
        Assert.Equal((0x4000UL, 0x300, 3), (cpu->Rip, machine[SegmentName.Cs].Selector, cpu->Cpl));
        machine.AssertFrame(2, 0x12, 0x100, pushed);
        Assert.Equal(0UL, cpu->SystemFlags & Rflags.VirtualInterrupt);
        Assert.Equal(ioLevel == 3 ? 0 : Rflags.Interrupt, cpu->SystemFlags & Rflags.Interrupt);

        machine.Write(FlatMachine.Tss + MapBase - 32 + Service / 8, 1, 1 << Service % 8);
        machine.SetGate(Service, FlatMachine.Gate(SystemType.TrapGate, 3, FlatMachine.Code0, 0x5000));
        Assert.Equal(ioLevel == 3, Interrupts.SoftwareInterrupt(cpu, Service, 0x12));
    }
}
