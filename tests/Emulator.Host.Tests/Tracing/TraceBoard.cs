using Emulator.Host.Tracing;
using Emulator.Memory;

namespace Emulator.Host.Tests.Tracing;

/// <summary>Two functions over a simulated memory, and what a recorder makes of them. One thread.</summary>
internal sealed unsafe class TraceBoard : IDisposable
{
    private readonly RamBlock _ram = new("ram", 1 << 20);
    private readonly GuestMemory _memory = new();
    private readonly List<TraceEvent> _events = [];
    private readonly TraceRecorder _recorder;

    public TraceBoard(DmaOrdering ordering = DmaOrdering.Full, MemoryModel? model = MemoryModel.Weak, ulong seed = 1, bool hasProcessors = true)
    {
        _memory.AddRam("ram", 0, _ram, 0, _ram.Size);
        Simulation = model is { } simulated ? new SimulatedMemory(_memory, simulated, new SeededChoices(seed)) : null;
        Model = model ?? MemoryModel.Host;
        _recorder = new TraceRecorder(_events.Add, Simulation) { HasHostTime = false, HasProcessors = hasProcessors, Clock = () => ++Now };
        _ = _recorder.AddProcessor("cpu0", "vcpu-0");
        Processor = Simulation?.Add("cpu0", isProcessor: true);
        Device = AddFunction("D0", ordering);
        Other = AddFunction("D1", ordering);
    }

    public MemoryModel Model { get; }

    public long Now { get; private set; }

    public SimulatedMemory? Simulation { get; }

    public Initiator? Processor { get; }

    public DmaContextOwner Device { get; }

    public DmaContextOwner Other { get; }

    public DmaContext Dma => Device.Context;

    public TraceHeader Header => new() { Model = MemoryModels.Name(Model), Schedule = TraceNames.Free, Lanes = [.. _recorder.Lanes] };

    /// <summary>The events in program order, all that waits made visible first unless it is to be left.</summary>
    public IReadOnlyList<TraceEvent> End(bool settle = true)
    {
        if (settle)
        {
            Simulation?.Settle();
        }

        _recorder.Finish();
        return [.. _events.OrderBy(e => e.Sequence)];
    }

    public IReadOnlyList<TraceViolation> Check() => TraceChecker.Check(Header, End());

    public void Dispose() => _memory.Dispose();

    public void ProcessorStores(ulong address, uint value) =>
        Processor!.Store(_ram.Host + address, _ram.CodeMap + (address / RamBlock.PageSize), address, sizeof(uint), value);

    public ulong ProcessorLoads(ulong address) => Processor!.Load(_ram.Host + address, address, sizeof(uint));

    public void ProcessorAdds(ulong address, uint value)
    {
        var word = (uint*)(_ram.Host + address);
        _ = Processor!.BeginUpdate((byte*)word, sizeof(uint));
        *word += value;
        Processor.EndUpdate((byte*)word, address, sizeof(uint));
    }

    private DmaContextOwner AddFunction(string name, DmaOrdering ordering)
    {
        var owner = new DmaContextOwner(name, _memory, ordering);
        owner.SetBusMaster(true);
        if (Simulation is not null)
        {
            owner.Simulate(Simulation.Add(name, isProcessor: false));
        }

        owner.SetObserver(_recorder.Add(name, owner.Context));
        return owner;
    }
}
