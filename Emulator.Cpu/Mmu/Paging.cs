using Emulator.Memory;

namespace Emulator.Cpu;

/// <summary>Linear to guest-physical addresses, with every check that a page's entries call for (SDM volume 3, chapter 4).</summary>
internal static unsafe class Paging
{
    /// <summary>Translates for an access and sets the accessed and dirty bits that it sets.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="memory">Where its page tables lie.</param>
    /// <param name="linear">A linear address of the mode's width; canonical in long mode.</param>
    /// <param name="access">What the access is. A read-modify-write is a write.</param>
    /// <param name="user">The access counts as user mode: CPL is 3 and it is not one that the processor makes for itself.</param>
    /// <param name="smapOpen">SMAP does not apply: RFLAGS.AC is set and the access is explicit.</param>
    /// <param name="result">Where it leads.</param>
    /// <returns>False with #PF raised and CR2 set.</returns>
    public static bool Translate(CpuState* cpu, GuestMemory memory, ulong linear, PageAccess access, bool user, bool smapOpen, out PageTranslation result)
    {
        if ((cpu->Cr0 & Cr0.Paging) == 0)
        {
            result = new PageTranslation(linear, 12, global: false, writable: true);
            return true;
        }

        var walk = new PageWalk(null);
        var status = walk.Find(cpu, memory, linear);
        if (status != PageWalkStatus.Mapped || !Permits(cpu, walk.Rights, access, user, smapOpen))
        {
            result = default;
            return RaisePageFault(cpu, linear, status, access, user);
        }

        var leaf = walk.Leaf;
        if ((walk.Rights & PageEntry.Accessed) == 0 || (access == PageAccess.Write && (leaf & PageEntry.Dirty) == 0))
        {
            // Seldom: walk again, noting the entries, and judge by what is then marked.
            return TranslateAndMark(cpu, memory, linear, access, user, smapOpen, out result);
        }

        result = Describe(cpu, walk, linear, (leaf & PageEntry.Dirty) != 0, user, smapOpen);
        return true;
    }

    /// <summary>Translates for somebody outside the machine: no rights are asked for, nothing is marked or raised.</summary>
    /// <returns>False if no page is mapped there.</returns>
    public static bool TranslateDebug(CpuState* cpu, GuestMemory memory, ulong linear, out ulong physical)
    {
        physical = linear;
        if ((cpu->Cr0 & Cr0.Paging) == 0)
        {
            return true;
        }

        var walk = new PageWalk(null);
        var status = walk.Find(cpu, memory, linear);
        physical = walk.PageAddress | (linear & ((1UL << walk.PageBits) - 1));
        return status == PageWalkStatus.Mapped;
    }

    /// <summary>True if PAE paging with its cached page-directory-pointer entries is what these registers select.</summary>
    public static bool UsesPdptes(ulong cr0, ulong cr4, ulong efer) =>
        (cr0 & Cr0.Paging) != 0 && (cr4 & Cr4.PhysicalAddressExtension) != 0 && (efer & Efer.LongModeActive) == 0;

    /// <summary>Caches the four page-directory-pointer entries at <paramref name="cr3"/> (SDM volume 3, 4.4.1).</summary>
    /// <returns>False with #GP(0) raised, and the old ones kept, if one that is present has a reserved bit set.</returns>
    public static bool LoadPdptes(CpuState* cpu, GuestMemory memory, ulong cr3)
    {
        var entries = stackalloc ulong[4];
        ReadPdptes(memory, cr3, entries);
        for (var i = 0; i < 4; i++)
        {
            if ((entries[i] & PageEntry.Present) != 0 && (entries[i] & PageEntry.ReservedPdpte) != 0)
            {
                return Fault.GeneralProtection(cpu);
            }
        }

        new Span<ulong>(entries, 4).CopyTo(new Span<ulong>(cpu->Pdpte, 4));
        return true;
    }

