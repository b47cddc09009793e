using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices.Tests;

/// <summary>A bus with RAM, a 53C895A and a unit at target 0; no processor. Time moves by hand.</summary>
internal sealed class LsiBoard : FunctionBoard<Lsi53c895aFunction>
{
    public const ulong RamSize = 4 << 20;
    public const ulong Program = 0x1_0000;
    public const ulong Table = 0x2_0000;
    public const ulong MessageOut = 0x3_0000;
    public const ulong Command = 0x3_0100;
    public const ulong Status = 0x3_0200;
    public const ulong MessageIn = 0x3_0300;
    public const ulong Data = 0x10_0000;
    public const ulong Window = 0xFEB0_0000;
    public const ulong ScriptRam = 0xFEC0_0000;
    public const ushort Port = 0xC000;

    public LsiBoard(DmaOrdering ordering = DmaOrdering.Full, bool started = true, int units = 1, uint parityErrors = 0)
        : base(RamSize, ordering)
    {
        var function = new Lsi53c895aFunction("lsi53c895a", Thread, Clock, parityErrors);
        for (var i = 0; i < units; i++)
        {
            Units.Add(new LsiTestUnit());
            function.ScsiBus.Attach(Units[i], i, 0);
        }

        Plug(function);
        if (started)
        {
            SetUp();
        }
    }

    public ManualClock Clock { get; } = new();

    public List<LsiTestUnit> Units { get; } = [];

    public LsiTestUnit Unit => Units[0];

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

    public void Advance(long nanoseconds)
    {
        Settle();
        Clock.Advance(nanoseconds);
        Settle();
    }

    protected override uint AddressOf(PciBar bar) => bar.Index switch { 0 => Port, 1 => (uint)Window, _ => (uint)ScriptRam };

    private void WaitForPending() =>
        Deadline.Until(() => (Istat & (LsiInterruptStatus0.ScsiPending | LsiInterruptStatus0.DmaPending)) != 0, "an interrupt");
}
