namespace Emulator.Cpu.Tests;

public sealed unsafe class TaskSwitchTests
{
    private const uint NewStack = 0xC000;
    private const uint NewIp = 0x7000;

    // Offsets in a 32-bit TSS.
    private const ulong Ip = 0x20;
    private const ulong FlagsImage = 0x24;
    private const ulong Registers = 0x28;
    private const ulong Selectors = 0x48;
    private const ulong LdtSelector = 0x60;
    private const ulong TrapBit = 0x64;

    [Fact]
    public void A_jump_saves_one_task_and_loads_the_other()
    {
        using var machine = WithSecondTask();
        var cpu = machine.Cpu;
        cpu->Gpr[0] = 0x11111111;
        Flags.Write(cpu, Rflags.Fixed | Rflags.Carry);
        var stack = machine.Rsp;
        Assert.True(FarTransfers.JumpFar(cpu, FlatMachine.SecondTask, 0, 4, 0x1234));
        Assert.Equal((0x1234UL, 3UL, 0x11111111UL), (Saved(machine, Ip), Saved(machine, FlagsImage), Saved(machine, Registers)));
        Assert.Equal((stack, (ulong)FlatMachine.Code0), (Saved(machine, Registers + 16), Saved(machine, Selectors + 4)));
        AssertInSecondTask(machine);
        Assert.Equal(Rflags.Fixed | Rflags.Direction, Flags.Read(cpu));
        Assert.Equal((0x89, 0x8B), (AccessByte(machine, FlatMachine.TaskRegister), AccessByte(machine, FlatMachine.SecondTask)));
        Assert.Equal(0UL, machine.Read(FlatMachine.Tss2, 2));
    }

    [Fact]
    public void A_call_nests_and_IRET_comes_back_to_the_next_instruction()
    {
        using var machine = WithSecondTask();
        var cpu = machine.Cpu;
        cpu->Gpr[3] = 0x33333333;
        var stack = machine.Rsp;
        Assert.True(FarTransfers.CallFar(cpu, FlatMachine.SecondTask, 0, 4, 0x1234));
        AssertInSecondTask(machine);
        Assert.Equal(Rflags.Fixed | Rflags.Direction | Rflags.NestedTask, Flags.Read(cpu));
        Assert.Equal(FlatMachine.TaskRegister, machine.Read(FlatMachine.Tss2, 2));
        Assert.Equal((0x8B, 0x8B), (AccessByte(machine, FlatMachine.TaskRegister), AccessByte(machine, FlatMachine.SecondTask)));

        Assert.True(FarTransfers.InterruptReturn(cpu, 4, 0x7001));
        Assert.Equal((0x1234UL, 0x33333333UL, stack, 0), (cpu->Rip, cpu->Gpr[3], machine.Rsp, cpu->Cpl));
        Assert.Equal((FlatMachine.TaskRegister, FlatMachine.Code0), (machine[SegmentName.Tr].Selector, machine[SegmentName.Cs].Selector));
        Assert.Equal((0x8B, 0x89), (AccessByte(machine, FlatMachine.TaskRegister), AccessByte(machine, FlatMachine.SecondTask)));
        Assert.Equal((0x7001UL, Rflags.Fixed | Rflags.Direction), (machine.Read(FlatMachine.Tss2 + Ip, 4), machine.Read(FlatMachine.Tss2 + FlagsImage, 4)));
        Assert.Equal(Rflags.Fixed, Flags.Read(cpu));
    }

    [Fact]
    public void A_task_gate_in_the_IDT_pushes_the_error_code_on_the_new_tasks_stack()
    {
        using var machine = WithSecondTask();
        var cpu = machine.Cpu;
        machine.SetGate(Vector.DoubleFault, FlatMachine.Gate(SystemType.TaskGate, 0, FlatMachine.SecondTask, 0));
        machine.SetGate(Vector.GeneralProtection, FlatMachine.Gate(SystemType.TaskGate, 0, FlatMachine.SecondTask, 0));
        cpu->Rip = 0x4444;
        Assert.Equal(InterruptResult.Delivered, Interrupts.DeliverException(cpu, Vector.GeneralProtection, 0x18));
        Assert.Equal((0x18UL, NewStack - 4UL), (machine.Frame(4, 1)[0], machine.Rsp));
        Assert.Equal((0x4444UL, Rflags.Fixed | Rflags.Resume), (Saved(machine, Ip), Saved(machine, FlagsImage)));
        Assert.Equal(Rflags.NestedTask, Flags.Read(cpu) & Rflags.NestedTask);
    }

