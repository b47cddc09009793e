namespace Emulator.Cpu.Tests;

public sealed unsafe class IoPermissionTests
{
    private const ulong Map = 0x88;

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(3, 3, true)]
    [InlineData(3, 2, false)]
    public void Levels_up_to_IOPL_reach_all_ports(int level, int ioLevel, bool allowed)
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(level);
        machine.Cpu->SystemFlags |= (ulong)ioLevel << 12;
        machine.Cpu->Segments[(int)SegmentName.Tr].Limit = 0x67;
        machine.Write(FlatMachine.Tss + 0x66, 2, Map);
        Assert.Equal(allowed, IoPermission.Check(machine.Cpu, 0x3F8, 1));
        if (!allowed)
        {
            machine.AssertFault(Vector.GeneralProtection, 0);
        }
    }

    [Theory]
    [InlineData(0x3F8, 1, true)]
    [InlineData(0x3F8, 2, true)]
    [InlineData(0x3F8, 4, false)]
    [InlineData(0x3FA, 1, false)]
    [InlineData(0x3FB, 1, true)]
    [InlineData(0x3F7, 2, true)]
    [InlineData(0xBBF, 1, true)]
    [InlineData(0xBC0, 1, false)]
    [InlineData(0xFFFF, 1, false)]
    public void Others_ask_the_TSSs_map_a_bit_a_port(ushort port, int size, bool allowed)
    {
        // The TSS ends at 0x200, so the map's last usable byte, which needs one behind it, is 0x1FF's.
        using var protectedMachine = FlatMachine.Protected();
        protectedMachine.SetLevel(3);
        using var virtualMachine = FlatMachine.Virtual8086(3);
        foreach (var machine in new[] { protectedMachine, virtualMachine })
        {
            machine.Write(FlatMachine.Tss + 0x66, 2, Map);
            machine.Write(FlatMachine.Tss + Map + 0x3F8 / 8, 1, 1 << 2);
            Assert.Equal(allowed, IoPermission.Check(machine.Cpu, port, size));
            if (!allowed)
            {
                machine.AssertFault(Vector.GeneralProtection, 0);
            }
        }
    }

    [Fact]
    public void A_16_bit_TSS_has_no_map()
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.Cpu->Segments[(int)SegmentName.Tr].Attributes = 0x83;
        Assert.False(IoPermission.Check(machine.Cpu, 0, 1));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Fact]
    public void POPF_changes_IF_and_IOPL_only_where_CPL_and_IOPL_allow()
    {
        foreach (var level in new[] { 0, 1, 3 })
        {
            for (var ioLevel = 0; ioLevel < 4; ioLevel++)
            {
                using var machine = FlatMachine.Protected();
                machine.SetLevel(level);
                Flags.Write(machine.Cpu, Rflags.Fixed | (ulong)ioLevel << 12);
                Assert.True(IoPermission.PopFlags(machine.Cpu, 0x3F7FD5 ^ Rflags.IoPrivilege, 4));
                var expected = 0x244DD7UL | (level <= ioLevel ? Rflags.Interrupt : 0) | (level == 0 ? 0 : (ulong)ioLevel << 12);
                Assert.Equal(expected, Flags.Read(machine.Cpu));
            }
        }
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(0, true, true)]
    [InlineData(3, false, true)]
    public void PUSHF_POPF_CLI_and_STI_of_a_virtual_8086_task_need_IOPL_3_or_VME(int ioLevel, bool extensions, bool allowed)
    {
        using var machine = FlatMachine.Virtual8086(ioLevel);
        var cpu = machine.Cpu;
        cpu->Cr4 |= extensions ? Cr4.VirtualModeExtensions : 0;
        var flag = ioLevel == 3 ? Rflags.Interrupt : Rflags.VirtualInterrupt;
        Check(IoPermission.PushedFlags(cpu, 2, out var pushed));
        Check(IoPermission.ClearInterruptFlag(cpu));
        Assert.True(!allowed || (cpu->SystemFlags & flag) == 0);
        Check(IoPermission.SetInterruptFlag(cpu));
        Assert.True(!allowed || (cpu->SystemFlags & flag) != 0);
        Check(IoPermission.PopFlags(cpu, pushed, 2));
        Assert.NotEqual(0UL, cpu->SystemFlags & Rflags.Virtual8086);
        Assert.Equal((ulong)ioLevel << 12, cpu->SystemFlags & Rflags.IoPrivilege);
        Assert.True(!allowed || (pushed & Rflags.IoPrivilege) == Rflags.IoPrivilege);

        void Check(bool done)
        {
            Assert.Equal(allowed, done);
            if (!done)
            {
                machine.AssertFault(Vector.GeneralProtection, 0);
            }
        }
    }

    [Fact]
    public void A_waiting_virtual_interrupt_faults_when_the_task_enables_interrupts()
    {
        using var machine = FlatMachine.Virtual8086(0);
        machine.Cpu->Cr4 |= Cr4.VirtualModeExtensions;
        machine.Cpu->SystemFlags |= Rflags.VirtualInterruptPending;
        Assert.False(IoPermission.SetInterruptFlag(machine.Cpu));
        machine.AssertFault(Vector.GeneralProtection, 0);
        Assert.False(IoPermission.PopFlags(machine.Cpu, Rflags.Interrupt, 2));
        machine.AssertFault(Vector.GeneralProtection, 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void User_code_below_IOPL_has_VIF_for_IF_with_PVI_and_a_fault_without(bool extension)
    {
        using var machine = FlatMachine.Protected();
        machine.SetLevel(3);
        machine.Cpu->Cr4 |= extension ? Cr4.ProtectedModeVirtualInterrupts : 0;
        Assert.Equal(extension, IoPermission.SetInterruptFlag(machine.Cpu));
        if (extension)
        {
            Assert.Equal(Rflags.VirtualInterrupt, machine.Cpu->SystemFlags & (Rflags.VirtualInterrupt | Rflags.Interrupt));
        }
        else
        {
            machine.AssertFault(Vector.GeneralProtection, 0);
        }
    }

    [Fact]
    public void STI_shadows_the_next_instruction_only_if_IF_was_clear()
    {
        using var machine = FlatMachine.Protected();
        Assert.True(IoPermission.SetInterruptFlag(machine.Cpu));
        Assert.Equal(1, machine.Cpu->InterruptShadow);
        Assert.NotEqual(0U, machine.Cpu->Mode & (uint)CodeMode.Single);
        machine.Cpu->InterruptShadow = 0;
        Assert.True(IoPermission.SetInterruptFlag(machine.Cpu));
        Assert.Equal(0, machine.Cpu->InterruptShadow);
    }
}
