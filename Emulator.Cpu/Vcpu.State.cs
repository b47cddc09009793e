namespace Emulator.Cpu;

/// <summary>The architectural state, as loaders, debuggers and tests see it.</summary>
public sealed unsafe partial class Vcpu
{
    /// <summary>Puts the processor into its power-up state (SDM volume 3, 10.1.1): real mode at FFFF0h below 4 GiB.</summary>
    public void Reset()
    {
        SetInitialState(Cr0.CacheDisable | Cr0.NotWriteThrough);
        ModelSpecificState.Reset(_cpu, Index);
        if (TimeStampOrigin is not null)
        {
            TimeStampCounter.Start(_cpu, TimeStampOrigin);
        }
    }

    /// <summary>
    /// INIT (SDM volume 3, table 10-1), between runs: as a reset, but CD and NW of CR0, the time-stamp counter and the
    /// model-specific registers stay. What the processor is to do then, start over or wait, is the caller's.
    /// </summary>
    public void Init() => SetInitialState(_cpu->Cr0 & (Cr0.CacheDisable | Cr0.NotWriteThrough));

    /// <summary>Start-up after <see cref="Init"/> or <see cref="Reset"/>: real mode at the start of a page below 1 MiB.</summary>
    /// <param name="page">The vector of the SIPI: the page's number.</param>
    public void StartUp(byte page)
    {
        ref var code = ref _cpu->Segments[(int)SegmentName.Cs];
        code.Selector = (ushort)(page << 8);
        code.Base = (ulong)page << 12;
        _cpu->Rip = 0;
        _cpu->Resume = null;
        ModeTracker.Update(_cpu);
    }

    /// <summary>IA32_APIC_BASE. Between runs.</summary>
    public ulong ApicBase => _cpu->ApicBase;

    /// <summary>CR8, 0–15. Between runs.</summary>
    public byte TaskPriority
    {
        get => (byte)_cpu->Cr8;
        set => _cpu->Cr8 = value & 15UL;
    }

    private void SetInitialState(ulong cacheControl)
    {
        var state = default(VcpuState);
        state.Rip = 0xFFF0;
        state.Rflags = Rflags.Fixed;
        state.Cr0 = cacheControl | Cr0.ExtensionType;
        state.Gpr[2] = Cpuid.Signature;
        for (var i = 0; i < 6; i++)
        {
            state.Segments[i] = new Segment { Limit = 0xFFFF, Attributes = 0x93 };
        }

        state.Segments[(int)SegmentName.Cs] = new Segment { Selector = 0xF000, Base = 0xFFFF0000, Limit = 0xFFFF, Attributes = 0x9B };
        state.Segments[(int)SegmentName.Ldtr] = new Segment { Limit = 0xFFFF, Attributes = 0x82 };
        state.Segments[(int)SegmentName.Tr] = new Segment { Limit = 0xFFFF, Attributes = 0x8B };
        state.GdtLimit = 0xFFFF;
        state.IdtLimit = 0xFFFF;
        state.Dr[6] = 0xFFFF0FF0;
        state.Dr[7] = 0x400;
        SetState(state);
        Interlocked.And(ref _cpu->Attention, ~AttentionBits.Nmi);
        _nmi = false;
        _priorityLowered = false;
        _injected = -1;
        _shutdown = false;
    }

    /// <summary>What CPUID would say now, between runs.</summary>
    public CpuidLeaf QueryCpuid(uint leaf, uint subleaf = 0)
    {
        Cpuid.Query(_cpu, leaf, subleaf, out var eax, out var ebx, out var ecx, out var edx);
        return new CpuidLeaf(eax, ebx, ecx, edx);
    }

    /// <summary>The architectural state, between runs.</summary>
    public VcpuState GetState()
    {
        var cpu = _cpu;
        var state = default(VcpuState);
        for (var i = 0; i < 16; i++)
        {
            state.Gpr[i] = cpu->Gpr[i];
        }

        for (var i = 0; i < 8; i++)
        {
            state.Dr[i] = cpu->Dr[i];
        }

        state.Rip = cpu->Rip;
        state.Rflags = Flags.Read(cpu);
        state.Segments = cpu->Segments;
        state.GdtBase = cpu->GdtBase;
        state.GdtLimit = (ushort)cpu->GdtLimit;
        state.IdtBase = cpu->IdtBase;
        state.IdtLimit = (ushort)cpu->IdtLimit;
        state.Cr0 = cpu->Cr0;
        state.Cr2 = cpu->Cr2;
        state.Cr3 = cpu->Cr3;
        state.Cr4 = cpu->Cr4;
        state.Cr8 = cpu->Cr8;
        state.Efer = cpu->Efer;
        return state;
    }

    /// <summary>
    /// Replaces the architectural state, between runs. An unfinished instruction is forgotten. The caller sees to it
    /// that the state is one a processor can be in; the CPL is SS's DPL.
    /// </summary>
    public void SetState(in VcpuState state)
    {
        var cpu = _cpu;
        for (var i = 0; i < 16; i++)
        {
            cpu->Gpr[i] = state.Gpr[i];
        }

        for (var i = 0; i < 8; i++)
        {
            cpu->Dr[i] = state.Dr[i];
        }

        cpu->Rip = state.Rip;
        cpu->Segments = state.Segments;
        cpu->GdtBase = state.GdtBase;
        cpu->GdtLimit = state.GdtLimit;
        cpu->IdtBase = state.IdtBase;
        cpu->IdtLimit = state.IdtLimit;
        cpu->Cr0 = state.Cr0;
        cpu->Cr2 = state.Cr2;
        cpu->Cr3 = state.Cr3;
        cpu->Cr4 = state.Cr4;
        cpu->Cr8 = state.Cr8;
        cpu->Efer = state.Efer;
        Flags.Write(cpu, state.Rflags);
        cpu->Cpl = (state.Rflags & Rflags.Virtual8086) != 0 ? 3
            : (state.Cr0 & Cr0.ProtectionEnable) == 0 ? 0
            : state.Segments[(int)SegmentName.Ss].Attributes >> SegmentAttributes.DplShift & 3;
        Paging.ReloadPdptes(cpu, _memory);

        cpu->Fault = default;
        cpu->InterruptShadow = 0;
        cpu->NmiBlocked = 0;
        cpu->BusLogCount = 0;
        cpu->Resume = null;
        _halted = false;
        _stopped = false;
        cpu->DebugHits = 0;
        cpu->Unfinished = 0;
        _carriedHits = 0;
        ModeTracker.Update(cpu);
        TlbSet.FlushAll(cpu);
    }
}
