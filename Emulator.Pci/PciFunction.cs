using System.Numerics;
using Emulator.Memory;

namespace Emulator.Pci;

/// <summary>A function on the bus: its configuration space, its windows, its interrupt pin.</summary>
/// <remarks>
/// A derived class describes its registers in its constructor, which starts nothing; <see cref="OnAttached"/> does. Configuration is
/// written under the bus lock, which comes before any lock of the device, and read without one.
/// </remarks>
public class PciFunction
{
    private readonly List<PciBar> _bars = [];
    private readonly IntxPin _pin;
    private int _capabilitiesEnd = 0x40;
    private DmaContextOwner? _dma;
    private DmaOrdering? _ordering;
    private MsiCapability? _msi;
    private MsixCapability? _msix;

    /// <summary>A function with a plain header of type 0.</summary>
    /// <param name="name">What messages and the monitor call it.</param>
    /// <param name="identity">Who it says it is.</param>
    public PciFunction(string name, PciIdentity identity)
    {
        Name = name;
        _pin = new IntxPin(this);
        Config.Define(PciRegister.VendorId, 2, identity.VendorId);
        Config.Define(PciRegister.DeviceId, 2, identity.DeviceId);
        Config.Define(
            PciRegister.Command,
            2,
            0,
            (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | PciCommand.BusMaster | PciCommand.SerrEnable | PciCommand.InterruptDisable));
        Config.Define(PciRegister.Status, 2, 0, clearedByOne: (uint)PciStatus.Errors);
        Config.Define(PciRegister.RevisionId, 4, (identity.ClassCode << 8) | identity.RevisionId);
        Config.Define(PciRegister.CacheLineSize, 1, 0, 0xFF);
        Config.Define(PciRegister.LatencyTimer, 1, 0, 0xFF);
        Config.Define(PciRegister.SubsystemVendorId, 2, identity.SubsystemVendorId);
        Config.Define(PciRegister.SubsystemId, 2, identity.SubsystemId);
        Config.Define(PciRegister.InterruptLine, 1, 0, 0xFF);
    }

    /// <summary>What messages and the monitor call it.</summary>
    public string Name { get; }

    /// <summary>The configuration space; the guest reaches it through the bus only.</summary>
    public ConfigSpace Config { get; } = new();

    /// <summary>The bus, once the function is on one.</summary>
    public PciBus? Bus { get; private set; }

    /// <summary>Slot × 8 + function, once the function is on a bus.</summary>
    public int DevFn { get; private set; }

    /// <summary>The base address registers and the expansion ROM, in the order they were added.</summary>
    public IReadOnlyList<PciBar> Bars => _bars;

    /// <summary>The command register as the guest has set it. Any thread.</summary>
    public PciCommand Command => (PciCommand)Config.ReadWord(PciRegister.Command);

    /// <summary>The function's only way to guest memory; may master the bus while the command register says so.</summary>
    /// <exception cref="InvalidOperationException">The function is on no bus yet.</exception>
    public DmaContext Dma => (_dma ?? throw new InvalidOperationException($"{Name} is on no bus yet.")).Context;

    /// <summary>The ordering of this function's DMA; null for the bus's. Any thread, while it runs too.</summary>
    public DmaOrdering? DmaOrderingOverride
    {
        get => _ordering;
        set
        {
            if (Bus is { } bus)
            {
                bus.OverrideOrdering(this, value);
            }
            else
            {
                _ordering = value;
            }
        }
    }

    /// <summary>The wire from the function's interrupt logic to its INTx pin. Any thread.</summary>
    /// <remarks>
    /// Sets the interrupt status bit too, whatever silences the pin: the command register, or MSI or MSI-X being enabled
    /// (PCI 3.0, 6.8.3.3).
    /// </remarks>
    public InterruptLine Interrupt => _pin;

    /// <summary>Reads configuration. Any thread; override to compute a register.</summary>
    /// <param name="offset">0 to 255.</param>
    /// <param name="size">1, 2 or 4 bytes, all inside one dword.</param>
    protected internal virtual uint ReadConfig(int offset, int size) => Config.Read(offset, size);

