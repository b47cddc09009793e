using Emulator.Memory;
using static Emulator.Cpu.Tests.PagingRig;

namespace Emulator.Cpu.Tests;

public sealed unsafe class AccessedDirtyTests
{
    public static TheoryData<MappingKind> Kinds => [.. Enum.GetValues<MappingKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_read_marks_every_entry_accessed_and_none_dirty(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        rig.AssertTranslates(PageAccess.Read);
        Assert.All(rig.Entries, entry => Assert.Equal(A, rig.Get(entry) & (A | D)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_fetch_marks_as_a_read_does(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        rig.AssertTranslates(PageAccess.Execute);
        Assert.All(rig.Entries, entry => Assert.Equal(A, rig.Get(entry) & (A | D)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_write_marks_only_the_page_itself_dirty(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        rig.AssertTranslates(PageAccess.Write);
        for (var level = 0; level < rig.Entries.Count; level++)
        {
            var expected = level == rig.Entries.Count - 1 ? A | D : A;
            Assert.Equal(expected, rig.Get(rig.Entries[level]) & (A | D));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_access_that_faults_marks_nothing(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        rig.Map(P | W, P | W);
        rig.AssertFaults(PageAccess.Write, PageFaultError.Present | PageFaultError.Write | PageFaultError.User, user: true);
        Assert.All(rig.Entries, entry => Assert.Equal(0UL, rig.Get(entry) & (A | D)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_debuggers_look_marks_nothing_and_asks_for_no_rights(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        rig.Map(P, P);
        Assert.True(Paging.TranslateDebug(rig.Cpu.State, rig.Memory, rig.Linear, out var physical));
        Assert.Equal(rig.Physical, physical);
        Assert.All(rig.Entries, entry => Assert.Equal(0UL, rig.Get(entry) & (A | D)));

        rig.Set(rig.Entries[^1], 0);
        Assert.False(Paging.TranslateDebug(rig.Cpu.State, rig.Memory, rig.Linear, out _));
        Assert.False(rig.Cpu.TakeFault().IsPending);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_page_is_global_only_while_CR4_says_so(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        rig.Map(P, P | G);
        Assert.True(rig.Translate(PageAccess.Read, out var result));
        Assert.False(result.Global);
        rig.Cpu.State->Cr4 |= Cr4.PageGlobalEnable;
        Assert.True(rig.Translate(PageAccess.Read, out result));
        Assert.True(result.Global);
        Assert.Equal(rig.PageBits, result.PageBits);
    }

    [Fact]
    public void Tables_in_ROM_are_read_and_stay_as_they_are()
    {
        using var rig = new PagingRig(MappingKind.FourLevel4K);
        rig.MakeTablesReadOnly();
        rig.AssertTranslates(PageAccess.Write);
        Assert.All(rig.Entries, entry => Assert.Equal(0UL, rig.Get(entry) & (A | D)));
    }

    [Fact]
    public void Tables_where_there_is_no_memory_read_as_all_ones()
    {
        using var rig = new PagingRig(MappingKind.FourLevel4K);
        rig.RemoveTables();
        rig.AssertFaults(PageAccess.Read, PageFaultError.Present | PageFaultError.Reserved);

        using var narrow = new PagingRig(MappingKind.TwoLevel4K);
        narrow.RemoveTables();
        narrow.Cpu.State->Cr4 = 0;
        Assert.True(narrow.Translate(PageAccess.Write, out var result, user: true));
        Assert.Equal(0xFFFF_F000 | (narrow.Linear & 0xFFF), result.Physical);
    }

    [Fact]
    public void Marking_an_entry_in_a_page_of_decoded_code_tells_who_decoded_it()
    {
        using var rig = new PagingRig(MappingKind.FourLevel4K);
        var observer = new Observer();
        rig.Memory.AddObserver(observer);
        rig.Ram.CodeMap[rig.Entries[3] >> 12] = 1;
        rig.AssertTranslates(PageAccess.Read);
        rig.AssertTranslates(PageAccess.Read);
        Assert.Equal([rig.Entries[3] & ~0xFFFUL], observer.Pages);
        rig.AssertTranslates(PageAccess.Write);
        Assert.Equal(2, observer.Pages.Count);
    }

    [Theory]
    [InlineData(MappingKind.TwoLevel4K)]
    [InlineData(MappingKind.Pae4K)]
    [InlineData(MappingKind.FourLevel4K)]
    public void Marking_loses_nothing_that_another_processor_writes_to_the_entry_meanwhile(MappingKind kind)
    {
        const ulong Software = 0xE00;
        using var rig = new PagingRig(kind);
        Meanwhile(rig, () => rig.Set(rig.Entries[^1], rig.Get(rig.Entries[^1]) | Software));
        rig.AssertTranslates(PageAccess.Write);
        Assert.Equal(Software | A | D, rig.Get(rig.Entries[^1]) & (Software | A | D));
    }

    [Theory]
    [InlineData(MappingKind.TwoLevel4K)]
    [InlineData(MappingKind.Pae4K)]
    [InlineData(MappingKind.FourLevel4K)]
    public void A_page_that_another_processor_takes_away_meanwhile_faults_and_is_not_marked(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        Meanwhile(rig, () => rig.Set(rig.Entries[^1], 0));
        rig.AssertFaults(PageAccess.Write, PageFaultError.Write);
        Assert.Equal(0UL, rig.Get(rig.Entries[^1]));
    }

    [Fact]
    public void Without_paging_an_address_is_its_own_translation()
    {
        using var rig = new PagingRig(MappingKind.TwoLevel4K);
        rig.Cpu.State->Cr0 &= ~Cr0.Paging;
        Assert.True(rig.Translate(PageAccess.Write, out var result, user: true));
        Assert.Equal(rig.Linear, result.Physical);
        Assert.True(result.Writable);
        Assert.False(result.Global);
    }

    // Between the reading of the entries and the marking of the last: when the first is marked, code there is reported.
    private static void Meanwhile(PagingRig rig, Action act)
    {
        rig.Ram.CodeMap[rig.Entries[0] >> 12] = 1;
        rig.Memory.AddObserver(new Observer(act));
    }

    private sealed class Observer(Action? act = null) : IMemoryObserver
    {
        public List<ulong> Pages { get; } = [];

        public void CodeWritten(ulong physicalPage)
        {
            Pages.Add(physicalPage);
            act?.Invoke();
        }

        public void MapChanged()
        {
        }

        public void CodeDecoded(ulong physicalPage)
        {
        }

        public void PagesWatched()
        {
        }
    }
}
