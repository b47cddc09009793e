namespace Emulator.Cpu;

internal static unsafe partial class Interrupts
{
    private const uint GateSize = 8;

    // What every protected-mode entry clears, besides IF for interrupt gates.
    private const ulong ClearedOnEntry = Rflags.Trap | Rflags.NestedTask | Rflags.Resume | Rflags.Virtual8086;

    /// <summary>Protected mode outside long mode, and virtual-8086 mode (SDM volume 3, 6.12).</summary>
    private static bool EnterProtected(CpuState* cpu, in PendingFault source, ulong returnRip)
    {
        var error = GateError(source.Vector);
        var entry = source.Vector * GateSize;
        if (entry + GateSize - 1 > cpu->IdtLimit)
        {
            return Fault.GeneralProtection(cpu, error);
        }

        var address = (uint)(cpu->IdtBase + entry);
        if (!GuestAccess.Read(cpu, address, (int)GateSize, system: true, out var low))
        {
            return false;
        }

        var gate = new Descriptor(low, 0, address);
        var isGate = gate.IsSystem && gate.Type is SystemType.TaskGate or SystemType.InterruptGate16
            or SystemType.TrapGate16 or SystemType.InterruptGate or SystemType.TrapGate;
        if (!isGate || (source.IsSoftware && gate.Dpl < cpu->Cpl))
        {
            return Fault.GeneralProtection(cpu, error);
        }

        if (!gate.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, error);
        }

        if (gate.Type == SystemType.TaskGate)
        {
            return EnterTask(cpu, gate, source, returnRip);
        }

        if (!CheckHandler(cpu, gate.GateSelector, out var code))
        {
            return false;
        }

        var inner = !code.IsConforming && code.Dpl < cpu->Cpl;
        var virtual8086 = (cpu->SystemFlags & Rflags.Virtual8086) != 0;
        if (virtual8086 && (!inner || code.Dpl != 0))
        {
            return Fault.GeneralProtection(cpu, Selector.ErrorCode(gate.GateSelector));
        }

        if (!code.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, Selector.ErrorCode(gate.GateSelector));
        }

        return inner
            ? EnterInner(cpu, gate, code, source, returnRip)
            : EnterSame(cpu, gate, code, source, returnRip);
    }

    /// <summary>The checks of a gate's code segment that all modes share, but for presence.</summary>
    private static bool CheckHandler(CpuState* cpu, ushort selector, out Descriptor code)
    {
        code = default;
        if (Selector.IsNull(selector))
        {
            return Fault.GeneralProtection(cpu);
        }

        return DescriptorTables.Fetch(cpu, selector, Vector.GeneralProtection, out code)
            && ((code.IsCode && code.Dpl <= cpu->Cpl) || Fault.GeneralProtection(cpu, Selector.ErrorCode(selector)));
    }

    private static bool EnterSame(CpuState* cpu, in Descriptor gate, in Descriptor code, in PendingFault source, ulong returnRip)
    {
        var frame = new StackWriter(cpu, gate.IsWideGate ? 4 : 2);
        PushReturn(cpu, ref frame, source, returnRip);
        return Finish(cpu, gate, code, cpu->Cpl, ref frame);
    }

    private static bool EnterInner(CpuState* cpu, in Descriptor gate, in Descriptor code, in PendingFault source, ulong returnRip)
    {
        if (!TaskStacks.Fetch(cpu, code.Dpl, out var stack, out var pointer))
        {
            return false;
        }

        var frame = new StackWriter(cpu, stack, pointer, gate.IsWideGate ? 4 : 2, code.Dpl);
        var virtual8086 = (cpu->SystemFlags & Rflags.Virtual8086) != 0;
        if (virtual8086)
        {
            frame.Push(cpu->Segments[(int)SegmentName.Gs].Selector);
            frame.Push(cpu->Segments[(int)SegmentName.Fs].Selector);
            frame.Push(cpu->Segments[(int)SegmentName.Ds].Selector);
            frame.Push(cpu->Segments[(int)SegmentName.Es].Selector);
        }

        frame.Push(cpu->Segments[(int)SegmentName.Ss].Selector);
        frame.Push(cpu->Gpr[Stack.Pointer]);
        PushReturn(cpu, ref frame, source, returnRip);
        if (!Finish(cpu, gate, code, code.Dpl, ref frame))
        {
            return false;
        }

        cpu->Segments[(int)SegmentName.Ss] = stack;
        if (virtual8086)
        {
            cpu->Segments[(int)SegmentName.Es] = Segmentation.Null(0);
            cpu->Segments[(int)SegmentName.Ds] = Segmentation.Null(0);
            cpu->Segments[(int)SegmentName.Fs] = Segmentation.Null(0);
            cpu->Segments[(int)SegmentName.Gs] = Segmentation.Null(0);
        }

        ModeTracker.Update(cpu);
        return true;
    }

    private static void PushReturn(CpuState* cpu, ref StackWriter frame, in PendingFault source, ulong returnRip)
    {
        frame.Push(FrameFlags(cpu, source));
        frame.Push(cpu->Segments[(int)SegmentName.Cs].Selector);
        frame.Push(returnRip);
        if (source.HasErrorCode)
        {
            frame.Push(source.ErrorCode);
        }
    }

    private static bool Finish(CpuState* cpu, in Descriptor gate, in Descriptor code, int cpl, ref StackWriter frame)
    {
        if (!frame.Probe())
        {
            return false;
        }

        if (gate.GateOffset > code.Limit)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!DescriptorTables.SetAccessed(cpu, code) || !frame.Write())
        {
            return false;
        }

        // Interrupt gates have even types; trap gates leave IF as it was.
        var cleared = ClearedOnEntry | ((gate.Type & 1) == 0 ? Rflags.Interrupt : 0);
        cpu->Gpr[Stack.Pointer] = frame.Rsp;
        Commit(cpu, code.ToSegment(Selector.WithRpl(gate.GateSelector, cpl)), cpl, gate.GateOffset, cleared);
        return true;
    }

    private static bool EnterTask(CpuState* cpu, in Descriptor gate, in PendingFault source, ulong returnRip)
    {
        if (!Tasks.FetchAvailable(cpu, gate.GateSelector, out var tss))
        {
            return false;
        }

        cpu->StepTrap = 0;
        return Tasks.Switch(cpu, new TaskSwitch
        {
            Selector = gate.GateSelector,
            Tss = tss,
            Kind = TaskSwitchKind.Interrupt,
            ReturnRip = returnRip,
            SavedFlags = FrameFlags(cpu, source),
            HasErrorCode = source.HasErrorCode,
            ErrorCode = source.ErrorCode,
        });
    }
}
