namespace Emulator.Cpu.Tests;

/// <summary>RETF and IRET in protected mode.</summary>
public sealed unsafe class FarReturnTests
{
    // Every flag that exists, with IOPL 3.
    private const ulong AllFlags = 0x3F7FD7;

    [Theory]
    [InlineData(0, Vector.GeneralProtection, 0)]
    [InlineData(FlatMachine.Data3, Vector.GeneralProtection, FlatMachine.Data3 & ~3)]
    [InlineData(FlatMachine.Code0 | 3, Vector.GeneralProtection, FlatMachine.Code0)]
    [InlineData(FlatMachine.Code3 & ~3, Vector.GeneralProtection, FlatMachine.Code3 & ~3)]
    [InlineData(FlatMachine.Free, Vector.SegmentNotPresent, FlatMachine.Free)]
    public void A_bad_code_segment_in_the_frame_faults_with_its_selector(ushort selector, byte vector, uint error)
    {
        using var machine = FlatMachine.Protected();
        machine.SetDescriptor(FlatMachine.Free, FlatMachine.Segment(0, 0xFFFFF, FlatMachine.Code32Attributes & ~SegmentAttributes.Present));
        machine.SetFrame(4, 0x5000, selector, 2, FlatMachine.OuterStack, FlatMachine.Data3);
        var before = machine.Snapshot();
        Assert.False(FarTransfers.ReturnFar(machine.Cpu, 4, 0));
        machine.AssertFault(vector, error);
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        machine.AssertFault(vector, error);
        machine.AssertUnchanged(before);
    }

