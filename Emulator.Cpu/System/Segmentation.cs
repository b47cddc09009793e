namespace Emulator.Cpu;

/// <summary>
/// Loads of segment registers with the checks of each mode (SDM volume 3, chapters 3 and 5). The other files of this
/// class form addresses and answer LAR, LSL, VERR, VERW and ARPL.
/// </summary>
internal static unsafe partial class Segmentation
{
    /// <summary>Attributes of all segments in virtual-8086 mode: present, DPL 3, accessed writable data.</summary>
    public const ushort Virtual8086Attributes = 0xF3;

    private const ushort RealModeAttributes = 0x93;
    private const uint RealModeLimit = 0xFFFF;

    /// <summary>Loads ES, SS, DS, FS or GS as MOV, POP and LDS … do. The caller starts the interrupt shadow of MOV SS and POP SS.</summary>
    /// <returns>False if nothing was loaded: #GP, #NP or #SS with the selector, #UD for CS, or a fault of the table's memory.</returns>
    public static bool Load(CpuState* cpu, SegmentName name, ushort selector)
    {
        if (name == SegmentName.Cs)
        {
            return Fault.InvalidOpcode(cpu);
        }

        var mode = (CodeMode)cpu->Mode;
        if ((mode & CodeMode.Protected) == 0)
        {
            LoadReal(cpu, name, selector);
            ModeTracker.Update(cpu);
            return true;
        }

        Segment segment;
        if (name == SegmentName.Ss)
        {
            if (!CheckStack(cpu, selector, cpu->Cpl, (mode & CodeMode.Code64) != 0, Vector.GeneralProtection, out segment))
            {
                return false;
            }
        }
        else if (!CheckData(cpu, selector, Vector.GeneralProtection, out segment))
        {
            return false;
        }

        cpu->Segments[(int)name] = segment;
        ModeTracker.Update(cpu);
        return true;
    }

    /// <summary>
    /// Loads any segment register as real mode and virtual-8086 mode do: the base is the selector times 16. Real mode
    /// leaves limit and attributes as protected mode left them. The caller calls <see cref="ModeTracker.Update"/>.
    /// </summary>
    public static void LoadReal(CpuState* cpu, SegmentName name, ushort selector)
    {
        ref var segment = ref cpu->Segments[(int)name];
        segment.Selector = selector;
        segment.Base = (ulong)selector << 4;
        if ((cpu->SystemFlags & Rflags.Virtual8086) != 0)
        {
            segment.Limit = RealModeLimit;
            segment.Attributes = Virtual8086Attributes;
        }
        else if ((segment.Attributes & SegmentAttributes.Present) == 0)
        {
            segment.Limit = RealModeLimit;
            segment.Attributes = RealModeAttributes;
        }
    }

    /// <summary>The contents of a segment register that holds a null selector.</summary>
    public static Segment Null(ushort selector) => new() { Selector = selector };

    /// <summary>Checks a selector for DS, ES, FS or GS, marks its descriptor accessed and gives what to load.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="selector">The selector; null is fine.</param>
    /// <param name="vector">What a bad selector raises: #GP, or #TS in a task switch.</param>
    /// <param name="segment">The register's new contents.</param>
    public static bool CheckData(CpuState* cpu, ushort selector, byte vector, out Segment segment)
    {
        segment = Null(selector);
        if (Selector.IsNull(selector))
        {
            return true;
        }

        if (!DescriptorTables.Fetch(cpu, selector, vector, out var descriptor))
        {
            return false;
        }

        var error = Selector.ErrorCode(selector);
        if (!descriptor.IsReadable
            || (!descriptor.IsConforming && (Selector.Rpl(selector) > descriptor.Dpl || cpu->Cpl > descriptor.Dpl)))
        {
            return Fault.Raise(cpu, vector, error);
        }

        if (!descriptor.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, error);
        }

