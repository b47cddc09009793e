using Emulator.Memory;

namespace Emulator.Cpu;

/// <summary>
/// The control registers and the instructions that move them: MOV CR, LMSW, SMSW, CLTS, INVLPG (SDM volume 3, 2.5 and
/// 2.8). Whatever translations a change makes stale are dropped here, and the mode is brought up to date.
/// </summary>
internal static unsafe class ControlRegisters
{
    private const ulong Cr0Writable = Cr0.ProtectionEnable | Cr0.MonitorCoprocessor | Cr0.Emulation | Cr0.TaskSwitched
        | Cr0.NumericError | Cr0.WriteProtect | Cr0.AlignmentMask | Cr0.NotWriteThrough | Cr0.CacheDisable | Cr0.Paging;

    // Changes of these reload the cached page-directory-pointer entries (SDM volume 3, 4.4.1).
    private const ulong Cr0Reload = Cr0.CacheDisable | Cr0.NotWriteThrough | Cr0.Paging;
    private const ulong Cr4Reload = Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable | Cr4.PageSizeExtensions | Cr4.SupervisorExecutionPrevention;

    // Changes of these make cached translations, or the rights cached with them, stale.
    private const ulong Cr4Flush = Cr4.PageSizeExtensions | Cr4.PhysicalAddressExtension | Cr4.PageGlobalEnable
        | Cr4.SupervisorExecutionPrevention | Cr4.SupervisorAccessPrevention;

    private const ulong MachineStatusWord = Cr0.ProtectionEnable | Cr0.MonitorCoprocessor | Cr0.Emulation | Cr0.TaskSwitched;
    private const ulong TaskPriority = 15;

    /// <summary>MOV from a control register.</summary>
    /// <returns>False with #UD (no such register) or #GP(0) (CPL) raised.</returns>
    public static bool ReadControl(CpuState* cpu, int number, out ulong value)
    {
        value = 0;
        if (!Exists(number))
        {
            return Fault.InvalidOpcode(cpu);
        }

        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        value = number switch
        {
            0 => cpu->Cr0,
            2 => cpu->Cr2,
            3 => cpu->Cr3,
            4 => cpu->Cr4,
            _ => cpu->Cr8,
        };
        return true;
    }

    /// <summary>MOV to a control register.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="memory">Where page tables lie.</param>
    /// <param name="number">The register's number in the encoding.</param>
    /// <param name="value">The operand: 64 bits in 64-bit mode, else 32 bits zero-extended.</param>
    /// <returns>False with #UD or #GP(0) raised and nothing changed.</returns>
    public static bool WriteControl(CpuState* cpu, GuestMemory memory, int number, ulong value)
    {
        if (!Exists(number))
        {
            return Fault.InvalidOpcode(cpu);
        }

        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        switch (number)
        {
            case 0:
                return WriteCr0(cpu, memory, value);
            case 2:
                cpu->Cr2 = value;
                return true;
            case 3:
                return LoadCr3(cpu, memory, value);
            case 4:
                return WriteCr4(cpu, memory, value);
            default:
                if ((value & ~TaskPriority) != 0)
                {
                    return Fault.GeneralProtection(cpu);
                }

                if (value < cpu->Cr8 && cpu->ModelSpecific->HasLocalApic != 0)
                {
                    Vcpu.Of(cpu).TaskPriorityLowered();
                }

                cpu->Cr8 = value;
                return true;
        }
    }

