namespace Emulator.Cpu;

/// <summary>What the decoder must know of the processor's state: a block decoded in one mode is not run in another.</summary>
[Flags]
internal enum CodeMode : uint
{
    /// <summary>16-bit code, the base case.</summary>
    Code16 = 0,

    /// <summary>CS.D is set: 32-bit operands and addresses by default.</summary>
    Code32 = 1,

    /// <summary>64-bit mode: long mode active and CS.L set.</summary>
    Code64 = 2,

    /// <summary>SS.B is set: the stack pointer is ESP.</summary>
    Stack32 = 4,

    /// <summary>CS, DS, ES and SS begin at 0 and reach 4 GiB, and may be read and written: offsets are linear addresses.</summary>
    Flat = 8,

    /// <summary>CPL is 3.</summary>
    User = 16,

    /// <summary>CR0.PE is set and the processor is not in virtual-8086 mode.</summary>
    Protected = 32,

    /// <summary>Virtual-8086 mode.</summary>
    Virtual8086 = 64,

    /// <summary>Long mode is active (64-bit or compatibility).</summary>
    Long = 128,

    /// <summary>Alignment checking is in force: CR0.AM, EFLAGS.AC and CPL 3.</summary>
    Aligned = 256,

    /// <summary>Blocks are one instruction long: single step, an interrupt shadow, or instruction breakpoints.</summary>
    Single = 512,
}

/// <summary>Keeps <see cref="CpuState.Mode"/> and what hangs on it true.</summary>
internal static unsafe class ModeTracker
{
    /// <summary>Number of bits that <see cref="CodeMode"/> takes.</summary>
    public const int Bits = 10;

    /// <summary>
    /// Works out the mode after any change to CS, SS, DS, ES, CPL, CR0, CR4, EFER, DR7, or to VM, AC, RF or TF in RFLAGS, and
    /// selects the TLB set and the jump cache's tag that belong to it. Cheap when nothing changed.
    /// </summary>
    public static void Update(CpuState* cpu)
    {
        var mode = Compute(cpu);
        cpu->Mode = (uint)mode;
        TlbSet.Select(cpu);
        cpu->JumpTag = (cpu->JumpTag & ~((1UL << Bits) - 1)) | cpu->Mode;
    }

    /// <summary>Makes every remembered jump and every link across pages stale.</summary>
    public static void NewGeneration(CpuState* cpu) => cpu->JumpTag += 1UL << Bits;

    private static CodeMode Compute(CpuState* cpu)
    {
        ref var cs = ref cpu->Segments[(int)SegmentName.Cs];
        ref var ss = ref cpu->Segments[(int)SegmentName.Ss];
        var mode = CodeMode.Code16;
        if (cpu->Cpl == 3)
        {
            mode |= CodeMode.User;
            if ((cpu->Cr0 & Cr0.AlignmentMask) != 0 && (cpu->SystemFlags & Rflags.AlignmentCheck) != 0)
            {
                mode |= CodeMode.Aligned;
            }
        }

        if ((cpu->SystemFlags & (Rflags.Trap | Rflags.Resume)) != 0 || cpu->InterruptShadow != 0
            || Breakpoints.HasInstructionBreakpoints(cpu->Dr[7]))
        {
            mode |= CodeMode.Single;
        }

        if ((cpu->SystemFlags & Rflags.Virtual8086) != 0)
        {
            return mode | CodeMode.Virtual8086;
        }

        if ((cpu->Cr0 & Cr0.ProtectionEnable) != 0)
        {
            mode |= CodeMode.Protected;
        }

        if ((cpu->Efer & Efer.LongModeActive) != 0)
        {
            mode |= CodeMode.Long;
            if ((cs.Attributes & SegmentAttributes.Long) != 0)
            {
                return mode | CodeMode.Code64;
            }
        }

        if ((cs.Attributes & SegmentAttributes.Big) != 0)
        {
            mode |= CodeMode.Code32;
        }

        if ((ss.Attributes & SegmentAttributes.Big) != 0)
        {
            mode |= CodeMode.Stack32;
        }

        if ((mode & CodeMode.Aligned) == 0 && IsFlatCode(cs) && IsFlatData(ss)
            && IsFlatData(cpu->Segments[(int)SegmentName.Ds]) && IsFlatData(cpu->Segments[(int)SegmentName.Es]))
        {
            mode |= CodeMode.Flat;
        }

        return mode;
    }

    private static bool IsFlatData(in Segment segment) =>
        segment.Base == 0 && segment.Limit == uint.MaxValue
        && (segment.Attributes & (SegmentAttributes.Present | SegmentAttributes.NotSystem | SegmentAttributes.Code | SegmentAttributes.Writable | SegmentAttributes.ExpandDown))
            == (SegmentAttributes.Present | SegmentAttributes.NotSystem | SegmentAttributes.Writable);

    private static bool IsFlatCode(in Segment segment) =>
        segment.Base == 0 && segment.Limit == uint.MaxValue
        && (segment.Attributes & (SegmentAttributes.Present | SegmentAttributes.NotSystem | SegmentAttributes.Readable))
            == (SegmentAttributes.Present | SegmentAttributes.NotSystem | SegmentAttributes.Readable);
}
