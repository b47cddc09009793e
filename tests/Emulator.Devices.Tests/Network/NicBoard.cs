using System.Collections.Concurrent;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>A bus with RAM and ROM and one network controller, whose wire ends at the test; no processor.</summary>
/// <remarks>The test is the driver, through the windows, and the back end, through <see cref="BackEnd"/>. Time moves by <see cref="Clock"/> only.</remarks>
/// <typeparam name="TFunction">The controller.</typeparam>
internal sealed class NicBoard<TFunction> : IDisposable
    where TFunction : PciFunction, IDisposable
{
    public const ulong RamSize = 4 << 20;
    public const ulong Rom = 0xC000_0000;
    public const ulong Nowhere = 0xD000_0000;

    private const ulong FirstWindow = 0xFEB0_0000;
    private const ushort FirstPort = 0xC000;

    // More pieces of work than a controller has: each round lets one of them run.
    private const int Rounds = 32;

    private readonly RamBlock _ram = new("ram", RamSize);
    private readonly RamBlock _rom = new("rom", 4096);
    private readonly IoThread _thread;
    private readonly IoQueue _marks;
    private readonly Mark _mark = new();

    /// <summary>Makes the controller, places its windows, and lets it be a bus master.</summary>
    /// <param name="make">Makes it from its thread, its clock and its end of the wire.</param>
    /// <param name="ordering">What the bus orders.</param>
    public NicBoard(Func<IoThread, IClock, NetworkPort, TFunction> make, DmaOrdering ordering = DmaOrdering.Full)
    {
        Memory.AddRam("ram", 0, _ram, 0, RamSize);
        Memory.AddRom("rom", Rom, _rom, 0, 4096, 0);
        Bus = new PciBus(Memory, Ports) { DmaOrdering = ordering };
        _thread = new IoThread("io", (_, e) => Failures.Enqueue(e));
        _marks = new IoQueue(_thread, "marks");
        (var controller, BackEnd) = NetworkPort.CreateWire();
        Function = make(_thread, Clock, controller);
        Bus.Add(Function, 3 << 3);
        PlaceWindows();
    }

    public GuestMemory Memory { get; } = new();

    public PortSpace Ports { get; } = new();

    public PciBus Bus { get; }

    public ManualClock Clock { get; } = new();

    public TFunction Function { get; }

    /// <summary>The other end of the wire.</summary>
    public NetworkPort BackEnd { get; }

    public ConcurrentQueue<Exception> Failures { get; } = new();

    /// <summary>Whether INTA is asserted, by the interrupt status bit.</summary>
    public bool Interrupts => (Config(PciRegister.Status, 2) & (uint)PciStatus.InterruptStatus) != 0;

    /// <summary>Where the window of a memory BAR is.</summary>
    public static ulong Window(int bar) => FirstWindow + ((ulong)bar << 20);

    /// <summary>The first port of an I/O BAR.</summary>
    public static ushort Port(int bar) => (ushort)(FirstPort + (bar << 8));

    /// <summary>Puts the windows in their places and turns everything on: after a reset of the bus as well.</summary>
    public void PlaceWindows()
    {
        foreach (var bar in Function.Bars)
        {
            SetConfig(PciRegister.BaseAddress0 + (bar.Index * 4), 4, bar.Kind == PciBarKind.Io ? Port(bar.Index) : (uint)Window(bar.Index));
        }

        SetMaster(true);
    }

    public uint Config(int offset, int size) => Bus.ReadConfig(0, Function.DevFn, offset, size);

    public void SetConfig(int offset, int size, uint value) => Bus.WriteConfig(0, Function.DevFn, offset, size, value);

    public void SetMaster(bool on) =>
        SetConfig(PciRegister.Command, 2, (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | (on ? PciCommand.BusMaster : 0)));

    /// <summary>Reads memory, or registers in a window.</summary>
    public ulong Load(ulong address, int size = 4)
    {
        Memory.Read(address, size, out var value);
        return value;
    }

    /// <summary>Writes memory, or registers in a window.</summary>
    public void Store(ulong address, ulong value, int size = 4) => Memory.Write(address, size, value);

    public byte[] Bytes(ulong address, int length)
    {
        var bytes = new byte[length];
        Assert.Equal(BusStatus.Ok, Memory.Read(address, bytes));
        return bytes;
    }

    public void Put(ulong address, ReadOnlySpan<byte> bytes) => Assert.Equal(BusStatus.Ok, Memory.Write(address, bytes));

    /// <summary>Puts a frame on the wire, for the controller to receive.</summary>
    public void Send(ReadOnlySpan<byte> frame)
    {
        var copy = frame.ToArray();
        Deadline.Until(() => BackEnd.TrySend(copy), "there is room on the wire");
    }

    /// <summary>Waits for the next frame that the controller sends.</summary>
    public byte[] Receive()
    {
        byte[]? frame = null;
        Deadline.Until(() => (frame = TryReceive()) is not null, "a frame is sent");
        return frame!;
    }

    /// <summary>The next frame that the controller has sent, or null.</summary>
    public byte[]? TryReceive()
    {
        if (!BackEnd.TryPeek(out var frame))
        {
            return null;
        }

        var copy = frame.ToArray();
        BackEnd.Consume();
        return copy;
    }

    /// <summary>Lets the I/O thread do what there is to do; what posts itself again for ever is left at it.</summary>
    public void Settle()
    {
        for (var i = 0; i < Rounds; i++)
        {
            _marks.Post(_mark);
            _marks.Drain();
        }
    }

    /// <summary>Lets the I/O thread end what it does, moves time on, and lets it do what is due.</summary>
    public void Advance(long nanoseconds)
    {
        Settle();
        Clock.Advance(nanoseconds);
        Settle();
    }

    public void Dispose()
    {
        Function.Dispose();
        Assert.True(_thread.Stop(Deadline.Patience), "the I/O thread does not end");
        Memory.Dispose();
        _ram.Dispose();
        _rom.Dispose();
        Assert.Empty(Failures);
    }

    private sealed class Mark : IoWork
    {
        protected internal override void Run()
        {
        }
    }
}
