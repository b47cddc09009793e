namespace Emulator.Cpu;

/// <summary>
/// SYSCALL, SYSENTER and their returns, SWAPGS, and the checks of RDFSBASE and its kin. Intel's rules: SYSCALL and
/// SYSRET exist in 64-bit mode only (AMD has them in compatibility mode too).
/// </summary>
internal static unsafe class SystemCalls
{
    private const int Rcx = 1;
    private const int Rdx = 2;
    private const int R11 = 11;

    // Accessed code and writable data of the full 4 GiB, present; G for both, L or D for code, B for data.
    private const ushort LongCode = 0xA09B;
    private const ushort Code32 = 0xC09B;
    private const ushort Data = 0xC093;
    private const ushort Level3 = SegmentAttributes.DplMask;

    // RFLAGS bits that SYSRET takes from R11: all that exist but RF and VM (SDM volume 2, SYSRET).
    private const ulong SysretFlags = 0x3C7FD7;

    /// <summary>SYSCALL.</summary>
    /// <returns>False with #UD pending, or a single-step trap in the handler.</returns>
    public static bool SysCall(CpuState* cpu, ulong nextRip)
    {
        if (!IsEnabled(cpu))
        {
            return Fault.InvalidOpcode(cpu);
        }

        var flags = Flags.Read(cpu);
        cpu->Gpr[Rcx] = nextRip;
        cpu->Gpr[R11] = flags;
        Flags.Write(cpu, flags & ~(cpu->Sfmask | Rflags.Resume));
        var selector = (ushort)((cpu->Star >> 32) & ~3UL);
        Enter(cpu, selector, LongCode, (ushort)(selector + 8), 0, cpu->Lstar);
        return StepAfter(cpu);
    }

    /// <summary>SYSRET.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="operandSize">8 (REX.W) to return to 64-bit code, 4 to compatibility mode.</param>
    /// <returns>False with #UD, or #GP(0) for CPL and a return address that is not canonical, pending; or a single-step trap at the target.</returns>
    public static bool SysReturn(CpuState* cpu, int operandSize)
    {
        if (!IsEnabled(cpu))
        {
            return Fault.InvalidOpcode(cpu);
        }

        var wide = operandSize == 8;
        var target = wide ? cpu->Gpr[Rcx] : (uint)cpu->Gpr[Rcx];
        if (cpu->Cpl != 0 || !LinearAddress.IsCanonical(target))
        {
            return Fault.GeneralProtection(cpu);
        }

        var selector = (ushort)(cpu->Star >> 48);
        Flags.Write(cpu, cpu->Gpr[R11] & SysretFlags);
        Enter(cpu, (ushort)(selector + (wide ? 16 : 0)), wide ? LongCode : Code32, (ushort)(selector + 8), 3, target);
        return StepAfter(cpu);
    }

    /// <summary>SYSENTER, in any protected mode.</summary>
    /// <returns>False with #GP(0) pending: real mode, or IA32_SYSENTER_CS is null.</returns>
    public static bool SysEnter(CpuState* cpu)
    {
        if (!IsSysenterReady(cpu))
        {
            return Fault.GeneralProtection(cpu);
        }

        var wide = DescriptorTables.IsLongMode(cpu);
        cpu->SystemFlags &= ~(Rflags.Virtual8086 | Rflags.Interrupt | Rflags.Resume);
        cpu->Gpr[Stack.Pointer] = wide ? cpu->SysenterEsp : (uint)cpu->SysenterEsp;
        var selector = (ushort)(cpu->SysenterCs & ~3UL);
        Enter(cpu, selector, wide ? LongCode : Code32, (ushort)(selector + 8), 0, wide ? cpu->SysenterEip : (uint)cpu->SysenterEip);
        return true;
    }

