using Emulator.Memory;

namespace Emulator.Pci.Tests;

/// <summary>A board with its two bridges, 8 MiB of RAM, and interrupt inputs that only remember.</summary>
internal sealed class TestBoard : IDisposable
{
    public TestBoard(RamBlock? firmware = null, ulong ramSize = 8 << 20)
    {
        Ram = new RamBlock("ram", ramSize);
        Bus = new PciBus(Memory, Ports);
        HostBridge = new I440FxHostBridge(Bus, Ram, firmware);
        Isa = [.. Enumerable.Range(0, 16).Select(_ => new Wire())];
        IsaBridge = new Piix3IsaBridge(Bus, Isa, modes => TriggerModes.Add(modes), Resets.Add);
    }

    public GuestMemory Memory { get; } = new();

    public PortSpace Ports { get; } = new();

    public RamBlock Ram { get; }

    public PciBus Bus { get; }

    public I440FxHostBridge HostBridge { get; }

    public Piix3IsaBridge IsaBridge { get; }

    public Wire[] Isa { get; }

    public List<ushort> TriggerModes { get; } = [];

    public List<ResetKind> Resets { get; } = [];

    public static int DevFn(int slot, int function = 0) => (slot * 8) + function;

    public TestFunction Add(TestFunction function, int slot, int number = 0)
    {
        Bus.Add(function, DevFn(slot, number));
        return function;
    }

    public uint Config(int devFn, int offset, int size = 4)
    {
        Ports.Write(0xCF8, 4, 0x80000000 | ((uint)devFn << 8) | (uint)(offset & 0xFC));
        Ports.Read((ushort)(0xCFC + (offset & 3)), size, out var value);
        return (uint)value;
    }

    public void SetConfig(int devFn, int offset, int size, uint value)
    {
        Ports.Write(0xCF8, 4, 0x80000000 | ((uint)devFn << 8) | (uint)(offset & 0xFC));
        Ports.Write((ushort)(0xCFC + (offset & 3)), size, value);
    }

    public uint Load(ulong address)
    {
        Memory.Read(address, 4, out var value);
        return (uint)value;
    }

    public void Dispose() => Memory.Dispose();
}

/// <summary>An interrupt input that remembers its level and how often it changed.</summary>
internal sealed class Wire : InterruptLine
{
    public bool Level { get; private set; }

    public int Changes { get; private set; }

    public override void Set(bool asserted)
    {
        Level = asserted;
        Changes++;
    }
}

/// <summary>A function that a test gives the windows and capabilities it wants.</summary>
internal sealed class TestFunction : PciFunction
{
    public TestFunction(string name = "test", int pin = 0)
        : base(name, new PciIdentity(0x1234, 0x5678, 3, 0x020000))
    {
        if (pin != 0)
        {
            UseInterruptPin(pin);
        }
    }

    public List<(int Offset, int Size)> Written { get; } = [];

    public int ResetsSeen { get; private set; }

    /// <summary>For each time that it was attached, whether it had all that a function has on its bus.</summary>
    public List<bool> Attached { get; } = [];

    public TestFunction WithMemory(int index, ulong size, IBusTarget target, bool prefetchable = false, bool is64Bit = false)
    {
        AddMemoryBar(index, size, target, 4, prefetchable, is64Bit);
        return this;
    }

    public TestFunction WithIo(int index, int size, IBusTarget target)
    {
        AddIoBar(index, size, target);
        return this;
    }

    public TestFunction WithRam(int index, RamBlock block)
    {
        AddRamBar(index, block);
        return this;
    }

    public TestFunction WithRom(RamBlock rom)
    {
        AddExpansionRom(rom);
        return this;
    }

    public TestFunction WithMsi(int vectors, bool perVectorMasking, out MsiCapability msi)
    {
        msi = AddMsi(vectors, perVectorMasking);
        return this;
    }

    public TestFunction WithMsix(int bar, int vectors, out MsixCapability msix)
    {
        msix = AddMsix(bar, vectors);
        return this;
    }

    public int Capability(byte id, int length) => AddCapability(id, length);

    protected internal override void OnAttached() => Attached.Add(Bus?[DevFn] == this && Dma is not null);

    protected override void OnConfigWritten(int offset, int size) => Written.Add((offset, size));

    protected override void OnReset() => ResetsSeen++;
}

/// <summary>Registers that all read as one value and keep the last write.</summary>
internal sealed class Constant(ulong value) : IBusTarget
{
    public ulong LastOffset { get; private set; }

    public ulong LastWrite { get; private set; }

    public BusStatus Read(ulong offset, int size, out ulong read)
    {
        read = value;
        return BusStatus.Ok;
    }

    public BusStatus Write(ulong offset, int size, ulong written)
    {
        (LastOffset, LastWrite) = (offset, written);
        return BusStatus.Ok;
    }
}
