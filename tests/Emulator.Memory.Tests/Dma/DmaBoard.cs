namespace Emulator.Memory.Tests.Dma;

/// <summary>A context with RAM at 0 and at 1 MiB, ROM at 2 MiB, registers at 3 MiB, nothing elsewhere.</summary>
internal sealed unsafe class DmaBoard : IDisposable
{
    public const ulong SecondRam = 0x100000;
    public const ulong Rom = 0x200000;
    public const ulong RegisterBase = 0x300000;
    public const ulong Nobody = 0x400000;

    public DmaBoard(DmaOrdering ordering = DmaOrdering.Full, bool busMaster = true)
    {
        Memory.AddRam("ram", 0, Ram, 0, Ram.Size);
        Memory.AddRam("second", SecondRam, new RamBlock("second", 0x4000), 0, 0x4000);
        Memory.AddRom("rom", Rom, new RamBlock("rom", 0x1000), 0, 0x1000, 0);
        Memory.AddMmio("registers", RegisterBase, 0x1000, Registers);
        Owner = new DmaContextOwner("device", Memory, ordering, Log);
        Owner.SetBusMaster(busMaster);
    }

    public GuestMemory Memory { get; } = new();

    public RamBlock Ram { get; } = new("ram", 0x10000);

    public Registers Registers { get; } = new(0x1000);

    public CountingLogger Log { get; } = new();

    public DmaContextOwner Owner { get; }

    public DmaContext Dma => Owner.Context;

    public ulong Word(ulong address)
    {
        Memory.Read(address, 8, out var value);
        return value;
    }

    public void Dispose() => Memory.Dispose();
}

/// <summary>Writes down the fences and the accesses of a context.</summary>
internal sealed class FenceWitness : IDmaObserver
{
    public List<DmaFence> Fences { get; } = [];

    public List<(DmaDirection Direction, ulong Address, int Length, DmaStatus Status)> Accesses { get; } = [];

    public void Fence(DmaFence fence) => Fences.Add(fence);

    public void Accessed(DmaDirection direction, ulong address, int length, DmaStatus status) =>
        Accesses.Add((direction, address, length, status));
}

/// <summary>Adds an offset to each page below a limit, and may do something at each.</summary>
internal sealed class Shift(ulong offset, ulong limit, Action<ulong>? at = null) : IDmaTranslator
{
    public DmaStatus Translate(ulong address, DmaDirection direction, out ulong physical)
    {
        at?.Invoke(address);
        physical = address + offset;
        return address < limit ? DmaStatus.Ok : DmaStatus.IommuFault;
    }
}

/// <summary>Keeps the messages.</summary>
internal sealed class CountingLogger : Microsoft.Extensions.Logging.ILogger
{
    public List<string> Messages { get; } = [];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => true;

    public void Log<TState>(
        Microsoft.Extensions.Logging.LogLevel logLevel,
        Microsoft.Extensions.Logging.EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter) => Messages.Add(formatter(state, exception));
}

/// <summary>A window that keeps the messages.</summary>
internal sealed class MessageWindow : IBusTarget, IMessageTarget
{
    public List<(ulong Address, uint Data)> Messages { get; } = [];

    public void Message(ulong address, uint data) => Messages.Add((address, data));

    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
}