    /// <summary>
    /// Gives CR3 a new value and forgets the translations that were not global. For MOV CR3 and for task switches,
    /// whatever the CPL.
    /// </summary>
    /// <returns>False with #GP(0) raised and nothing changed: a reserved bit is set, in CR3 or in a page-directory-pointer entry that PAE paging must cache.</returns>
    public static bool LoadCr3(CpuState* cpu, GuestMemory memory, ulong value)
    {
        if ((value >> PageEntry.PhysicalAddressBits) != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (Paging.UsesPdptes(cpu->Cr0, cpu->Cr4, cpu->Efer) && !Paging.LoadPdptes(cpu, memory, value))
        {
            return false;
        }

        cpu->Cr3 = value;
        TlbSet.FlushNonGlobal(cpu);
        return true;
    }

    /// <summary>LMSW: the low four bits of CR0, of which PE can be set but not cleared.</summary>
    /// <returns>False with #GP(0) raised.</returns>
    public static bool LoadMachineStatusWord(CpuState* cpu, GuestMemory memory, ushort value)
    {
        var keep = cpu->Cr0 & ~(MachineStatusWord & ~Cr0.ProtectionEnable);
        return WriteControl(cpu, memory, 0, keep | (value & MachineStatusWord));
    }

    /// <summary>SMSW: CR0, of which the destination takes as many bits as it has. At any CPL.</summary>
    public static ulong StoreMachineStatusWord(CpuState* cpu) => cpu->Cr0;

    /// <summary>CLTS.</summary>
    /// <returns>False with #GP(0) raised.</returns>
    public static bool ClearTaskSwitched(CpuState* cpu)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        cpu->Cr0 &= ~Cr0.TaskSwitched;
        return true;
    }

    /// <summary>INVLPG, global or not, the whole page however large. A non-canonical address does nothing.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="linear">The operand's linear address, segment base included.</param>
    /// <returns>False with #GP(0) raised.</returns>
    public static bool InvalidatePage(CpuState* cpu, ulong linear)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (!LinearAddress.IsCanonical(linear))
        {
            return true;
        }

        if (LargePages.MayCover(cpu, linear))
        {
            FlushAll(cpu);
        }
        else
        {
            TlbSet.FlushPage(cpu, linear);
        }

        return true;
    }

    /// <summary>Forgets every translation, global ones too.</summary>
    public static void FlushAll(CpuState* cpu)
    {
        LargePages.Clear(cpu);
        TlbSet.FlushAll(cpu);
    }

    private static bool Exists(int number) => number is 0 or 2 or 3 or 4 or 8;

    private static bool WriteCr0(CpuState* cpu, GuestMemory memory, ulong value)
    {
        var next = (value & Cr0Writable) | Cr0.ExtensionType;
        if (value >> 32 != 0
            || (next & (Cr0.Paging | Cr0.ProtectionEnable)) == Cr0.Paging
            || (next & (Cr0.NotWriteThrough | Cr0.CacheDisable)) == Cr0.NotWriteThrough)
        {
            return Fault.GeneralProtection(cpu);
        }

        var changed = cpu->Cr0 ^ next;
        var efer = cpu->Efer;
        if ((changed & Cr0.Paging) != 0 && !LongMode.TrySwitchPaging(cpu, (next & Cr0.Paging) != 0, out efer))
        {
            return Fault.GeneralProtection(cpu);
        }

        if ((changed & Cr0Reload) != 0 && Paging.UsesPdptes(next, cpu->Cr4, efer) && !Paging.LoadPdptes(cpu, memory, cpu->Cr3))
        {
            return false;
        }

        cpu->Cr0 = next;
        cpu->Efer = efer;
        if ((changed & Cr0.Paging) != 0)
        {
            FlushAll(cpu);
        }
        else if ((changed & Cr0.WriteProtect) != 0)
        {
            // Supervisor write entries were filled under the other rule.
            TlbSet.FlushWrites(cpu);
        }

        ModeTracker.Update(cpu);
        return true;
    }

    private static bool WriteCr4(CpuState* cpu, GuestMemory memory, ulong value)
    {
        var changed = cpu->Cr4 ^ value;
        if ((value & ~Cpuid.Cr4Writable) != 0
            || ((changed & Cr4.PhysicalAddressExtension) != 0 && (cpu->Efer & Efer.LongModeActive) != 0))
        {
            return Fault.GeneralProtection(cpu);
        }

        if ((changed & Cr4Reload) != 0 && Paging.UsesPdptes(cpu->Cr0, value, cpu->Efer) && !Paging.LoadPdptes(cpu, memory, cpu->Cr3))
        {
            return false;
        }

        cpu->Cr4 = value;
        if ((changed & Cr4Flush) != 0)
        {
            FlushAll(cpu);
        }

        ModeTracker.Update(cpu);
        return true;
    }
}
