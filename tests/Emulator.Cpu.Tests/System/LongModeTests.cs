namespace Emulator.Cpu.Tests;

/// <summary>The transitions between legacy and long mode (SDM volume 3, 10.8.5; APM volume 2, 14.6).</summary>
public sealed unsafe class LongModeTests : IDisposable
{
    private const ulong Protected = Cr0.ProtectionEnable;
    private const ulong Paged = Cr0.ProtectionEnable | Cr0.Paging;

    private readonly SystemRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Paging_with_LME_activates_long_mode_and_clearing_it_from_compatibility_mode_ends_it()
    {
        Enter();
        Assert.Equal(Efer.LongModeEnable | Efer.LongModeActive, _rig.ReadMsr(Msr.Efer));
        Assert.NotEqual(0U, _rig.State->Mode & (uint)CodeMode.Long);
        _rig.Load(0, Protected);
        Assert.Equal(Efer.LongModeEnable, _rig.ReadMsr(Msr.Efer));
        Assert.Equal(0U, _rig.State->Mode & (uint)CodeMode.Long);
    }

    [Theory]
    [InlineData(false, 0, 0x8B, false)]
    [InlineData(true, 0, 0x8B, true)]
    [InlineData(true, 0, 0x89, true)]
    [InlineData(true, 0, 0x81, false)]
    [InlineData(true, 0, 0x83, false)]
    [InlineData(true, SegmentAttributes.Long, 0x8B, false)]
    public void Long_mode_is_entered_with_PAE_from_a_segment_without_L_and_never_on_a_16_bit_TSS(bool pae, int code, int task, bool allowed)
    {
        _rig.WriteMsr(Msr.Efer, Efer.LongModeEnable);
        _rig.Load(4, pae ? Cr4.PhysicalAddressExtension : 0);
        _rig.Cpu.Segment(SegmentName.Cs).Attributes = (ushort)(0x9B | code);
        _rig.Cpu.Segment(SegmentName.Tr).Attributes = (ushort)task;
        if (allowed)
        {
            _rig.Load(0, Paged);
        }
        else
        {
            _rig.Refuse(0, Paged);
        }

        Assert.Equal(allowed, (_rig.State->Efer & Efer.LongModeActive) != 0);
    }

    [Fact]
    public void Entering_long_mode_does_not_look_at_page_directory_pointers()
    {
        _rig.Write(0x1000, ulong.MaxValue);
        Enter();
    }

    [Fact]
    public void Neither_paging_in_64_bit_mode_nor_PAE_nor_LME_can_be_switched_in_long_mode()
    {
        Enter();
        _rig.Refuse(4, 0);
        _rig.RefuseMsr(Msr.Efer, 0);
        _rig.Cpu.Segment(SegmentName.Cs).Attributes |= SegmentAttributes.Long;
        _rig.Refuse(0, Protected);
        _rig.Refuse(0, 0);
    }

    [Fact]
    public void LME_does_not_change_under_legacy_paging()
    {
        _rig.Load(0, Paged);
        _rig.RefuseMsr(Msr.Efer, Efer.LongModeEnable);
        _rig.WriteMsr(Msr.Efer, Efer.NoExecuteEnable);
    }

    [Fact]
    public void LMA_is_not_softwares_to_write()
    {
        _rig.WriteMsr(Msr.Efer, Efer.LongModeActive | Efer.SystemCallEnable);
        Assert.Equal(Efer.SystemCallEnable, _rig.ReadMsr(Msr.Efer));
        _rig.WriteMsr(Msr.Efer, 0);
        Enter();
        _rig.WriteMsr(Msr.Efer, Efer.LongModeEnable);
        Assert.Equal(Efer.LongModeEnable | Efer.LongModeActive, _rig.ReadMsr(Msr.Efer));
    }

    [Fact]
    public void EFER_refuses_every_bit_that_is_reserved()
    {
        for (var bit = 0; bit < 64; bit++)
        {
            using var rig = new SystemRig();
            if (bit is 0 or 8 or 10 or 11)
            {
                rig.WriteMsr(Msr.Efer, 1UL << bit);
            }
            else
            {
                rig.RefuseMsr(Msr.Efer, 1UL << bit);
            }
        }
    }

    [Fact]
    public void A_change_of_NXE_forgets_every_translation()
    {
        _rig.Cpu.FillTlb(0x1000, global: true);
        _rig.WriteMsr(Msr.Efer, Efer.SystemCallEnable);
        Assert.True(_rig.Cpu.TlbHolds(0x1000));
        _rig.WriteMsr(Msr.Efer, Efer.NoExecuteEnable);
        Assert.False(_rig.Cpu.TlbHolds(0x1000));
    }

    private void Enter()
    {
        _rig.Load(4, Cr4.PhysicalAddressExtension);
        _rig.Load(3, 0x1000);
        _rig.WriteMsr(Msr.Efer, Efer.LongModeEnable);
        _rig.Load(0, Paged);
    }
}
