namespace Emulator.Cpu.Tests;

public sealed unsafe class ModelSpecificRegisterTests : IDisposable
{
    private readonly SystemRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Every_register_that_Debians_kernel_reads_is_there()
    {
        uint[] wanted = [0x1B, 0x8B, 0xFE, 0x179, 0x17A, 0x1A0, 0x250, 0x258, 0x259, 0x277, 0x2FF, 0xC000_0080];
        var ranges = wanted
            .Concat(Range(0x200, 0x20F)).Concat(Range(0x268, 0x26F)).Concat(Range(0x400, 0x427))
            .Concat(Range(0xC000_0080, 0xC000_0084)).Concat(Range(0xC000_0100, 0xC000_0103));
        Assert.All(ranges, index => _rig.ReadMsr(index));
    }

    [Theory]
    [InlineData(0x0)]
    [InlineData(0x3A)]
    [InlineData(0x210)]
    [InlineData(0x251)]
    [InlineData(0x428)]
    [InlineData(0x3FF)]
    [InlineData(0xC000_0085)]
    [InlineData(0xC000_0104)]
    [InlineData(0xC001_0015)]
    [InlineData(0xFFFF_FFFF)]
    public void A_register_that_is_not_there_is_a_general_protection_fault(uint index)
    {
        Assert.False(ModelSpecificRegisters.Read(_rig.State, index, out _));
        _rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
        _rig.RefuseMsr(index, 0);
    }

    [Fact]
    public void Only_ring_0_reads_and_writes_them()
    {
        _rig.State->Cpl = 3;
        Assert.False(ModelSpecificRegisters.Read(_rig.State, Msr.Star, out _));
        _rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
        _rig.RefuseMsr(Msr.Star, 1);
    }

    [Theory]
    [InlineData(Msr.SysenterEsp)]
    [InlineData(Msr.SysenterEip)]
    [InlineData(Msr.Lstar)]
    [InlineData(Msr.Cstar)]
    [InlineData(Msr.FsBase)]
    [InlineData(Msr.GsBase)]
    [InlineData(Msr.KernelGsBase)]
    public void An_address_must_be_canonical(uint index)
    {
        foreach (var address in new ulong[] { 0, 0x7FFF_FFFF_FFFF, 0xFFFF_8000_0000_0000, ulong.MaxValue })
        {
            _rig.WriteMsr(index, address);
            Assert.Equal(address, _rig.ReadMsr(index));
        }

        foreach (var address in new ulong[] { 0x8000_0000_0000, 0xFFFF_7FFF_FFFF_FFFF, 1UL << 63 })
        {
            _rig.RefuseMsr(index, address);
        }
    }

    [Fact]
    public void FS_and_GS_bases_are_those_of_the_segments()
    {
        _rig.WriteMsr(Msr.FsBase, 0x1234_5678_9ABC);
        _rig.WriteMsr(Msr.GsBase, 0xFFFF_8888_0000_0000);
        Assert.Equal(0x1234_5678_9ABCUL, _rig.Cpu.Segment(SegmentName.Fs).Base);
        Assert.Equal(0xFFFF_8888_0000_0000UL, _rig.Cpu.Segment(SegmentName.Gs).Base);
    }

    [Theory]
    [InlineData(Msr.MtrrCapabilities)]
    [InlineData(Msr.MachineCheckCapabilities)]
    [InlineData(Msr.PlatformId)]
    public void A_read_only_register_refuses_writes(uint index) => _rig.RefuseMsr(index, 0);

    [Fact]
    public void PAT_takes_the_six_memory_types_only()
    {
        Assert.Equal(0x0007_0406_0007_0406UL, _rig.ReadMsr(Msr.PageAttributeTable));
        for (var type = 0UL; type < 256; type++)
        {
            if (type is 0 or 1 or 4 or 5 or 6 or 7)
            {
                _rig.WriteMsr(Msr.PageAttributeTable, type << 24);
            }
            else
            {
                _rig.RefuseMsr(Msr.PageAttributeTable, type << 24);
            }
        }
    }

    [Fact]
    public void MTRRs_store_what_is_valid_and_refuse_the_rest()
    {
        Assert.Equal(0x508UL, _rig.ReadMsr(Msr.MtrrCapabilities));
        _rig.WriteMsr(0x200, 0xFF_FFFF_F006);
        _rig.RefuseMsr(0x200, 0xFF_FFFF_F002);
        _rig.RefuseMsr(0x200, 0x100);
        _rig.RefuseMsr(0x20E, 1UL << 40);
        _rig.WriteMsr(0x201, 0xFF_FFFF_F800);
        _rig.RefuseMsr(0x201, 0x806);
        _rig.RefuseMsr(0x20F, 1UL << 63);
        _rig.WriteMsr(0x250, 0x0606_0606_0504_0100);
        _rig.RefuseMsr(0x26F, 0x0700_0000_0000_0000);
        _rig.WriteMsr(0x2FF, 0xC06);
        _rig.RefuseMsr(0x2FF, 0x100);
        _rig.RefuseMsr(0x2FF, 7);
        Assert.Equal(0xFF_FFFF_F006UL, _rig.ReadMsr(0x200));
        Assert.Equal(0xFF_FFFF_F800UL, _rig.ReadMsr(0x201));
        Assert.Equal(0x0606_0606_0504_0100UL, _rig.ReadMsr(0x250));
        Assert.Equal(0xC06UL, _rig.ReadMsr(0x2FF));
    }