    [Fact]
    public void A_task_gate_checks_its_own_DPL_and_not_that_of_the_TSS()
    {
        using var machine = WithSecondTask();
        machine.SetDescriptor(FlatMachine.Free, FlatMachine.Gate(SystemType.TaskGate, 3, FlatMachine.SecondTask, 0));
        machine.SetLevel(3);
        Assert.False(FarTransfers.JumpFar(machine.Cpu, FlatMachine.SecondTask, 0, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.SecondTask);
        Assert.True(FarTransfers.JumpFar(machine.Cpu, FlatMachine.Free, 0, 4, 0));
        Assert.Equal(FlatMachine.SecondTask, machine[SegmentName.Tr].Selector);
    }

    [Fact]
    public void A_busy_or_short_or_absent_TSS_leaves_the_old_task_running()
    {
        using var machine = WithSecondTask();
        var before = machine.Snapshot();
        Assert.False(FarTransfers.JumpFar(machine.Cpu, FlatMachine.TaskRegister, 0, 4, 0));
        machine.AssertFault(Vector.GeneralProtection, FlatMachine.TaskRegister);
        machine.SetDescriptor(FlatMachine.SecondTask, FlatMachine.Segment((uint)FlatMachine.Tss2, 0x66, 0x89));
        Assert.False(FarTransfers.JumpFar(machine.Cpu, FlatMachine.SecondTask, 0, 4, 0));
        machine.AssertFault(Vector.InvalidTss, FlatMachine.SecondTask);
        machine.SetDescriptor(FlatMachine.SecondTask, FlatMachine.Segment((uint)FlatMachine.Tss2, 0x67, 0x09));
        Assert.False(FarTransfers.CallFar(machine.Cpu, FlatMachine.SecondTask, 0, 4, 0));
        machine.AssertFault(Vector.SegmentNotPresent, FlatMachine.SecondTask);
        machine.AssertUnchanged(before);
        Assert.Equal(0UL, Saved(machine, Ip));
    }

    [Fact]
    public void IRET_with_NT_wants_a_busy_TSS_in_the_link()
    {
        using var machine = WithSecondTask();
        machine.Cpu->SystemFlags |= Rflags.NestedTask;
        machine.Write(FlatMachine.Tss, 2, FlatMachine.SecondTask);
        Assert.False(FarTransfers.InterruptReturn(machine.Cpu, 4, 0));
        machine.AssertFault(Vector.InvalidTss, FlatMachine.SecondTask);
    }

    [Theory]
    [InlineData(Selectors + 4, FlatMachine.Data0, Vector.InvalidTss, FlatMachine.Data0)]
    [InlineData(Selectors + 8, FlatMachine.Data0, Vector.InvalidTss, FlatMachine.Data0)]
    [InlineData(Selectors + 12, FlatMachine.Data0, Vector.InvalidTss, FlatMachine.Data0)]
    [InlineData(Selectors + 12, FlatMachine.Free | 3, Vector.SegmentNotPresent, FlatMachine.Free)]
    [InlineData(LdtSelector, FlatMachine.Data0, Vector.InvalidTss, FlatMachine.Data0)]
    public void A_bad_segment_of_the_new_task_faults_in_the_new_task(ulong offset, ushort selector, byte vector, uint error)
    {
        using var machine = WithSecondTask();
        machine.SetDescriptor(FlatMachine.Free, FlatMachine.Segment(0, 0xFFFFF, (FlatMachine.Data32Attributes | FlatMachine.Dpl3) & ~SegmentAttributes.Present));
        machine.Write(FlatMachine.Tss2 + Selectors + 4, 2, FlatMachine.Code3);
        machine.Write(FlatMachine.Tss2 + Selectors + 8, 2, FlatMachine.Data3);
        machine.Write(FlatMachine.Tss2 + offset, 2, selector);
        Assert.False(FarTransfers.JumpFar(machine.Cpu, FlatMachine.SecondTask, 0, 4, 0x1234));
        machine.AssertFault(vector, error);
        Assert.Equal((NewIp, FlatMachine.SecondTask), ((uint)machine.Cpu->Rip, machine[SegmentName.Tr].Selector));
        Assert.Equal(0x1234UL, Saved(machine, Ip));
    }

    [Fact]
    public void A_TSS_with_T_set_traps_once_the_new_task_is_there()
    {
        using var machine = WithSecondTask();
        machine.Write(FlatMachine.Tss2 + TrapBit, 2, 1);
        machine.Cpu->Dr[7] |= 0x155;
        Assert.False(FarTransfers.JumpFar(machine.Cpu, FlatMachine.SecondTask, 0, 4, 0));
        machine.AssertFault(Vector.Debug, null);
        AssertInSecondTask(machine);
        Assert.Equal((Dr6.TaskSwitch, 0UL), (machine.Cpu->Dr[6] & Dr6.TaskSwitch, machine.Cpu->Dr[7] & 0x155));
    }

    [Fact]
    public void A_16_bit_TSS_keeps_words_and_leaves_FS_and_GS_null()
    {
        using var machine = WithSecondTask();
        var cpu = machine.Cpu;
        machine.SetDescriptor(FlatMachine.SecondTask, FlatMachine.Segment((uint)FlatMachine.Tss2, 0x2B, 0x81));
        for (var i = 0UL; i < 0x2C; i += 2)
        {
            machine.Write(FlatMachine.Tss2 + i, 2, 0);
        }

        machine.Write(FlatMachine.Tss2 + 0x0E, 2, NewIp);
        machine.Write(FlatMachine.Tss2 + 0x12, 2, 0xAAAA);
        machine.Write(FlatMachine.Tss2 + 0x1A, 2, 0x4000);
        machine.Write(FlatMachine.Tss2 + 0x24, 2, FlatMachine.Code16);
        machine.Write(FlatMachine.Tss2 + 0x26, 2, FlatMachine.Data16);
        Assert.True(FarTransfers.CallFar(cpu, FlatMachine.SecondTask, 0, 4, 0x1234));
        Assert.Equal((NewIp, 0xFFFFAAAAUL, FlatMachine.Data16), ((uint)cpu->Rip, cpu->Gpr[0], machine[SegmentName.Ss].Selector));
        Assert.Equal((0, 0), (machine[SegmentName.Fs].Attributes, machine[SegmentName.Gs].Attributes));
        Assert.True(FarTransfers.InterruptReturn(cpu, 2, 0x55));
        Assert.Equal((0x1234UL, 0x55UL), (cpu->Rip, machine.Read(FlatMachine.Tss2 + 0x0E, 2)));
    }

    [Fact]
    public void A_task_may_be_a_virtual_8086_one()
    {
        using var machine = WithSecondTask();
        machine.Write(FlatMachine.Tss2 + FlagsImage, 4, Rflags.Fixed | Rflags.Virtual8086);
        machine.Write(FlatMachine.Tss2 + Selectors + 4, 2, 0x0123);
        Assert.True(FarTransfers.JumpFar(machine.Cpu, FlatMachine.SecondTask, 0, 4, 0));
        Assert.Equal((3, 0x1230UL), (machine.Cpu->Cpl, machine[SegmentName.Cs].Base));
        Assert.NotEqual(0U, machine.Cpu->Mode & (uint)CodeMode.Virtual8086);
    }

    [Fact]
    public void With_paging_the_new_task_brings_its_own_page_tables()
    {
        using var machine = WithSecondTask();
        machine.EnablePaging();
        machine.Write(0xF2000, 4, 0xF1007);
        machine.Write(FlatMachine.Tss2 + 0x1C, 4, 0xF2000);
        Assert.True(FarTransfers.JumpFar(machine.Cpu, FlatMachine.SecondTask, 0, 4, 0));
        Assert.Equal(0xF2000UL, machine.Cpu->Cr3);
        Assert.Equal(Cr0.TaskSwitched, machine.Cpu->Cr0 & Cr0.TaskSwitched);
    }

    private static FlatMachine WithSecondTask()
    {
        var machine = FlatMachine.Protected();
        const ulong Tss = FlatMachine.Tss2;
        machine.Write(Tss + Ip, 4, NewIp);
        machine.Write(Tss + FlagsImage, 4, Rflags.Fixed | Rflags.Direction);
        for (var i = 0UL; i < 8; i++)
        {
            machine.Write(Tss + Registers + i * 4, 4, 0xA0 + i);
        }

        machine.Write(Tss + Registers + 16, 4, NewStack);
        machine.Write(Tss + Selectors, 2, FlatMachine.Data3);
        machine.Write(Tss + Selectors + 4, 2, FlatMachine.Code0);
        machine.Write(Tss + Selectors + 8, 2, FlatMachine.Data0);
        machine.Write(Tss + Selectors + 12, 2, FlatMachine.Data3);
        machine.Write(Tss + LdtSelector, 2, FlatMachine.LocalTable);
        return machine;
    }

    private static void AssertInSecondTask(FlatMachine machine)
    {
        var cpu = machine.Cpu;
        Assert.Equal((NewIp, NewStack), ((uint)cpu->Rip, (uint)machine.Rsp));
        Assert.Equal((0xA0UL, 0xA7UL), (cpu->Gpr[0], cpu->Gpr[7]));
        Assert.Equal((FlatMachine.SecondTask, FlatMachine.Tss2), (machine[SegmentName.Tr].Selector, machine[SegmentName.Tr].Base));
        Assert.Equal((FlatMachine.LocalTable, FlatMachine.Ldt), (machine[SegmentName.Ldtr].Selector, machine[SegmentName.Ldtr].Base));
        Assert.Equal(Cr0.TaskSwitched, cpu->Cr0 & Cr0.TaskSwitched);
    }

    private static ulong Saved(FlatMachine machine, ulong offset) => machine.Read(FlatMachine.Tss + offset, 4);

    private static int AccessByte(FlatMachine machine, int selector) => (int)(machine.GetDescriptor(selector) >> 40 & 0xFF);
}
