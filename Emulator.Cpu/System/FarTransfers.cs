namespace Emulator.Cpu;

/// <summary>
/// Far jumps, calls and returns (SDM volume 3, 5.8). The other files of this class go through gates, return, and
/// return from interrupts.
/// </summary>
/// <remarks>
/// Operand sizes are bytes: 2, 4 or 8. On success RIP is the target; on failure nothing has changed, unless a task
/// switch failed in the new task.
/// </remarks>
internal static unsafe partial class FarTransfers
{
    /// <summary>JMP to a far pointer.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="selector">A code segment, call gate, task gate or TSS.</param>
    /// <param name="offset">The offset, ignored by gates.</param>
    /// <param name="operandSize">Width of the offset.</param>
    /// <param name="nextRip">Where the task goes on if this switches tasks.</param>
    /// <returns>False if a fault is pending or the vCPU must exit.</returns>
    public static bool JumpFar(CpuState* cpu, ushort selector, ulong offset, int operandSize, ulong nextRip)
    {
        offset = Cut(offset, operandSize);
        if ((cpu->Mode & (uint)CodeMode.Protected) == 0)
        {
            if (offset > cpu->Segments[(int)SegmentName.Cs].Limit)
            {
                return Fault.GeneralProtection(cpu);
            }

            EnterReal(cpu, selector, offset);
            return true;
        }

        if (!FetchTarget(cpu, selector, out var target))
        {
            return false;
        }

        if (target.IsSystem)
        {
            return ThroughSystem(cpu, selector, target, isCall: false, nextRip);
        }

        if (!CheckDirect(cpu, selector, target) || !CheckOffset(cpu, target, offset)
            || !DescriptorTables.SetAccessed(cpu, target))
        {
            return false;
        }

        Enter(cpu, target, selector, cpu->Cpl, offset);
        return true;
    }

    /// <summary>CALL to a far pointer.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="selector">A code segment, call gate, task gate or TSS.</param>
    /// <param name="offset">The offset, ignored by gates.</param>
    /// <param name="operandSize">Width of the offset, and of what is pushed unless a gate decides that.</param>
    /// <param name="nextRip">The return address.</param>
    /// <returns>False if a fault is pending or the vCPU must exit.</returns>
    public static bool CallFar(CpuState* cpu, ushort selector, ulong offset, int operandSize, ulong nextRip)
    {
        offset = Cut(offset, operandSize);
        var real = (cpu->Mode & (uint)CodeMode.Protected) == 0;
        Descriptor target = default;
        if (!real)
        {
            if (!FetchTarget(cpu, selector, out target))
            {
                return false;
            }

            if (target.IsSystem)
            {
                return ThroughSystem(cpu, selector, target, isCall: true, nextRip);
            }

            if (!CheckDirect(cpu, selector, target))
            {
                return false;
            }
        }

        var frame = new StackWriter(cpu, operandSize);
        frame.Push(cpu->Segments[(int)SegmentName.Cs].Selector);
        frame.Push(nextRip);
        if (!frame.Probe())
        {
            return false;
        }

        var inside = real
            ? offset <= cpu->Segments[(int)SegmentName.Cs].Limit || Fault.GeneralProtection(cpu)
            : CheckOffset(cpu, target, offset) && DescriptorTables.SetAccessed(cpu, target);
        if (!inside || !frame.Write())
        {
            return false;
        }

        cpu->Gpr[Stack.Pointer] = frame.Rsp;
        if (real)
        {
            EnterReal(cpu, selector, offset);
        }
        else
        {
            Enter(cpu, target, selector, cpu->Cpl, offset);
        }

        return true;
    }

    private static bool FetchTarget(CpuState* cpu, ushort selector, out Descriptor target)
    {
        target = default;
        return Selector.IsNull(selector)
            ? Fault.GeneralProtection(cpu)
            : DescriptorTables.Fetch(cpu, selector, Vector.GeneralProtection, out target);
    }

    /// <summary>The checks of a code segment that is reached without a gate.</summary>
    private static bool CheckDirect(CpuState* cpu, ushort selector, in Descriptor code)
    {
        var rightLevel = code.IsConforming
            ? code.Dpl <= cpu->Cpl
            : code.Dpl == cpu->Cpl && Selector.Rpl(selector) <= cpu->Cpl;
        return CheckCode(cpu, selector, code, rightLevel);
    }

    /// <summary>Type, level, L with D, then presence.</summary>
    private static bool CheckCode(CpuState* cpu, ushort selector, in Descriptor code, bool rightLevel)
    {
        var error = Selector.ErrorCode(selector);
        if (!code.IsCode || !rightLevel || (code.IsLongAndBig && DescriptorTables.IsLongMode(cpu)))
        {
            return Fault.GeneralProtection(cpu, error);
        }

        return code.IsPresent || Fault.Raise(cpu, Vector.SegmentNotPresent, error);
    }

    /// <summary>#GP(0) if the target lies beyond its segment's limit or, in 64-bit code, is not canonical.</summary>
    private static bool CheckOffset(CpuState* cpu, in Descriptor code, ulong offset)
    {
        var fits = IsLongCode(cpu, code) ? LinearAddress.IsCanonical(offset) : offset <= code.Limit;
        return fits || Fault.GeneralProtection(cpu);
    }

    private static bool IsLongCode(CpuState* cpu, in Descriptor code) => code.IsLong && DescriptorTables.IsLongMode(cpu);

    private static void Enter(CpuState* cpu, in Descriptor code, ushort selector, int cpl, ulong offset)
    {
        cpu->Segments[(int)SegmentName.Cs] = code.ToSegment(Selector.WithRpl(selector, cpl));
        cpu->Cpl = cpl;
        cpu->Rip = offset;
        ModeTracker.Update(cpu);
    }

    private static void EnterReal(CpuState* cpu, ushort selector, ulong offset)
    {
        Segmentation.LoadReal(cpu, SegmentName.Cs, selector);
        cpu->Rip = offset;
        ModeTracker.Update(cpu);
    }

    private static ulong Cut(ulong value, int size) => size switch
    {
        2 => (ushort)value,
        4 => (uint)value,
        _ => value,
    };
}
