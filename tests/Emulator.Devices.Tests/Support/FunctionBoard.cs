using System.Collections.Concurrent;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>A bus with RAM, ROM and one function on an I/O thread; no processor. The test is the driver.</summary>
/// <typeparam name="TFunction">The function.</typeparam>
internal abstract class FunctionBoard<TFunction> : IDisposable
    where TFunction : PciFunction, IDisposable
{
    public const ulong Rom = 0xC000_0000;
    public const ulong Nowhere = 0xD000_0000;

    // More pieces of work than a function has: each round lets one of them run.
    private const int Rounds = 64;

    private readonly RamBlock _ram;
    private readonly RamBlock _rom = new("rom", 4096);
    private readonly IoQueue _marks;
    private readonly Mark _mark = new();
    private TFunction? _function;

    /// <summary>A bus without its function yet: see <see cref="Plug"/>.</summary>
    /// <param name="ramSize">Bytes of RAM, from address 0.</param>
    /// <param name="ordering">What the bus orders.</param>
    protected FunctionBoard(ulong ramSize, DmaOrdering ordering)
    {
        _ram = new RamBlock("ram", ramSize);
        Memory.AddRam("ram", 0, _ram, 0, ramSize);
        Memory.AddRom("rom", Rom, _rom, 0, 4096, 0);
        Bus = new PciBus(Memory, Ports) { DmaOrdering = ordering };
        Thread = new IoThread("io", (_, e) => Failures.Enqueue(e));
        _marks = new IoQueue(Thread, "marks");
    }

    public GuestMemory Memory { get; } = new();

    public PortSpace Ports { get; } = new();

    public PciBus Bus { get; }

    public TFunction Function => _function!;

    public ConcurrentQueue<Exception> Failures { get; } = new();

    /// <summary>Whether INTA is asserted, by the interrupt status bit.</summary>
    public bool Interrupts => (Config(PciRegister.Status, 2) & (uint)PciStatus.InterruptStatus) != 0;

    protected IoThread Thread { get; }

    public uint Config(int offset, int size) => Bus.ReadConfig(0, Function.DevFn, offset, size);

    public void SetConfig(int offset, int size, uint value) => Bus.WriteConfig(0, Function.DevFn, offset, size, value);

    public void SetMaster(bool on) =>
        SetConfig(PciRegister.Command, 2, (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | (on ? PciCommand.BusMaster : 0)));

    /// <summary>Puts the windows in their places and turns everything on: after a reset of the bus as well.</summary>
    public void PlaceWindows()
    {
        foreach (var bar in Function.Bars)
        {
            SetConfig(bar.Offset, 4, AddressOf(bar));
        }

        SetMaster(true);
    }

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

    public void Put(ulong address, params ReadOnlySpan<byte> bytes) => Assert.Equal(BusStatus.Ok, Memory.Write(address, bytes));

    /// <summary>Lets the I/O thread do what there is to do; what posts itself again for ever is left at it.</summary>
    public void Settle()
    {
        for (var i = 0; i < Rounds; i++)
        {
            _marks.Post(_mark);
            _marks.Drain();
        }
    }

    /// <summary>Holds the I/O thread up until what it returns is disposed of.</summary>
    public IDisposable HoldThread()
    {
        var hold = new Hold();
        _marks.Post(hold);
        Deadline.Until(() => hold.IsHeld, "the I/O thread");
        return hold;
    }

    public void Dispose()
    {
        Function.Dispose();
        Assert.True(Thread.Stop(Deadline.Patience), "the I/O thread does not end");
        Close();
        Memory.Dispose();
        _ram.Dispose();
        _rom.Dispose();
        Assert.Empty(Failures);
    }

    /// <summary>Where a window goes.</summary>
    protected abstract uint AddressOf(PciBar bar);

    /// <summary>Ends what the function was made with, once it is gone.</summary>
    protected virtual void Close()
    {
    }

    /// <summary>Puts the function into its slot and turns it on.</summary>
    protected void Plug(TFunction function)
    {
        _function = function;
        Bus.Add(function, 3 << 3);
        PlaceWindows();
    }

    private sealed class Hold : IoWork, IDisposable
    {
        private readonly ManualResetEventSlim _released = new();
        private volatile bool _isHeld;

        public bool IsHeld => _isHeld;

        public void Dispose() => _released.Set();

        protected internal override void Run()
        {
            _isHeld = true;
            _released.Wait(Deadline.Patience);
        }
    }

    private sealed class Mark : IoWork
    {
        protected internal override void Run()
        {
        }
    }
}
