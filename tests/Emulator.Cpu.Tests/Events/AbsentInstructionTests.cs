namespace Emulator.Cpu.Tests.Events;

public class AbsentInstructionTests
{
    [Theory]
    [InlineData(0UL, Vector.InvalidOpcode)]
    [InlineData(Cr0.TaskSwitched, Vector.DeviceNotAvailable)]
    [InlineData(Cr0.Emulation, Vector.DeviceNotAvailable)]
    public void The_x87_is_emulated_or_not_there_as_CR0_says(ulong cr0, byte expected)
    {
        byte[][] codes = [[0xD9, 0xD0], [0xDB, 0xE3], [0x66, 0xDD, 0x38], [0xDF, 0xFF], [0x26, 0xD8, 0x00]];
        foreach (var code in codes)
        {
            using var machine = new EventMachine(32);
            machine.Start(code);
            machine.Change((ref VcpuState state) => state.Cr0 |= cr0);

            Assert.Equal(expected, machine.RunToHalt());
            Assert.Equal(EventMachine.Code, machine.Frame(0));
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xF0, 0xD9, 0xD0 })] // LOCK FNOP
    [InlineData(new byte[] { 0xF0, 0x89, 0x03 })] // LOCK MOV
    [InlineData(new byte[] { 0xF0, 0x01, 0xC3 })] // LOCK ADD to a register
    [InlineData(new byte[] { 0xF0, 0x0F, 0x20, 0xC0 })] // LOCK MOV from CR0, which is CR8 to AMD
    [InlineData(new byte[] { 0x0F, 0x01, 0xC8 })] // MONITOR
    [InlineData(new byte[] { 0x0F, 0x01, 0xC9 })] // MWAIT
    [InlineData(new byte[] { 0x0F, 0x01, 0xD0 })] // XGETBV
    [InlineData(new byte[] { 0x0F, 0xAE, 0x03 })] // FXSAVE
    [InlineData(new byte[] { 0x0F, 0x77 })] // EMMS
    [InlineData(new byte[] { 0x0F, 0x58, 0xC1 })] // ADDPS
    [InlineData(new byte[] { 0x0F, 0xC7, 0xF0 })] // RDRAND
    [InlineData(new byte[] { 0x0F, 0xAA })] // RSM
    [InlineData(new byte[] { 0x0F, 0x01, 0xC1 })] // VMCALL
    [InlineData(new byte[] { 0x0F, 0x20, 0xC8 })] // MOV from CR1
    [InlineData(new byte[] { 0x8E, 0xC8 })] // MOV to CS
    [InlineData(new byte[] { 0x8E, 0xF0 })] // MOV to the seventh segment register
    public void What_the_processor_does_not_have_is_UD(byte[] code)
    {
        using var machine = new EventMachine(32);
        machine.Start(code);
        machine.Change((ref VcpuState state) => state.Cr0 |= Cr0.TaskSwitched);

        Assert.Equal(Vector.InvalidOpcode, machine.RunToHalt());
        Assert.Equal(EventMachine.Code, machine.Frame(0));
    }

    [Fact]
    public void An_instruction_of_sixteen_bytes_is_GP()
    {
        using var machine = new EventMachine(32);
        machine.Start([.. Enumerable.Repeat((byte)0x66, 15), 0x90, 0xF4]);

        Assert.Equal(Vector.GeneralProtection, machine.RunToHalt());
        Assert.Equal((0UL, EventMachine.Code), (machine.Frame(0), machine.Frame(1)));
    }

    [Fact]
    public void There_is_no_performance_counter_to_read()
    {
        using var machine = new EventMachine(32);
        machine.Start([0x0F, 0x33]);

        Assert.Equal(Vector.GeneralProtection, machine.RunToHalt());
    }
}
