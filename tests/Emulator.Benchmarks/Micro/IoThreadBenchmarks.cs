using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Emulator.Devices;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Benchmarks.Micro;

/// <summary>From a post to the work's end as another thread sees it, and a doorbell of dma-test to its status.</summary>
/// <remarks>Back to back, the I/O thread still looks for work when the next post comes; after a pause it has to be woken by the host.</remarks>
public class IoThreadBenchmarks : IDisposable
{
    private const ulong Window = 0xFEB00000;
    private const int RunningState = (int)DmaTestState.Running;

    private readonly IoThread _thread = new("io", (_, e) => Environment.FailFast(e.Message));
    private readonly IoQueue _queue;
    private readonly Count _work = new();
    private readonly RamBlock _ram = new("ram", 1 << 20);
    private readonly GuestMemory _memory = new();
    private readonly DmaTestFunction _function;

    public IoThreadBenchmarks()
    {
        _queue = new IoQueue(_thread, "benchmark");
        _memory.AddRam("ram", 0, _ram, 0, _ram.Size);
        var bus = new PciBus(_memory, new PortSpace());
        _function = new DmaTestFunction("dma-test", _thread);
        bus.Add(_function, 3 << 3);
        bus.WriteConfig(0, _function.DevFn, PciRegister.BaseAddress0, 4, (uint)Window);
        bus.WriteConfig(0, _function.DevFn, PciRegister.Command, 2, (uint)(PciCommand.MemorySpace | PciCommand.BusMaster));
    }

    /// <summary>How long nothing is posted before each post.</summary>
    [Params(0, 200)]
    public int PauseMicroseconds { get; set; }

    [Benchmark]
    public int Post_run_and_see()
    {
        Pause();
        var before = Volatile.Read(ref _work.Runs);
        _queue.Post(_work);
        while (Volatile.Read(ref _work.Runs) == before)
        {
            Thread.SpinWait(1);
        }

        return before;
    }

    [Benchmark]
    public ulong Doorbell_to_status()
    {
        Pause();
        _memory.Write(Window + (ulong)DmaTestRegister.Doorbell, 4, 0);
        ulong status;
        do
        {
            _memory.Read(Window + (ulong)DmaTestRegister.Status, 4, out status);
        }
        while ((status & 7) == RunningState);
        return status;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _function.Dispose();
        _thread.Dispose();
        _memory.Dispose();
        _ram.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Pause()
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMicroseconds < PauseMicroseconds)
        {
            Thread.SpinWait(8);
        }
    }

    private sealed class Count : IoWork
    {
        public int Runs;

        protected override void Run() => Volatile.Write(ref Runs, Runs + 1);
    }
}

/// <summary>What a round of a script costs: a write and a read of guest memory, a counter and a branch, under each ordering.</summary>
public class DmaTestScriptBenchmarks : IDisposable
{
    private const ulong Window = 0xFEB00000;
    private const int Rounds = 10_000;

    private readonly IoThread _thread = new("io", (_, e) => Environment.FailFast(e.Message));
    private readonly RamBlock _ram = new("ram", 1 << 20);
    private readonly GuestMemory _memory = new();
    private readonly PciBus _bus;
    private readonly DmaTestFunction _function;

    public DmaTestScriptBenchmarks()
    {
        _memory.AddRam("ram", 0, _ram, 0, _ram.Size);
        _bus = new PciBus(_memory, new PortSpace());
        _function = new DmaTestFunction("dma-test", _thread);
        _bus.Add(_function, 3 << 3);
        _bus.WriteConfig(0, _function.DevFn, PciRegister.BaseAddress0, 4, (uint)Window);
        _bus.WriteConfig(0, _function.DevFn, PciRegister.Command, 2, (uint)(PciCommand.MemorySpace | PciCommand.BusMaster));
        ReadOnlySpan<DmaTestInstruction> script =
        [
            new(DmaTestOpcode.Set, a: 1, value: Rounds),
            new(DmaTestOpcode.Write, log2Size: 2, immediate: 1, value: 0x1000),
            new(DmaTestOpcode.Read, log2Size: 2, a: 2, value: 0x2000),
            new(DmaTestOpcode.Add, a: 3, b: 3, value: 1),
            new(DmaTestOpcode.Loop, a: 1, immediate: 1),
            new(DmaTestOpcode.End),
        ];
        _memory.Write(Window + DmaTestRegisters.ScriptOffset, MemoryMarshal.AsBytes(script));
    }

    [ParamsAllValues]
    public DmaOrdering Ordering { get; set; }

    [GlobalSetup]
    public void Setup() => _bus.DmaOrdering = Ordering;

    [Benchmark(OperationsPerInvoke = Rounds)]
    public ulong Round()
    {
        _memory.Write(Window + (ulong)DmaTestRegister.Doorbell, 4, 0);
        ulong status;
        do
        {
            Thread.SpinWait(20);
            _memory.Read(Window + (ulong)DmaTestRegister.Status, 4, out status);
        }
        while ((status & 7) == (int)DmaTestState.Running);
        return status;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _function.Dispose();
        _thread.Dispose();
        _memory.Dispose();
        _ram.Dispose();
        GC.SuppressFinalize(this);
    }
}
