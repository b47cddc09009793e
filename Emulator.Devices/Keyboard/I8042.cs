using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>The 8042 keyboard controller of a PC, data at port 0x60 and command at 0x64, with nothing plugged in.</summary>
/// <remarks>
/// Thread-safe. A byte for the keyboard or the mouse gets the controller's answer for a device that is silent:
/// 0xFE with the time-out bit, which drivers take for an empty socket at once.
/// </remarks>
public sealed class I8042 : IResettable
{
    /// <summary>What the controller gives in place of an answer that did not come.</summary>
    internal const byte Resend = 0xFE;

    private const byte SelfTestPassed = 0x55;
    private const byte InterfaceTestPassed = 0x00;

    // Keyboard not inhibited, and the jumpers that set-up programs expect.
    private const byte InputPort = 0x80;

    private readonly Lock gate = new();
    private readonly InterruptLine keyboardIrq;
    private readonly InterruptLine auxiliaryIrq;
    private readonly byte[] ram = new byte[32];

    private I8042Status status;
    private I8042OutputPort outputPort;
    private byte output;
    private byte expecting;

    /// <summary>Makes the controller, A20 on.</summary>
    /// <param name="keyboardIrq">IRQ 1.</param>
    /// <param name="auxiliaryIrq">IRQ 12.</param>
    public I8042(InterruptLine keyboardIrq, InterruptLine auxiliaryIrq)
    {
        this.keyboardIrq = keyboardIrq;
        this.auxiliaryIrq = auxiliaryIrq;
        Data = new BytePort(ReadData, WriteData);
        Command = new BytePort(ReadStatus, WriteCommand);
        Reset();
    }

    /// <summary>The port 0x60.</summary>
    public IBusTarget Data { get; }

    /// <summary>The port 0x64.</summary>
    public IBusTarget Command { get; }

    /// <summary>The guest pulls the processor's reset line. On the thread that wrote, no lock held; asks for the reset and returns.</summary>
    public Action? ResetRequested { get; set; }

    /// <summary>The output port's A20 bit changed, to this. On the thread that wrote, no lock held.</summary>
    public Action<bool>? A20Changed { get; set; }

    /// <summary>The output port's A20 bit.</summary>
    public bool A20
    {
        get
        {
            lock (gate)
            {
                return (outputPort & I8042OutputPort.A20) != 0;
            }
        }
    }

    private I8042CommandByte CommandByte => (I8042CommandByte)ram[0];

    /// <inheritdoc/>
    public void Reset()
    {
        lock (gate)
        {
            Array.Clear(ram);
            ram[0] = (byte)(I8042CommandByte.KeyboardInterrupt | I8042CommandByte.AuxiliaryInterrupt);
            status = I8042Status.Command | I8042Status.Unlocked;
            outputPort = I8042OutputPort.Idle | I8042OutputPort.NotReset | I8042OutputPort.A20;
            output = 0;
            expecting = 0;
            UpdateInterrupts();
        }
    }

    private byte ReadStatus()
    {
        lock (gate)
        {
            return (byte)status;
        }
    }

    private byte ReadData()
    {
        lock (gate)
        {
            status &= ~(I8042Status.OutputBufferFull | I8042Status.AuxiliaryData | I8042Status.Timeout);
            UpdateInterrupts();
            return output;
        }
    }

    private void WriteData(byte value)
    {
        I8042OutputPort before;
        I8042OutputPort after;
        lock (gate)
        {
            before = outputPort;
            status &= ~I8042Status.Command;
            byte command = expecting;
            expecting = 0;
            WriteParameter(command, value);
            after = outputPort;
        }

        Announce(before, after);
    }

    private void WriteParameter(byte command, byte value)
    {
        switch ((I8042Command)command)
        {
            case >= I8042Command.WriteRam and < (I8042Command)0x80:
                WriteRam(command & 0x1F, value);
                break;
            case I8042Command.WriteOutputPort:
                outputPort = (I8042OutputPort)value;
                break;
            case I8042Command.WriteKeyboardBuffer:
                Fill(value, I8042Status.None);
                break;
            case I8042Command.WriteAuxiliaryBuffer:
                Fill(value, I8042Status.AuxiliaryData);
                break;
            case I8042Command.WriteAuxiliaryDevice:
                ram[0] &= (byte)~I8042CommandByte.AuxiliaryDisabled;
                Fill(Resend, I8042Status.AuxiliaryData | I8042Status.Timeout);
                break;
            default:
                // A byte for the keyboard, which opens the interface to it.
                ram[0] &= (byte)~I8042CommandByte.KeyboardDisabled;
                Fill(Resend, I8042Status.Timeout);
                break;
        }
    }

