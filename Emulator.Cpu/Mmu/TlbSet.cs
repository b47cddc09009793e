using System.Runtime.CompilerServices;

namespace Emulator.Cpu;

/// <summary>
/// The software TLB: three sets (user; supervisor kept off user pages by SMAP; supervisor with access to them), each
/// of <see cref="Entries"/> entries for reads followed by as many for writes.
/// </summary>
/// <remarks>
/// A write entry exists only for plain RAM whose page is dirty already and holds nobody's decoded code, so the fast
/// path need not ask. Entries are found by <see cref="Index"/>; no two neighbouring pages share one, so an access
/// that crosses a page never matches.
/// </remarks>
internal static unsafe class TlbSet
{
    /// <summary>Entries for reads, and as many for writes, in one set.</summary>
    public const int Entries = 1024;

    /// <summary>Bytes from a read entry to the write entry of the same page.</summary>
    public const int WriteOffset = Entries * 16;

    /// <summary>Entries in all three sets.</summary>
    public const int Total = 3 * 2 * Entries;

    private const int UserSet = 0;
    private const int SupervisorSet = 1;
    private const int SupervisorOpenSet = 2;

    /// <summary>Byte offset of a linear address's read entry in a set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Index(ulong linear)
    {
        var page = linear >> 12;
        return (page + (page >> 10)) % Entries * 16;
    }

    /// <summary>Points the vCPU at the set that its privilege calls for.</summary>
    public static void Select(CpuState* cpu)
    {
        var set = cpu->Cpl == 3 ? UserSet
            : (cpu->Cr4 & Cr4.SupervisorAccessPrevention) == 0 || (cpu->SystemFlags & Rflags.AlignmentCheck) != 0 ? SupervisorOpenSet
            : SupervisorSet;
        cpu->Tlb = cpu->TlbSets + set * 2 * Entries;
    }

    /// <summary>Forgets every translation, global ones too.</summary>
    public static void FlushAll(CpuState* cpu)
    {
        for (var i = 0; i < Total; i++)
        {
            cpu->TlbSets[i].Tag = TlbEntry.Invalid;
        }

        cpu->TlbFills->Count = 0;
        ModeTracker.NewGeneration(cpu);
    }

    /// <summary>Forgets every translation that is not global: what a load of CR3 does.</summary>
    public static void FlushNonGlobal(CpuState* cpu)
    {
        var fills = cpu->TlbFills;
        if (fills->Count > TlbFills.Capacity)
        {
            FlushAll(cpu);
            return;
        }

        for (var i = 0; i < fills->Count; i++)
        {
            cpu->TlbSets[fills->Slots[i]].Tag = TlbEntry.Invalid;
        }

        fills->Count = 0;
        ModeTracker.NewGeneration(cpu);
    }

    /// <summary>Forgets one linear page: INVLPG.</summary>
    public static void FlushPage(CpuState* cpu, ulong linear)
    {
        var index = Index(linear) / 16;
        for (var set = 0; set < 6; set++)
        {
            cpu->TlbSets[(ulong)set * Entries + index].Tag = TlbEntry.Invalid;
        }

        ModeTracker.NewGeneration(cpu);
    }

    /// <summary>Drops every write entry, so that the next write to each page takes the slow path and asks anew.</summary>
    public static void FlushWrites(CpuState* cpu)
    {
        for (var set = 0; set < 3; set++)
        {
            var entries = cpu->TlbSets + set * 2 * Entries + Entries;
            for (var i = 0; i < Entries; i++)
            {
                entries[i].Tag = TlbEntry.Invalid;
            }
        }
    }

    /// <summary>Notes a translation in the set in use.</summary>
    public static void Fill(CpuState* cpu, ulong linear, byte* hostPage, bool write, bool global)
    {
        var page = linear & ~0xFFFUL;
        var entry = (TlbEntry*)((byte*)cpu->Tlb + Index(linear) + (write ? WriteOffset : 0));
        entry->Tag = page;
        entry->Addend = (ulong)hostPage - page;
        if (!global)
        {
            var fills = cpu->TlbFills;
            if (fills->Count < TlbFills.Capacity)
            {
                fills->Slots[fills->Count] = (ushort)(entry - cpu->TlbSets);
            }

            fills->Count += fills->Count <= TlbFills.Capacity ? 1 : 0;
        }
    }
}

/// <summary>Which entries hold translations that a load of CR3 must forget, so that it need not look at all of them.</summary>
internal unsafe struct TlbFills
{
    /// <summary>Slots remembered; with more filled than that, everything is flushed.</summary>
    public const int Capacity = 2048;

    /// <summary>How many were filled; <see cref="Capacity"/> + 1 means too many to tell.</summary>
    public int Count;

    /// <summary>Indices into <see cref="CpuState.TlbSets"/>.</summary>
    public fixed ushort Slots[Capacity];
}
