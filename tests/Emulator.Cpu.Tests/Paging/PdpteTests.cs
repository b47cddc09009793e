namespace Emulator.Cpu.Tests;

/// <summary>PAE paging's cached page-directory-pointer entries (SDM volume 3, 4.4.1).</summary>
public sealed unsafe class PdpteTests
{
    [Fact]
    public void A_walk_uses_the_cached_entry_whatever_memory_holds_by_now()
    {
        using var rig = new PagingRig(MappingKind.Pae4K);
        rig.Set(0x1000 + (rig.Linear >> 30) * 8, 0);
        rig.AssertTranslates(PageAccess.Read);
    }

    [Fact]
    public void An_entry_cached_as_not_present_faults_without_P()
    {
        using var rig = new PagingRig(MappingKind.Pae2M);
        rig.Cpu.State->Pdpte[rig.Linear >> 30] = 0;
        rig.AssertFaults(PageAccess.Execute, PageFaultError.User, user: true);
    }

    [Fact]
    public void A_load_takes_four_entries_from_a_32_byte_boundary()
    {
        using var rig = new PagingRig(MappingKind.Pae4K);
        for (var i = 0UL; i < 4; i++)
        {
            rig.Set(0x8020 + i * 8, (i + 1) << 20 | 1);
        }

        Assert.True(Paging.LoadPdptes(rig.Cpu.State, rig.Memory, 0x803F));
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal((ulong)(i + 1) << 20 | 1, rig.Cpu.State->Pdpte[i]);
        }
    }

    [Fact]
    public void A_reserved_bit_in_a_present_entry_is_a_general_protection_fault_and_keeps_the_old_ones()
    {
        using var rig = new PagingRig(MappingKind.Pae4K);
        var old = rig.Cpu.State->Pdpte[1];
        for (var bit = 1; bit < 64; bit++)
        {
            rig.Set(0x8018, 1 | 1UL << bit);
            var reserved = bit is 1 or 2 or (>= 5 and <= 8) or >= 40;
            Assert.True(Paging.LoadPdptes(rig.Cpu.State, rig.Memory, 0x8000) != reserved, $"bit {bit}");
            if (reserved)
            {
                rig.Cpu.AssertFault(Vector.GeneralProtection, 0);
                Assert.Equal(old, rig.Cpu.State->Pdpte[1]);
            }

            Assert.True(Paging.LoadPdptes(rig.Cpu.State, rig.Memory, 0x1000));
        }
    }

    [Fact]
    public void An_entry_that_is_not_present_may_have_reserved_bits()
    {
        using var rig = new PagingRig(MappingKind.Pae4K);
        rig.Set(0x8018, ulong.MaxValue - 1);
        Assert.True(Paging.LoadPdptes(rig.Cpu.State, rig.Memory, 0x8000));
    }

    [Fact]
    public void A_debuggers_load_is_unchecked_and_only_in_PAE_paging()
    {
        using var rig = new PagingRig(MappingKind.Pae4K);
        rig.Set(0x1000, 0x1E7);
        Paging.ReloadPdptes(rig.Cpu.State, rig.Memory);
        Assert.Equal(0x1E7UL, rig.Cpu.State->Pdpte[0]);
        rig.Set(0x1000, 0);
        rig.Cpu.EnterLongMode();
        Paging.ReloadPdptes(rig.Cpu.State, rig.Memory);
        Assert.Equal(0x1E7UL, rig.Cpu.State->Pdpte[0]);
    }
}
