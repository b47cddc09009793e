using System.Buffers.Binary;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>dma-test: a PCI function that moves data as a script in its registers says (docs/devices/dma-test.md).</summary>
/// <remarks>
/// One lock, the device's, for registers and script; register accesses on vCPU threads and the beginning and the end of
/// a script on the I/O thread take it. The script itself runs without it. Interrupt causes have no part in it.
/// </remarks>
public sealed partial class DmaTestFunction : PciFunction, IBusTarget, IRegisterBehaviour<DmaTestRegister>, IDisposable
{
    private const int MemoryWindow = 0;
    private const int IoWindow = 1;
    private const int MessageWindow = 2;

    private readonly Lock _lock = new();
    private readonly RegisterFile<DmaTestRegister> _registers;
    private readonly byte[] _program = new byte[DmaTestInstruction.Slots * DmaTestInstruction.Size];
    private readonly DmaTestScript _script;
    private readonly InterruptCause _causes;
    private readonly MsiCapability _msi;
    private readonly MsixCapability _msix;

    // All under the lock.
    private ulong _start;
    private bool _isStarting;
    private bool _isEnding;
    private bool _resetWritten;
    private int _resets;

    /// <summary>A function to put on a bus.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="thread">Runs its scripts.</param>
    public DmaTestFunction(string name, IoThread thread)
        : base(name, new PciIdentity(0x1234, 0xD3A7, 0x01, 0xFF0000))
    {
        UseInterruptPin(1);
        AddMemoryBar(MemoryWindow, DmaTestRegisters.WindowLength, this);
        AddIoBar(IoWindow, DmaTestRegisters.Length, this);
        _msix = AddMsix(MessageWindow, DmaTestRegisters.Vectors);
        _msi = AddMsi(DmaTestRegisters.Messages);
        _registers = new RegisterFile<DmaTestRegister>(DmaTestRegisters.Length, DmaTestRegisters.Table, this);
        _causes = new InterruptCause(new Output(this));
        _script = new DmaTestScript(this);
        Queue = new IoQueue(thread, name, _lock);
    }

    internal IoQueue Queue { get; }

    internal int MessageVectors => _msix.IsEnabled ? DmaTestRegisters.Vectors : _msi.IsEnabled ? DmaTestRegisters.Messages : DmaTestRegisters.Vectors;

    /// <summary>Ends what runs. Before its thread is disposed; the guest no longer runs.</summary>
    public void Dispose() => Queue.Dispose();

    /// <inheritdoc/>
    BusStatus IBusTarget.Read(ulong offset, int size, out ulong value)
    {
        lock (_lock)
        {
            if (offset < DmaTestRegisters.ScriptOffset)
            {
                return _registers.Read(offset, size, out value);
            }

            return ReadProgram((int)offset - DmaTestRegisters.ScriptOffset, size, out value);
        }
    }

    /// <inheritdoc/>
    BusStatus IBusTarget.Write(ulong offset, int size, ulong value)
    {
        bool wasReset;
        BusStatus status;
        lock (_lock)
        {
            status = offset < DmaTestRegisters.ScriptOffset
                ? _registers.Write(offset, size, value)
                : WriteProgram((int)offset - DmaTestRegisters.ScriptOffset, size, value);
            (wasReset, _resetWritten) = (_resetWritten, false);
        }

        if (wasReset)
        {
            // Waits for the I/O thread, so never under the lock.
            ResetFunction();
        }

        return status;
    }

    /// <inheritdoc/>
    ulong IRegisterBehaviour<DmaTestRegister>.ReadRegister(DmaTestRegister register, ulong value, ulong lanes)
    {
        switch (register)
        {
            case DmaTestRegister.InterruptCause:
                return _causes.Cause;
            case DmaTestRegister.ScriptData:
                var data = BinaryPrimitives.ReadUInt32LittleEndian(IndexedDword);
                MoveIndex(lanes);
                return data;
            default:
                return value;
        }
    }

