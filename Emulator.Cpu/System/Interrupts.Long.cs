namespace Emulator.Cpu;

internal static unsafe partial class Interrupts
{
    private const uint LongGateSize = 16;
    private const ulong FrameAlignment = 16;

    /// <summary>Long mode, from 64-bit and from compatibility mode: handlers are 64-bit code (SDM volume 3, 6.14).</summary>
    private static bool EnterLong(CpuState* cpu, in PendingFault source, ulong returnRip)
    {
        var error = GateError(source.Vector);
        var entry = source.Vector * LongGateSize;
        if (entry + LongGateSize - 1 > cpu->IdtLimit)
        {
            return Fault.GeneralProtection(cpu, error);
        }

        var address = cpu->IdtBase + entry;
        if (!GuestAccess.Read(cpu, address, 8, system: true, out var low)
            || !GuestAccess.Read(cpu, address + 8, 8, system: true, out var high))
        {
            return false;
        }

        var gate = new Descriptor(low, high, address);
        var isGate = gate.IsSystem && gate.Type is SystemType.InterruptGate or SystemType.TrapGate;
        if (!isGate || (source.IsSoftware && gate.Dpl < cpu->Cpl))
        {
            return Fault.GeneralProtection(cpu, error);
        }

        if (!gate.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, error);
        }

        if (!CheckHandler(cpu, gate.GateSelector, out var code))
        {
            return false;
        }

        if (!code.IsLong || code.IsBig)
        {
            return Fault.GeneralProtection(cpu, Selector.ErrorCode(gate.GateSelector));
        }

        if (!code.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, Selector.ErrorCode(gate.GateSelector));
        }

        return EnterLongHandler(cpu, gate, code, source, returnRip);
    }

    private static bool EnterLongHandler(CpuState* cpu, in Descriptor gate, in Descriptor code, in PendingFault source, ulong returnRip)
    {
        var cpl = code.IsConforming ? cpu->Cpl : code.Dpl;
        var pointer = cpu->Gpr[Stack.Pointer];
        if (gate.InterruptStack != 0)
        {
            if (!TaskStacks.FetchInterruptStack(cpu, gate.InterruptStack, out pointer))
            {
                return false;
            }
        }
        else if (cpl != cpu->Cpl && !TaskStacks.FetchLong(cpu, cpl, out pointer))
        {
            return false;
        }

        var frame = new StackWriter(cpu, pointer & ~(FrameAlignment - 1), cpl);
        frame.Push(cpu->Segments[(int)SegmentName.Ss].Selector);
        frame.Push(cpu->Gpr[Stack.Pointer]);
        PushReturn(cpu, ref frame, source, returnRip);
        if (!frame.Probe())
        {
            return false;
        }

        if (!LinearAddress.IsCanonical(gate.GateOffset))
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!DescriptorTables.SetAccessed(cpu, code) || !frame.Write())
        {
            return false;
        }

        cpu->Gpr[Stack.Pointer] = frame.Rsp;
        if (cpl != cpu->Cpl)
        {
            cpu->Segments[(int)SegmentName.Ss] = Segmentation.Null((ushort)cpl);
        }

        var cleared = ClearedOnEntry | (gate.Type == SystemType.InterruptGate ? Rflags.Interrupt : 0);
        Commit(cpu, code.ToSegment(Selector.WithRpl(gate.GateSelector, cpl)), cpl, gate.GateOffset, cleared);
        return true;
    }
}
