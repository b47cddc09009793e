namespace Emulator.Cpu.Tests;

public sealed unsafe class ControlRegisterTests : IDisposable
{
    private const ulong Kernel = 0x40_0000, User = 0x80_0000;

    private readonly SystemRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void CR0_keeps_ET_set_and_ignores_the_reserved_bits_of_its_low_half()
    {
        _rig.Load(0, Cr0.ProtectionEnable | 0x1FF0_FFC0);
        Assert.Equal(Cr0.ProtectionEnable | Cr0.ExtensionType, _rig.Control(0) & ~(Cr0.WriteProtect | Cr0.AlignmentMask));
        Assert.Equal(0UL, _rig.Control(0) & 0x1FFA_FFC0);
    }

    [Fact]
    public void CR0_refuses_its_impossible_combinations()
    {
        for (var bits = 0; bits < 16; bits++)
        {
            using var rig = new SystemRig();
            var value = ((bits & 1) != 0 ? Cr0.ProtectionEnable : 0) | ((bits & 2) != 0 ? Cr0.Paging : 0)
                | ((bits & 4) != 0 ? Cr0.NotWriteThrough : 0) | ((bits & 8) != 0 ? Cr0.CacheDisable : 0);
            if ((bits & 3) == 2 || (bits & 12) == 4)
            {
                rig.Refuse(0, value);
            }
            else
            {
                rig.Load(0, value);
                Assert.Equal(value | Cr0.ExtensionType, rig.Control(0));
            }
        }

        _rig.Refuse(0, 1UL << 32);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(15)]
    public void A_control_register_that_is_not_there_is_an_invalid_opcode(int number)
    {
        Assert.False(ControlRegisters.ReadControl(_rig.State, number, out _));
        _rig.Cpu.AssertFault(Vector.InvalidOpcode);
        Assert.False(ControlRegisters.WriteControl(_rig.State, _rig.Memory, number, 0));
        _rig.Cpu.AssertFault(Vector.InvalidOpcode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Only_ring_0_touches_control_registers(int cpl)
    {
        _rig.Load(0, Cr0.ProtectionEnable);
        _rig.State->Cpl = cpl;
        foreach (var number in new[] { 0, 2, 3, 4, 8 })
        {
            Assert.False(ControlRegisters.ReadControl(_rig.State, number, out _));
            _rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
            _rig.Refuse(number, 0);
        }

        Assert.False(ControlRegisters.ClearTaskSwitched(_rig.State));
        _rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
        Assert.False(ControlRegisters.InvalidatePage(_rig.State, 0));
        _rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
        Assert.False(ControlRegisters.LoadMachineStatusWord(_rig.State, _rig.Memory, 0));
        _rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
        Assert.Equal(_rig.State->Cr0, ControlRegisters.StoreMachineStatusWord(_rig.State));
    }

    [Fact]
    public void CR4_takes_exactly_the_bits_of_the_features_there_are()
    {
        const ulong Present = 0x3101FC;
        for (var bit = 0; bit < 64; bit++)
        {
            using var rig = new SystemRig();
            if ((Present >> bit & 1) != 0)
            {
                rig.Load(4, 1UL << bit);
                Assert.Equal(1UL << bit, rig.Control(4));
            }
            else
            {
                rig.Refuse(4, 1UL << bit);
            }
        }
    }

    [Fact]
    public void CR8_holds_four_bits()
    {
        _rig.Load(8, 15);
        Assert.Equal(15UL, _rig.Control(8));
        _rig.Refuse(8, 16);
    }

    [Fact]
    public void CR2_holds_anything_and_CR3_no_address_beyond_the_bus()
    {
        _rig.Load(2, 0x8123_4567_89AB_CDEF);
        Assert.Equal(0x8123_4567_89AB_CDEFUL, _rig.Control(2));
        _rig.Cpu.EnterLongMode();
        _rig.Load(3, 0xFF_FFFF_FFFF);
        _rig.Refuse(3, 1UL << 40);
        _rig.Refuse(3, 1UL << 63);
    }

    [Fact]
    public void LMSW_sets_PE_but_cannot_clear_it()
    {
        Assert.True(ControlRegisters.LoadMachineStatusWord(_rig.State, _rig.Memory, 0xFFFF));
        Assert.Equal(0x1FUL, _rig.Control(0));
        Assert.True(ControlRegisters.LoadMachineStatusWord(_rig.State, _rig.Memory, 0));
        Assert.Equal(0x11UL, _rig.Control(0));
        _rig.Load(0, Cr0.TaskSwitched | Cr0.ProtectionEnable);
        Assert.True(ControlRegisters.ClearTaskSwitched(_rig.State));
        Assert.Equal(0x11UL, _rig.Control(0));
    }

    [Fact]
    public void Enabling_PAE_paging_loads_the_page_directory_pointers_and_refuses_bad_ones()
    {
        _rig.Load(4, Cr4.PhysicalAddressExtension);
        _rig.Load(3, 0x2000);
        _rig.Write(0x2008, 0x3000 | 2 | 1);
        _rig.Refuse(0, Cr0.ProtectionEnable | Cr0.Paging);
        _rig.Write(0x2008, 0x3000 | 1);
        _rig.Load(0, Cr0.ProtectionEnable | Cr0.Paging);
        Assert.Equal(0x3001UL, _rig.State->Pdpte[1]);

        _rig.Write(0x4010, 0x5001 | 1UL << 62);
        _rig.Refuse(3, 0x4000);
        Assert.Equal(0x3001UL, _rig.State->Pdpte[1]);
        _rig.Write(0x4010, 0x5001);
        _rig.Load(3, 0x4000);
        Assert.Equal(0x5001UL, _rig.State->Pdpte[2]);
    }

    [Fact]
    public void Turning_PAE_on_under_two_level_paging_loads_the_page_directory_pointers()
    {
        _rig.Load(3, 0x2000);
        _rig.Load(0, Cr0.ProtectionEnable | Cr0.Paging);
        _rig.Write(0x2000, 0x1E7);
        _rig.Refuse(4, Cr4.PhysicalAddressExtension);
        _rig.Write(0x2000, 0x7001);
        _rig.Load(4, Cr4.PhysicalAddressExtension);
        Assert.Equal(0x7001UL, _rig.State->Pdpte[0]);
    }

    [Theory]
    [InlineData(Cr4.PageGlobalEnable, true)]
    [InlineData(Cr4.PageSizeExtensions, true)]
    [InlineData(Cr4.SupervisorExecutionPrevention, true)]
    [InlineData(Cr4.TimeStampDisable, false)]
    [InlineData(Cr4.FsGsBase, false)]
    public void A_change_of_CR4_forgets_every_translation_if_it_changes_their_meaning(ulong bit, bool flushes)
    {
        _rig.Cpu.FillTlb(Kernel, global: true);
        _rig.Cpu.FillTlb(User, global: false);
        _rig.Load(4, bit);
        Assert.Equal(!flushes, _rig.Cpu.TlbHolds(Kernel));
        Assert.Equal(!flushes, _rig.Cpu.TlbHolds(User));
    }

    [Fact]
    public void A_load_of_CR3_keeps_global_translations_only()
    {
        _rig.Cpu.FillTlb(Kernel, global: true);
        _rig.Cpu.FillTlb(User, global: false);
        _rig.Load(3, 0x1000);
        Assert.True(_rig.Cpu.TlbHolds(Kernel));
        Assert.False(_rig.Cpu.TlbHolds(User));
    }

    [Fact]
    public void Switching_paging_forgets_every_translation_and_switching_WP_the_writable_ones()
    {
        _rig.Cpu.FillTlb(Kernel, global: true);
        _rig.Cpu.FillTlb(Kernel, global: true, write: true);
        _rig.Load(0, Cr0.ProtectionEnable | Cr0.WriteProtect);
        Assert.True(_rig.Cpu.TlbHolds(Kernel));
        Assert.False(_rig.Cpu.TlbHolds(Kernel, write: true));
        _rig.Load(0, Cr0.ProtectionEnable | Cr0.WriteProtect | Cr0.Paging);
        Assert.False(_rig.Cpu.TlbHolds(Kernel));
    }

    [Fact]
    public void INVLPG_forgets_one_page_even_a_global_one()
    {
        _rig.Cpu.FillTlb(Kernel, global: true);
        _rig.Cpu.FillTlb(User, global: false);
        Assert.True(ControlRegisters.InvalidatePage(_rig.State, Kernel + 5));
        Assert.False(_rig.Cpu.TlbHolds(Kernel));
        Assert.True(_rig.Cpu.TlbHolds(User));
        Assert.True(ControlRegisters.InvalidatePage(_rig.State, 1UL << 62 | User));
        Assert.True(_rig.Cpu.TlbHolds(User));
    }

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(30)]
    public void INVLPG_of_any_address_in_a_large_page_forgets_all_of_it(int pageBits)
    {
        const ulong Page = 0xFFFF_8000_4000_0000;
        var last = Page + (1UL << pageBits) - 0x1000;
        LargePages.Note(_rig.State, last, pageBits);
        _rig.Cpu.FillTlb(last, global: true);
        _rig.Cpu.FillTlb(Page + 0x3000, global: true);
        Assert.True(ControlRegisters.InvalidatePage(_rig.State, Page + 0x12345));
        Assert.False(_rig.Cpu.TlbHolds(last));
        Assert.False(_rig.Cpu.TlbHolds(Page + 0x3000));

        // Nothing large is left, so the next one forgets a page and no more.
        _rig.Cpu.FillTlb(User, global: false);
        Assert.True(ControlRegisters.InvalidatePage(_rig.State, Page));
        Assert.True(_rig.Cpu.TlbHolds(User));
    }

    [Fact]
    public void The_mode_follows_protection_and_SMAP_selects_the_TLB_set()
    {
        Assert.Equal(0U, _rig.State->Mode & (uint)CodeMode.Protected);
        _rig.Load(0, Cr0.ProtectionEnable);
        Assert.NotEqual(0U, _rig.State->Mode & (uint)CodeMode.Protected);
        var open = (nint)_rig.State->Tlb;
        _rig.Load(4, Cr4.SupervisorAccessPrevention);
        Assert.NotEqual(open, (nint)_rig.State->Tlb);
    }
}
