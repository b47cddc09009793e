namespace Emulator.Cpu;

/// <summary>Bits of DR6 (SDM volume 3, 18.2.3).</summary>
internal static class Dr6
{
    /// <summary>B0 to B3: the breakpoint's condition was met.</summary>
    public const ulong Breakpoints = 15;

    /// <summary>BD: an instruction was about to touch a debug register.</summary>
    public const ulong AccessDetected = 1 << 13;

    /// <summary>BS: single step.</summary>
    public const ulong SingleStep = 1 << 14;

    /// <summary>BT: a task switch to a TSS with its T bit set.</summary>
    public const ulong TaskSwitch = 1 << 15;
    public const ulong Writable = Breakpoints | AccessDetected | SingleStep | TaskSwitch;

    /// <summary>Bits that read as 1 whatever is written.</summary>
    public const ulong Ones = 0xFFFF_0FF0;
}

/// <summary>Bits of DR7 (SDM volume 3, 18.2.4).</summary>
internal static class Dr7
{
    /// <summary>L0, G0 … L3, G3: the breakpoint is on.</summary>
    public const ulong Enables = 0xFF;

    /// <summary>GD: access to debug registers traps.</summary>
    public const ulong GeneralDetect = 1 << 13;
    public const ulong Writable = 0xFFFF_23FF;

    /// <summary>Bits that read as 1 whatever is written.</summary>
    public const ulong Ones = 1 << 10;
}

/// <summary>The debug registers and the #DB that they raise. Breakpoints themselves are the run loop's.</summary>
internal static unsafe class DebugControl
{
    /// <summary>MOV from a debug register. DR4 and DR5 are DR6 and DR7 unless CR4.DE is set.</summary>
    /// <returns>False with #UD, #GP(0) or #DB raised.</returns>
    public static bool ReadDebug(CpuState* cpu, int number, out ulong value)
    {
        value = 0;
        if (!CheckAccess(cpu, ref number))
        {
            return false;
        }

        value = cpu->Dr[number];
        return true;
    }

    /// <summary>MOV to a debug register.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="number">The register's number in the encoding.</param>
    /// <param name="value">The operand: 64 bits in 64-bit mode, else 32 bits zero-extended.</param>
    /// <returns>False with #UD, #GP(0) or #DB raised and nothing else changed.</returns>
    public static bool WriteDebug(CpuState* cpu, int number, ulong value)
    {
        if (!CheckAccess(cpu, ref number))
        {
            return false;
        }

        if (number >= 6 && value >> 32 != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        var enabled = cpu->Dr[7] & Dr7.Enables;
        cpu->Dr[number] = number switch
        {
            6 => (value & Dr6.Writable) | Dr6.Ones,
            7 => (value & Dr7.Writable) | Dr7.Ones,
            _ => value,
        };
        if (((enabled | cpu->Dr[7]) & Dr7.Enables) != 0 && number != 6)
        {
            // Pages with a data breakpoint must not be in the TLB.
            TlbSet.FlushAll(cpu);
        }

        ModeTracker.Update(cpu);
        return true;
    }

    /// <summary>Flags about to be loaded, without RF if it would stop nothing: only instruction breakpoints ask for it, and it lasts for one instruction.</summary>
    public static ulong WithoutIdleResume(CpuState* cpu, ulong flags) =>
        Breakpoints.HasInstructionBreakpoints(cpu->Dr[7]) ? flags : flags & ~Rflags.Resume;

    /// <summary>Gives the debug registers their power-up values.</summary>
    public static void Reset(CpuState* cpu)
    {
        for (var i = 0; i < 6; i++)
        {
            cpu->Dr[i] = 0;
        }

        cpu->Dr[6] = Dr6.Ones;
        cpu->Dr[7] = Dr7.Ones;
    }

    /// <summary>Raises #DB for the reasons given as bits of DR6. Its delivery clears GD, which opens the registers to the handler.</summary>
    /// <returns>Always false.</returns>
    public static bool Raise(CpuState* cpu, ulong reasons)
    {
        // B0–B3 tell of this #DB only; BD, BS and BT stay until software clears them.
        cpu->Dr[6] = (cpu->Dr[6] & ~Dr6.Breakpoints) | reasons | Dr6.Ones;
        return Fault.Raise(cpu, Vector.Debug);
    }

    private static bool CheckAccess(CpuState* cpu, ref int number)
    {
        if ((uint)number > 7 || (number is 4 or 5 && (cpu->Cr4 & Cr4.DebuggingExtensions) != 0))
        {
            return Fault.InvalidOpcode(cpu);
        }

        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        if ((cpu->Dr[7] & Dr7.GeneralDetect) != 0)
        {
            return Raise(cpu, Dr6.AccessDetected);
        }

        number = number is 4 or 5 ? number + 2 : number;
        return true;
    }
}