    [Theory]
    [InlineData(0x1000_0000, 0x8000_0000)]
    [InlineData(0xC000_0000, 0xC000_0000)]
    [InlineData(0xE000_0000, 0xE000_0000)]
    public void Firmwares_defaults_leave_RAM_cached_and_the_hole_below_4_GiB_not(ulong ram, ulong hole)
    {
        MemoryTypeRanges.SetFirmwareDefaults(_rig.State, ram);
        Assert.Equal(0xC06UL, _rig.ReadMsr(0x2FF));
        Assert.Equal(hole, _rig.ReadMsr(0x200));
        Assert.Equal((0xFF_0000_0000 | hole) | 0x800, _rig.ReadMsr(0x201));
        Assert.Equal(0x0606_0606_0606_0606UL, _rig.ReadMsr(0x250));
        Assert.Equal(0UL, _rig.ReadMsr(0x259));
    }

    [Fact]
    public void Machine_check_banks_take_any_control_and_only_zero_elsewhere()
    {
        Assert.Equal(0x10AUL, _rig.ReadMsr(Msr.MachineCheckCapabilities));
        _rig.WriteMsr(0x424, ulong.MaxValue);
        Assert.Equal(ulong.MaxValue, _rig.ReadMsr(0x424));
        for (var index = 0x425U; index <= 0x427; index++)
        {
            _rig.WriteMsr(index, 0);
            _rig.RefuseMsr(index, 1);
        }

        _rig.WriteMsr(Msr.MachineCheckControl, ulong.MaxValue);
        _rig.RefuseMsr(Msr.MachineCheckStatus, 8);
    }

    [Fact]
    public void APIC_base_can_be_moved_and_without_an_APIC_not_enabled()
    {
        Assert.Equal(0xFEE0_0100UL, _rig.ReadMsr(Msr.ApicBase));
        _rig.WriteMsr(Msr.ApicBase, 0xFED0_0000);
        _rig.RefuseMsr(Msr.ApicBase, 0xFEE0_0900);
        _rig.State->ModelSpecific->HasLocalApic = 1;
        _rig.WriteMsr(Msr.ApicBase, 0xFEE0_0900);
        foreach (var reserved in new[] { 1UL, 1UL << 9, 1UL << 10, 1UL << 40 })
        {
            _rig.RefuseMsr(Msr.ApicBase, 0xFEE0_0900 | reserved);
        }
    }

    [Fact]
    public void MISC_ENABLE_changes_in_fast_strings_alone()
    {
        Assert.Equal(0x1801UL, _rig.ReadMsr(Msr.MiscEnable));
        _rig.WriteMsr(Msr.MiscEnable, ulong.MaxValue & ~1UL);
        Assert.Equal(0x1800UL, _rig.ReadMsr(Msr.MiscEnable));
    }

    [Fact]
    public void TSC_AUX_holds_32_bits()
    {
        _rig.WriteMsr(Msr.TscAux, uint.MaxValue);
        _rig.RefuseMsr(Msr.TscAux, 1UL << 32);
    }

    [Fact]
    public void The_time_stamp_counter_goes_on_from_what_is_written()
    {
        _rig.State->InstructionCount = 1000;
        _rig.WriteMsr(Msr.TimeStampCounter, 0xFFFF_FFFF_FFFF_FFF0);
        Assert.Equal(0xFFFF_FFFF_FFFF_FFF0, _rig.ReadMsr(Msr.TimeStampCounter));
        _rig.State->InstructionCount += 0x20;
        Assert.Equal(0x10UL, TimeStampCounter.TimeStamp(_rig.State));
    }

    [Fact]
    public void The_time_stamp_counter_follows_the_host_and_never_goes_back()
    {
        _rig.State->TscFromInstructions = 0;
        TimeStampCounter.Write(_rig.State, 0);
        var last = 0UL;
        for (var i = 0; i < 1000; i++)
        {
            var now = TimeStampCounter.TimeStamp(_rig.State);
            Assert.True(now >= last);
            last = now;
        }

        Assert.True(last < 3600UL * TimeStampCounter.Frequency);
    }

    [Fact]
    public void CR4_TSD_keeps_the_counter_from_outer_rings()
    {
        _rig.State->Cr4 = Cr4.TimeStampDisable;
        Assert.True(TimeStampCounter.Read(_rig.State, out _));
        _rig.State->Cpl = 3;
        Assert.False(TimeStampCounter.Read(_rig.State, out _));
        _rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
        _rig.State->Cr4 = 0;
        Assert.True(TimeStampCounter.Read(_rig.State, out _));
    }

    private static IEnumerable<uint> Range(uint first, uint last)
    {
        for (var index = first; index <= last; index++)
        {
            yield return index;
        }
    }
}
