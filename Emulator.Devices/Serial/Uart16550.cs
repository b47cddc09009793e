using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>A 16550A UART as a PC has it, eight ports wide (COM1: 0x3F8, IRQ 4).</summary>
/// <remarks>
/// Thread-safe: vCPUs use the ports while the far end's thread receives and makes room.
/// <para>
/// Nothing that the far end sends is lost while the guest is not listening: <see cref="Receive"/> takes bytes only
/// while there is room and the guest's side is open. It is open when RTS is on, as for a peer with hardware flow
/// control; or when the received data interrupt is enabled; or, for guests that set neither, when the guest has
/// polled the line status many times without sending. It is closed in loopback.
/// </para>
/// Not implemented: sending at the line's speed (the divisor only sets the character timeout), the DMA pins,
/// sending a break, parity.
/// </remarks>
public sealed class Uart16550 : ByteWindow, IResettable, IDisposable
{
    /// <summary>The crystal's frequency, in Hz; sixteen clocks make a bit at a divisor of one (115200 baud).</summary>
    private const long Crystal = 1_843_200;

    // More polls in a row than a driver makes that only waits to send or probes for the chip.
    private const int PollsThatListen = 16;

    private readonly Lock gate = new();
    private readonly IClock clock;
    private readonly InterruptLine irq;
    private readonly ITimer timeoutTimer;
    private readonly UartReceiver receiver = new();
    private readonly UartTransmitter transmitter;

    private UartInterruptEnable interruptEnable;
    private UartLineControl lineControl;
    private UartModemControl modemControl;
    private UartModemStatus modemStatus;
    private UartModemStatus modemInputs = UartModemStatus.ClearToSend | UartModemStatus.DataSetReady | UartModemStatus.DataCarrierDetect;
    private ushort divisor;
    private byte scratch;
    private bool transmitterInterrupt;
    private bool characterTimeout;
    private long timeoutDue = long.MaxValue;
    private bool timerArmed;
    private int polls;
    private bool lineLevel;
    private bool wasReady;

    /// <summary>Makes a UART after a master reset.</summary>
    /// <param name="name">Names its timer.</param>
    /// <param name="clock">Times the character timeout.</param>
    /// <param name="irq">The interrupt output, through the gate of OUT2.</param>
    /// <param name="backend">The far end.</param>
    public Uart16550(string name, IClock clock, InterruptLine irq, ISerialBackend backend)
        : base(8)
    {
        this.clock = clock;
        this.irq = irq;
        transmitter = new UartTransmitter(backend);
        timeoutTimer = clock.CreateTimer(name + "-character-timeout", OnTimeout);
        Reset();
    }

    /// <summary>
    /// Raised when <see cref="CanReceive"/> has become true, on the thread that caused it and with no lock of the UART
    /// held. A handler only wakes the thread that receives.
    /// </summary>
    public event Action? ReceiveReady;

    /// <summary>Whether <see cref="Receive"/> would take a byte now.</summary>
    public bool CanReceive
    {
        get
        {
            lock (gate)
            {
                return Ready;
            }
        }
    }

    private bool Ready => receiver.Room > 0 && !Loopback
        && ((modemControl & UartModemControl.RequestToSend) != 0
            || (interruptEnable & UartInterruptEnable.ReceivedData) != 0
            || polls >= PollsThatListen);

    private bool Loopback => (modemControl & UartModemControl.Loop) != 0;

    private bool DivisorLatchAccess => (lineControl & UartLineControl.DivisorLatchAccess) != 0;

    /// <summary>LSR.</summary>
    private UartLineStatus LineStatus => receiver.Status
        | (transmitter.Empty
            ? UartLineStatus.TransmitterHoldingEmpty | UartLineStatus.TransmitterEmpty
            : UartLineStatus.None);

