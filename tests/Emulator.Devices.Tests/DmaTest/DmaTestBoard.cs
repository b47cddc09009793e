using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>A bus with RAM, a page of ROM, a window for messages, and one or more functions; no processor.</summary>
internal sealed class DmaTestBoard : IDisposable
{
    public const ulong RamSize = 4 << 20;
    public const ulong Rom = 0xC000_0000;
    public const ulong Nowhere = 0xD000_0000;
    public const ulong Messages = 0xFEE0_0000;

    public const ulong FirstWindow = 0xFEB0_0000;
    private const ushort FirstPort = 0xC000;

    private readonly List<IoThread> _threads = [];
    private readonly RamBlock _ram = new("ram", RamSize);
    private readonly RamBlock _rom = new("rom", 4096);

    public DmaTestBoard()
    {
        Memory.AddRam("ram", 0, _ram, 0, RamSize);
        _rom.Load(0, [0x55, 0xAA]);
        Memory.AddRom("rom", Rom, _rom, 0, 4096, 0);
        Memory.AddMmio("messages", Messages, 0x10_0000, new Window(this));
        Bus = new PciBus(Memory, Ports);
    }

    public GuestMemory Memory { get; } = new();

    public PortSpace Ports { get; } = new();

    public PciBus Bus { get; }

    public List<TestedFunction> Functions { get; } = [];

    public ConcurrentQueue<(ulong Address, uint Data)> Sent { get; } = new();

    public ConcurrentQueue<Exception> Failures { get; } = new();

    /// <summary>A board with one function on a thread of its own.</summary>
    public static DmaTestBoard WithFunction(out TestedFunction function, DmaOrdering ordering = DmaOrdering.Full)
    {
        var board = new DmaTestBoard();
        board.Bus.DmaOrdering = ordering;
        function = board.Add(board.NewThread());
        return board;
    }

    public IoThread NewThread()
    {
        var thread = new IoThread($"io-{_threads.Count}", (_, e) => Failures.Enqueue(e));
        _threads.Add(thread);
        return thread;
    }

    /// <summary>Puts a function into the next slot, places its windows and turns it on.</summary>
    public TestedFunction Add(IoThread thread)
    {
        var number = Functions.Count;
        var function = new DmaTestFunction($"dma-test-{number}", thread);
        Bus.Add(function, (3 + number) << 3);
        var tested = new TestedFunction(this, function, FirstWindow + ((ulong)number << 16), (ushort)(FirstPort + (number << 8)));
        tested.TurnOn();
        Functions.Add(tested);
        return tested;
    }

    public ulong Load(ulong address, int size = 4)
    {
        Assert.Equal(BusStatus.Ok, Memory.Read(address, size, out var value));
        return value;
    }

    public void Store(ulong address, ulong value, int size = 4) => Assert.Equal(BusStatus.Ok, Memory.Write(address, size, value));

    public byte[] Bytes(ulong address, int length)
    {
        var bytes = new byte[length];
        Assert.Equal(BusStatus.Ok, Memory.Read(address, bytes));
        return bytes;
    }

    public void Dispose()
    {
        foreach (var function in Functions)
        {
            function.Function.Dispose();
        }

        foreach (var thread in _threads)
        {
            Assert.True(thread.Stop(Deadline.Patience), $"{thread.Name} does not end");
        }

        Memory.Dispose();
        _ram.Dispose();
        _rom.Dispose();
        Assert.Empty(Failures);
    }

    private sealed class Window(DmaTestBoard board) : IBusTarget, IMessageTarget
    {
        public void Message(ulong address, uint data) => board.Sent.Enqueue((address, data));

        public BusStatus Read(ulong offset, int size, out ulong value)
        {
            value = 0;
            return BusStatus.Ok;
        }

        public BusStatus Write(ulong offset, int size, ulong value) => BusStatus.Ok;
    }
}

/// <summary>A function as a driver sees it: through its windows.</summary>
internal sealed class TestedFunction(DmaTestBoard board, DmaTestFunction function, ulong window, ushort ports)
{
    private const int MessageWindowOffset = 0x1000;

    public DmaTestFunction Function => function;

    public ulong Window => window;

    public ushort Port => ports;

    public ulong MessageTable => window + MessageWindowOffset;

    public uint Status => (uint)Read(DmaTestRegister.Status);

    public DmaTestState State => DmaTestRegisters.State(Status);

    public DmaTestError Error => (DmaTestError)(Status >> 8);

    public DmaStatus Refusal => (DmaStatus)((Status >> 4) & 0xF);

    public int Slot => (int)((Status >> 16) & 0x7F);

    /// <summary>Whether INTA is asserted, by the interrupt status bit.</summary>
    public bool Interrupts => (Config(PciRegister.Status, 2) & (uint)PciStatus.InterruptStatus) != 0;

    public void TurnOn()
    {
        SetConfig(PciRegister.BaseAddress0, 4, (uint)window);
        SetConfig(PciRegister.BaseAddress0 + 4, 4, ports);
        SetConfig(PciRegister.BaseAddress0 + 8, 4, (uint)MessageTable);
        SetConfig(PciRegister.Command, 2, (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | PciCommand.BusMaster));
    }

    public uint Config(int offset, int size) => board.Bus.ReadConfig(0, function.DevFn, offset, size);

    public void SetConfig(int offset, int size, uint value) => board.Bus.WriteConfig(0, function.DevFn, offset, size, value);

    public void SetMaster(bool on) =>
        SetConfig(PciRegister.Command, 2, (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | (on ? PciCommand.BusMaster : 0)));

    public ulong Read(DmaTestRegister register, int size = 4)
    {
        board.Memory.Read(window + (ulong)register, size, out var value);
        return value;
    }

    public void Write(DmaTestRegister register, ulong value, int size = 4) => board.Memory.Write(window + (ulong)register, size, value);

    public ulong R(int number) => Read(DmaTestRegisters.R(number), 8);

    public void SetR(int number, ulong value) => Write(DmaTestRegisters.R(number), value, 8);

    /// <summary>Puts a script where it is executed from.</summary>
    public void Put(params ReadOnlySpan<DmaTestInstruction> script)
    {
        Assert.Equal(BusStatus.Ok, board.Memory.Write(window + DmaTestRegisters.ScriptOffset, MemoryMarshal.AsBytes(script)));
    }

    public void Ring(int slot = 0) => Write(DmaTestRegister.Doorbell, (ulong)slot);

    public void WaitForEnd() => Deadline.Until(() => State != DmaTestState.Running, $"{function.Name} ends its script");

    /// <summary>Executes a script to its end, whatever that is.</summary>
    public void Run(params ReadOnlySpan<DmaTestInstruction> script)
    {
        Put(script);
        Ring();
        WaitForEnd();
    }

    /// <summary>Executes a script that comes to its END.</summary>
    public void RunWell(params ReadOnlySpan<DmaTestInstruction> script)
    {
        Run(script);
        Assert.Equal((DmaTestState.Done, DmaTestError.None), (State, Error));
    }

    public void Reset() => Write(DmaTestRegister.Control, (ulong)DmaTestControl.Reset);
}
