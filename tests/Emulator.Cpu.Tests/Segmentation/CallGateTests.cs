namespace Emulator.Cpu.Tests;

public sealed unsafe class CallGateTests
{
    private const ushort GateSelector = FlatMachine.Free;
    private const uint Target = 0x12345678;

    [Theory]
    [InlineData(SystemType.CallGate, 4)]
    [InlineData(SystemType.CallGate16, 2)]
    public void A_call_inwards_switches_stacks_and_copies_the_parameters(int type, int size)
    {
        using var machine = WithGate(type, 3, FlatMachine.Code0, 3);
        var cpu = machine.Cpu;
        machine.SetLevel(3);
        machine.SetFrame(size, 11, 22, 33, 44);
        Assert.True(FarTransfers.CallFar(cpu, GateSelector | 3, 0xFFFFFFFF, 4, 0x4321));
        machine.AssertFrame(size, 0x4321, FlatMachine.Code3, 11, 22, 33, FlatMachine.OuterStack, FlatMachine.Data3);
        Assert.Equal((size == 4 ? Target : Target & 0xFFFF, 0, FlatMachine.Code0), ((uint)cpu->Rip, cpu->Cpl, machine[SegmentName.Cs].Selector));

        machine.SetFlat(SegmentName.Ds, FlatMachine.Data0, FlatMachine.Data32Attributes);
        machine.SetFlat(SegmentName.Fs, FlatMachine.Conforming0, FlatMachine.Code32Attributes | SegmentAttributes.Conforming);
        Assert.True(FarTransfers.ReturnFar(cpu, size, (ushort)(3 * size)));
        Assert.Equal((0x4321UL, 3, FlatMachine.OuterStack + 3UL * (uint)size), (cpu->Rip, cpu->Cpl, machine.Rsp));
        Assert.Equal((0, FlatMachine.Data3, FlatMachine.Conforming0), (machine[SegmentName.Ds].Selector, machine[SegmentName.Es].Selector, machine[SegmentName.Fs].Selector));
        Assert.Equal(0, machine[SegmentName.Ds].Attributes);
    }

    [Fact]
    public void A_call_at_the_same_level_and_a_jump_keep_the_stack()
    {
        using var machine = WithGate(SystemType.CallGate, 0, FlatMachine.Code0, 5);
        var stack = machine.Rsp;
        Assert.True(FarTransfers.CallFar(machine.Cpu, GateSelector, 0, 2, 0x4321));
        machine.AssertFrame(4, 0x4321, FlatMachine.Code0);
        Assert.Equal(stack - 8, machine.Rsp);
        Assert.True(FarTransfers.JumpFar(machine.Cpu, GateSelector, 0, 4, 0));
        Assert.Equal((Target, stack - 8), ((uint)machine.Cpu->Rip, machine.Rsp));
    }

