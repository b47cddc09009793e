namespace Emulator.Cpu.Tests;

public sealed unsafe class SystemCallTests
{
    [Fact]
    public void SYSCALL_enters_64_bit_code_at_LSTAR_and_SYSRET_goes_back()
    {
        using var machine = WithRegisters();
        var cpu = machine.Cpu;
        machine.SetLongLevel(3);
        Flags.Write(cpu, Rflags.Fixed | Rflags.Interrupt | Rflags.Carry);
        Assert.True(SystemCalls.SysCall(cpu, 0x1234));
        Assert.Equal((0xFFFFFFFF81000000, 0x1234UL, 0x203UL, 0), (cpu->Rip, cpu->Gpr[1], cpu->Gpr[11], cpu->Cpl));
        Assert.Equal(Rflags.Fixed | Rflags.Carry, Flags.Read(cpu));
        Assert.Equal((0x10, 0xA09B), (machine[SegmentName.Cs].Selector, machine[SegmentName.Cs].Attributes));
        Assert.Equal((0x18, 0xC093), (machine[SegmentName.Ss].Selector, machine[SegmentName.Ss].Attributes));

        Assert.True(SystemCalls.SysReturn(cpu, 8));
        Assert.Equal((0x1234UL, 0x203UL, 3), (cpu->Rip, Flags.Read(cpu), cpu->Cpl));
        Assert.Equal((0x33, 0xA0FB), (machine[SegmentName.Cs].Selector, machine[SegmentName.Cs].Attributes));
        Assert.Equal((0x2B, 0xC0F3), (machine[SegmentName.Ss].Selector, machine[SegmentName.Ss].Attributes));
    }

    [Fact]
    public void SYSRET_of_32_bits_returns_to_compatibility_mode()
    {
        using var machine = WithRegisters();
        machine.Cpu->Gpr[1] = 0x1_0000_1234;
        Assert.True(SystemCalls.SysReturn(machine.Cpu, 4));
        Assert.Equal((0x1234UL, 0x23, 0xC0FB), (machine.Cpu->Rip, machine[SegmentName.Cs].Selector, machine[SegmentName.Cs].Attributes));
        Assert.Equal(0U, machine.Cpu->Mode & (uint)CodeMode.Code64);
    }

    [Fact]
    public void SYSCALL_and_SYSRET_are_undefined_outside_64_bit_mode_and_without_SCE()
    {
        using var machine = WithRegisters();
        machine.SetLevel(0);
        Assert.False(SystemCalls.SysCall(machine.Cpu, 0));
        machine.AssertFault(Vector.InvalidOpcode, null);
        machine.SetLongLevel(0);
        machine.Cpu->Efer &= ~Efer.SystemCallEnable;
        Assert.False(SystemCalls.SysReturn(machine.Cpu, 8));
        machine.AssertFault(Vector.InvalidOpcode, null);
    }

    [Fact]
    public void SYSRET_faults_at_other_levels_and_for_wild_addresses_before_it_leaves_level_0()
    {
        using var machine = WithRegisters();
        machine.Cpu->Gpr[1] = 0x0000800000000000;
        var before = machine.Snapshot();
        Assert.False(SystemCalls.SysReturn(machine.Cpu, 8));
        machine.AssertFault(Vector.GeneralProtection, 0);
        machine.AssertUnchanged(before);
        machine.SetLongLevel(3);
        machine.Cpu->Gpr[1] = 0;
        Assert.False(SystemCalls.SysReturn(machine.Cpu, 8));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SYSENTER_and_SYSEXIT_use_their_registers_as_wide_as_the_mode(bool longMode)
    {
        using var machine = longMode ? FlatMachine.Long() : FlatMachine.Protected();
        var cpu = machine.Cpu;
        machine.SetLevel(3);
        cpu->SysenterCs = 0x11;
        cpu->SysenterEip = 0xFFFFFFFF81000000;
        cpu->SysenterEsp = 0xFFFFFFFF82000000;
        cpu->SystemFlags |= Rflags.Interrupt;
        Assert.True(SystemCalls.SysEnter(cpu));
        var mask = longMode ? ulong.MaxValue : uint.MaxValue;
        Assert.Equal((0xFFFFFFFF81000000 & mask, 0xFFFFFFFF82000000 & mask, 0), (cpu->Rip, machine.Rsp, cpu->Cpl));
        Assert.Equal((0x10, 0x18, 0UL), (machine[SegmentName.Cs].Selector, machine[SegmentName.Ss].Selector, cpu->SystemFlags & Rflags.Interrupt));
        Assert.Equal(longMode, (cpu->Mode & (uint)CodeMode.Code64) != 0);

        cpu->Gpr[1] = 0xB000;
        cpu->Gpr[2] = 0x1234;
        Assert.True(SystemCalls.SysExit(cpu, longMode ? 8 : 4));
        Assert.Equal((0x1234UL, 0xB000UL, 3), (cpu->Rip, machine.Rsp, cpu->Cpl));
        Assert.Equal(longMode ? (0x33, 0x3B) : (0x23, 0x2B), (machine[SegmentName.Cs].Selector, machine[SegmentName.Ss].Selector));
    }

    [Fact]
    public void SYSENTER_faults_in_real_mode_and_with_a_null_segment()
    {
        using var real = FlatMachine.Real();
        real.Cpu->SysenterCs = 0x10;
        Assert.False(SystemCalls.SysEnter(real.Cpu));
        real.AssertFault(Vector.GeneralProtection, 0);
        using var machine = FlatMachine.Protected();
        machine.Cpu->SysenterCs = 3;
        Assert.False(SystemCalls.SysEnter(machine.Cpu));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void SWAPGS_exchanges_the_bases_at_level_0_of_64_bit_code_only()
    {
        using var machine = FlatMachine.Long();
        var cpu = machine.Cpu;
        cpu->KernelGsBase = 0x1000;
        cpu->Segments[(int)SegmentName.Gs].Base = 0x2000;
        Assert.True(SystemCalls.SwapGs(cpu));
        Assert.Equal((0x1000UL, 0x2000UL), (machine[SegmentName.Gs].Base, cpu->KernelGsBase));
        machine.SetLongLevel(3);
        Assert.False(SystemCalls.SwapGs(cpu));
        machine.AssertFault(Vector.GeneralProtection, 0);
        machine.SetLevel(0);
        Assert.False(SystemCalls.SwapGs(cpu));
        machine.AssertFault(Vector.InvalidOpcode, null);
    }

    [Fact]
    public void Base_instructions_need_FSGSBASE_and_canonical_values()
    {
        using var machine = FlatMachine.Long();
        var cpu = machine.Cpu;
        Assert.False(SystemCalls.WriteBase(cpu, SegmentName.Fs, 0));
        machine.AssertFault(Vector.InvalidOpcode, null);
        cpu->Cr4 |= Cr4.FsGsBase;
        Assert.True(SystemCalls.WriteBase(cpu, SegmentName.Fs, 0xFFFF800000000000));
        Assert.True(SystemCalls.ReadBase(cpu, SegmentName.Fs, out var value));
        Assert.Equal(0xFFFF800000000000, value);
        Assert.False(SystemCalls.WriteBase(cpu, SegmentName.Fs, 0x0000800000000000));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    private static FlatMachine WithRegisters()
    {
        var machine = FlatMachine.Long();
        machine.Cpu->Star = 0x0023_0010UL << 32;
        machine.Cpu->Lstar = 0xFFFFFFFF81000000;
        machine.Cpu->Sfmask = Rflags.Interrupt;
        return machine;
    }
}
