namespace Emulator.Cpu.Tests;

/// <summary>Bit by bit through each entry: which are reserved (SDM volume 3, tables 4-4 to 4-20, MAXPHYADDR 40).</summary>
public sealed unsafe class ReservedBitTests
{
    [Theory]
    [InlineData(MappingKind.TwoLevel4K)]
    [InlineData(MappingKind.TwoLevel4M)]
    [InlineData(MappingKind.Pae4K)]
    [InlineData(MappingKind.Pae2M)]
    [InlineData(MappingKind.FourLevel4K)]
    [InlineData(MappingKind.FourLevel2M)]
    [InlineData(MappingKind.FourLevel1G)]
    public void Exactly_the_reserved_bits_of_each_entry_fault(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        for (var level = 0; level < rig.Entries.Count; level++)
        {
            var isLeaf = level == rig.Entries.Count - 1;
            var good = rig.Get(rig.Entries[level]);
            for (var bit = 1; bit < (rig.IsWide ? 64 : 32); bit++)
            {
                if ((good >> bit & 1) != 0 || (IsAddress(bit) && !isLeaf) || (bit == 7 && !isLeaf && level != 0) || (bit == 7 && kind is MappingKind.TwoLevel4K or MappingKind.Pae4K or MappingKind.Pae2M))
                {
                    // An address bit leads to other tables, PS to another size of page: not this test's.
                    continue;
                }

                rig.Set(rig.Entries[level], good | 1UL << bit);
                var translated = rig.Translate(PageAccess.Read, out _, user: true);
                var fault = rig.Cpu.TakeFault();
                var reserved = IsReserved(kind, level, isLeaf, bit);
                Assert.True(translated != reserved, $"{kind}, level {level}, bit {bit}: {(reserved ? "no fault" : $"error {fault.ErrorCode:X}")}");
                Assert.True(translated || fault.ErrorCode == (PageFaultError.Present | PageFaultError.Reserved | PageFaultError.User));
            }

            rig.Set(rig.Entries[level], good);
        }
    }

    [Fact]
    public void A_page_size_bit_that_CR4_does_not_enable_is_ignored_in_two_level_paging()
    {
        using var rig = new PagingRig(MappingKind.TwoLevel4K);
        rig.Cpu.State->Cr4 = 0;
        rig.Set(rig.Entries[0], rig.Get(rig.Entries[0]) | PagingRig.PS);
        rig.AssertTranslates(PageAccess.Read);
    }

    [Fact]
    public void An_entry_that_is_not_present_may_hold_anything()
    {
        using var rig = new PagingRig(MappingKind.FourLevel4K);
        rig.Set(rig.Entries[3], ulong.MaxValue - 1);
        rig.AssertFaults(PageAccess.Write, PageFaultError.Write);
        rig.Set(rig.Entries[1], ulong.MaxValue - 1);
        rig.AssertFaults(PageAccess.Read, 0);
    }

    [Fact]
    public void The_first_entry_at_fault_is_the_one_reported()
    {
        using var rig = new PagingRig(MappingKind.FourLevel4K);
        rig.Set(rig.Entries[2], rig.Get(rig.Entries[2]) | 1UL << 45);
        rig.Set(rig.Entries[3], 0);
        rig.AssertFaults(PageAccess.Read, PageFaultError.Present | PageFaultError.Reserved);
    }

    private static bool IsAddress(int bit) => bit is >= 12 and < 40;

    private static bool IsReserved(MappingKind kind, int level, bool isLeaf, int bit) => kind switch
    {
        MappingKind.TwoLevel4K => false,
        MappingKind.TwoLevel4M => bit == 21,
        MappingKind.Pae4K => bit >= 40,
        MappingKind.Pae2M => bit >= 40 || (isLeaf && bit is >= 13 and <= 20),
        _ when bit is (>= 40 and <= 51) or 63 => true,
        _ when level == 0 && bit == 7 => true,
        MappingKind.FourLevel2M => isLeaf && bit is >= 13 and <= 20,
        MappingKind.FourLevel1G => isLeaf && bit is >= 13 and <= 29,
        _ => false,
    };
}
