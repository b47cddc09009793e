using BenchmarkDotNet.Attributes;
using Emulator.Cpu;
using Emulator.Memory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Benchmarks.Micro;

/// <summary>A vCPU through its exit contract: a loop to its HLT, a port access, a register access.</summary>
public class VcpuBenchmarks : IDisposable
{
    private const int Iterations = 10_000;
    private const ulong Loop = 0x1000;
    private const ulong Port = 0x2000;
    private const ulong Register = 0x3000;
    private const ulong Size = 1 << 20;

    private readonly RamBlock _ram = new("ram", Size);
    private readonly GuestMemory _memory = new();
    private readonly Vcpu _vcpu;

    public VcpuBenchmarks()
    {
        _memory.AddRam("ram", 0, _ram, 0, Size);

        // again: add eax, ecx; xor edx, eax; dec ecx; jnz again; hlt
        _ram.Load(Loop, [0x01, 0xC8, 0x31, 0xC2, 0x49, 0x75, 0xF9, 0xF4]);

        // again: in al, dx; jmp again
        _ram.Load(Port, [0xEC, 0xEB, 0xFD]);

        // again: mov eax, [ebx]; jmp again
        _ram.Load(Register, [0x8B, 0x03, 0xEB, 0xFC]);
        _vcpu = new Vcpu(0, _memory, NullLogger.Instance);
    }

    [GlobalSetup(Target = nameof(Four_instructions_of_a_loop))]
    public void EnterLoop() => Enter(Loop);

    [GlobalSetup(Target = nameof(A_port_exit))]
    public void EnterPort()
    {
        Enter(Port);
        _vcpu.Run();
    }

    [GlobalSetup(Target = nameof(A_register_exit))]
    public void EnterRegister()
    {
        Enter(Register);
        _vcpu.Run();
    }

    [Benchmark(OperationsPerInvoke = Iterations)]
    public ExitReason Four_instructions_of_a_loop()
    {
        Enter(Loop);
        return _vcpu.Run();
    }

    [Benchmark]
    public ExitReason A_port_exit() => _vcpu.Run();

    [Benchmark]
    public ExitReason A_register_exit() => _vcpu.Run();

    [GlobalCleanup]
    public void Dispose()
    {
        _vcpu.Dispose();
        _memory.Dispose();
        _ram.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>32-bit protected mode with flat segments at CPL 0.</summary>
    private void Enter(ulong rip)
    {
        _vcpu.Reset();
        var state = _vcpu.GetState();
        state.Cr0 |= 1;
        state.Rip = rip;
        state.Gpr[1] = Iterations;
        state.Gpr[2] = 0x80;
        state.Gpr[3] = 0xFEB0_0000;
        for (var i = 0; i < 6; i++)
        {
            state.Segments[i] = new Segment { Selector = 0x10, Base = 0, Limit = uint.MaxValue, Attributes = 0xC093 };
        }

        state.Segments[(int)SegmentName.Cs] = new Segment { Selector = 0x08, Base = 0, Limit = uint.MaxValue, Attributes = 0xC09B };
        _vcpu.SetState(state);
    }
}