    /// <summary>How long a character is on the line, by LCR and the divisor.</summary>
    private long CharacterNanoseconds
    {
        get
        {
            int bits = 1 + 5 + ((int)lineControl & 3) + 1
                + ((lineControl & UartLineControl.ParityEnable) != 0 ? 1 : 0)
                + ((lineControl & UartLineControl.TwoStopBits) != 0 ? 1 : 0);
            return bits * Math.Max((int)divisor, 1) * 16L * 1_000_000_000 / Crystal;
        }
    }

    /// <summary>Bytes arrive from the far end. Any thread.</summary>
    /// <returns>How many were taken, from the front. For the rest, try again after <see cref="ReceiveReady"/>.</returns>
    public int Receive(ReadOnlySpan<byte> data)
    {
        lock (gate)
        {
            int taken = 0;
            while (taken < data.Length && Ready)
            {
                receiver.Push(data[taken++], UartLineStatus.None);
            }

            if (taken > 0)
            {
                CharactersArrived();
                UpdateInterrupt();
            }

            wasReady = Ready;
            return taken;
        }
    }

    /// <summary>A character with errors arrives, such as a break, whether there is room or not. Any thread.</summary>
    /// <param name="value">The character; a break is zero.</param>
    /// <param name="parityError">PE.</param>
    /// <param name="framingError">FE.</param>
    /// <param name="isBreak">BI.</param>
    public void ReceiveErroneous(byte value, bool parityError, bool framingError, bool isBreak)
    {
        lock (gate)
        {
            if (!Loopback)
            {
                UartLineStatus errors = (parityError ? UartLineStatus.ParityError : UartLineStatus.None)
                    | (framingError ? UartLineStatus.FramingError : UartLineStatus.None)
                    | (isBreak ? UartLineStatus.BreakInterrupt : UartLineStatus.None);
                receiver.Push(value, errors);
                CharactersArrived();
                UpdateInterrupt();
                wasReady = Ready;
            }
        }
    }

    /// <summary>The far end, which refused a byte, has room again. Any thread, but not from within <see cref="ISerialBackend.TryTransmit"/>.</summary>
    public void TransmitReady()
    {
        lock (gate)
        {
            if (!transmitter.Empty)
            {
                transmitter.Drain();
                transmitterInterrupt |= transmitter.Empty;
                UpdateInterrupt();
            }
        }
    }

    /// <summary>Drives the modem lines CTS, DSR, RI and DCD; at first all but RI are on. Any thread.</summary>
    /// <param name="lines">The lines that are on; the change bits are ignored.</param>
    public void SetModemInputs(UartModemStatus lines)
    {
        lock (gate)
        {
            modemInputs = lines & UartModemStatus.Lines;
            UpdateModemLines();
            UpdateInterrupt();
        }
    }

    /// <summary>A master reset (data sheet, table "Reset Functions"). Bytes in the FIFOs are lost, the scratch register is not.</summary>
    public void Reset()
    {
        lock (gate)
        {
            interruptEnable = 0;
            lineControl = 0;
            modemControl = 0;
            modemStatus = modemInputs;
            divisor = 12;
            transmitterInterrupt = false;
            polls = 0;
            receiver.TriggerLevel = 1;
            transmitter.Clear(false);
            ClearReceiver(false);
            UpdateInterrupt();
            wasReady = false;
        }
    }

    /// <summary>Gives the timer back to the clock.</summary>
    public void Dispose() => timeoutTimer.Dispose();

    private protected override byte ReadByte(int offset)
    {
        byte value;
        bool ready;
        lock (gate)
        {
            value = ReadRegister((UartRegister)offset);
            UpdateInterrupt();
            ready = BecameReady();
        }

        NotifyReady(ready);
        return value;
    }

    private protected override void WriteByte(int offset, byte value)
    {
        bool ready;
        lock (gate)
        {
            WriteRegister((UartRegister)offset, value);
            UpdateInterrupt();
            ready = BecameReady();
        }

        NotifyReady(ready);
    }

