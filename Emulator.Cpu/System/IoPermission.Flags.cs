namespace Emulator.Cpu;

internal static unsafe partial class IoPermission
{
    // What POPF and IRET may change at any level; IF and IOPL depend on it.
    internal const ulong OrdinaryFlags = Rflags.Arithmetic | Rflags.Trap | Rflags.Direction | Rflags.NestedTask
        | Rflags.AlignmentCheck | Rflags.Identification;

    /// <summary>What PUSHF pushes, whatever the operand size; cut to it by the caller.</summary>
    /// <returns>False with #GP(0) pending: virtual-8086 mode below IOPL 3 without CR4.VME, or with it and another size than 2.</returns>
    public static bool PushedFlags(CpuState* cpu, int operandSize, out ulong value)
    {
        value = Flags.Read(cpu) & ~(Rflags.Resume | Rflags.Virtual8086);
        if (!IsVirtualBelow3(cpu))
        {
            return true;
        }

        if ((cpu->Cr4 & Cr4.VirtualModeExtensions) == 0 || operandSize != 2)
        {
            return Fault.GeneralProtection(cpu);
        }

        value = VirtualFlags(cpu);
        return true;
    }

    /// <summary>POPF: changes what mode, CPL and IOPL allow, and silently leaves the rest.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="value">The popped value.</param>
    /// <param name="operandSize">2, 4 or 8.</param>
    /// <returns>False with #GP(0) pending and nothing changed.</returns>
    public static bool PopFlags(CpuState* cpu, ulong value, int operandSize)
    {
        if (IsVirtualBelow3(cpu))
        {
            return (cpu->Cr4 & Cr4.VirtualModeExtensions) != 0 && operandSize == 2
                ? PopVirtualFlags(cpu, value)
                : Fault.GeneralProtection(cpu);
        }

        Replace(cpu, value & ~Rflags.Resume, ChangeableFlags(cpu) | Rflags.Resume, operandSize);
        return true;
    }

    /// <summary>CLI.</summary>
    /// <returns>False with #GP(0) pending.</returns>
    public static bool ClearInterruptFlag(CpuState* cpu)
    {
        if (MayChangeInterruptFlag(cpu))
        {
            cpu->SystemFlags &= ~Rflags.Interrupt;
            return true;
        }

        if (!HasVirtualInterruptFlag(cpu))
        {
            return Fault.GeneralProtection(cpu);
        }

        cpu->SystemFlags &= ~Rflags.VirtualInterrupt;
        return true;
    }

    /// <summary>STI; begins the interrupt shadow if IF was clear.</summary>
    /// <returns>False with #GP(0) pending.</returns>
    public static bool SetInterruptFlag(CpuState* cpu)
    {
        if (MayChangeInterruptFlag(cpu))
        {
            if ((cpu->SystemFlags & Rflags.Interrupt) == 0)
            {
                cpu->SystemFlags |= Rflags.Interrupt;
                cpu->InterruptShadow = InterruptShadow.Sti;
                ModeTracker.Update(cpu);
            }

            return true;
        }

        if (!HasVirtualInterruptFlag(cpu) || (cpu->SystemFlags & Rflags.VirtualInterruptPending) != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        cpu->SystemFlags |= Rflags.VirtualInterrupt;
        return true;
    }

    /// <summary>The flags as a virtual-8086 task below IOPL 3 sees them with CR4.VME: VIF in IF's place, IOPL 3.</summary>
    internal static ulong VirtualFlags(CpuState* cpu)
    {
        var flags = Flags.Read(cpu) & ~Rflags.Interrupt;
        return flags | Rflags.IoPrivilege | ((flags & Rflags.VirtualInterrupt) != 0 ? Rflags.Interrupt : 0);
    }

    /// <summary>POPF and IRET of 16 bits in a virtual-8086 task below IOPL 3 with CR4.VME: IF goes to VIF.</summary>
    /// <returns>False with #GP(0) pending: a virtual interrupt waits, or TF would be set.</returns>
    internal static bool PopVirtualFlags(CpuState* cpu, ulong value)
    {
        var enables = (value & Rflags.Interrupt) != 0;
        if ((value & Rflags.Trap) != 0 || (enables && (cpu->SystemFlags & Rflags.VirtualInterruptPending) != 0))
        {
            return Fault.GeneralProtection(cpu);
        }

        var virtualInterrupt = enables ? Rflags.VirtualInterrupt : 0;
        const ulong Kept = Rflags.Interrupt | Rflags.IoPrivilege;
        var flags = Flags.Read(cpu) & ~(Rflags.VirtualInterrupt | (ushort.MaxValue & ~Kept));
        Flags.Write(cpu, flags | virtualInterrupt | (value & OrdinaryFlags & ushort.MaxValue));
        ModeTracker.Update(cpu);
        return true;
    }

    /// <summary>The flags POPF and IRET may change at this level, apart from RF, VM, VIF and VIP.</summary>
    internal static ulong ChangeableFlags(CpuState* cpu)
    {
        var changeable = OrdinaryFlags;
        if ((cpu->Mode & (uint)CodeMode.Virtual8086) == 0 && cpu->Cpl == 0)
        {
            changeable |= Rflags.IoPrivilege;
        }

        return cpu->Cpl <= Level(cpu) ? changeable | Rflags.Interrupt : changeable;
    }

    /// <summary>Replaces those flags of a mask that an operand size reaches.</summary>
    internal static void Replace(CpuState* cpu, ulong value, ulong mask, int operandSize)
    {
        mask &= operandSize == 2 ? ushort.MaxValue : uint.MaxValue;
        Flags.Write(cpu, (Flags.Read(cpu) & ~mask) | (value & mask));
        ModeTracker.Update(cpu);
    }

    private static bool IsVirtualBelow3(CpuState* cpu) =>
        (cpu->Mode & (uint)CodeMode.Virtual8086) != 0 && Level(cpu) < 3;

    private static bool MayChangeInterruptFlag(CpuState* cpu) => cpu->Cpl <= Level(cpu);

    /// <summary>Below IOPL, CLI and STI act on VIF in virtual-8086 mode with CR4.VME and at CPL 3 with CR4.PVI.</summary>
    private static bool HasVirtualInterruptFlag(CpuState* cpu) => (cpu->Mode & (uint)CodeMode.Virtual8086) != 0
        ? (cpu->Cr4 & Cr4.VirtualModeExtensions) != 0
        : cpu->Cpl == 3 && (cpu->Cr4 & Cr4.ProtectedModeVirtualInterrupts) != 0;
}
