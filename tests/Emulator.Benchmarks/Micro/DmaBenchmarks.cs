using BenchmarkDotNet.Attributes;
using Emulator.Memory;

namespace Emulator.Benchmarks.Micro;

/// <summary>DMA accesses under each ordering, one after another in one direction and alternating, beside a bare store.</summary>
/// <remarks>Under <c>tracked</c> and <c>pci</c> only the alternating pair has the full fence that <c>full</c> has each time.</remarks>
public class DmaBenchmarks : IDisposable
{
    private const ulong Address = 0x8000;

    private readonly byte[] _data = new byte[4096];
    private readonly byte[] _bare = new byte[4096];
    private readonly GuestMemory _memory = new();
    private readonly DmaContextOwner _owner;
    private readonly DmaContext _dma;

    public DmaBenchmarks()
    {
        _memory.AddRam("ram", 0, new RamBlock("ram", 1 << 20), 0, 1 << 20);
        _owner = new DmaContextOwner("benchmark", _memory);
        _owner.SetBusMaster(true);
        _dma = _owner.Context;
    }

    [Params(4, 64, 1500, 4096)]
    public int Size { get; set; }

    [ParamsAllValues]
    public DmaOrdering Ordering { get; set; }

    [GlobalSetup]
    public void Setup() => _owner.SetOrdering(Ordering);

    [Benchmark(Baseline = true)]
    public void Bare_copy() => _data.AsSpan(0, Size).CopyTo(_bare);

    [Benchmark]
    public DmaStatus Write() => _dma.Write(Address, _data.AsSpan(0, Size));

    [Benchmark]
    public DmaStatus Read() => _dma.Read(Address, _data.AsSpan(0, Size));

    [Benchmark]
    public DmaStatus Write_then_read()
    {
        _dma.Write(Address, _data.AsSpan(0, Size));
        return _dma.Read(Address, _data.AsSpan(0, Size));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>One word handed over: the typed store and the publishing store under each ordering, beside a bare one.</summary>
public class DmaWordBenchmarks : IDisposable
{
    private const ulong Address = 0x8000;

    private readonly byte[] _bare = new byte[8];
    private readonly GuestMemory _memory = new();
    private readonly DmaContextOwner _owner;
    private readonly DmaContext _dma;

    public DmaWordBenchmarks()
    {
        _memory.AddRam("ram", 0, new RamBlock("ram", 1 << 20), 0, 1 << 20);
        _owner = new DmaContextOwner("benchmark", _memory);
        _owner.SetBusMaster(true);
        _dma = _owner.Context;
    }

    [ParamsAllValues]
    public DmaOrdering Ordering { get; set; }

    [GlobalSetup]
    public void Setup() => _owner.SetOrdering(Ordering);

    [Benchmark(Baseline = true)]
    public void Bare_store() => Volatile.Write(ref _bare[0], 1);

    [Benchmark]
    public DmaStatus Store() => _dma.Store(Address, 1u);

    [Benchmark]
    public DmaStatus Store_relaxed() => _dma.StoreRelaxed(Address, 1u);

    [Benchmark]
    public DmaStatus Publish() => _dma.Publish(Address, 1u);

    [Benchmark]
    public DmaStatus Load() => _dma.Load(Address, out uint _);

    [GlobalCleanup]
    public void Dispose()
    {
        _memory.Dispose();
        GC.SuppressFinalize(this);
    }
}
