using Emulator.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Emulator.Pci;

/// <summary>PCI bus 0: 32 slots of up to eight functions.</summary>
/// <remarks>Configuration is read without a lock and written under the bus lock, the first in the order of locks.</remarks>
public sealed class PciBus
{
    private const uint MultifunctionBit = 0x80;

    private readonly Lock _lock = new();
    private readonly PciFunction?[] _functions = new PciFunction?[256];
    private DmaOrdering _ordering = DmaOrdering.Full;

    /// <summary>An empty bus.</summary>
    /// <param name="memory">Where memory windows appear.</param>
    /// <param name="ports">Where I/O windows appear.</param>
    /// <param name="logger">Hears of refused DMA.</param>
    public PciBus(GuestMemory memory, PortSpace ports, ILogger? logger = null)
    {
        Logger = logger ?? NullLogger.Instance;
        Memory = memory;
        Ports = ports;
    }

    /// <summary>Where memory windows appear.</summary>
    public GuestMemory Memory { get; }

    /// <summary>Where I/O windows appear.</summary>
    public PortSpace Ports { get; }

    /// <summary>Where the INTx pins lead.</summary>
    public PciInterruptRouter Interrupts { get; } = new();

    /// <summary>The ordering of the DMA of every function that has none of its own. Any thread, while the machine runs too.</summary>
    public DmaOrdering DmaOrdering
    {
        get => _ordering;
        set
        {
            lock (_lock)
            {
                _ordering = value;
                foreach (var function in _functions)
                {
                    function?.ApplyOrdering(value);
                }
            }
        }
    }

    internal ILogger Logger { get; }

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
            if (_functions[devFn & ~7] is { } first)
            {
                UpdateMultifunction(first);
            }
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

    /// <summary>Reads configuration. Any thread. What is not there reads as ones.</summary>
    /// <param name="bus">Bus number; there is only 0.</param>
    /// <param name="devFn">Slot × 8 + function.</param>
    /// <param name="offset">Bytes; what crosses a dword is read in parts.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    public uint ReadConfig(int bus, int devFn, int offset, int size)
    {
        var ones = uint.MaxValue >> (32 - (size * 8));
        if (bus != 0 || (uint)devFn > 255 || (uint)offset >= ConfigSpace.Size || this[devFn] is not { } function)
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

    /// <summary>Writes configuration. Any thread. What is not there ignores it.</summary>
    /// <param name="bus">Bus number; there is only 0.</param>
    /// <param name="devFn">Slot × 8 + function.</param>
    /// <param name="offset">Bytes; what crosses a dword is written in parts.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    /// <param name="value">Little-endian; bits above the size do not matter.</param>
    public void WriteConfig(int bus, int devFn, int offset, int size, uint value)
    {
        if (bus != 0 || (uint)devFn > 255 || (uint)offset >= ConfigSpace.Size || this[devFn] is not { } function)
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

    internal void OverrideOrdering(PciFunction function, DmaOrdering? ordering)
    {
        lock (_lock)
        {
            function.OverrideOrdering(ordering, _ordering);
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
}
