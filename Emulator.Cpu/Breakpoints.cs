namespace Emulator.Cpu;

/// <summary>The address breakpoints of DR0–DR3 (SDM volume 3, 17.2).</summary>
internal sealed unsafe class Breakpoints(CpuState* cpu)
{
    // One bit for each value of R/W in DR7.
    private const int OnWrite = 1 << 1;
    private const int OnPort = 1 << 2;
    private const int OnAccess = 1 << 3;

    /// <summary>True if a page must stay out of the TLB because a data breakpoint lies in it.</summary>
    public bool MayWatch(ulong linear)
    {
        if ((cpu->Dr[7] & Dr7.Enables) == 0)
        {
            return false;
        }

        for (var i = 0; i < 4; i++)
        {
            if (IsEnabled(i) && Kind(i) != 0 && (cpu->Dr[i] ^ linear) >> 13 == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes an access that went through <see cref="SlowMemory.Prepare"/>.</summary>
    /// <returns>True if it hit a breakpoint: the trap comes after the instruction.</returns>
    public bool NoteAccess(ulong linear, int size, bool write)
    {
        NoteSlowAccess(linear, size, write);
        return cpu->DebugHits != 0;
    }

    /// <summary>Notes an access of slow code.</summary>
    public void NoteSlowAccess(ulong linear, int size, bool write)
    {
        if ((cpu->Dr[7] & Dr7.Enables) != 0)
        {
            Note(linear, size, write ? OnAccess | OnWrite : OnAccess);
        }
    }

    /// <summary>Notes an access to a port, which only CR4.DE lets breakpoints watch.</summary>
    public void NotePort(ushort port, int size)
    {
        if ((cpu->Dr[7] & Dr7.Enables) != 0 && (cpu->Cr4 & Cr4.DebuggingExtensions) != 0)
        {
            Note(port, size, OnPort);
        }
    }

    private void Note(ulong address, int size, int kinds)
    {
        for (var i = 0; i < 4; i++)
        {
            if (IsEnabled(i) && (kinds >> Kind(i) & 1) != 0 && Overlaps(i, address, size))
            {
                cpu->DebugHits |= 1UL << i;
                cpu->StopBehind = 1;
            }
        }
    }

    /// <summary>DR6 bits of the instruction breakpoints at a linear address.</summary>
    public ulong InstructionHits(ulong linear)
    {
        var hits = 0UL;
        for (var i = 0; i < 4; i++)
        {
            if (IsEnabled(i) && Kind(i) == 0 && cpu->Dr[i] == linear)
            {
                hits |= 1UL << i;
            }
        }

        return hits;
    }

    /// <summary>True if any instruction breakpoint is enabled in DR7.</summary>
    public static bool HasInstructionBreakpoints(ulong dr7)
    {
        if ((dr7 & Dr7.Enables) == 0)
        {
            return false;
        }

        for (var i = 0; i < 4; i++)
        {
            if ((dr7 & 3UL << (i * 2)) != 0 && (dr7 >> (16 + i * 4) & 3) == 0)
            {
                return true;
            }
        }

        return false;
    }

    private bool IsEnabled(int i) => (cpu->Dr[7] & 3UL << (i * 2)) != 0;

    private int Kind(int i) => (int)(cpu->Dr[7] >> (16 + i * 4) & 3);

    private bool Overlaps(int i, ulong linear, int size)
    {
        var length = (int)(cpu->Dr[7] >> (18 + i * 4) & 3) switch { 0 => 1, 1 => 2, 2 => 8, _ => 4 };
        var first = cpu->Dr[i] & ~(ulong)(length - 1);
        return linear < first + (ulong)length && first < linear + (ulong)size;
    }
}
