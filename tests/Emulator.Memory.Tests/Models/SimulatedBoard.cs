namespace Emulator.Memory.Tests.Models;

/// <summary>A page of RAM under a memory model, reached by offsets.</summary>
internal sealed unsafe class SimulatedBoard : IDisposable
{
    private readonly RamBlock _ram = new("ram", RamBlock.PageSize);

    public SimulatedBoard(MemoryModel model, IChoices choices, bool isScheduled = false, bool isStepped = false)
    {
        Guest.AddRam("ram", 0, _ram, 0, _ram.Size);
        Memory = new SimulatedMemory(Guest, model, choices) { IsScheduled = isScheduled, IsStepped = isStepped };
    }

    public GuestMemory Guest { get; } = new();

    public SimulatedMemory Memory { get; }

    /// <summary>What is visible.</summary>
    public Span<byte> Visible => new(_ram.Host, (int)_ram.Size);

    public byte* Host(int offset) => _ram.Host + offset;

    public Initiator Processor(string name = "P") => Memory.Add(name, isProcessor: true);

    public Initiator Function(string name = "D") => Memory.Add(name, isProcessor: false);

    public ulong Load(Initiator who, int offset, int size = 4) => who.Load(Host(offset), (ulong)offset, size);

    public void Store(Initiator who, int offset, ulong value, int size = 4) => who.Store(Host(offset), _ram.CodeMap, (ulong)offset, size, value);

    public void Read(Initiator who, int offset, Span<byte> data) => who.Read(Host(offset), (ulong)offset, data);

    public void Write(Initiator who, int offset, ReadOnlySpan<byte> data) => who.Write(Host(offset), _ram.CodeMap, (ulong)offset, data);

    /// <summary>Adds one in place, by steps that would show if anybody came between.</summary>
    public ulong Increment(Initiator who, int offset, int size = 4)
    {
        _ = who.BeginUpdate(Host(offset), size);
        var old = GuestWords.Load(Host(offset), size);
        Thread.SpinWait(1);
        GuestWords.Store(Host(offset), size, old + 1);
        who.EndUpdate(Host(offset), (ulong)offset, size);
        return old;
    }

    public ulong VisibleAt(int offset, int size = 4) => GuestWords.Load(Host(offset), size);

    public void Dispose()
    {
        Guest.Dispose();
        _ram.Dispose();
    }
}

/// <summary>Choices made by hand: at first the thread goes on, nothing becomes visible by itself and loads are fresh.</summary>
internal sealed class ByHand : IChoices
{
    public Func<int, int, int> OfNext { get; set; } = (turns, _) => turns > 0 ? 0 : turns;

    public Func<int, int> OfVersion { get; set; } = _ => 0;

    /// <summary>Each question that there was for a version: how many there were.</summary>
    public List<int> Versions { get; } = [];

    public int Next(int turns, int stores) => OfNext(turns, stores);

    public int Version(int versions)
    {
        Versions.Add(versions);
        return OfVersion(versions);
    }

    public int Quantum(int most) => most;
}
