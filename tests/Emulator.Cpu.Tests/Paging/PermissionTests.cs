namespace Emulator.Cpu.Tests;

/// <summary>Every combination of what decides a page's rights, against the rules as SDM volume 3, 4.6.1 lists them.</summary>
public sealed unsafe class PermissionTests
{
    [Theory]
    [InlineData(MappingKind.TwoLevel4K)]
    [InlineData(MappingKind.TwoLevel4M)]
    [InlineData(MappingKind.Pae4K)]
    [InlineData(MappingKind.Pae2M)]
    [InlineData(MappingKind.FourLevel4K)]
    [InlineData(MappingKind.FourLevel2M)]
    [InlineData(MappingKind.FourLevel1G)]
    public void Every_combination_of_rights_and_modes_is_judged_as_the_manual_says(MappingKind kind)
    {
        using var rig = new PagingRig(kind);
        var state = rig.Cpu.State;
        var baseCr4 = state->Cr4;
        var baseEfer = state->Efer;
        foreach (var (tableBits, leafBits) in Rights(rig))
        {
            rig.Map(tableBits, leafBits);
            for (var setting = 0; setting < 1 << 6; setting++)
            {
                var rules = new Rules(
                    Wide: rig.IsWide,
                    HasTable: rig.Entries.Count > 1,
                    TableBits: tableBits,
                    LeafBits: leafBits,
                    WriteProtect: (setting & 1) != 0,
                    Smep: (setting & 2) != 0,
                    Smap: (setting & 4) != 0,
                    NoExecuteOn: (setting & 8) != 0,
                    User: (setting & 16) != 0,
                    AccessFlag: (setting & 32) != 0);
                state->Cr0 = Cr0.ProtectionEnable | Cr0.Paging | (rules.WriteProtect ? Cr0.WriteProtect : 0);
                state->Cr4 = baseCr4
                    | (rules.Smep ? Cr4.SupervisorExecutionPrevention : 0)
                    | (rules.Smap ? Cr4.SupervisorAccessPrevention : 0);
                state->Efer = baseEfer | (rules.NoExecuteOn ? Efer.NoExecuteEnable : 0);
                foreach (var access in Enum.GetValues<PageAccess>())
                {
                    Check(rig, rules, access);
                }
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_read_may_fill_a_write_entry_only_where_a_write_would_succeed_and_the_page_is_dirty(bool dirty)
    {
        using var rig = new PagingRig(MappingKind.FourLevel4K);
        rig.Cpu.State->Cr0 |= Cr0.WriteProtect;
        rig.Map(PagingRig.P | PagingRig.W, PagingRig.P | PagingRig.W | (dirty ? PagingRig.D : 0));
        Assert.True(rig.Translate(PageAccess.Read, out var result));
        Assert.Equal(dirty, result.Writable);

        rig.Map(PagingRig.P | PagingRig.W, PagingRig.P | (dirty ? PagingRig.D : 0));
        Assert.True(rig.Translate(PageAccess.Read, out result));
        Assert.False(result.Writable);

        rig.Cpu.State->Cr0 &= ~Cr0.WriteProtect;
        Assert.True(rig.Translate(PageAccess.Read, out result));
        Assert.Equal(dirty, result.Writable);
    }

    private static IEnumerable<(ulong Table, ulong Leaf)> Rights(PagingRig rig)
    {
        foreach (var table in EntryRights(rig.IsWide))
        {
            foreach (var leaf in EntryRights(rig.IsWide))
            {
                yield return (table, leaf);
            }
        }
    }

    private static IEnumerable<ulong> EntryRights(bool wide)
    {
        for (var bits = 0UL; bits < (wide ? 8UL : 4UL); bits++)
        {
            yield return PagingRig.P
                | ((bits & 1) != 0 ? PagingRig.W : 0)
                | ((bits & 2) != 0 ? PagingRig.U : 0)
                | ((bits & 4) != 0 ? PagingRig.NX : 0);
        }
    }

    private static void Check(PagingRig rig, Rules rules, PageAccess access)
    {
        var expected = rules.ErrorOf(access);
        var got = rig.Translate(access, out var result, rules.User, rules.AccessFlag);
        var fault = rig.Cpu.TakeFault();
        if (expected is null)
        {
            Assert.True(got, $"{rig.Kind} {access} {rules}: error {fault.ErrorCode:X}");
            Assert.Equal(rig.Physical, result.Physical);
        }
        else
        {
            Assert.False(got, $"{rig.Kind} {access} {rules}: no fault");
            Assert.True(fault is { Vector: 14, HasErrorCode: true }, "not #PF");
            Assert.True(expected == fault.ErrorCode, $"{rig.Kind} {access} {rules}: {fault.ErrorCode:X}, not {expected:X}");
        }
    }

    /// <summary>The manual's sentences, one by one. Entries of PAE's page-directory-pointer table grant everything.</summary>
    private sealed record Rules(
        bool Wide, bool HasTable, ulong TableBits, ulong LeafBits, bool WriteProtect, bool Smep, bool Smap, bool NoExecuteOn, bool User, bool AccessFlag)
    {
        public uint? ErrorOf(PageAccess access)
        {
            var error = (access == PageAccess.Write ? 2u : 0) | (User ? 4u : 0);
            if (access == PageAccess.Execute && (Smep || (Wide && NoExecuteOn)))
            {
                error |= 16;
            }

            ulong[] path = HasTable ? [TableBits, LeafBits] : [LeafBits];
            if (!NoExecuteOn && path.Any(entry => entry >> 63 != 0))
            {
                return error | 9;
            }

            // "If the U/S flag is 0 in at least one of the entries, the address is a supervisor-mode address."
            var userAddress = path.All(entry => (entry & PagingRig.U) != 0);
            var writable = path.All(entry => (entry & PagingRig.W) != 0);
            var executable = path.All(entry => entry >> 63 == 0);
            var allowed = (User, userAddress, access) switch
            {
                (false, false, PageAccess.Read) => true,
                (false, true, PageAccess.Read) => !Smap || AccessFlag,
                (false, false, PageAccess.Write) => !WriteProtect || writable,
                (false, true, PageAccess.Write) => (!Smap || AccessFlag) && (!WriteProtect || writable),
                (false, false, PageAccess.Execute) => executable,
                (false, true, PageAccess.Execute) => executable && !Smep,
                (true, false, _) => false,
                (true, true, PageAccess.Read) => true,
                (true, true, PageAccess.Write) => writable,
                _ => executable,
            };
            return allowed ? null : error | 1;
        }
    }
}
