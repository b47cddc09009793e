namespace Emulator.Cpu.Tests.Events;

public class BranchTargetTests
{
    private const ulong Hole = 0x8000_0000_0000;
    private const ulong At = EventMachine.LastPage + 0x100;

    [Theory]
    [InlineData(new byte[] { 0xE9, 0x00, 0x10, 0, 0 })] // JMP rel32
    [InlineData(new byte[] { 0xE8, 0x00, 0x10, 0, 0 })] // CALL rel32
    [InlineData(new byte[] { 0x0F, 0x81, 0x00, 0x10, 0, 0 })] // JNO rel32
    [InlineData(new byte[] { 0xFF, 0xE3 })] // JMP RBX
    [InlineData(new byte[] { 0xFF, 0xD3 })] // CALL RBX
    [InlineData(new byte[] { 0xFF, 0x24, 0x24 })] // JMP [RSP]
    [InlineData(new byte[] { 0xFF, 0x14, 0x24 })] // CALL [RSP]
    [InlineData(new byte[] { 0xC3 })] // RET
    [InlineData(new byte[] { 0xC2, 0x20, 0 })] // RET 20h
    public void A_branch_into_the_hole_faults_at_the_branch_and_leaves_the_stack_pointer(byte[] code)
    {
        using var machine = new EventMachine(64);
        machine.Write(EventMachine.StackTop, 8, Hole);
        machine.Start(code, At, EventMachine.LastPageFrame + 0x100);
        machine.Change((ref VcpuState state) => state.Gpr[3] = Hole);

        Assert.Equal(Vector.GeneralProtection, machine.RunToHalt());

        Assert.Equal((0UL, At, EventMachine.StackTop), (machine.Frame(0), machine.Frame(1), machine.Frame(4)));
    }

    [Fact]
    public void Running_on_into_the_hole_faults_behind_the_last_instruction()
    {
        using var machine = new EventMachine(64);
        machine.Start([0x90], Hole - 1, EventMachine.LastPageFrame + 0xFFF);

        Assert.Equal(Vector.GeneralProtection, machine.RunToHalt());

        Assert.Equal((0UL, Hole), (machine.Frame(0), machine.Frame(1)));
    }

    [Theory]
    [InlineData(new byte[] { 0xEB, 0x10 })] // JMP
    [InlineData(new byte[] { 0xE9, 0x10, 0x20, 0, 0 })] // JMP, to another page
    [InlineData(new byte[] { 0x71, 0x10 })] // JNO
    [InlineData(new byte[] { 0xE8, 0x10, 0, 0, 0 })] // CALL
    public void A_branch_beyond_the_limit_of_CS_faults_at_the_branch(byte[] code)
    {
        using var machine = new EventMachine(32);
        machine.Start(code);
        machine.Change((ref VcpuState state) =>
        {
            ref var cs = ref state.Segments[(int)SegmentName.Cs];
            cs.Base = EventMachine.Code;
            cs.Limit = 0xF;
            state.Rip = 0;
        });

        Assert.Equal(Vector.GeneralProtection, machine.RunToHalt());

        Assert.Equal((0UL, 0UL, EventMachine.StackTop - 16), (machine.Frame(0), machine.Frame(1), machine.State.Gpr[4]));
    }

    [Fact]
    public void A_jump_of_16_bit_code_wraps_at_64_KiB()
    {
        using var machine = new EventMachine(16);
        machine.Write(EventMachine.Code, 1, 0xF4);
        machine.Start([0xEB, 0x0E], EventMachine.Code + 0xFFF0);

        Assert.Equal(-1, machine.RunToHalt());

        Assert.Equal(1UL, machine.State.Rip);
    }

    [Fact]
    public void Running_on_over_the_end_of_a_64_KiB_segment_faults()
    {
        using var machine = new EventMachine(16);
        machine.Start([0x90], EventMachine.Code + 0xFFFF);

        Assert.Equal(Vector.GeneralProtection, machine.RunToHalt());
    }

    [Fact]
    public void The_same_offset_of_two_segments_is_two_places()
    {
        // Each segment's code writes its number to a port, which ends a block, and jumps to the other's same offset.
        using var machine = new EventMachine(16);
        machine.Start([0xB0, 2, 0xE6, 0x80, 0xEA, 0, 0, 0, (byte)(EventMachine.Code >> 12)], EventMachine.Data);
        machine.Start([0xB0, 1, 0xE6, 0x80, 0xEA, 0, 0, 0, (byte)(EventMachine.Data >> 12)]);
        machine.Change((ref VcpuState state) => state.Rip = 0);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(ExitReason.Io, machine.Vcpu.Run());
            Assert.Equal(i % 2 == 0 ? 1UL : 2, machine.Vcpu.Exit.Data);
        }
    }

    [Fact]
    public void The_same_bytes_under_two_bases_branch_to_two_places()
    {
        // JMP $-10h at offset 10h of one segment and offset 0 of another, where it wraps to the segment's end.
        using var machine = new EventMachine(16);
        machine.Write(EventMachine.Code - 16, 1, 0xF4);
        machine.Write(EventMachine.Code + 0xFFF0, 1, 0xF4);
        machine.Start([0xEB, 0xEE]);
        for (var i = 0; i < 3; i++)
        {
            var offset = i % 2 == 0 ? 16UL : 0;
            machine.Change((ref VcpuState state) =>
            {
                state.Segments[(int)SegmentName.Cs].Base = EventMachine.Code - offset;
                state.Rip = offset;
            });

            Assert.Equal(-1, machine.RunToHalt());
            Assert.Equal(i % 2 == 0 ? 1UL : 0xFFF1, machine.State.Rip);
        }
    }
}
