using Emulator.Cpu;
using Emulator.Host.Vcpus;

namespace Emulator.Host.Tests.Vcpus;

/// <summary>A vCPU that takes each interrupt, ends it, and halts again.</summary>
internal sealed class HaltingVcpu(Action<byte> taken, LocalApic apic) : IVcpu
{
    private VcpuExit _exit;
    private int _vector = -1;

    public int Index => 0;

    public ref VcpuExit Exit => ref _exit;

    public bool ReadyForInterrupt => _vector < 0;

    public bool RequestInterruptWindow { get; set; }

    public string InternalErrorMessage => "";

    public ulong ApicBase => 0xFEE0_0900;

    public byte TaskPriority { get; set; }

    public long InstructionCount => 0;

    public long RunLimit
    {
        set { }
    }

    public ExitReason Run()
    {
        if (_vector >= 0)
        {
            var vector = (byte)_vector;
            _vector = -1;
            apic.Write((int)ApicRegister.EndOfInterrupt, 4, 0);
            taken(vector);
        }

        return ExitReason.Hlt;
    }

    public void Kick()
    {
    }

    public void Interrupt(byte vector) => _vector = vector;

    public void RaiseNmi()
    {
    }

    public void Reset()
    {
    }

    public void Init()
    {
    }

    public void StartUp(byte page)
    {
    }

    public CpuidLeaf QueryCpuid(uint leaf, uint subleaf = 0) => default;

    public VcpuState GetState() => default;

    public void SetState(in VcpuState state)
    {
    }

    public void Dispose()
    {
    }
}