    [Fact]
    public void A_jump_cannot_go_inwards_but_through_conforming_code()
    {
        using var machine = WithGate(SystemType.CallGate, 3, FlatMachine.Code0, 0);
        machine.SetLevel(3);
        Assert.False(FarTransfers.JumpFar(machine.Cpu, GateSelector, 0, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.Code0);
        machine.SetDescriptor(GateSelector, FlatMachine.Gate(SystemType.CallGate, 3, FlatMachine.Conforming0, Target));
        Assert.True(FarTransfers.JumpFar(machine.Cpu, GateSelector, 0, 4, 0));
        Assert.Equal((3, FlatMachine.Conforming0 | 3), (machine.Cpu->Cpl, machine[SegmentName.Cs].Selector));
    }

    [Fact]
    public void A_gate_is_closed_to_levels_and_selectors_outside_its_DPL()
    {
        using var machine = FlatMachine.Protected();
        for (var n = 0; n < 4 * 4 * 2 * 2; n++)
        {
            var (dpl, rpl, present, level) = (n & 3, n >> 2 & 3, (n >> 4 & 1) != 0, (n >> 5 & 1) * 3);
            machine.SetLevel(level);
            machine.SetDescriptor(GateSelector, FlatMachine.Gate(SystemType.CallGate, dpl, FlatMachine.Code0, Target) & ~(present ? 0 : 0x80UL << 40));
            var done = FarTransfers.CallFar(machine.Cpu, (ushort)(GateSelector | rpl), 0, 4, 0);
            var open = level <= dpl && rpl <= dpl;
            Assert.True(done == (open && present), $"DPL {dpl}, RPL {rpl}, present {present}, CPL {level}");
            if (!done)
            {
                machine.AssertFault(open ? Vector.SegmentNotPresent : Vector.GeneralProtection, GateSelector);
            }
        }
    }

    [Theory]
    [InlineData(0, Vector.GeneralProtection, 0)]
    [InlineData(FlatMachine.Data0, Vector.GeneralProtection, FlatMachine.Data0)]
    [InlineData(FlatMachine.Code3, Vector.GeneralProtection, FlatMachine.Code3 & ~3)]
    public void A_bad_segment_in_the_gate_faults_with_that_selector(ushort selector, byte vector, uint error)
    {
        using var machine = WithGate(SystemType.CallGate, 3, selector, 0);
        var before = machine.Snapshot();
        Assert.False(FarTransfers.CallFar(machine.Cpu, GateSelector, 0, 4, 0));
        machine.AssertFault(vector, error);
        machine.AssertUnchanged(before);
    }

    [Fact]
    public void System_descriptors_that_are_not_to_be_called_are_refused()
    {
        using var machine = FlatMachine.Protected();
        using var wide = FlatMachine.Long();
        for (var type = 0; type < 16; type++)
        {
            machine.SetDescriptor(GateSelector, FlatMachine.Gate(type, 0, 0, 0));
            Assert.False(FarTransfers.CallFar(machine.Cpu, GateSelector, 0, 4, 0));
            // Gates and TSSs get past their own check and fail on what they point to.
            machine.AssertFault(type is 1 or 9 ? Vector.InvalidTss : Vector.GeneralProtection, type is 4 or 5 or 12 ? 0U : GateSelector);
            wide.SetDescriptor(GateSelector, FlatMachine.Gate(type, 0, 0, 0));
            Assert.False(FarTransfers.CallFar(wide.Cpu, GateSelector, 0, 8, 0));
            wide.AssertFault(Vector.GeneralProtection, type == 12 ? 0U : GateSelector);
        }
    }

    [Fact]
    public void Long_mode_gates_push_eight_byte_entries_and_leave_SS_null_inside()
    {
        using var machine = FlatMachine.Long();
        var cpu = machine.Cpu;
        machine.SetDescriptor(GateSelector, FlatMachine.Gate(SystemType.CallGate, 3, FlatMachine.LongCode0, 0x81005000));
        machine.SetDescriptor(GateSelector + 8, 0xFFFFFFFF);
        machine.SetLongLevel(3);
        Assert.True(FarTransfers.CallFar(cpu, GateSelector, 0, 4, 0x4321));
        machine.AssertFrame(8, 0x4321, FlatMachine.LongCode3, FlatMachine.OuterStack, FlatMachine.Data3);
        Assert.Equal((0xFFFFFFFF81005000, 0, 0), (cpu->Rip, cpu->Cpl, machine[SegmentName.Ss].Selector));
        Assert.True(FarTransfers.ReturnFar(cpu, 8, 0));
        Assert.Equal((0x4321UL, 3, (ulong)FlatMachine.OuterStack), (cpu->Rip, cpu->Cpl, machine.Rsp));
        machine.SetDescriptor(GateSelector, FlatMachine.Gate(SystemType.CallGate, 3, FlatMachine.Code0, 0));
        Assert.False(FarTransfers.CallFar(cpu, GateSelector, 0, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.Code0);
    }

    private static FlatMachine WithGate(int type, int dpl, ushort selector, int count)
    {
        var machine = FlatMachine.Protected();
        machine.SetDescriptor(GateSelector, FlatMachine.Gate(type, dpl, selector, Target, count));
        return machine;
    }
}
