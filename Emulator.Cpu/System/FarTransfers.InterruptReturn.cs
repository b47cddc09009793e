namespace Emulator.Cpu;

internal static unsafe partial class FarTransfers
{
    private const int Virtual8086FrameEntries = 9;

    /// <summary>IRET. NMIs are unblocked even if it faults.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="operandSize">Bytes of each stack entry.</param>
    /// <param name="nextRip">Where the task goes on if this returns to another task.</param>
    /// <returns>False if a fault is pending or the vCPU must exit.</returns>
    public static bool InterruptReturn(CpuState* cpu, int operandSize, ulong nextRip)
    {
        Vcpu.Of(cpu).Memory.Drain();
        cpu->NmiBlocked = 0;
        var mode = (CodeMode)cpu->Mode;
        if ((mode & CodeMode.Protected) == 0)
        {
            return ReturnReal(cpu, operandSize);
        }

        if ((cpu->SystemFlags & Rflags.NestedTask) != 0)
        {
            return (mode & CodeMode.Long) == 0 ? Tasks.Return(cpu, nextRip) : Fault.GeneralProtection(cpu);
        }

        if (!Stack.Read(cpu, 0, operandSize, out var offset) || !Stack.Read(cpu, operandSize, operandSize, out var popped)
            || !Stack.Read(cpu, 2 * operandSize, operandSize, out var flags))
        {
            return false;
        }

        if ((flags & Rflags.Virtual8086) != 0 && cpu->Cpl == 0 && operandSize == 4 && (mode & CodeMode.Long) == 0)
        {
            return ReturnToVirtual8086(cpu, offset, (ushort)popped, flags);
        }

        return ReturnProtected(cpu, operandSize, offset, (ushort)popped, flags);
    }

    private static bool ReturnReal(CpuState* cpu, int operandSize)
    {
        var virtualFlags = (cpu->Mode & (uint)CodeMode.Virtual8086) != 0 && IoPermission.Level(cpu) < 3;
        if (virtualFlags && ((cpu->Cr4 & Cr4.VirtualModeExtensions) == 0 || operandSize != 2))
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!Stack.Read(cpu, 0, operandSize, out var offset) || !Stack.Read(cpu, operandSize, operandSize, out var selector)
            || !Stack.Read(cpu, 2 * operandSize, operandSize, out var flags))
        {
            return false;
        }

        if (offset > cpu->Segments[(int)SegmentName.Cs].Limit)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (virtualFlags)
        {
            if (!IoPermission.PopVirtualFlags(cpu, flags))
            {
                return false;
            }
        }
        else
        {
            IoPermission.Replace(cpu, DebugControl.WithoutIdleResume(cpu, flags), IoPermission.ChangeableFlags(cpu) | Rflags.Resume, operandSize);
        }

        Stack.SetPointer(cpu, cpu->Gpr[Stack.Pointer] + 3 * (ulong)operandSize);
        EnterReal(cpu, (ushort)selector, offset);
        return true;
    }

    private static bool ReturnProtected(CpuState* cpu, int operandSize, ulong offset, ushort selector, ulong flags)
    {
        if (!CheckReturn(cpu, selector, out var code))
        {
            return false;
        }

        var level = Selector.Rpl(selector);
        var outer = level != cpu->Cpl;

        // 64-bit code always has SS and RSP in the frame (SDM volume 3, 6.14.3).
        var hasStack = outer || (cpu->Mode & (uint)CodeMode.Code64) != 0;
        Segment stack = default;
        var pointer = 0UL;
        if (hasStack)
        {
            if (!Stack.Read(cpu, 3 * operandSize, operandSize, out pointer)
                || !Stack.Read(cpu, 4 * operandSize, operandSize, out var popped)
                || !CheckReturnStack(cpu, (ushort)popped, level, code, out stack))
            {
                return false;
            }
        }

        if (!CheckOffset(cpu, code, offset) || !DescriptorTables.SetAccessed(cpu, code))
        {
            return false;
        }

        // What may change is decided by the level that returns, not by the one returned to.
        var changeable = IoPermission.ChangeableFlags(cpu) | Rflags.Resume;
        if (cpu->Cpl == 0)
        {
            changeable |= Rflags.VirtualInterrupt | Rflags.VirtualInterruptPending;
        }

        IoPermission.Replace(cpu, DebugControl.WithoutIdleResume(cpu, flags), changeable, operandSize);
        if (!hasStack)
        {
            Stack.SetPointer(cpu, cpu->Gpr[Stack.Pointer] + 3 * (ulong)operandSize);
            Enter(cpu, code, selector, level, offset);
            return true;
        }

        cpu->Segments[(int)SegmentName.Ss] = stack;
        Enter(cpu, code, selector, level, offset);
        Stack.SetPointer(cpu, pointer);
        if (outer)
        {
            DropInnerSegments(cpu);
        }

        return true;
    }

    private static bool ReturnToVirtual8086(CpuState* cpu, ulong offset, ushort selector, ulong flags)
    {
        const uint Limit = 0xFFFF;
        const int StackPointerEntry = 3;
        const int FirstSegmentEntry = 4;
        if (offset > Limit)
        {
            return Fault.GeneralProtection(cpu);
        }

        // ESP SS ES DS FS GS follow EIP CS EFLAGS.
        var entries = stackalloc ulong[Virtual8086FrameEntries];
        for (var i = StackPointerEntry; i < Virtual8086FrameEntries; i++)
        {
            if (!Stack.Read(cpu, i * 4, 4, out entries[i]))
            {
                return false;
            }
        }

        const ulong Loaded = IoPermission.OrdinaryFlags | Rflags.Interrupt | Rflags.IoPrivilege | Rflags.Resume
            | Rflags.Virtual8086 | Rflags.VirtualInterrupt | Rflags.VirtualInterruptPending;
        cpu->Cpl = 3;
        Flags.Write(cpu, DebugControl.WithoutIdleResume(cpu, flags & Loaded));
        Segmentation.LoadReal(cpu, SegmentName.Cs, selector);
        Segmentation.LoadReal(cpu, SegmentName.Ss, (ushort)entries[FirstSegmentEntry]);
        Segmentation.LoadReal(cpu, SegmentName.Es, (ushort)entries[FirstSegmentEntry + 1]);
        Segmentation.LoadReal(cpu, SegmentName.Ds, (ushort)entries[FirstSegmentEntry + 2]);
        Segmentation.LoadReal(cpu, SegmentName.Fs, (ushort)entries[FirstSegmentEntry + 3]);
        Segmentation.LoadReal(cpu, SegmentName.Gs, (ushort)entries[FirstSegmentEntry + 4]);
        cpu->Gpr[Stack.Pointer] = (uint)entries[StackPointerEntry];
        cpu->Rip = offset;
        ModeTracker.Update(cpu);
        return true;
    }
}
