using Emulator.Devices;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Fuzz;

/// <summary>The machine that a device is in: a bus, memory, a window for messages, a clock, a wire. No processor.</summary>
public sealed class FuzzBoard : IDisposable
{
    /// <summary>Bytes of RAM from address 0.</summary>
    public const ulong RamSize = 4 << 20;

    /// <summary>Where RAM above 4 GiB starts.</summary>
    public const ulong HighRam = 1UL << 32;

    /// <summary>Bytes of it.</summary>
    public const ulong HighRamSize = 1 << 20;

    /// <summary>A page of ROM.</summary>
    public const ulong Rom = 0xC000_0000;

    /// <summary>An address that nobody answers.</summary>
    public const ulong Nowhere = 0xD000_0000;

    /// <summary>Where messages go.</summary>
    public const ulong Messages = 0xFEE0_0000;

    private const ulong FirstWindow = 0xE000_0000;
    private const ulong WindowStride = 0x100_0000;
    private const ulong FirstPort = 0xC000;
    private const ulong PortStride = 0x400;
    private const int Slot = 3;

    private readonly RamBlock _ram = new("ram", RamSize);
    private readonly RamBlock _highRam = new("high-ram", HighRamSize);
    private readonly RamBlock _rom = new("rom", RamBlock.PageSize);
    private readonly Baton _baton;

    /// <summary>A board with the target's function on it, its windows placed, with its thread waiting for the driver.</summary>
    public FuzzBoard(FuzzTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Memory.AddRam("ram", 0, _ram, 0, RamSize);
        Memory.AddRam("high-ram", HighRam, _highRam, 0, HighRamSize);
        Memory.AddRom("rom", Rom, _rom, 0, RamBlock.PageSize, 0);
        Memory.AddMmio("messages", Messages, 0x10_0000, new MessageWindow());
        Bus = new PciBus(Memory, Ports);
        Schedule = new FuzzSchedule(Memory, target.MostAllocated);
        _baton = new Baton(Schedule);
        Schedule.Driver = _baton.Add("driver");
        Schedule.Device = _baton.Add("device");
        Thread = new IoThread("device", (_, e) => Failed(e), Schedule.Device);
        (Controller, BackEnd) = NetworkPort.CreateWire();
        Function = target.Create(this);
        Bus.Add(Function, Slot << 3);
        Function.ObserveDma(Schedule);
        PlaceWindows();
        _baton.Start();
    }

    /// <summary>Guest memory.</summary>
    public GuestMemory Memory { get; } = new();

    /// <summary>I/O ports.</summary>
    public PortSpace Ports { get; } = new();

    /// <summary>The bus.</summary>
    public PciBus Bus { get; }

    /// <summary>Runs the device's work.</summary>
    public IoThread Thread { get; }

    /// <summary>The time, which the input moves on.</summary>
    public ManualClock Clock { get; } = new();

    /// <summary>The device's end of the wire.</summary>
    public NetworkPort Controller { get; }

    /// <summary>The other end of the wire, the input's.</summary>
    public NetworkPort BackEnd { get; }

    /// <summary>The device.</summary>
    public PciFunction Function { get; }

    /// <summary>The first thing that was wrong, or null.</summary>
    public FuzzFinding? Finding => Schedule.Finding;

    internal FuzzSchedule Schedule { get; }

    /// <summary>Where firmware puts a window.</summary>
    /// <param name="bar">Its number; 6 for the ROM.</param>
    public static ulong BarHome(int bar) => FirstWindow + ((ulong)bar * WindowStride);

    /// <summary>Where firmware puts a window of ports.</summary>
    /// <param name="bar">Its number.</param>
    public static ushort PortHome(int bar) => (ushort)(FirstPort + ((ulong)bar * PortStride));

    /// <summary>What firmware does: gives each window its address, and turns the function on.</summary>
    public void PlaceWindows()
    {
        WriteConfig(PciRegister.Command, 2, 0);
        foreach (var bar in Function.Bars)
        {
            WriteConfig(bar.Offset, 4, bar.Kind == PciBarKind.Io ? PortHome(bar.Index) : (uint)BarHome(bar.Index));
        }

        WriteConfig(PciRegister.Command, 2, (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | PciCommand.BusMaster));
    }

