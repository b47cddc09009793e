using BenchmarkDotNet.Attributes;
using Emulator.Memory;

namespace Emulator.Benchmarks.Micro;

/// <summary>Accesses through the address map and the port space, as a device or an exit makes them.</summary>
public class MemoryBenchmarks : IDisposable
{
    private const ulong Size = 1 << 20;
    private const ulong RegisterBase = 0xFEB0_0000;

    private readonly RamBlock _ram = new("ram", Size);
    private readonly GuestMemory _memory = new();
    private readonly PortSpace _ports = new();

    public MemoryBenchmarks()
    {
        _memory.AddRam("ram", 0, _ram, 0, Size);
        _memory.AddMmio("registers", RegisterBase, 4096, new Silent());
        _ports.Add("registers", 0x3F8, 8, new Silent());
    }

    [Benchmark]
    public ulong Read_8_bytes_of_RAM()
    {
        _memory.Read(0x8000, 8, out var value);
        return value;
    }

    [Benchmark]
    public BusStatus Write_8_bytes_of_RAM() => _memory.Write(0x8000, 8, 1);

    [Benchmark]
    public ulong Read_a_register()
    {
        _memory.Read(RegisterBase, 4, out var value);
        return value;
    }

    [Benchmark]
    public ulong Read_a_port()
    {
        _ports.Read(0x3F8, 1, out var value);
        return value;
    }

    [Benchmark]
    public ulong Read_8_bytes_of_RAM_after_a_full_fence()
    {
        Interlocked.MemoryBarrier();
        _memory.Read(0x8000, 8, out var value);
        return value;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _memory.Dispose();
        _ram.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class Silent : IBusTarget
    {
        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = 0;
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
    }
}
