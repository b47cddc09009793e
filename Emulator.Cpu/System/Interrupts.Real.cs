namespace Emulator.Cpu;

internal static unsafe partial class Interrupts
{
    private const int VectorSize = 4;

    /// <summary>Real mode: a far pointer from the vector table (SDM volume 3, 21.1.4). There are no error codes.</summary>
    private static bool EnterReal(CpuState* cpu, byte vector, ulong returnRip)
    {
        var entry = (uint)vector * VectorSize;
        if (entry + VectorSize - 1 > cpu->IdtLimit)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!GuestAccess.Read(cpu, (uint)(cpu->IdtBase + entry), VectorSize, system: true, out var target))
        {
            return false;
        }

        return EnterByFarPointer(cpu, (uint)target, Flags.Read(cpu), Rflags.Interrupt | Rflags.AlignmentCheck, returnRip);
    }

    /// <summary>
    /// Virtual-8086 mode with CR4.VME, for vectors that the TSS leaves to the task (SDM volume 3, 21.3.3): through the
    /// vector table at linear 0, in the task itself. Below IOPL 3, VIF stands for IF.
    /// </summary>
    private static bool EnterVirtual8086(CpuState* cpu, byte vector, ulong returnRip)
    {
        if (!GuestAccess.Read(cpu, (uint)vector * VectorSize, VectorSize, system: false, out var target))
        {
            return false;
        }

        return IoPermission.Level(cpu) == 3
            ? EnterByFarPointer(cpu, (uint)target, Flags.Read(cpu), Rflags.Interrupt, returnRip)
            : EnterByFarPointer(cpu, (uint)target, IoPermission.VirtualFlags(cpu), Rflags.VirtualInterrupt, returnRip);
    }

    private static bool EnterByFarPointer(CpuState* cpu, uint target, ulong frameFlags, ulong clearedFlags, ulong returnRip)
    {
        var offset = (ushort)target;
        var frame = new StackWriter(cpu, 2);
        frame.Push(frameFlags);
        frame.Push(cpu->Segments[(int)SegmentName.Cs].Selector);
        frame.Push(returnRip);
        if (!frame.Probe())
        {
            return false;
        }

        if (offset > cpu->Segments[(int)SegmentName.Cs].Limit)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!frame.Write())
        {
            return false;
        }

        cpu->Gpr[Stack.Pointer] = frame.Rsp;
        Segmentation.LoadReal(cpu, SegmentName.Cs, (ushort)(target >> 16));
        Commit(cpu, cpu->Segments[(int)SegmentName.Cs], cpu->Cpl, offset, clearedFlags | Rflags.Trap | Rflags.Resume);
        return true;
    }

    /// <summary>Looks a vector up in the redirection map below the TSS's I/O map: a clear bit leaves it to the task.</summary>
    private static bool IsRedirected(CpuState* cpu, byte vector, out bool redirected)
    {
        redirected = false;
        if (!IoPermission.MapBase(cpu, out var mapBase))
        {
            return false;
        }

        const uint RedirectionMapSize = 32;
        ref var tr = ref cpu->Segments[(int)SegmentName.Tr];
        var offset = mapBase - RedirectionMapSize + (uint)(vector >> 3);
        if (mapBase < RedirectionMapSize || offset > tr.Limit)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!GuestAccess.Read(cpu, (uint)(tr.Base + offset), 1, system: true, out var bits))
        {
            return false;
        }

        redirected = (bits >> (vector & 7) & 1) == 0;
        return true;
    }
}