    /// <summary>
    /// Told once, when the function is on its bus and has its DMA: begins what needs no driver. Before, nothing is posted and no interrupt raised. Under the
    /// bus lock.
    /// </summary>
    protected internal virtual void OnAttached()
    {
    }

    /// <summary>Told after the guest has written configuration and the windows have moved. Under the bus lock.</summary>
    /// <param name="offset">0 to 255.</param>
    /// <param name="size">1, 2 or 4 bytes, all inside one dword.</param>
    protected virtual void OnConfigWritten(int offset, int size)
    {
    }

    /// <summary>Told when the bus is reset, after configuration is back at its reset values. Under the bus lock.</summary>
    protected virtual void OnReset()
    {
    }

    /// <summary>Says that the function drives an interrupt pin.</summary>
    /// <param name="pin">1 to 4 for INTA to INTD.</param>
    protected void UseInterruptPin(int pin)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pin, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pin, 4);
        Config.Define(PciRegister.InterruptPin, 1, (uint)pin);
    }

    /// <summary>Adds a window of registers in memory space.</summary>
    /// <param name="index">0 to 5; with <paramref name="is64Bit"/> the next register is taken as well.</param>
    /// <param name="size">Bytes, a power of two from 16.</param>
    /// <param name="target">The registers.</param>
    /// <param name="widest">The widest access they are given, in bytes; 4 as on a 32-bit bus.</param>
    /// <param name="prefetchable">True if reading has no side effects.</param>
    /// <param name="is64Bit">True if the window may be above 4 GiB.</param>
    protected PciBar AddMemoryBar(int index, ulong size, IBusTarget target, int widest = 4, bool prefetchable = false, bool is64Bit = false) =>
        AddBar(index, is64Bit ? PciBarKind.Memory64 : PciBarKind.Memory32, prefetchable, size, target, null, widest);

    /// <summary>Adds a window of RAM: the processors and DMA reach it in place.</summary>
    /// <param name="index">0 to 5; with <paramref name="is64Bit"/> the next register is taken as well.</param>
    /// <param name="block">The memory, a power of two of bytes; belongs to the address space once it was mapped.</param>
    /// <param name="prefetchable">True if reading has no side effects.</param>
    /// <param name="is64Bit">True if the window may be above 4 GiB.</param>
    protected PciBar AddRamBar(int index, RamBlock block, bool prefetchable = false, bool is64Bit = false)
    {
        ArgumentNullException.ThrowIfNull(block);
        return AddBar(index, is64Bit ? PciBarKind.Memory64 : PciBarKind.Memory32, prefetchable, block.Size, null, block, 8);
    }

    /// <summary>Adds a window of I/O ports.</summary>
    /// <param name="index">0 to 5.</param>
    /// <param name="size">Ports, a power of two from 4.</param>
    /// <param name="target">The registers.</param>
    /// <param name="widest">The widest access they are given, in bytes.</param>
    protected PciBar AddIoBar(int index, int size, IBusTarget target, int widest = 4) =>
        AddBar(index, PciBarKind.Io, false, (ulong)size, target, null, widest);

    /// <summary>Adds an expansion ROM. Before the function is on its bus.</summary>
    /// <param name="rom">The image, a power of two of bytes from 4096.</param>
    /// <exception cref="InvalidOperationException">It is on its bus.</exception>
    public PciBar AddExpansionRom(RamBlock rom)
    {
        ArgumentNullException.ThrowIfNull(rom);
        return AddBar(6, PciBarKind.Rom, false, rom.Size, null, rom, 8);
    }

    /// <summary>Puts a capability at the head of the list (PCI 2.2, 6.7); the caller then defines its registers.</summary>
    /// <param name="id">Capability ID.</param>
    /// <param name="length">Bytes, its ID and next pointer included.</param>
    /// <returns>Its offset, a multiple of 4.</returns>
    /// <exception cref="InvalidOperationException">There is no room.</exception>
    protected int AddCapability(byte id, int length)
    {
        var offset = _capabilitiesEnd;
        if (length < 2 || offset + length > ConfigSpace.Size)
        {
            throw new InvalidOperationException($"{Name} has no room for capability {id:X2} of {length} bytes.");
        }

        _capabilitiesEnd = (offset + length + 3) & ~3;
        Config.Define(offset, 1, id);
        Config.Define(offset + 1, 1, Config.ReadByte(PciRegister.CapabilitiesPointer));
        Config.Define(PciRegister.CapabilitiesPointer, 1, (uint)offset);
        Config.SetBits(PciRegister.Status, 2, (uint)PciStatus.CapabilitiesList, (uint)PciStatus.CapabilitiesList);
        return offset;
    }

    /// <summary>Adds message-signalled interrupts with a 64-bit address (PCI 3.0, 6.8.1).</summary>
    /// <param name="vectors">How many messages: 1, 2, 4, 8, 16 or 32.</param>
    /// <param name="perVectorMasking">True for a mask bit and a pending bit each.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such number.</exception>
    /// <exception cref="InvalidOperationException">There is no room, or there is one already.</exception>
    protected MsiCapability AddMsi(int vectors = 1, bool perVectorMasking = true)
    {
        if (!BitOperations.IsPow2(vectors) || vectors > MsiCapability.MostVectors)
        {
            throw new ArgumentOutOfRangeException(nameof(vectors), vectors, $"{Name} has 1, 2, 4, 8, 16 or 32 messages.");
        }

        CheckFirst(_msi);
        var offset = AddCapability(MsiCapability.Id, MsiCapability.Length(perVectorMasking));
        return _msi = new MsiCapability(this, offset, vectors, perVectorMasking);
    }

    /// <summary>Adds message-signalled interrupts from a table (PCI 3.0, 6.8.2), with a memory BAR of their own for it.</summary>
    /// <param name="bar">The BAR: 0 to 5, free.</param>
    /// <param name="vectors">How many messages, 1 to 2048; the BAR is 4 KiB for up to 128 of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such number, or no such BAR free.</exception>
    /// <exception cref="InvalidOperationException">There is no room, or there is one already.</exception>
    protected MsixCapability AddMsix(int bar, int vectors)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vectors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vectors, MsixCapability.MostVectors);
        CheckFirst(_msix);
        var offset = AddCapability(MsixCapability.Id, MsixCapability.Length);
        _msix = new MsixCapability(this, offset, bar, vectors);
        AddMemoryBar(bar, (ulong)_msix.WindowSize, _msix.Window, widest: 8);
        return _msix;
    }

    /// <summary>Keeps the first bytes after the header for the function's own registers. Before the first capability.</summary>
    /// <param name="end">The offset capabilities start at.</param>
    protected void ReserveRegisters(int end) => _capabilitiesEnd = Math.Max(_capabilitiesEnd, (end + 3) & ~3);

    /// <summary>How many of the function's DMA accesses ended with that status. Any thread.</summary>
    /// <param name="status">Anything but Ok.</param>
    public long RefusedDma(DmaStatus status) => _dma?.Refused(status) ?? 0;

    /// <summary>Has the function's DMA seen, or no longer, with null. Any thread.</summary>
    /// <exception cref="InvalidOperationException">The function is on no bus yet.</exception>
    public void ObserveDma(IDmaObserver? observer) =>
        (_dma ?? throw new InvalidOperationException($"{Name} is on no bus yet.")).SetObserver(observer);

    /// <summary>Sees the function's registers and its interrupt pin; null for nobody. Any thread.</summary>
    public IFunctionObserver? Observer { get; set; }

    /// <summary>Has the function's DMA go through a simulated memory. On a bus, before its first DMA.</summary>
    /// <exception cref="InvalidOperationException">The function is on no bus yet.</exception>
    public void SimulateDma(Initiator initiator) =>
        (_dma ?? throw new InvalidOperationException($"{Name} is on no bus yet.")).Simulate(initiator);

    /// <summary>Breaks one of the function's ordering sites on purpose. On a bus, before its first DMA.</summary>
    /// <exception cref="InvalidOperationException">The function is on no bus yet.</exception>
    public void Mutate(OrderingSite site, SiteMutation mutation) =>
        (_dma ?? throw new InvalidOperationException($"{Name} is on no bus yet.")).Mutate(site, mutation);

    internal void Translate(IDmaTranslator? translator) => _dma!.SetTranslator(translator);

    // Under the bus lock.
    internal void OverrideOrdering(DmaOrdering? ordering, DmaOrdering ofBus)
    {
        _ordering = ordering;
        ApplyOrdering(ofBus);
    }

    internal void ApplyOrdering(DmaOrdering ofBus) => _dma?.SetOrdering(_ordering ?? ofBus);

    internal void Attach(PciBus bus, int devFn)
    {
        _dma = new DmaContextOwner(Name, bus.Memory, _ordering ?? bus.DmaOrdering, bus.Logger);
        (Bus, DevFn) = (bus, devFn);
        Config.KeepAsResetValues();
    }

    internal void WriteConfig(int offset, int size, uint value)
    {
        Config.Write(offset, size, value);
        if (offset < PciRegister.CapabilitiesPointer)
        {
            Follow();
        }

        UpdatePin();
        _msi?.OnConfigWritten(offset, size);
        _msix?.OnConfigWritten(offset, size);
        OnConfigWritten(offset, size);
    }

    /// <summary>Ends a read of the function's registers by the guest, behind a BAR or by way of its configuration: what its DMA wrote before is visible now. Any thread.</summary>
    protected internal void CompleteRead() => _dma!.FlushPostedWrites();

    /// <summary>The command register less what the bridges above do not let through.</summary>
    internal PciCommand Effective => Command & Bus!.Passes;

    internal DmaStatus SendMessage(ulong address, uint data) => Dma.SendMessage(address, data);

    internal void Reset()
    {
        _pin.Set(false);
        _msi?.Reset();
        _msix?.Reset();
        Config.Reset();
        Bus!.UpdateMultifunction(this);
        Follow();
        UpdatePin();
        OnReset();
    }

    /// <summary>Brings windows and bus mastering to where configuration and the bridges above have them. Under the bus lock.</summary>
    internal virtual void Follow()
    {
        var command = Effective;
        using (Bus!.Memory.Change())
        {
            foreach (var bar in _bars)
            {
                bar.Update(Bus.Memory, Bus.Ports, command);
            }
        }

        _dma!.SetBusMaster((command & PciCommand.BusMaster) != 0);
    }

    private void UpdatePin() =>
        _pin.SetDisabled((Command & PciCommand.InterruptDisable) != 0 || _msi is { IsEnabled: true } || _msix is { IsEnabled: true });

    private void CheckFirst(object? capability)
    {
        if (capability is not null || Bus is not null)
        {
            throw new InvalidOperationException($"{Name} has that capability already, or is on its bus.");
        }
    }

    private PciBar AddBar(int index, PciBarKind kind, bool prefetchable, ulong size, IBusTarget? target, RamBlock? block, int widest)
    {
        if (Bus is not null)
        {
            throw new InvalidOperationException($"{Name} is on its bus already.");
        }

        if (index < 0 || index > (kind switch { PciBarKind.Rom => 6, PciBarKind.Memory64 => 4, _ => 5 }) || _bars.Exists(bar => Overlap(bar, index, kind)))
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} has no such base address register free.");
        }

        var registers = target is null ? null : new BarRegisters(this, target);
        var bar = new PciBar(Config, index == 6 ? $"{Name} ROM" : $"{Name} BAR{index}", index, kind, prefetchable, size, registers, block, widest);
        registers?.Bar = bar;
        _bars.Add(bar);
        return bar;
    }

    private static bool Overlap(PciBar bar, int index, PciBarKind kind) =>
        bar.Index == index
        || (bar.Kind == PciBarKind.Memory64 && bar.Index + 1 == index && kind != PciBarKind.Rom)
        || (kind == PciBarKind.Memory64 && index + 1 == bar.Index);
}