    private byte ReadRegister(UartRegister register)
    {
        switch (register)
        {
            case UartRegister.Data when DivisorLatchAccess:
                return (byte)divisor;
            case UartRegister.Data:
                byte character = receiver.Pop();
                RestartTimeout();
                return character;
            case UartRegister.InterruptEnable:
                return DivisorLatchAccess ? (byte)(divisor >> 8) : (byte)interruptEnable;
            case UartRegister.InterruptIdentification:
                UartInterrupt interrupt = HighestInterrupt();
                if (interrupt == UartInterrupt.TransmitterEmpty)
                {
                    transmitterInterrupt = false;
                }

                return (byte)((byte)interrupt | (receiver.FifoEnabled ? 0xC0 : 0));
            case UartRegister.LineControl:
                return (byte)lineControl;
            case UartRegister.ModemControl:
                return (byte)modemControl;
            case UartRegister.LineStatus:
                return ReadLineStatus();
            case UartRegister.ModemStatus:
                byte status = (byte)modemStatus;
                modemStatus &= UartModemStatus.Lines;
                return status;
            default:
                return scratch;
        }
    }

    private byte ReadLineStatus()
    {
        UartLineStatus status = LineStatus;
        receiver.ClearErrors();
        if (transmitter.Empty && receiver.Count == 0 && polls < PollsThatListen)
        {
            polls++;
        }

        return (byte)status;
    }

    private void WriteRegister(UartRegister register, byte value)
    {
        if (polls < PollsThatListen || register is UartRegister.InterruptIdentification or UartRegister.LineControl or UartRegister.ModemControl)
        {
            polls = 0;
        }

        switch (register)
        {
            case UartRegister.Data when DivisorLatchAccess:
                divisor = (ushort)((divisor & 0xFF00) | value);
                break;
            case UartRegister.Data:
                Transmit(value);
                break;
            case UartRegister.InterruptEnable when DivisorLatchAccess:
                divisor = (ushort)((divisor & 0x00FF) | (value << 8));
                break;
            case UartRegister.InterruptEnable:
                WriteInterruptEnable((UartInterruptEnable)(value & 0x0F));
                break;
            case UartRegister.InterruptIdentification:
                WriteFifoControl(value);
                break;
            case UartRegister.LineControl:
                lineControl = (UartLineControl)value;
                break;
            case UartRegister.ModemControl:
                modemControl = (UartModemControl)value & UartModemControl.All;
                UpdateModemLines();
                break;
            case UartRegister.Scratch:
                scratch = value;
                break;
            default:
                break;
        }
    }

    private void Transmit(byte value)
    {
        transmitterInterrupt = false;
        if (Loopback)
        {
            receiver.Push(value, UartLineStatus.None);
            CharactersArrived();
        }
        else
        {
            transmitter.Push(value);
        }

        transmitterInterrupt = transmitter.Empty;
    }

    private void WriteInterruptEnable(UartInterruptEnable value)
    {
        if (((interruptEnable ^ value) & UartInterruptEnable.TransmitterEmpty) != 0)
        {
            // Enabling the interrupt with an empty transmitter raises it at once.
            transmitterInterrupt = (value & UartInterruptEnable.TransmitterEmpty) != 0 && transmitter.Empty;
        }

        interruptEnable = value;
    }

    private void WriteFifoControl(byte value)
    {
        var control = (UartFifoControl)value;
        bool enable = (control & UartFifoControl.Enable) != 0;
        bool changes = enable != receiver.FifoEnabled;

        // Without FCR0 the other bits are not written (data sheet, "FIFO Control Register").
        if (changes || (enable && (control & UartFifoControl.ReceiverReset) != 0))
        {
            ClearReceiver(enable);
        }

        if (changes || (enable && (control & UartFifoControl.TransmitterReset) != 0))
        {
            transmitterInterrupt |= !transmitter.Empty;
            transmitter.Clear(enable);
        }

        if (enable)
        {
            receiver.TriggerLevel = (value >> 6) switch
            {
                0 => 1,
                1 => 4,
                2 => 8,
                _ => 14,
            };
        }
    }

