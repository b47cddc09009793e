using Emulator.Cpu;

namespace Emulator.Host.Vcpus;

/// <summary>The exit contract: what an engine that runs guest code looks like from the thread around it.</summary>
/// <remarks>Only the vCPU's own thread calls it, except where a member says otherwise.</remarks>
internal interface IVcpu : IDisposable
{
    /// <summary>The processor's number, from 0.</summary>
    int Index { get; }

    /// <summary>The particulars of the last exit.</summary>
    ref VcpuExit Exit { get; }

    /// <summary>True if <see cref="Interrupt"/> may be called.</summary>
    bool ReadyForInterrupt { get; }

    /// <summary>Asks for <see cref="ExitReason.IrqWindowOpen"/>.</summary>
    bool RequestInterruptWindow { get; set; }

    /// <summary>What an <see cref="ExitReason.InternalError"/> was.</summary>
    string InternalErrorMessage { get; }

    /// <summary>What CPUID would say now. Between runs.</summary>
    CpuidLeaf QueryCpuid(uint leaf, uint subleaf = 0);

    /// <summary>Guest instructions retired. While it runs, on its own thread.</summary>
    long InstructionCount { get; }

    /// <summary>Ends the next run, with <see cref="ExitReason.Intr"/>, soon behind so many instructions; 0 does not.</summary>
    long RunLimit { set; }

    /// <summary>Runs until something outside is needed.</summary>
    ExitReason Run();

    /// <summary>Ends the present or the next run soon. Any thread.</summary>
    void Kick();

    /// <summary>Injects an acknowledged external interrupt.</summary>
    void Interrupt(byte vector);

    /// <summary>Raises a non-maskable interrupt. Any thread.</summary>
    void RaiseNmi();

    /// <summary>IA32_APIC_BASE: where the local APIC is, and whether.</summary>
    ulong ApicBase { get; }

    /// <summary>CR8, 0–15.</summary>
    byte TaskPriority { get; set; }

    /// <summary>Power-up state.</summary>
    void Reset();

    /// <summary>INIT: power-up state, save what the architecture keeps.</summary>
    void Init();

    /// <summary>Start-up after <see cref="Init"/> or <see cref="Reset"/>, in real mode at <paramref name="page"/> × 4096.</summary>
    void StartUp(byte page);

    /// <summary>The architectural state.</summary>
    VcpuState GetState();

    /// <summary>Replaces the architectural state.</summary>
    void SetState(in VcpuState state);
}

/// <summary>The interpreter behind the contract.</summary>
internal sealed class InterpretedVcpu(Vcpu vcpu) : IVcpu
{
    public int Index => vcpu.Index;

    public ref VcpuExit Exit => ref vcpu.Exit;

    public bool ReadyForInterrupt => vcpu.ReadyForInterrupt;

    public bool RequestInterruptWindow
    {
        get => vcpu.RequestInterruptWindow;
        set => vcpu.RequestInterruptWindow = value;
    }

    public string InternalErrorMessage => vcpu.InternalErrorMessage;

    public CpuidLeaf QueryCpuid(uint leaf, uint subleaf = 0) => vcpu.QueryCpuid(leaf, subleaf);

    public long InstructionCount => vcpu.InstructionCount;

    public long RunLimit
    {
        set => vcpu.RunLimit = value;
    }

    public ExitReason Run() => vcpu.Run();

    public void Kick() => vcpu.Kick();

    public void Interrupt(byte vector) => vcpu.Interrupt(vector);

    public void RaiseNmi() => vcpu.RaiseNmi();

    public ulong ApicBase => vcpu.ApicBase;

    public byte TaskPriority
    {
        get => vcpu.TaskPriority;
        set => vcpu.TaskPriority = value;
    }

    public void Reset() => vcpu.Reset();

    public void Init() => vcpu.Init();

    public void StartUp(byte page) => vcpu.StartUp(page);

    public VcpuState GetState() => vcpu.GetState();

    public void SetState(in VcpuState state) => vcpu.SetState(state);

    public void Dispose() => vcpu.Dispose();
}
