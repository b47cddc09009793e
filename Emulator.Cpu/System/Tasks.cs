namespace Emulator.Cpu;

/// <summary>What causes a task switch.</summary>
internal enum TaskSwitchKind
{
    /// <summary>JMP: the old task becomes available.</summary>
    Jump,

    /// <summary>CALL: the new task is nested in the old one.</summary>
    Call,

    /// <summary>IRET with NT set: back to the task that this one is nested in.</summary>
    Return,

    /// <summary>A task gate in the IDT: nested, like CALL.</summary>
    Interrupt,
}

/// <summary>The particulars of a task switch.</summary>
internal struct TaskSwitch
{
    /// <summary>Selector of the new TSS.</summary>
    public ushort Selector;

    /// <summary>Its descriptor, checked for type and presence.</summary>
    public Descriptor Tss;

    public TaskSwitchKind Kind;

    /// <summary>The instruction pointer saved for the old task.</summary>
    public ulong ReturnRip;

    /// <summary>The flags saved for the old task.</summary>
    public ulong SavedFlags;

    /// <summary>An error code is pushed on the new task's stack.</summary>
    public bool HasErrorCode;

    /// <summary>That error code.</summary>
    public uint ErrorCode;
}

/// <summary>
/// Hardware task switches (SDM volume 3, chapter 8); long mode has none. Up to the commit point a fault leaves the old
/// task untouched. Behind it faults belong to the new task: false is returned with RIP in the new task.
/// </summary>
/// <remarks>A TSS or a new task's descriptor table in device registers is not supported past the commit point.</remarks>
internal static unsafe class Tasks
{
    // L0 to L3 and LE in DR7 go with the task.
    private const ulong LocalBreakpoints = 0x155;
    private const ulong DefinedFlags = 0x3F7FD5;

    /// <summary>Reads the descriptor of a TSS to switch to by JMP, CALL or a gate: it must lie in the GDT, be available and present.</summary>
    public static bool FetchAvailable(CpuState* cpu, ushort selector, out Descriptor tss)
    {
        tss = default;
        if (Selector.IsNull(selector) || Selector.IsLocal(selector))
        {
            return Fault.GeneralProtection(cpu, Selector.ErrorCode(selector));
        }

        if (!DescriptorTables.Fetch(cpu, selector, Vector.GeneralProtection, out tss))
        {
            return false;
        }

        if (!tss.IsSystem || tss.Type is not (SystemType.AvailableTss or SystemType.AvailableTss16))
        {
            return Fault.GeneralProtection(cpu, Selector.ErrorCode(selector));
        }

        return tss.IsPresent || Fault.Raise(cpu, Vector.SegmentNotPresent, Selector.ErrorCode(selector));
    }

    /// <summary>IRET with NT set: returns to the task whose selector stands in the present TSS.</summary>
    public static bool Return(CpuState* cpu, ulong nextRip)
    {
        ref var tr = ref cpu->Segments[(int)SegmentName.Tr];
        if (!GuestAccess.Read(cpu, (uint)tr.Base, 2, system: true, out var link))
        {
            return false;
        }

        var selector = (ushort)link;
        var error = Selector.ErrorCode(selector);
        if (Selector.IsNull(selector) || Selector.IsLocal(selector))
        {
            return Fault.Raise(cpu, Vector.InvalidTss, error);
        }

        if (!DescriptorTables.Fetch(cpu, selector, Vector.InvalidTss, out var tss))
        {
            return false;
        }

        if (!tss.IsSystem || tss.Type is not (SystemType.BusyTss or SystemType.BusyTss16))
        {
            return Fault.Raise(cpu, Vector.InvalidTss, error);
        }

        if (!tss.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, error);
        }

