namespace Emulator.Cpu;

internal static unsafe partial class FarTransfers
{
    /// <summary>RET far.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="operandSize">Bytes of each stack entry.</param>
    /// <param name="popBytes">Bytes of parameters released, on both stacks if the level changes.</param>
    /// <returns>False if a fault is pending or the vCPU must exit.</returns>
    public static bool ReturnFar(CpuState* cpu, int operandSize, ushort popBytes)
    {
        if (!Stack.Read(cpu, 0, operandSize, out var offset) || !Stack.Read(cpu, operandSize, operandSize, out var popped))
        {
            return false;
        }

        var selector = (ushort)popped;
        var released = 2 * operandSize + popBytes;
        if ((cpu->Mode & (uint)CodeMode.Protected) == 0)
        {
            if (offset > cpu->Segments[(int)SegmentName.Cs].Limit)
            {
                return Fault.GeneralProtection(cpu);
            }

            Stack.SetPointer(cpu, cpu->Gpr[Stack.Pointer] + (ulong)released);
            EnterReal(cpu, selector, offset);
            return true;
        }

        if (!CheckReturn(cpu, selector, out var code))
        {
            return false;
        }

        var level = Selector.Rpl(selector);
        if (level == cpu->Cpl)
        {
            if (!CheckOffset(cpu, code, offset) || !DescriptorTables.SetAccessed(cpu, code))
            {
                return false;
            }

            Stack.SetPointer(cpu, cpu->Gpr[Stack.Pointer] + (ulong)released);
            Enter(cpu, code, selector, level, offset);
            return true;
        }

        if (!Stack.Read(cpu, released, operandSize, out var pointer)
            || !Stack.Read(cpu, released + operandSize, operandSize, out popped)
            || !CheckReturnStack(cpu, (ushort)popped, level, code, out var stack)
            || !CheckOffset(cpu, code, offset) || !DescriptorTables.SetAccessed(cpu, code))
        {
            return false;
        }

        cpu->Segments[(int)SegmentName.Ss] = stack;
        Enter(cpu, code, selector, level, offset);
        Stack.SetPointer(cpu, pointer + popBytes);
        DropInnerSegments(cpu);
        return true;
    }

    /// <summary>The checks of a code segment that a return leads to: the same level or an outer one.</summary>
    private static bool CheckReturn(CpuState* cpu, ushort selector, out Descriptor code)
    {
        if (!FetchTarget(cpu, selector, out code))
        {
            return false;
        }

        var level = Selector.Rpl(selector);
        var rightLevel = level >= cpu->Cpl && (code.IsConforming ? code.Dpl <= level : code.Dpl == level);
        return CheckCode(cpu, selector, code, rightLevel);
    }

    private static bool CheckReturnStack(CpuState* cpu, ushort selector, int level, in Descriptor code, out Segment stack) =>
        Segmentation.CheckStack(cpu, selector, level, IsLongCode(cpu, code), Vector.GeneralProtection, out stack);

    /// <summary>Makes null what the outer level may not use (SDM volume 3, 5.8.6). FS and GS bases stay: 64-bit code set them apart.</summary>
    private static void DropInnerSegments(CpuState* cpu)
    {
        DropInner(cpu, SegmentName.Es);
        DropInner(cpu, SegmentName.Ds);
        DropInner(cpu, SegmentName.Fs);
        DropInner(cpu, SegmentName.Gs);
        ModeTracker.Update(cpu);
    }

    private static void DropInner(CpuState* cpu, SegmentName name)
    {
        ref var segment = ref cpu->Segments[(int)name];
        const int ConformingCode = SegmentAttributes.Code | SegmentAttributes.Conforming;
        var dpl = (segment.Attributes & SegmentAttributes.DplMask) >> SegmentAttributes.DplShift;
        if (segment.Attributes != 0 && dpl < cpu->Cpl && (segment.Attributes & ConformingCode) != ConformingCode)
        {
            segment.Selector = 0;
            segment.Attributes = 0;
        }
    }
}
