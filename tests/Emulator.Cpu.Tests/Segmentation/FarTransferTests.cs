namespace Emulator.Cpu.Tests;

/// <summary>Far jumps and calls without gates.</summary>
public sealed unsafe class FarTransferTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Code_segments_are_reached_only_from_their_own_level_or_conforming_from_outer_ones(bool call)
    {
        using var machine = FlatMachine.Protected();
        for (var n = 0; n < 16 * 4 * 2 * 4 * 4; n++)
        {
            var (type, dpl, present, rpl, cpl) = (n & 15, n >> 4 & 3, (n >> 6 & 1) != 0, n >> 7 & 3, n >> 9 & 3);
            machine.SetDescriptor(FlatMachine.Free, FlatMachine.Segment(0, 0xFFFFF, 0xC010 | type | dpl << 5 | (present ? 0x80 : 0)));
            machine.SetLevel(0);
            machine.Cpu->Cpl = cpl;
            var permitted = type is >= 8 and < 12 ? dpl == cpl && rpl <= cpl : type >= 12 && dpl <= cpl;
            byte expected = !permitted ? Vector.GeneralProtection : !present ? Vector.SegmentNotPresent : (byte)0;
            var before = machine.Snapshot();
            var selector = (ushort)(FlatMachine.Free | rpl);
            var done = call
                ? FarTransfers.CallFar(machine.Cpu, selector, 0x5000, 4, 0x10)
                : FarTransfers.JumpFar(machine.Cpu, selector, 0x5000, 4, 0x10);
            Assert.True(done == (expected == 0), $"type {type}, DPL {dpl}, present {present}, RPL {rpl}, CPL {cpl}");
            if (done)
            {
                Assert.Equal((FlatMachine.Free | cpl, cpl, 0x5000UL), (machine[SegmentName.Cs].Selector, machine.Cpu->Cpl, machine.Cpu->Rip));
            }
            else
            {
                machine.AssertFault(expected, FlatMachine.Free);
                machine.AssertUnchanged(before);
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void A_call_pushes_its_return_address_and_RETF_goes_back_and_drops_parameters(int size)
    {
        using var machine = FlatMachine.Protected();
        var cpu = machine.Cpu;
        machine.Rsp = 0x8000;
        Assert.True(FarTransfers.CallFar(cpu, FlatMachine.Code0, 0x12345678, size, 0x4321));
        machine.AssertFrame(size, 0x4321, FlatMachine.Code0);
        Assert.Equal(size == 2 ? 0x5678UL : 0x12345678, cpu->Rip);
        Assert.True(FarTransfers.ReturnFar(cpu, size, 12));
        Assert.Equal((0x4321UL, 0x800CUL), (cpu->Rip, machine.Rsp));
    }

    [Fact]
    public void Targets_beyond_the_limit_fault_before_anything_changes()
    {
        using var machine = FlatMachine.Protected();
        var before = machine.Snapshot();
        Assert.False(FarTransfers.JumpFar(machine.Cpu, FlatMachine.Code16, 0x10000, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
        Assert.False(FarTransfers.CallFar(machine.Cpu, FlatMachine.Code16, 0x10000, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
        Assert.False(FarTransfers.JumpFar(machine.Cpu, 3, 0, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
        machine.AssertUnchanged(before);
        Assert.Equal(0UL, machine.Read(machine.Rsp - 8, 8));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Real_and_virtual_8086_mode_multiply_the_selector_by_16(bool virtual8086)
    {
        using var machine = virtual8086 ? FlatMachine.Virtual8086(0) : FlatMachine.Real();
        var cpu = machine.Cpu;
        machine.Rsp = 0x1000;
        Assert.True(FarTransfers.CallFar(cpu, 0x0800, 0x1234, 2, 0x56));
        Assert.Equal((0x8000UL, 0x1234UL, 0xFFCUL), (machine[SegmentName.Cs].Base, cpu->Rip, machine.Rsp));
        Assert.Equal(0x56UL, machine.Frame(2, 1)[0]);
        Assert.True(FarTransfers.ReturnFar(cpu, 2, 0));
        Assert.Equal((0x56UL, 0x1000UL), (cpu->Rip, machine.Rsp));
        Assert.True(FarTransfers.JumpFar(cpu, 0x0900, 0x10, 2, 0));
        Assert.Equal(0x9000UL, machine[SegmentName.Cs].Base);
        Assert.False(FarTransfers.JumpFar(cpu, 0x0900, 0x10000, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void Long_mode_moves_between_64_bit_code_and_compatibility_by_the_segments_L()
    {
        using var machine = FlatMachine.Long();
        var cpu = machine.Cpu;
        Assert.True(FarTransfers.CallFar(cpu, FlatMachine.Code0, 0x5000, 8, 0x123456789A));
        Assert.Equal((uint)CodeMode.Code32, cpu->Mode & (uint)(CodeMode.Code64 | CodeMode.Code32));
        Assert.True(FarTransfers.JumpFar(cpu, FlatMachine.LongCode0, 0x6000, 4, 0));
        Assert.NotEqual(0U, cpu->Mode & (uint)CodeMode.Code64);
        Assert.True(FarTransfers.ReturnFar(cpu, 8, 0));
        Assert.Equal(0x123456789AUL, cpu->Rip);
        machine.SetDescriptor(FlatMachine.Free, FlatMachine.Segment(0, 0xFFFFF, FlatMachine.LongCodeAttributes | SegmentAttributes.Big));
        Assert.False(FarTransfers.JumpFar(cpu, FlatMachine.Free, 0, 8, 0));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.Free);
        Assert.False(FarTransfers.JumpFar(cpu, FlatMachine.LongCode0, 0x0000800000000000, 8, 0));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }
}
