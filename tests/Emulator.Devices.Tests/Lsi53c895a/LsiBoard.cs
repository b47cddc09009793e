using System.Collections.Concurrent;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>A bus with RAM, a 53C895A and a unit at target 0; no processor. Time moves by hand.</summary>
internal sealed class LsiBoard : IDisposable
{
    public const ulong RamSize = 4 << 20;
    public const ulong Program = 0x1_0000;
    public const ulong Table = 0x2_0000;
    public const ulong MessageOut = 0x3_0000;
    public const ulong Command = 0x3_0100;
    public const ulong Status = 0x3_0200;
    public const ulong MessageIn = 0x3_0300;
    public const ulong Data = 0x10_0000;
    public const ulong Nowhere = 0xD000_0000;
    public const ulong Window = 0xFEB0_0000;
    public const ulong ScriptRam = 0xFEC0_0000;
    public const ushort Port = 0xC000;

    private const int Rounds = 8;

    private readonly RamBlock _ram = new("ram", RamSize);
    private readonly IoThread _thread;
    private readonly IoQueue _marks;
    private readonly Mark _mark = new();

    public LsiBoard(DmaOrdering ordering = DmaOrdering.Full, bool started = true, int units = 1)
    {
        Memory.AddRam("ram", 0, _ram, 0, RamSize);
        Bus = new PciBus(Memory, Ports) { DmaOrdering = ordering };
        _thread = new IoThread("io", (_, e) => Failures.Enqueue(e));
        _marks = new IoQueue(_thread, "marks");
        Function = new Lsi53c895aFunction("lsi53c895a", _thread, Clock);
        for (var i = 0; i < units; i++)
        {
            Units.Add(new LsiTestUnit());
            Function.ScsiBus.Attach(Units[i], i, 0);
        }

        Bus.Add(Function, 3 << 3);
        PlaceWindows();
        if (started)
        {
            SetUp();
        }
    }

    public GuestMemory Memory { get; } = new();

    public PortSpace Ports { get; } = new();

    public PciBus Bus { get; }

    public ManualClock Clock { get; } = new();

    public Lsi53c895aFunction Function { get; }

    public List<LsiTestUnit> Units { get; } = [];

    public LsiTestUnit Unit => Units[0];

    public ConcurrentQueue<Exception> Failures { get; } = new();

    /// <summary>Whether INTA is asserted, by the interrupt status bit.</summary>
    public bool Interrupts => (Config(PciRegister.Status, 2) & (uint)PciStatus.InterruptStatus) != 0;

    public LsiInterruptStatus0 Istat => (LsiInterruptStatus0)this[LsiRegister.InterruptStatus0];

    public bool IsRunning => (this[LsiRegister.InterruptStatus1] & (byte)LsiInterruptStatus1.ScriptsRunning) != 0;

    /// <summary>A register of a byte.</summary>
    public byte this[LsiRegister register]
    {
        get => (byte)Read(register, 1);
        set => Write(register, value, 1);
    }

    public ulong Read(LsiRegister register, int size = 4) => Load(Window + (ulong)register, size);

    public void Write(LsiRegister register, ulong value, int size = 4) => Store(Window + (ulong)register, value, size);

    /// <summary>What a driver sets up: it answers reselections, and all interrupts that matter are enabled.</summary>
    public void SetUp()
    {
        this[LsiRegister.ScsiChipId] = 0x47;
        this[LsiRegister.ScsiTimer0] = 0x0C;
        this[LsiRegister.DmaControl] = (byte)LsiDmaControl.Compatibility;
        this[LsiRegister.DmaInterruptEnable] = 0x7D;
        this[LsiRegister.ScsiInterruptEnable0] = 0x8F;
        this[LsiRegister.ScsiInterruptEnable1] = 0x05;
    }

    public void PlaceWindows()
    {
        SetConfig(PciRegister.BaseAddress0, 4, Port);
        SetConfig(PciRegister.BaseAddress0 + 4, 4, (uint)Window);
        SetConfig(PciRegister.BaseAddress0 + 8, 4, (uint)ScriptRam);
        SetMaster(true);
    }

    public uint Config(int offset, int size) => Bus.ReadConfig(0, Function.DevFn, offset, size);

    public void SetConfig(int offset, int size, uint value) => Bus.WriteConfig(0, Function.DevFn, offset, size, value);

    public void SetMaster(bool on) =>
        SetConfig(PciRegister.Command, 2, (uint)(PciCommand.IoSpace | PciCommand.MemorySpace | (on ? PciCommand.BusMaster : 0)));

    public ulong Load(ulong address, int size = 4)
    {
        Memory.Read(address, size, out var value);
        return value;
    }

    public void Store(ulong address, ulong value, int size = 4) => Memory.Write(address, size, value);

    public byte[] Bytes(ulong address, int length)
    {
        var bytes = new byte[length];
        Assert.Equal(BusStatus.Ok, Memory.Read(address, bytes));
        return bytes;
    }

    public void Put(ulong address, params ReadOnlySpan<byte> bytes) => Assert.Equal(BusStatus.Ok, Memory.Write(address, bytes));

    /// <summary>Puts SCRIPTS into memory and starts them.</summary>
    public void Start(LsiProgram program, ulong address = Program)
    {
        Put(address, program.At(address));
        Write(LsiRegister.ScriptsPointer, address);
    }

    /// <summary>Starts SCRIPTS and waits for the INT that ends them.</summary>
    public void Run(LsiProgram program, uint code = 0)
    {
        Start(program);
        WaitForInt(code);
    }

    /// <summary>Waits until SCRIPTS come to an INT.</summary>
    public void WaitForInt(uint code = 0)
    {
        WaitForPending();
        Assert.Equal((LsiScsiCause)0, (LsiScsiCause)Read(LsiRegister.ScsiInterruptStatus0, 2));
        Assert.Equal(LsiDmaStatus.ScriptInterrupt | LsiDmaStatus.FifoEmpty, (LsiDmaStatus)this[LsiRegister.DmaStatus]);
        Assert.Equal(code, (uint)Read(LsiRegister.ScriptsPointerSave));
        Assert.False(IsRunning);
    }

    /// <summary>Waits for a cause of SIST0 or SIST1, and takes it.</summary>
    public LsiScsiCause WaitForScsi()
    {
        WaitForPending();
        return (LsiScsiCause)Read(LsiRegister.ScsiInterruptStatus0, 2);
    }

    /// <summary>Waits for a cause of DSTAT, and takes it.</summary>
    public LsiDmaStatus WaitForDma()
    {
        WaitForPending();
        return (LsiDmaStatus)this[LsiRegister.DmaStatus] & ~LsiDmaStatus.FifoEmpty;
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

    /// <summary>Holds the I/O thread up until what it returns is disposed of.</summary>
    public IDisposable HoldThread()
    {
        var hold = new Hold();
        _marks.Post(hold);
        Deadline.Until(() => hold.IsHeld, "the I/O thread");
        return hold;
    }

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
        Assert.Empty(Failures);
    }

    private void WaitForPending() =>
        Deadline.Until(() => (Istat & (LsiInterruptStatus0.ScsiPending | LsiInterruptStatus0.DmaPending)) != 0, "an interrupt");

    private sealed class Hold : IoWork, IDisposable
    {
        private readonly ManualResetEventSlim _released = new();

        public volatile bool IsHeld;

        public void Dispose() => _released.Set();

        protected internal override void Run()
        {
            IsHeld = true;
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