        return Switch(cpu, new TaskSwitch
        {
            Selector = selector,
            Tss = tss,
            Kind = TaskSwitchKind.Return,
            ReturnRip = nextRip,
            SavedFlags = Flags.Read(cpu) & ~Rflags.NestedTask,
        });
    }

    /// <summary>Switches tasks.</summary>
    /// <returns>False if a fault is pending, in the old task or (with RIP there) in the new one, or the vCPU must exit.</returns>
    public static bool Switch(CpuState* cpu, in TaskSwitch request)
    {
        var wide = (request.Tss.Type & SystemType.WideBit) != 0;
        if (request.Tss.Limit < TaskState.LeastLimit(wide))
        {
            return Fault.Raise(cpu, Vector.InvalidTss, Selector.ErrorCode(request.Selector));
        }

        if (!TaskState.Load(cpu, request.Tss.Base, wide, out var state) || !SaveOld(cpu, request))
        {
            return false;
        }

        // Only a malformed PAE directory is refused; the manual does not say in which task, and it is the old one here.
        if (wide && (cpu->Cr0 & Cr0.Paging) != 0 && !ControlRegisters.LoadCr3(cpu, Vcpu.Of(cpu).GuestMemory, state.PageBase))
        {
            return false;
        }

        CommitRegisters(cpu, request, state);
        if (!LoadSegments(cpu, state))
        {
            ModeTracker.Update(cpu);
            return false;
        }

        ModeTracker.Update(cpu);
        if (cpu->Rip > cpu->Segments[(int)SegmentName.Cs].Limit)
        {
            return Fault.GeneralProtection(cpu);
        }

        if (request.HasErrorCode && !Stack.Push(cpu, request.ErrorCode, wide ? 4 : 2))
        {
            return false;
        }

        if (state.Trap)
        {
            return DebugControl.Raise(cpu, Dr6.TaskSwitch);
        }

        return true;
    }

    /// <summary>Everything written to memory: the old task's state, busy bits and the link back.</summary>
    private static bool SaveOld(CpuState* cpu, in TaskSwitch request)
    {
        ref var tr = ref cpu->Segments[(int)SegmentName.Tr];
        var wide = (tr.Attributes & SystemType.WideBit) != 0;
        var nested = request.Kind is TaskSwitchKind.Call or TaskSwitchKind.Interrupt;
        var leaves = !nested && !Selector.IsNull(tr.Selector);
        Descriptor old = default;
        if ((leaves && !DescriptorTables.Fetch(cpu, tr.Selector, Vector.InvalidTss, out old))
            || !TaskState.ProbeSave(cpu, tr.Base, wide)
            || (nested && !GuestAccess.ProbeWrite(cpu, (uint)request.Tss.Base, 2, system: true)))
        {
            return false;
        }

        return (!leaves || DescriptorTables.SetBusy(cpu, old, busy: false))
            && (request.Kind == TaskSwitchKind.Return || DescriptorTables.SetBusy(cpu, request.Tss, busy: true))
            && TaskState.Save(cpu, tr.Base, wide, request.ReturnRip, request.SavedFlags)
            && (!nested || GuestAccess.Write(cpu, (uint)request.Tss.Base, 2, tr.Selector, system: true));
    }

    private static void CommitRegisters(CpuState* cpu, in TaskSwitch request, in TaskState state)
    {
        var tr = request.Tss.ToSegment(request.Selector);
        tr.Attributes |= SystemType.BusyBit;
        cpu->Segments[(int)SegmentName.Tr] = tr;
        cpu->Cr0 |= Cr0.TaskSwitched;
        cpu->Dr[7] &= ~LocalBreakpoints;
        var nested = request.Kind is TaskSwitchKind.Call or TaskSwitchKind.Interrupt;
        Flags.Write(cpu, DebugControl.WithoutIdleResume(cpu, (state.Flags & DefinedFlags) | (nested ? Rflags.NestedTask : 0)));
        for (var i = 0; i < 8; i++)
        {
            cpu->Gpr[i] = state.General[i];
        }

        // The selectors all become visible before any is checked: a handler of #TS sees the new task's.
        for (var i = 0; i < 6; i++)
        {
            cpu->Segments[i] = Segmentation.Null(state.Segments[i]);
        }

        cpu->Segments[(int)SegmentName.Ldtr] = Segmentation.Null(state.Ldt);
        cpu->Rip = state.Ip;
        cpu->Cpl = (state.Flags & Rflags.Virtual8086) != 0 ? 3 : Selector.Rpl(state.Segments[(int)SegmentName.Cs]);
        cpu->InterruptShadow = 0;
        ModeTracker.Update(cpu);
    }

    private static bool LoadSegments(CpuState* cpu, in TaskState state)
    {
        if (!Segmentation.CheckLdt(cpu, state.Ldt, Vector.InvalidTss, Vector.InvalidTss, out var ldt))
        {
            return false;
        }

        cpu->Segments[(int)SegmentName.Ldtr] = ldt;
        if ((cpu->SystemFlags & Rflags.Virtual8086) != 0)
        {
            for (var i = 0; i < 6; i++)
            {
                Segmentation.LoadReal(cpu, (SegmentName)i, state.Segments[i]);
            }

            return true;
        }

        if (!CheckCode(cpu, state.Segments[(int)SegmentName.Cs], out var code))
        {
            return false;
        }

        cpu->Segments[(int)SegmentName.Cs] = code;
        if (!Segmentation.CheckStack(cpu, state.Segments[(int)SegmentName.Ss], cpu->Cpl, nullAllowed: false, Vector.InvalidTss, out var stack))
        {
            return false;
        }

        cpu->Segments[(int)SegmentName.Ss] = stack;
        return LoadData(cpu, state, SegmentName.Es) && LoadData(cpu, state, SegmentName.Ds)
            && LoadData(cpu, state, SegmentName.Fs) && LoadData(cpu, state, SegmentName.Gs);
    }

    private static bool LoadData(CpuState* cpu, in TaskState state, SegmentName name)
    {
        if (!Segmentation.CheckData(cpu, state.Segments[(int)name], Vector.InvalidTss, out var segment))
        {
            return false;
        }

        cpu->Segments[(int)name] = segment;
        return true;
    }

    private static bool CheckCode(CpuState* cpu, ushort selector, out Segment code)
    {
        code = default;
        var error = Selector.ErrorCode(selector);
        if (Selector.IsNull(selector))
        {
            return Fault.Raise(cpu, Vector.InvalidTss, error);
        }

        if (!DescriptorTables.Fetch(cpu, selector, Vector.InvalidTss, out var descriptor))
        {
            return false;
        }

        var rightLevel = descriptor.IsConforming ? descriptor.Dpl <= Selector.Rpl(selector) : descriptor.Dpl == Selector.Rpl(selector);
        if (!descriptor.IsCode || !rightLevel)
        {
            return Fault.Raise(cpu, Vector.InvalidTss, error);
        }

        if (!descriptor.IsPresent)
        {
            return Fault.Raise(cpu, Vector.SegmentNotPresent, error);
        }

        code = descriptor.ToSegment(selector);
        return DescriptorTables.SetAccessed(cpu, descriptor);
    }
}
