namespace Emulator.Cpu;

internal static unsafe partial class FarTransfers
{
    /// <summary>A JMP or CALL whose selector names a gate or a TSS.</summary>
    private static bool ThroughSystem(CpuState* cpu, ushort selector, in Descriptor target, bool isCall, ulong nextRip)
    {
        var error = Selector.ErrorCode(selector);
        var isGate = target.Type == SystemType.CallGate;
        if (!DescriptorTables.IsLongMode(cpu))
        {
            isGate |= target.Type is SystemType.CallGate16;
            if (target.Type is SystemType.AvailableTss or SystemType.AvailableTss16 or SystemType.TaskGate)
            {
                return ToTask(cpu, selector, target, isCall, nextRip);
            }
        }

        if (!isGate || target.Dpl < cpu->Cpl || target.Dpl < Selector.Rpl(selector))
        {
            return Fault.GeneralProtection(cpu, error);
        }

        return target.IsPresent
            ? ThroughCallGate(cpu, target, isCall, nextRip)
            : Fault.Raise(cpu, Vector.SegmentNotPresent, error);
    }

    private static bool ToTask(CpuState* cpu, ushort selector, in Descriptor target, bool isCall, ulong nextRip)
    {
        if (target.Dpl < cpu->Cpl || target.Dpl < Selector.Rpl(selector))
        {
            return Fault.GeneralProtection(cpu, Selector.ErrorCode(selector));
        }

        if (!target.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, Selector.ErrorCode(selector));
        }

        if (target.Type == SystemType.TaskGate)
        {
            selector = target.GateSelector;
        }

        return Tasks.FetchAvailable(cpu, selector, out var tss) && Tasks.Switch(cpu, new TaskSwitch
        {
            Selector = selector,
            Tss = tss,
            Kind = isCall ? TaskSwitchKind.Call : TaskSwitchKind.Jump,
            ReturnRip = nextRip,
            SavedFlags = Flags.Read(cpu),
        });
    }

    private static bool ThroughCallGate(CpuState* cpu, in Descriptor gate, bool isCall, ulong nextRip)
    {
        var selector = gate.GateSelector;
        if (!FetchTarget(cpu, selector, out var code))
        {
            return false;
        }

        // A jump does not change the level; a call may go inwards. RPL in the gate does not count.
        var rightLevel = code.IsConforming || isCall ? code.Dpl <= cpu->Cpl : code.Dpl == cpu->Cpl;
        if (!CheckCode(cpu, selector, code, rightLevel))
        {
            return false;
        }

        var longMode = DescriptorTables.IsLongMode(cpu);
        if (longMode && !code.IsLong)
        {
            return Fault.GeneralProtection(cpu, Selector.ErrorCode(selector));
        }

        if (!isCall)
        {
            if (!CheckOffset(cpu, code, gate.GateOffset) || !DescriptorTables.SetAccessed(cpu, code))
            {
                return false;
            }

            Enter(cpu, code, selector, cpu->Cpl, gate.GateOffset);
            return true;
        }

        var inner = !code.IsConforming && code.Dpl < cpu->Cpl;
        return longMode ? CallLongGate(cpu, gate, code, inner, nextRip)
            : inner ? CallInner(cpu, gate, code, nextRip)
            : CallSame(cpu, gate, code, nextRip);
    }

    private static bool CallSame(CpuState* cpu, in Descriptor gate, in Descriptor code, ulong nextRip)
    {
        var frame = new StackWriter(cpu, gate.IsWideGate ? 4 : 2);
        PushReturn(cpu, ref frame, nextRip);
        return FinishGate(cpu, gate, code, cpu->Cpl, ref frame);
    }

    private static bool CallInner(CpuState* cpu, in Descriptor gate, in Descriptor code, ulong nextRip)
    {
        if (!TaskStacks.Fetch(cpu, code.Dpl, out var stack, out var pointer))
        {
            return false;
        }

        var size = gate.IsWideGate ? 4 : 2;
        var frame = new StackWriter(cpu, stack, pointer, size, code.Dpl);
        frame.Push(cpu->Segments[(int)SegmentName.Ss].Selector);
        frame.Push(cpu->Gpr[Stack.Pointer]);
        for (var i = gate.ParameterCount - 1; i >= 0; i--)
        {
            if (!Stack.Read(cpu, i * size, size, out var parameter))
            {
                return false;
            }

            frame.Push(parameter);
        }

        PushReturn(cpu, ref frame, nextRip);
        if (!FinishGate(cpu, gate, code, code.Dpl, ref frame))
        {
            return false;
        }

        cpu->Segments[(int)SegmentName.Ss] = stack;
        ModeTracker.Update(cpu);
        return true;
    }

    /// <summary>Gates of long mode copy no parameters and leave SS null in the inner level (SDM volume 3, 5.8.5.1).</summary>
    private static bool CallLongGate(CpuState* cpu, in Descriptor gate, in Descriptor code, bool inner, ulong nextRip)
    {
        var cpl = inner ? code.Dpl : cpu->Cpl;
        var pointer = cpu->Gpr[Stack.Pointer];
        if (inner && !TaskStacks.FetchLong(cpu, cpl, out pointer))
        {
            return false;
        }

        var frame = new StackWriter(cpu, pointer, cpl);
        if (inner)
        {
            frame.Push(cpu->Segments[(int)SegmentName.Ss].Selector);
            frame.Push(cpu->Gpr[Stack.Pointer]);
        }

        PushReturn(cpu, ref frame, nextRip);
        if (!FinishGate(cpu, gate, code, cpl, ref frame))
        {
            return false;
        }

        if (inner)
        {
            cpu->Segments[(int)SegmentName.Ss] = Segmentation.Null((ushort)cpl);
        }

        return true;
    }

    private static void PushReturn(CpuState* cpu, ref StackWriter frame, ulong nextRip)
    {
        frame.Push(cpu->Segments[(int)SegmentName.Cs].Selector);
        frame.Push(nextRip);
    }

    private static bool FinishGate(CpuState* cpu, in Descriptor gate, in Descriptor code, int cpl, ref StackWriter frame)
    {
        if (!frame.Probe() || !CheckOffset(cpu, code, gate.GateOffset)
            || !DescriptorTables.SetAccessed(cpu, code) || !frame.Write())
        {
            return false;
        }

        cpu->Gpr[Stack.Pointer] = frame.Rsp;
        Enter(cpu, code, gate.GateSelector, cpl, gate.GateOffset);
        return true;
    }
}
