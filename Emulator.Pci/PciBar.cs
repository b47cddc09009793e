using System.Numerics;
using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>What a base address register decodes.</summary>
public enum PciBarKind : byte
{
    /// <summary>I/O ports.</summary>
    Io,

    /// <summary>Memory below 4 GiB.</summary>
    Memory32,

    /// <summary>Memory anywhere; takes two registers.</summary>
    Memory64,

    /// <summary>The expansion ROM.</summary>
    Rom,
}

/// <summary>One base address register and the window behind it (PCI 2.2, 6.2.5).</summary>
/// <remarks>
/// Sizes by the bits that are wired to zero, and moves its window in <see cref="GuestMemory"/> or <see cref="PortSpace"/>
/// as the guest moves it. Decodes nothing at address 0 or while it holds all ones, so that sizing with decoding left on
/// does not put a window over the top of the address space.
/// </remarks>
public sealed class PciBar
{
    // The host bridge claims what is RAM before anything on PCI sees it.
    private const int Priority = -1;

    private readonly ConfigSpace _config;
    private readonly string _name;
    private readonly IBusTarget? _target;
    private readonly RamBlock? _block;
    private readonly int _widest;
    private MemoryRegion? _region;
    private PortRegion? _ports;
    private ulong _address = ulong.MaxValue;

    internal PciBar(ConfigSpace config, string name, int index, PciBarKind kind, bool prefetchable, ulong size, IBusTarget? target, RamBlock? block, int widest)
    {
        var least = kind switch { PciBarKind.Io => 4UL, PciBarKind.Rom => 2048UL, _ => 16UL };
        least = block is null ? least : Math.Max(least, RamBlock.PageSize);
        var most = kind switch { PciBarKind.Io => 0x8000UL, PciBarKind.Memory64 => 1UL << 40, PciBarKind.Rom => 16UL << 20, _ => 1UL << 31 };
        if (!BitOperations.IsPow2(size) || size < least || size > most)
        {
            throw new ArgumentOutOfRangeException(nameof(size), size, $"The size of {name} is a power of two from {least:X} to {most:X}.");
        }

        (_config, _name, Index, Kind, Prefetchable, Size) = (config, name, index, kind, prefetchable, size);
        (_target, _block, _widest) = (target, block, widest);
        Offset = kind == PciBarKind.Rom ? PciRegister.ExpansionRom : PciRegister.BaseAddress0 + (index * 4);
        var fixedBits = kind switch
        {
            PciBarKind.Io => 1U,
            PciBarKind.Memory64 => 4U,
            _ => 0U,
        };
        var mask = ~(size - 1);
        config.Define(Offset, 4, fixedBits | (prefetchable ? 8U : 0U), (uint)mask | (kind == PciBarKind.Rom ? 1U : 0U));
        if (kind == PciBarKind.Memory64)
        {
            config.Define(Offset + 4, 4, 0, (uint)(mask >> 32));
        }
    }

    /// <summary>0 to 5; 6 for the expansion ROM.</summary>
    public int Index { get; }

    /// <summary>Offset of the register in configuration space.</summary>
    public int Offset { get; }

    /// <summary>What it decodes.</summary>
    public PciBarKind Kind { get; }

    /// <summary>True if reading has no side effects.</summary>
    public bool Prefetchable { get; }

    /// <summary>Bytes or ports, a power of two.</summary>
    public ulong Size { get; }

    /// <summary>Where the window answers now; null while it does not.</summary>
    public ulong? Address => Volatile.Read(ref _address) is var address && address == ulong.MaxValue ? null : address;

    /// <summary>Where the register says the window is, whether or not it is decoded.</summary>
    public ulong Programmed
    {
        get
        {
            ulong value = _config.Read(Offset, 4);
            if (Kind == PciBarKind.Memory64)
            {
                value |= (ulong)_config.Read(Offset + 4, 4) << 32;
            }

            return value & ~(Size - 1);
        }
    }

    /// <summary>Brings the window to where configuration says. Under the bus lock.</summary>
    internal void Update(GuestMemory memory, PortSpace ports, PciCommand command)
    {
        var address = Decoded(command);
        if (address == _address)
        {
            return;
        }

        if (Kind == PciBarKind.Io)
        {
            Update(ports, address);
        }
        else
        {
            Update(memory, address);
        }

        Volatile.Write(ref _address, address);
    }

    private ulong Decoded(PciCommand command)
    {
        var enabled = Kind switch
        {
            PciBarKind.Io => (command & PciCommand.IoSpace) != 0,
            PciBarKind.Rom => (command & PciCommand.MemorySpace) != 0 && (_config.Read(Offset, 4) & 1) != 0,
            _ => (command & PciCommand.MemorySpace) != 0,
        };
        var address = Programmed;
        var last = address + (Size - 1);
        var end = Kind switch
        {
            PciBarKind.Io => (ulong)PortSpace.Ports,
            PciBarKind.Memory64 => ulong.MaxValue,
            _ => uint.MaxValue,
        };
        return enabled && address != 0 && last < end ? address : ulong.MaxValue;
    }

    private void Update(PortSpace ports, ulong address)
    {
        if (address == ulong.MaxValue)
        {
            ports.SetEnabled(_ports!, false);
        }
        else if (_ports is null)
        {
            _ports = ports.Add(_name, (ushort)address, (int)Size, _target!, _widest, Priority);
        }
        else
        {
            ports.Move(_ports, (ushort)address);
            ports.SetEnabled(_ports, true);
        }
    }

    private void Update(GuestMemory memory, ulong address)
    {
        if (address == ulong.MaxValue)
        {
            memory.SetEnabled(_region!, false);
            return;
        }

        using (memory.Change())
        {
            _region ??= Kind == PciBarKind.Rom
                ? memory.AddRom(_name, address, _block!, 0, Size, Priority)
                : _block is not null
                    ? memory.AddRam(_name, address, _block, 0, Size, Priority)
                    : memory.AddMmio(_name, address, Size, _target!, Priority, _widest);
            memory.Move(_region, address);
            memory.SetEnabled(_region, true);
        }
    }
}