    private void ClearReceiver(bool fifoEnabled)
    {
        receiver.Clear(fifoEnabled);
        RestartTimeout();
    }

    // A timeout that has happened stays until a character is read (data sheet, "FIFO Interrupt Mode Operation").
    private void CharactersArrived()
    {
        if (!characterTimeout)
        {
            RestartTimeout();
        }
    }

    /// <summary>Four character times of quiet, with something in the FIFO, are to pass from now.</summary>
    private void RestartTimeout()
    {
        characterTimeout = false;
        if (!receiver.FifoEnabled || receiver.Count == 0)
        {
            timeoutDue = long.MaxValue;
            return;
        }

        // The timer stays where it is and finds out when it runs: arming it at each character would wake its thread each time.
        timeoutDue = clock.NowNanoseconds + (4 * CharacterNanoseconds);
        if (!timerArmed)
        {
            timerArmed = true;
            timeoutTimer.Arm(timeoutDue);
        }
    }

    private void OnTimeout()
    {
        lock (gate)
        {
            timerArmed = timeoutDue > clock.NowNanoseconds && timeoutDue != long.MaxValue;
            if (timerArmed)
            {
                timeoutTimer.Arm(timeoutDue);
            }
            else if (timeoutDue != long.MaxValue)
            {
                characterTimeout = true;
                UpdateInterrupt();
            }
        }
    }

    /// <summary>In loopback the modem control outputs are the modem status inputs (data sheet, "Modem Control Register").</summary>
    private void UpdateModemLines()
    {
        UartModemStatus lines = modemInputs;
        if (Loopback)
        {
            lines = (Controls(UartModemControl.RequestToSend) ? UartModemStatus.ClearToSend : 0)
                | (Controls(UartModemControl.DataTerminalReady) ? UartModemStatus.DataSetReady : 0)
                | (Controls(UartModemControl.Out1) ? UartModemStatus.RingIndicator : 0)
                | (Controls(UartModemControl.Out2) ? UartModemStatus.DataCarrierDetect : 0);
        }

        var deltas = (UartModemStatus)((byte)((lines ^ modemStatus) & UartModemStatus.Lines) >> 4);
        if ((lines & UartModemStatus.RingIndicator) != 0)
        {
            deltas &= ~UartModemStatus.TrailingEdgeRingIndicator;
        }

        modemStatus = lines | (modemStatus & UartModemStatus.Deltas) | deltas;
    }

    private bool Controls(UartModemControl line) => (modemControl & line) != 0;

    private UartInterrupt HighestInterrupt()
    {
        if ((interruptEnable & UartInterruptEnable.LineStatus) != 0 && (receiver.Status & UartLineStatus.Errors) != 0)
        {
            return UartInterrupt.LineStatus;
        }

        if ((interruptEnable & UartInterruptEnable.ReceivedData) != 0)
        {
            if (receiver.AtTrigger)
            {
                return UartInterrupt.ReceivedData;
            }

            if (characterTimeout)
            {
                return UartInterrupt.CharacterTimeout;
            }
        }

        if ((interruptEnable & UartInterruptEnable.TransmitterEmpty) != 0 && transmitterInterrupt)
        {
            return UartInterrupt.TransmitterEmpty;
        }

        return (interruptEnable & UartInterruptEnable.ModemStatus) != 0 && (modemStatus & UartModemStatus.Deltas) != 0
            ? UartInterrupt.ModemStatus
            : UartInterrupt.None;
    }

    private void UpdateInterrupt()
    {
        bool level = Controls(UartModemControl.Out2) && HighestInterrupt() != UartInterrupt.None;
        if (level != lineLevel)
        {
            lineLevel = level;
            irq.Set(level);
        }
    }

    private bool BecameReady()
    {
        bool ready = Ready;
        bool became = ready && !wasReady;
        wasReady = ready;
        return became;
    }

    private void NotifyReady(bool ready)
    {
        if (ready)
        {
            ReceiveReady?.Invoke();
        }
    }
}