    /// <summary>SYSEXIT.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="operandSize">8 (REX.W) to return to 64-bit code, otherwise 4.</param>
    /// <returns>False with #GP(0) pending: real mode, CPL, IA32_SYSENTER_CS null, or an address that is not canonical.</returns>
    public static bool SysExit(CpuState* cpu, int operandSize)
    {
        var wide = operandSize == 8;
        if (!IsSysenterReady(cpu) || cpu->Cpl != 0
            || (wide && !(LinearAddress.IsCanonical(cpu->Gpr[Rcx]) && LinearAddress.IsCanonical(cpu->Gpr[Rdx]))))
        {
            return Fault.GeneralProtection(cpu);
        }

        var selector = (ushort)(cpu->SysenterCs + (wide ? 32UL : 16));
        cpu->Gpr[Stack.Pointer] = wide ? cpu->Gpr[Rcx] : (uint)cpu->Gpr[Rcx];
        Enter(cpu, selector, wide ? LongCode : Code32, (ushort)(selector + 8), 3, wide ? cpu->Gpr[Rdx] : (uint)cpu->Gpr[Rdx]);
        return true;
    }

    /// <summary>SWAPGS.</summary>
    /// <returns>False with #UD outside 64-bit mode, or #GP(0) outside CPL 0, pending.</returns>
    public static bool SwapGs(CpuState* cpu)
    {
        if ((cpu->Mode & (uint)CodeMode.Code64) == 0)
        {
            return Fault.InvalidOpcode(cpu);
        }

        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        ref var gs = ref cpu->Segments[(int)SegmentName.Gs];
        (gs.Base, cpu->KernelGsBase) = (cpu->KernelGsBase, gs.Base);
        return true;
    }

    /// <summary>RDFSBASE and RDGSBASE: may the instruction run, and what it reads (the caller cuts it to the operand size).</summary>
    /// <returns>False with #UD pending.</returns>
    public static bool ReadBase(CpuState* cpu, SegmentName name, out ulong value)
    {
        value = cpu->Segments[(int)name].Base;
        return IsBaseAccessEnabled(cpu) || Fault.InvalidOpcode(cpu);
    }

    /// <summary>WRFSBASE and WRGSBASE; a 32-bit operand comes zero-extended.</summary>
    /// <returns>False with #UD, or #GP(0) for an address that is not canonical, pending.</returns>
    public static bool WriteBase(CpuState* cpu, SegmentName name, ulong value)
    {
        if (!IsBaseAccessEnabled(cpu))
        {
            return Fault.InvalidOpcode(cpu);
        }

        if (!LinearAddress.IsCanonical(value))
        {
            return Fault.GeneralProtection(cpu);
        }

        cpu->Segments[(int)name].Base = value;
        return true;
    }

    /// <summary>For these two the new TF decides: masked, SYSCALL is not stepped into; restored, SYSRET traps at once, as the SYSCALL that it ends would have.</summary>
    private static bool StepAfter(CpuState* cpu)
    {
        cpu->StepTrap = 0;
        return (cpu->SystemFlags & Rflags.Trap) == 0 || DebugControl.Raise(cpu, Dr6.SingleStep);
    }

    private static bool IsEnabled(CpuState* cpu) =>
        (cpu->Mode & (uint)CodeMode.Code64) != 0 && (cpu->Efer & Efer.SystemCallEnable) != 0;

    private static bool IsSysenterReady(CpuState* cpu) =>
        (cpu->Cr0 & Cr0.ProtectionEnable) != 0 && (cpu->SysenterCs & 0xFFFC) != 0;

    private static bool IsBaseAccessEnabled(CpuState* cpu) =>
        (cpu->Mode & (uint)CodeMode.Code64) != 0 && (cpu->Cr4 & Cr4.FsGsBase) != 0;

    /// <summary>Loads CS and SS without looking at descriptors, as all four instructions do.</summary>
    private static void Enter(CpuState* cpu, ushort code, ushort codeAttributes, ushort stack, int cpl, ulong target)
    {
        var level = cpl == 3 ? Level3 : 0;
        cpu->Segments[(int)SegmentName.Cs] = new Segment
        {
            Selector = Selector.WithRpl(code, cpl),
            Limit = uint.MaxValue,
            Attributes = (ushort)(codeAttributes | level),
        };
        cpu->Segments[(int)SegmentName.Ss] = new Segment
        {
            Selector = Selector.WithRpl(stack, cpl),
            Limit = uint.MaxValue,
            Attributes = (ushort)(Data | level),
        };
        cpu->Cpl = cpl;
        cpu->Rip = target;
        ModeTracker.Update(cpu);
    }
}