    private void WriteCommand(byte value)
    {
        I8042OutputPort before;
        I8042OutputPort after;
        bool pulsesReset;
        lock (gate)
        {
            before = outputPort;
            status |= I8042Status.Command;
            expecting = 0;
            pulsesReset = Execute(value);
            after = outputPort;
        }

        Announce(before, after);
        if (pulsesReset)
        {
            ResetRequested?.Invoke();
        }
    }

    /// <summary>Runs a command of port 0x64; true if it pulses the reset line.</summary>
    private bool Execute(byte value)
    {
        switch ((I8042Command)value)
        {
            case >= I8042Command.ReadRam and < (I8042Command)0x40:
                Fill(ram[value & 0x1F], I8042Status.None);
                break;
            case >= I8042Command.WriteRam and < (I8042Command)0x80:
            case I8042Command.WriteOutputPort:
            case I8042Command.WriteKeyboardBuffer:
            case I8042Command.WriteAuxiliaryBuffer:
            case I8042Command.WriteAuxiliaryDevice:
                expecting = value;
                break;
            case I8042Command.DisableAuxiliary:
                ram[0] |= (byte)I8042CommandByte.AuxiliaryDisabled;
                break;
            case I8042Command.EnableAuxiliary:
                ram[0] &= (byte)~I8042CommandByte.AuxiliaryDisabled;
                break;
            case I8042Command.SelfTest:
                status |= I8042Status.SystemFlag;
                ram[0] |= (byte)I8042CommandByte.SystemFlag;
                Fill(SelfTestPassed, I8042Status.None);
                break;
            case I8042Command.TestAuxiliary:
            case I8042Command.TestKeyboard:
                Fill(InterfaceTestPassed, I8042Status.None);
                break;
            case I8042Command.DisableKeyboard:
                ram[0] |= (byte)I8042CommandByte.KeyboardDisabled;
                break;
            case I8042Command.EnableKeyboard:
                ram[0] &= (byte)~I8042CommandByte.KeyboardDisabled;
                break;
            case I8042Command.ReadInputPort:
                Fill(InputPort, I8042Status.None);
                break;
            case I8042Command.ReadOutputPort:
                Fill((byte)(outputPort & ~(I8042OutputPort.KeyboardFull | I8042OutputPort.AuxiliaryFull) | BufferPins()), I8042Status.None);
                break;
            case I8042Command.DisableA20:
                outputPort &= ~I8042OutputPort.A20;
                break;
            case I8042Command.EnableA20:
                outputPort |= I8042OutputPort.A20;
                break;
            case >= I8042Command.PulseOutputs:
                // Bits 3–0 that are clear are pulsed low; bit 0 is the reset line.
                return (value & 1) == 0;
            default:
                break;
        }

        return false;
    }

    private I8042OutputPort BufferPins() =>
        (status & I8042Status.OutputBufferFull) == 0 ? 0
        : (status & I8042Status.AuxiliaryData) != 0 ? I8042OutputPort.AuxiliaryFull
        : I8042OutputPort.KeyboardFull;

    private void WriteRam(int address, byte value)
    {
        ram[address] = value;
        if (address == 0)
        {
            status = (CommandByte & I8042CommandByte.SystemFlag) != 0
                ? status | I8042Status.SystemFlag
                : status & ~I8042Status.SystemFlag;
            UpdateInterrupts();
        }
    }

    /// <summary>Puts a byte into the output buffer, over one that nobody read; each byte is a new edge of the interrupt.</summary>
    private void Fill(byte value, I8042Status source)
    {
        status &= ~(I8042Status.OutputBufferFull | I8042Status.AuxiliaryData | I8042Status.Timeout);
        UpdateInterrupts();
        output = value;
        status |= I8042Status.OutputBufferFull | source;
        UpdateInterrupts();
    }

    private void UpdateInterrupts()
    {
        I8042OutputPort pins = BufferPins();
        keyboardIrq.Set(pins == I8042OutputPort.KeyboardFull && (CommandByte & I8042CommandByte.KeyboardInterrupt) != 0);
        auxiliaryIrq.Set(pins == I8042OutputPort.AuxiliaryFull && (CommandByte & I8042CommandByte.AuxiliaryInterrupt) != 0);
    }

    private void Announce(I8042OutputPort before, I8042OutputPort after)
    {
        bool enabled = (after & I8042OutputPort.A20) != 0;
        if (((before ^ after) & I8042OutputPort.A20) != 0)
        {
            A20Changed?.Invoke(enabled);
        }

        if ((before & ~after & I8042OutputPort.NotReset) != 0)
        {
            ResetRequested?.Invoke();
        }
    }
}
