using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>lsi53c895a: an LSI53C895A, PCI to Ultra2 SCSI (docs/devices/lsi53c895a.md).</summary>
/// <remarks>
/// One lock, the device's, for registers, for what is asked of the SCRIPTS processor, and for the second level of interrupts. The SCRIPTS
/// processor, the SCSI bus and the targets on it belong to the I/O thread; what registers show of them is in <c>_lines</c>.
/// </remarks>
public sealed partial class Lsi53c895aFunction : PciFunction, IBusTarget, IRegisterBehaviour<LsiRegister>, IScsiController, IDisposable
{
    private const int IoWindow = 0;
    private const int MemoryWindow = 1;
    private const int RamWindow = 2;

    private readonly LsiInterrupts _interrupts;
    private readonly LsiScripts _scripts;
    private readonly RamBlock _ram;
    private readonly PciBar _ioBar;
    private readonly PciBar _memoryBar;
    private readonly PciBar _ramBar;

    /// <summary>A function to put on a bus. Its <see cref="ScsiBus"/> is filled before the machine runs.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="thread">Runs its SCRIPTS.</param>
    /// <param name="clock">Runs its timers.</param>
    /// <param name="parityErrors">Every so many bytes one that arrives has bad parity; 0: none has.</param>
    public Lsi53c895aFunction(string name, IoThread thread, IClock clock, uint parityErrors = 0)
        : base(name, new PciIdentity(0x1000, 0x0012, 0x00, 0x010000) { SubsystemVendorId = 0x1AF4, SubsystemId = 0x1000 })
    {
        ArgumentNullException.ThrowIfNull(clock);
        UseInterruptPin(1);
        _ioBar = AddIoBar(IoWindow, LsiRegisters.Length, this);
        _memoryBar = AddMemoryBar(MemoryWindow, LsiRegisters.WindowLength, this);
        _ram = new RamBlock($"{name} script RAM", LsiRegisters.ScriptRam);
        _ramBar = AddRamBar(RamWindow, _ram);
        Registers = new RegisterFile<LsiRegister>(LsiRegisters.Length, LsiRegisters.Table, this);
        Cable = new LsiCable(parityErrors);
        _interrupts = new LsiInterrupts(Interrupt);
        Queue = new IoQueue(thread, name, Lock);
        _scripts = new LsiScripts(this);
        ScsiBus = new ScsiBus(_scripts.Bus, Queue);
        GeneralTimer = new LsiTimer(clock, $"{name} general timer", Lock, PostScripts);
        BusTimer = new LsiTimer(clock, $"{name} bus timer", Lock, PostScripts);
        PauseTimer = new LsiTimer(clock, $"{name} pause", Lock, PostScripts);
        UpdateMasks();
    }

    /// <summary>The units it controls.</summary>
    public ScsiBus ScsiBus { get; }

    /// <summary>What its targets' bytes arrive by.</summary>
    internal LsiCable Cable { get; }

    internal Lock Lock { get; } = new();

    internal IoQueue Queue { get; }

    /// <summary>The registers. Under the lock.</summary>
    internal RegisterFile<LsiRegister> Registers { get; }

    /// <summary>GEN.</summary>
    internal LsiTimer GeneralTimer { get; }

    /// <summary>STO while a selection is under way, and otherwise HTH.</summary>
    internal LsiTimer BusTimer { get; }

    /// <summary>Ends a pause of SCRIPTS that do nothing but look.</summary>
    internal LsiTimer PauseTimer { get; }

    /// <summary>Ends what runs. Before its thread is disposed; the guest no longer runs.</summary>
    public void Dispose()
    {
        GeneralTimer.Dispose();
        BusTimer.Dispose();
        PauseTimer.Dispose();
        Queue.Dispose();
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Read(ulong offset, int size, out ulong value)
    {
        lock (Lock)
        {
            return Registers.Read(offset & (LsiRegisters.Length - 1), size, out value);
        }
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Write(ulong offset, int size, ulong value)
    {
        BusStatus status;
        bool isReset;
        lock (Lock)
        {
            status = Registers.Write(offset & (LsiRegisters.Length - 1), size, value);
            isReset = TakeReset();
        }

        if (isReset)
        {
            // Waits for the I/O thread, so never under the lock.
            ResetChip();
        }

        return status;
    }

    /// <summary>True if an access is one to the chip's own registers.</summary>
    /// <param name="address">On the bus.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="isIo">True if the address is one of I/O space.</param>
    /// <param name="offset">Where in the registers.</param>
    internal bool IsOwn(ulong address, int length, bool isIo, out int offset)
    {
        var bar = isIo ? _ioBar : _memoryBar;
        offset = 0;
        if (bar.Address is not { } first || address < first || address - first > bar.Size - (ulong)length)
        {
            return false;
        }

        offset = (int)(address - first) & (LsiRegisters.Length - 1);
        return true;
    }

    /// <summary>Reads the chip's own registers, byte by byte, as the processor would. On the I/O thread.</summary>
    internal void ReadOwn(int offset, Span<byte> data)
    {
        lock (Lock)
        {
            for (var i = 0; i < data.Length; i++)
            {
                Registers.Read((ulong)(offset + i) & (LsiRegisters.Length - 1), 1, out var value);
                data[i] = (byte)value;
            }
        }
    }

    /// <summary>Writes the chip's own registers, byte by byte, as the processor would. On the I/O thread.</summary>
    internal void WriteOwn(int offset, ReadOnlySpan<byte> data)
    {
        lock (Lock)
        {
            for (var i = 0; i < data.Length; i++)
            {
                Registers.Write((ulong)(offset + i) & (LsiRegisters.Length - 1), 1, data[i]);
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if (offset == PciRegister.Command)
        {
            PostScripts();
        }
    }

    /// <inheritdoc/>
    protected override void OnReset()
    {
        lock (Lock)
        {
            _resets++;
        }

        Queue.Reset(() =>
        {
            // Nothing of the queue runs, as the units want it.
            _scripts.PowerOn();
            lock (Lock)
            {
                ClearChip();
                _ram.Load(0, stackalloc byte[LsiRegisters.ScriptRam]);
                _requests = 0;
                _resets--;
            }
        });
    }
}