        segment = descriptor.ToSegment(selector);
        return DescriptorTables.SetAccessed(cpu, descriptor);
    }

    /// <summary>Checks a selector for SS, marks its descriptor accessed and gives what to load.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="selector">The selector.</param>
    /// <param name="cpl">The privilege level the stack is for.</param>
    /// <param name="nullAllowed">64-bit code: null is fine for levels 0 to 2, if RPL is right.</param>
    /// <param name="vector">What a bad selector raises: #GP, or #TS where it came from a TSS.</param>
    /// <param name="segment">The register's new contents.</param>
    public static bool CheckStack(CpuState* cpu, ushort selector, int cpl, bool nullAllowed, byte vector, out Segment segment)
    {
        segment = Null(selector);
        if (Selector.IsNull(selector))
        {
            return (nullAllowed && cpl != 3 && Selector.Rpl(selector) == cpl) || Fault.Raise(cpu, vector, 0);
        }

        if (!DescriptorTables.Fetch(cpu, selector, vector, out var descriptor))
        {
            return false;
        }

        var error = Selector.ErrorCode(selector);
        if (Selector.Rpl(selector) != cpl || descriptor.Dpl != cpl || !descriptor.IsWritable)
        {
            return Fault.Raise(cpu, vector, error);
        }

        if (!descriptor.IsPresent)
        {
            return Fault.Raise(cpu, Vector.StackFault, error);
        }

        segment = descriptor.ToSegment(selector);
        return DescriptorTables.SetAccessed(cpu, descriptor);
    }

    /// <summary>LLDT: protected mode, CPL 0.</summary>
    public static bool LoadLdt(CpuState* cpu, ushort selector)
    {
        if (!CheckSystemLoad(cpu))
        {
            return false;
        }

        if (!CheckLdt(cpu, selector, Vector.GeneralProtection, Vector.SegmentNotPresent, out var segment))
        {
            return false;
        }

        cpu->Segments[(int)SegmentName.Ldtr] = segment;
        return true;
    }

    /// <summary>Checks a selector for LDTR.</summary>
    /// <param name="cpu">The vCPU.</param>
    /// <param name="selector">The selector; null leaves the processor without an LDT.</param>
    /// <param name="vector">What a bad selector raises.</param>
    /// <param name="notPresentVector">What an LDT that is not present raises: #NP, or #TS in a task switch.</param>
    /// <param name="segment">The register's new contents.</param>
    public static bool CheckLdt(CpuState* cpu, ushort selector, byte vector, byte notPresentVector, out Segment segment)
    {
        segment = Null(selector);
        if (Selector.IsNull(selector))
        {
            return true;
        }

        var error = Selector.ErrorCode(selector);
        if (Selector.IsLocal(selector))
        {
            return Fault.Raise(cpu, vector, error);
        }

        if (!DescriptorTables.Fetch(cpu, selector, vector, out var descriptor))
        {
            return false;
        }

        if (!descriptor.IsSystem || descriptor.Type != SystemType.Ldt || !LinearAddress.IsCanonical(descriptor.Base))
        {
            return Fault.Raise(cpu, vector, error);
        }

        if (!descriptor.IsPresent)
        {
            return Fault.Raise(cpu, notPresentVector, error);
        }

        segment = descriptor.ToSegment(selector);
        return true;
    }

    /// <summary>LTR: protected mode, CPL 0; marks the TSS busy.</summary>
    public static bool LoadTr(CpuState* cpu, ushort selector)
    {
        if (!CheckSystemLoad(cpu))
        {
            return false;
        }

        var error = Selector.ErrorCode(selector);
        if (Selector.IsNull(selector) || Selector.IsLocal(selector))
        {
            return Fault.GeneralProtection(cpu, error);
        }

        if (!DescriptorTables.Fetch(cpu, selector, Vector.GeneralProtection, out var descriptor))
        {
            return false;
        }

        var available = descriptor.Type == SystemType.AvailableTss
            || (descriptor.Type == SystemType.AvailableTss16 && !DescriptorTables.IsLongMode(cpu));
        if (!descriptor.IsSystem || !available || !LinearAddress.IsCanonical(descriptor.Base))
        {
            return Fault.GeneralProtection(cpu, error);
        }

        if (!descriptor.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, error);
        }

        if (!DescriptorTables.SetBusy(cpu, descriptor, busy: true))
        {
            return false;
        }

        var segment = descriptor.ToSegment(selector);
        segment.Attributes |= SystemType.BusyBit;
        cpu->Segments[(int)SegmentName.Tr] = segment;
        return true;
    }

    private static bool CheckSystemLoad(CpuState* cpu)
    {
        if ((cpu->Mode & (uint)CodeMode.Protected) == 0)
        {
            return Fault.InvalidOpcode(cpu);
        }

        return cpu->Cpl == 0 || Fault.GeneralProtection(cpu);
    }
}