    [Fact]
    public void A_return_inwards_is_refused()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.SetFrame(4, 0x5000, FlatMachine.Code0, 2);
        Assert.False(FarTransfers.ReturnFar(machine.Cpu, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.Code0);
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.Code0);
    }

    [Theory]
    [InlineData(0, Vector.GeneralProtection, 0)]
    [InlineData(FlatMachine.Data0, Vector.GeneralProtection, FlatMachine.Data0)]
    [InlineData(FlatMachine.Data3 & ~3, Vector.GeneralProtection, FlatMachine.Data3 & ~3)]
    [InlineData(FlatMachine.Code3, Vector.GeneralProtection, FlatMachine.Code3 & ~3)]
    [InlineData(FlatMachine.Free | 3, Vector.StackFault, FlatMachine.Free)]
    public void A_bad_outer_stack_faults_with_its_selector(ushort selector, byte vector, uint error)
    {
        using var machine = FlatMachine.Protected();
        machine.SetDescriptor(FlatMachine.Free, FlatMachine.Segment(0, 0xFFFFF, (FlatMachine.Data32Attributes | FlatMachine.Dpl3) & ~SegmentAttributes.Present));
        machine.SetFrame(4, 0x5000, FlatMachine.Code3, 2, FlatMachine.OuterStack, selector);
        var before = machine.Snapshot();
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        machine.AssertFault(vector, error);
        machine.SetFrame(4, 0x5000, FlatMachine.Code3, FlatMachine.OuterStack, selector);
        Assert.False(FarTransfers.ReturnFar(machine.Cpu, 4, 0));
        machine.AssertFault(vector, error);
        machine.AssertUnchanged(before);
    }

    [Fact]
    public void An_outer_return_with_a_16_bit_stack_leaves_the_upper_half_of_ESP()
    {
        using var machine = FlatMachine.Protected();
        machine.SetDescriptor(FlatMachine.Free, FlatMachine.Segment(0, 0xFFFF, FlatMachine.Data16Attributes | FlatMachine.Dpl3));
        machine.Rsp = 0x48000;
        machine.SetFrame(4, 0x5000, FlatMachine.Code3, 2, 0x12345678, FlatMachine.Free | 3);
        Assert.True(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        Assert.Equal(0x45678UL, machine.Rsp);
    }

    [Theory]
    [InlineData(0, 0, 0x3D7FD7)]
    [InlineData(3, 0, 0x254DD7)]
    [InlineData(3, 3, 0x254FD7)]
    public void IRET_changes_the_flags_that_CPL_and_IOPL_allow(int level, int ioLevel, ulong changeable)
    {
        using var machine = FlatMachine.Protected();
        var cpu = machine.Cpu;
        machine.SetLevel(level);
        Flags.Write(cpu, Rflags.Fixed | (ulong)ioLevel << 12);
        cpu->Dr[7] |= 1;
        var old = Flags.Read(cpu);
        machine.SetFrame(4, 0x5000, machine[SegmentName.Cs].Selector, AllFlags & ~Rflags.Virtual8086);
        Assert.True(FarTransfers.InterruptReturn(cpu, 4, 0));
        Assert.Equal((old & ~changeable) | (AllFlags & changeable & ~Rflags.Virtual8086), Flags.Read(cpu));
    }

    [Fact]
    public void IRET_drops_RF_where_no_instruction_breakpoint_asks_for_it()
    {
        using var machine = FlatMachine.Protected();
        machine.SetFrame(4, 0x5000, FlatMachine.Code0, Rflags.Fixed | Rflags.Resume);
        Assert.True(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        Assert.Equal(Rflags.Fixed, Flags.Read(machine.Cpu));
    }

    [Fact]
    public void IRET_of_16_bits_leaves_the_upper_flags()
    {
        using var machine = FlatMachine.Protected();
        Flags.Write(machine.Cpu, Rflags.Fixed | Rflags.AlignmentCheck);
        machine.SetFrame(2, 0x5000, FlatMachine.Code0, 0x7FD5);
        Assert.True(FarTransfers.InterruptReturn(machine.Cpu, 2, 0));
        Assert.Equal(0x7FD7UL | Rflags.AlignmentCheck, Flags.Read(machine.Cpu));
    }

    [Fact]
    public void IRET_ends_the_blocking_of_NMIs_even_if_it_faults()
    {
        using var machine = FlatMachine.Protected();
        machine.SetGate(Vector.NonMaskable, FlatMachine.Gate(SystemType.InterruptGate, 0, FlatMachine.Code0, 0x5000));
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverNmi(machine.Cpu));
        Assert.Equal(1, machine.Cpu->NmiBlocked);
        machine.SetFrame(4, 0, 0, 0);
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        Assert.Equal(0, machine.Cpu->NmiBlocked);
    }

    [Fact]
    public void A_frame_with_VM_set_is_an_ordinary_one_outside_level_0()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.SetFrame(4, 0x5000, FlatMachine.Code3, Rflags.Fixed | Rflags.Virtual8086);
        Assert.True(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        Assert.Equal(Rflags.Fixed, Flags.Read(machine.Cpu));
    }

    [Fact]
    public void IRET_in_virtual_8086_mode_needs_IOPL_3_and_keeps_VM_and_IOPL()
    {
        using var machine = FlatMachine.Virtual8086(0);
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 2, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
        using var trusted = FlatMachine.Virtual8086(3);
        trusted.Cpu->Dr[7] |= 1;
        trusted.SetFrame(4, 0x5000, 0x0800, AllFlags & ~(Rflags.Virtual8086 | Rflags.IoPrivilege));
        Assert.True(FarTransfers.InterruptReturn(trusted.Cpu, 4, 0));
        Assert.Equal((0x5000UL, 0x8000UL), (trusted.Cpu->Rip, trusted[SegmentName.Cs].Base));
        Assert.Equal(0x277FD7UL, Flags.Read(trusted.Cpu));
    }

    [Fact]
    public void With_VME_IRET_below_IOPL_3_moves_IF_to_VIF()
    {
        using var machine = FlatMachine.Virtual8086(0);
        machine.Cpu->Cr4 |= Cr4.VirtualModeExtensions;
        Flags.Write(machine.Cpu, Rflags.Fixed | Rflags.Virtual8086);
        machine.SetFrame(2, 0x50, 0x0800, Rflags.Interrupt | Rflags.Carry | Rflags.IoPrivilege);
        Assert.True(FarTransfers.InterruptReturn(machine.Cpu, 2, 0));
        Assert.Equal(Rflags.Fixed | Rflags.Virtual8086 | Rflags.VirtualInterrupt | Rflags.Carry, Flags.Read(machine.Cpu));
        machine.SetFrame(2, 0x50, 0x0800, Rflags.Trap);
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 2, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }
}
