namespace Emulator.Cpu;

/// <summary>The address breakpoints of DR0–DR3 (SDM volume 3, 17.2).</summary>
internal sealed unsafe class Breakpoints(CpuState* cpu)
{
    private ulong _hits;

    /// <summary>DR6 bits of the data breakpoints that the instruction in progress has hit.</summary>
    public ulong TakeHits()
    {
        var hits = _hits;
        _hits = 0;
        return hits;
    }

    /// <summary>True if a page must stay out of the TLB because a data breakpoint lies in it.</summary>
    public bool MayWatch(ulong linear)
    {
        if ((cpu->Dr[7] & 0xFF) == 0)
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
        return _hits != 0;
    }

    /// <summary>Notes an access of slow code.</summary>
    public void NoteSlowAccess(ulong linear, int size, bool write)
    {
        if ((cpu->Dr[7] & 0xFF) == 0)
        {
            return;
        }

        for (var i = 0; i < 4; i++)
        {
            var kind = Kind(i);
            if (IsEnabled(i) && (kind == 3 || (kind == 1 && write)) && Overlaps(i, linear, size))
            {
                _hits |= 1UL << i;
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