    /// <summary>What a driver does first of all: brings the function to D0, if it has power management (PCI power management 1.1, 3.2.4).</summary>
    public void PowerOn()
    {
        const int Id = 1;
        const int ControlStatus = 4;
        for (var at = ReadConfig(PciRegister.CapabilitiesPointer); at >= 0x40; at = ReadConfig(at + 1))
        {
            if (ReadConfig(at) == Id)
            {
                WriteConfig(at + ControlStatus, 2, 0);
            }
        }
    }

    /// <summary>Writes the function's configuration.</summary>
    public void WriteConfig(int offset, int size, uint value) => Bus.WriteConfig(0, Function.DevFn, offset, size, value);

    /// <summary>Reads behind a BAR, wherever its window is now.</summary>
    /// <param name="bar">Its number.</param>
    /// <param name="offset">Bytes from its start; may be past its end.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    public ulong Read(int bar, ulong offset, int size)
    {
        ulong value;
        if (Locate(bar, out var address) is not PciBarKind.Io)
        {
            Memory.Read(address + offset, size, out value);
            return value;
        }

        Ports.Read((ushort)(address + offset), Math.Min(size, 4), out value);
        if (size == 8)
        {
            Ports.Read((ushort)(address + offset + 4), 4, out var upper);
            value |= upper << 32;
        }

        return value;
    }

    /// <summary>Writes behind a BAR, wherever its window is now.</summary>
    /// <param name="bar">Its number.</param>
    /// <param name="offset">Bytes from its start; may be past its end.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <param name="value">What.</param>
    public void Write(int bar, ulong offset, int size, ulong value)
    {
        if (Locate(bar, out var address) is not PciBarKind.Io)
        {
            Memory.Write(address + offset, size, value);
            return;
        }

        Ports.Write((ushort)(address + offset), Math.Min(size, 4), value);
        if (size == 8)
        {
            Ports.Write((ushort)(address + offset + 4), 4, value >> 32);
        }
    }

    /// <summary>The machine's reset, as the machine does it: threads first, with no lock held.</summary>
    public void Reset()
    {
        Thread.Reset();
        Bus.Reset();
        PlaceWindows();
    }

    /// <summary>The calling thread is the driver's from here on.</summary>
    public void Begin() => Schedule.Driver!.Begin();

    /// <summary>The calling thread is the driver's no more, and the device's goes on as it likes.</summary>
    public void End() => Schedule.Driver!.End();

    /// <summary>Gives the schedule up: both threads go on as they like.</summary>
    public void Abandon() => _baton.Abandon();

    /// <summary>Ends the device and its thread.</summary>
    /// <param name="patience">How long to wait for that.</param>
    /// <returns>False if it has not ended.</returns>
    public bool Stop(TimeSpan patience)
    {
        (Function as IDisposable)?.Dispose();
        return Thread.Stop(patience);
    }

    /// <summary>Frees memory. After <see cref="Stop"/>.</summary>
    public void Dispose()
    {
        Memory.Dispose();
        _ram.Dispose();
        _highRam.Dispose();
        _rom.Dispose();
    }

    private int ReadConfig(int offset) => (int)Bus.ReadConfig(0, Function.DevFn, offset, 1);

    // Where the window is, or where firmware put it while it is nowhere.
    private PciBarKind? Locate(int bar, out ulong address)
    {
        foreach (var each in Function.Bars)
        {
            if (each.Index == bar)
            {
                address = each.Address ?? (each.Kind == PciBarKind.Io ? PortHome(bar) : BarHome(bar));
                return each.Kind;
            }
        }

        address = BarHome(bar);
        return null;
    }

    private void Failed(Exception e)
    {
        // By its type alone: what was inlined where changes as a process gets older.
        Schedule.Report(e is FuzzLimitException ? "unbounded work" : e.GetType().Name, e is FuzzLimitException ? e.Message : e.ToString());
    }

    private sealed class MessageWindow : IBusTarget, IMessageTarget
    {
        public void Message(ulong address, uint data)
        {
        }

        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = 0;
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
    }
}