    /// <summary>Caches them anew, unchecked, after somebody outside the machine has set the control registers.</summary>
    public static void ReloadPdptes(CpuState* cpu, GuestMemory memory)
    {
        if (UsesPdptes(cpu->Cr0, cpu->Cr4, cpu->Efer))
        {
            ReadPdptes(memory, cpu->Cr3, cpu->Pdpte);
        }
    }

    private static void ReadPdptes(GuestMemory memory, ulong cr3, ulong* entries)
    {
        var table = cr3 & 0xFFFF_FFE0;
        var tables = new PageTables(memory, table);
        for (var i = 0; i < 4; i++)
        {
            entries[i] = tables.Read(table + (ulong)i * 8);
        }
    }

    private static bool TranslateAndMark(CpuState* cpu, GuestMemory memory, ulong linear, PageAccess access, bool user, bool smapOpen, out PageTranslation result)
    {
        var write = access == PageAccess.Write;
        var slots = stackalloc PageEntrySlot[PageWalk.MaximumDepth];
        while (true)
        {
            var walk = new PageWalk(slots);
            var status = walk.Find(cpu, memory, linear);
            if (status != PageWalkStatus.Mapped || !Permits(cpu, walk.Rights, access, user, smapOpen))
            {
                result = default;
                return RaisePageFault(cpu, linear, status, access, user);
            }

            if (walk.Mark(memory, write))
            {
                result = Describe(cpu, walk, linear, write || (walk.Leaf & PageEntry.Dirty) != 0, user, smapOpen);
                return true;
            }
        }
    }

    private static PageTranslation Describe(CpuState* cpu, in PageWalk walk, ulong linear, bool dirty, bool user, bool smapOpen)
    {
        if (walk.PageBits != 12)
        {
            LargePages.Note(cpu, linear, walk.PageBits);
        }

        return new PageTranslation(
            walk.PageAddress | (linear & ((1UL << walk.PageBits) - 1)),
            walk.PageBits,
            global: (walk.Leaf & PageEntry.Global) != 0 && (cpu->Cr4 & Cr4.PageGlobalEnable) != 0,
            writable: dirty && Permits(cpu, walk.Rights, PageAccess.Write, user, smapOpen));
    }

    private static bool Permits(CpuState* cpu, ulong rights, PageAccess access, bool user, bool smapOpen)
    {
        var userPage = (rights & PageEntry.User) != 0;
        if (user && !userPage)
        {
            return false;
        }

        if (access == PageAccess.Execute)
        {
            return (rights & PageEntry.NoExecute) != 0
                && (user || !userPage || (cpu->Cr4 & Cr4.SupervisorExecutionPrevention) == 0);
        }

        if (!user && userPage && !smapOpen && (cpu->Cr4 & Cr4.SupervisorAccessPrevention) != 0)
        {
            return false;
        }

        return access == PageAccess.Read
            || (rights & PageEntry.Writable) != 0
            || (!user && (cpu->Cr0 & Cr0.WriteProtect) == 0);
    }

    private static bool RaisePageFault(CpuState* cpu, ulong linear, PageWalkStatus status, PageAccess access, bool user)
    {
        var error = status == PageWalkStatus.NotPresent ? 0 : PageFaultError.Present;
        error |= status == PageWalkStatus.Reserved ? PageFaultError.Reserved : 0;
        error |= access == PageAccess.Write ? PageFaultError.Write : 0;
        error |= user ? PageFaultError.User : 0;
        error |= access == PageAccess.Execute && ReportsFetches(cpu) ? PageFaultError.Fetch : 0;
        cpu->Cr2 = linear;
        return Fault.Raise(cpu, Vector.PageFault, error);
    }

    private static bool ReportsFetches(CpuState* cpu) =>
        (cpu->Cr4 & Cr4.SupervisorExecutionPrevention) != 0
        || ((cpu->Cr4 & Cr4.PhysicalAddressExtension) != 0 && (cpu->Efer & Efer.NoExecuteEnable) != 0);
}
