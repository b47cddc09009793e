using Emulator.Cpu;
using Emulator.Host.Vcpus;

namespace Emulator.Host.Tests.Vcpus;

/// <summary>A vCPU whose runs are made by hand.</summary>
internal sealed class ScriptedVcpu(int index = 0) : IVcpu
{
    private readonly Queue<Func<ScriptedVcpu, ExitReason>> _script = new();
    private VcpuExit _exit;

    public List<byte> Interrupts { get; } = [];

    public int Resets { get; private set; }

    public int Runs { get; private set; }

    public int Index => index;

    public ref VcpuExit Exit => ref _exit;

    public bool ReadyForInterrupt { get; set; }

    public bool RequestInterruptWindow { get; set; }

    public string InternalErrorMessage => "broken by hand";

    /// <summary>Adds what a run does.</summary>
    public ScriptedVcpu Then(Func<ScriptedVcpu, ExitReason> run)
    {
        _script.Enqueue(run);
        return this;
    }

    public CpuidLeaf QueryCpuid(uint leaf, uint subleaf = 0) => default;

    public long InstructionCount => 0;

    public long RunLimit
    {
        set { }
    }

    public ExitReason Run()
    {
        Runs++;
        return _script.Dequeue()(this);
    }

    public void Kick()
    {
    }

    public void Interrupt(byte vector) => Interrupts.Add(vector);

    public void RaiseNmi() => Nmis++;

    public ulong ApicBase { get; set; } = 0xFEE0_0900;

    public byte TaskPriority { get; set; }

    public int Inits { get; private set; }

    public List<byte> StartUps { get; } = [];

    public int Nmis { get; private set; }

    public void Reset() => Resets++;

    public void Init() => Inits++;

    public void StartUp(byte page) => StartUps.Add(page);

    public VcpuState GetState() => new() { Rip = 0x1234 };

    public void SetState(in VcpuState state)
    {
    }

    public void Dispose()
    {
    }
}