    /// <inheritdoc/>
    void IRegisterBehaviour<DmaTestRegister>.WriteRegister(DmaTestRegister register, ulong written, ulong lanes)
    {
        switch (register)
        {
            case DmaTestRegister.Control:
                var control = (DmaTestControl)written;
                _resetWritten |= (control & DmaTestControl.Reset) != 0;
                _script.StopRequested |= (control & DmaTestControl.Stop) != 0;
                break;
            case DmaTestRegister.Doorbell when (lanes & 0xFF) != 0:
                Ring(written);
                break;
            case DmaTestRegister.InterruptCause:
                _causes.Clear((uint)written);
                break;
            case DmaTestRegister.InterruptEnable:
                _causes.SetMask((uint)_registers[DmaTestRegister.InterruptEnable]);
                break;
            case DmaTestRegister.InterruptVector:
                _vector = (int)_registers[DmaTestRegister.InterruptVector];
                break;
            case DmaTestRegister.ScriptData:
                var dword = BinaryPrimitives.ReadUInt32LittleEndian(IndexedDword);
                BinaryPrimitives.WriteUInt32LittleEndian(IndexedDword, (dword & ~(uint)lanes) | (uint)written);
                MoveIndex(lanes);
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnReset() => ResetFunction();

    private Span<byte> IndexedDword => _program.AsSpan((int)_registers[DmaTestRegister.ScriptIndex] * 4, 4);

    private void MoveIndex(ulong lanes)
    {
        if (lanes >> 24 != 0)
        {
            _registers[DmaTestRegister.ScriptIndex] = (_registers[DmaTestRegister.ScriptIndex] + 1) & ((DmaTestInstruction.Slots * 4) - 1);
        }
    }

    // The window is as long as the script, but for an access that is not aligned.
    private BusStatus ReadProgram(int offset, int size, out ulong value)
    {
        Span<byte> word = stackalloc byte[8];
        word.Fill(0xFF);
        var count = Math.Min(size, _program.Length - offset);
        _program.AsSpan(offset, count).CopyTo(word);
        value = BinaryPrimitives.ReadUInt64LittleEndian(word);
        return BusStatus.Ok;
    }

    private BusStatus WriteProgram(int offset, int size, ulong value)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, value);
        var count = Math.Min(size, _program.Length - offset);
        word[..count].CopyTo(_program.AsSpan(offset));
        return BusStatus.Ok;
    }

    private void Ring(ulong start)
    {
        if (_resets > 0)
        {
            return;
        }

        if (DmaTestRegisters.State(_registers[DmaTestRegister.Status]) == DmaTestState.Running && !_isEnding)
        {
            _causes.Raise((uint)DmaTestCause.Overrun);
            return;
        }

        _registers[DmaTestRegister.Sequence]++;
        _registers[DmaTestRegister.Status] = DmaTestRegisters.Status(DmaTestState.Running);
        _script.StopRequested = false;
        (_start, _isStarting) = (start, true);
        Queue.Post(_script);
    }

    // Stops accepting, waits for what runs, then clears: nothing of the old script is applied to what is new.
    private void ResetFunction()
    {
        lock (_lock)
        {
            _resets++;
        }

        Queue.Reset(() =>
        {
            lock (_lock)
            {
                _registers.Reset();
                Array.Clear(_program);
                _script.Clear();
                _causes.Reset();
                (_isStarting, _isEnding, _vector) = (false, false, 0);
                _resets--;
            }
        });
    }

    // The causes' way out: INTx, and a message when the level rises. The pin knows by itself when it is to be silent.
    private sealed class Output(DmaTestFunction function) : InterruptLine
    {
        public override void Set(bool asserted)
        {
            function.Interrupt.Set(asserted);
            if (asserted)
            {
                function.SendMessage(function._vector);
            }
        }
    }
}
