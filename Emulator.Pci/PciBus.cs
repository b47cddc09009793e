using Emulator.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Pci;

/// <summary>A PCI bus, 0 or one below a bridge: 32 slots of up to eight functions.</summary>
/// <remarks>
/// Configuration is read without a lock and written under the bus lock, the first in the order of locks; all buses of a
/// board have one.
/// </remarks>
public sealed class PciBus
{
    private const uint MultifunctionBit = 0x80;

    private readonly Lock _lock;
    private readonly PciFunction?[] _functions = new PciFunction?[256];
    private readonly PciBridge? _bridge;
    private DmaOrdering? _ordering;
    private PciBridge[] _bridges = [];

    /// <summary>An empty bus 0.</summary>
    /// <param name="memory">Where memory windows appear.</param>
    /// <param name="ports">Where I/O windows appear.</param>
    /// <param name="logger">Hears of refused DMA.</param>
    public PciBus(GuestMemory memory, PortSpace ports, ILogger? logger = null)
    {
        Logger = logger ?? NullLogger.Instance;
        Memory = memory;
        Ports = ports;
        Interrupts = new PciInterruptRouter();
        _lock = new Lock();
    }

    internal PciBus(PciBridge bridge, PciBus above)
    {
        (_bridge, Logger, Memory, Ports, Interrupts, _lock) =
            (bridge, above.Logger, above.Memory, above.Ports, above.Interrupts, above._lock);
    }

    /// <summary>Where memory windows appear.</summary>
    public GuestMemory Memory { get; }

    /// <summary>Where I/O windows appear.</summary>
    public PortSpace Ports { get; }

    /// <summary>Where the INTx pins lead.</summary>
    public PciInterruptRouter Interrupts { get; }

    /// <summary>
    /// The ordering of the DMA of every function that has none of its own: the one set here, else that of the bus above,
    /// else full. Any thread, while the machine runs too.
    /// </summary>
    public DmaOrdering DmaOrdering
    {
        get
        {
            lock (_lock)
            {
                return _ordering ?? _bridge?.Bus!.DmaOrdering ?? DmaOrdering.Full;
            }
        }

        set => SetOrdering(value);
    }

    /// <summary>The number by which configuration accesses reach the bus; 0 for the first, else what its bridge says.</summary>
    public int Number => _bridge?.SecondaryBusNumber ?? 0;

    internal ILogger Logger { get; }

    /// <summary>What a function on this bus may do of decoding and mastering, as far as the bridges above let it; the other bits are ones.</summary>
    internal PciCommand Passes => _bridge is null ? ~default(PciCommand) : _bridge.Effective | ~PciBridge.Gates;

    /// <summary>The functions there are, by slot and function number: a copy.</summary>
    public IReadOnlyList<PciFunction> Functions
    {
        get
        {
            lock (_lock)
            {
                return [.. _functions.OfType<PciFunction>()];
            }
        }
    }

    /// <summary>The function there, or null.</summary>
    /// <param name="devFn">Slot × 8 + function, 0 to 255.</param>
    public PciFunction? this[int devFn] => Volatile.Read(ref _functions[devFn]);

    /// <summary>Puts a function on the bus.</summary>
    /// <param name="function">Described completely; its present configuration is what a reset restores.</param>
    /// <param name="devFn">Slot × 8 + function.</param>
    /// <exception cref="ArgumentException">The place is taken, or the function is on a bus already.</exception>
    public void Add(PciFunction function, int devFn)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)devFn, 255U, nameof(devFn));
        lock (_lock)
        {
            if (_functions[devFn] is { } other)
            {
                throw new ArgumentException($"PCI slot {devFn >> 3:X2}.{devFn & 7} has {other.Name} in it already; {function.Name} needs another.", nameof(devFn));
            }

            if (function.Bus is not null)
            {
                throw new ArgumentException($"{function.Name} is on a bus already.", nameof(function));
            }

            function.Attach(this, devFn);
            Volatile.Write(ref _functions[devFn], function);
            if (function is PciBridge bridge)
            {
                Volatile.Write(ref _bridges, [.. _bridges, bridge]);
            }

            if (_functions[devFn & ~7] is { } first)
            {
                UpdateMultifunction(first);
            }

            function.OnAttached();
        }
    }

    /// <summary>The first slot from <paramref name="from"/> with nothing in it, or -1.</summary>
    public int FreeSlot(int from = 0)
    {
        for (var slot = from; slot < 32; slot++)
        {
            if (Array.TrueForAll(_functions[(slot * 8)..((slot * 8) + 8)], function => function is null))
            {
                return slot;
            }
        }

        return -1;
    }

    /// <summary>Takes back an ordering of the bus's own: it has that of the bus above again. Any thread.</summary>
    public void InheritDmaOrdering() => SetOrdering(null);

    /// <summary>Reads configuration, of this bus or of one below. Any thread. What is not there reads as ones.</summary>
    /// <param name="bus">Bus number.</param>
    /// <param name="devFn">Slot × 8 + function.</param>
    /// <param name="offset">Bytes; what crosses a dword is read in parts.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    public uint ReadConfig(int bus, int devFn, int offset, int size)
    {
        var ones = uint.MaxValue >> (32 - (size * 8));
        if ((uint)devFn > 255 || (uint)offset >= ConfigSpace.Size || Find(bus)?[devFn] is not { } function)
        {
            return ones;
        }

        var part = 4 - (offset & 3);
        if (size <= part)
        {
            var value = function.ReadConfig(offset, size) & ones;
            function.CompleteRead();
            return value;
        }

        var half = size / 2;
        return ReadConfig(bus, devFn, offset, half) | (ReadConfig(bus, devFn, offset + half, half) << (half * 8));
    }

    /// <summary>Writes configuration, of this bus or of one below. Any thread. What is not there ignores it.</summary>
    /// <param name="bus">Bus number.</param>
    /// <param name="devFn">Slot × 8 + function.</param>
    /// <param name="offset">Bytes; what crosses a dword is written in parts.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">Little-endian; bits above the size do not matter.</param>
    public void WriteConfig(int bus, int devFn, int offset, int size, uint value)
    {
        if ((uint)devFn > 255 || (uint)offset >= ConfigSpace.Size || Find(bus)?[devFn] is not { } function)
        {
            return;
        }

        lock (_lock)
        {
            if (size <= 4 - (offset & 3))
            {
                function.WriteConfig(offset, size, value);
                return;
            }

            var half = size / 2;
            WriteConfig(bus, devFn, offset, half, value);
            WriteConfig(bus, devFn, offset + half, half, value >> (half * 8));
        }
    }

    /// <summary>RST#: every function back to what it was when it was put on the bus.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            foreach (var function in _functions)
            {
                function?.Reset();
            }
        }
    }

    /// <summary>Puts a translator, an IOMMU, between a function of this bus and memory, or takes it away with null; while the function does no DMA.</summary>
    /// <param name="function">On this bus.</param>
    /// <param name="translator">Called on the threads that do the function's DMA.</param>
    /// <exception cref="ArgumentException">The function is not on this bus.</exception>
    public void Translate(PciFunction function, IDmaTranslator? translator)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (function.Bus != this)
        {
            throw new ArgumentException($"{function.Name} is on another bus.", nameof(function));
        }

        function.Translate(translator);
    }

    internal void OverrideOrdering(PciFunction function, DmaOrdering? ordering)
    {
        lock (_lock)
        {
            function.OverrideOrdering(ordering, DmaOrdering);
        }
    }

    /// <summary>Something above has changed what the functions here may do. Under the bus lock.</summary>
    internal void Follow()
    {
        foreach (var function in _functions)
        {
            function?.Follow();
        }
    }

    /// <summary>One more or one less function asserts a pin of a slot; a bridge turns the pins by the slot (PCI bridge 1.1, 9.1).</summary>
    internal void DriveInterrupt(int slot, int pin, bool asserted)
    {
        if (_bridge is null)
        {
            Interrupts.Drive(PciInterruptRouter.Pirq(slot, pin), asserted);
        }
        else
        {
            _bridge.Bus!.DriveInterrupt(_bridge.DevFn >> 3, ((slot + pin - 1) & 3) + 1, asserted);
        }
    }

    internal void UpdateMultifunction(PciFunction function)
    {
        var slot = function.DevFn & ~7;
        for (var i = 1; i < 8; i++)
        {
            if ((function.DevFn & 7) == 0 && _functions[slot + i] is not null)
            {
                function.Config.SetBits(PciRegister.HeaderType, 1, MultifunctionBit, MultifunctionBit);
            }
        }
    }

    // The bus of that number as a type 1 cycle would find it: down the bridges whose range it is in.
    private PciBus? Find(int number)
    {
        if (number == Number)
        {
            return this;
        }

        foreach (var bridge in Volatile.Read(ref _bridges))
        {
            if (bridge.SecondaryBusNumber <= number && number <= bridge.SubordinateBusNumber)
            {
                return bridge.Secondary.Find(number);
            }
        }

        return null;
    }

    private void SetOrdering(DmaOrdering? ordering)
    {
        lock (_lock)
        {
            _ordering = ordering;
            ApplyOrdering(DmaOrdering);
        }
    }

    private void ApplyOrdering(DmaOrdering ordering)
    {
        foreach (var function in _functions)
        {
            function?.ApplyOrdering(ordering);
        }

        foreach (var bridge in _bridges)
        {
            if (bridge.Secondary._ordering is null)
            {
                bridge.Secondary.ApplyOrdering(ordering);
            }
        }
    }
}
