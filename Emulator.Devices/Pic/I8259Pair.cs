using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>The two cascaded 8259A of a PC: master at ports 0x20–0x21, slave at 0xA0–0xA1 on the master's IR2.</summary>
/// <remarks>
/// Thread-safe: inputs are driven by any thread, while vCPUs program the chips and acknowledge. The edge/level
/// registers at 0x4D0 and 0x4D1 belong to the ISA bridge, which hands them over by <see cref="SetTriggerModes"/>.
/// </remarks>
public sealed class I8259Pair : IResettable
{
    /// <summary>The master's input that the slave is wired to.</summary>
    public const int CascadeInput = 2;

    private readonly Lock gate = new();
    private readonly I8259 master = new(CascadeInput);
    private readonly I8259 slave = new(-1);
    private readonly InterruptLine[] lines = new InterruptLine[16];
    private volatile bool interruptRequested;

    /// <summary>Makes the pair in its power-up state, all inputs edge-triggered and inactive.</summary>
    public I8259Pair()
    {
        for (int irq = 0; irq < lines.Length; irq++)
        {
            lines[irq] = irq == CascadeInput ? InterruptLine.Unconnected : new InputLine(this, irq);
        }

        Master = new ChipPorts(this, master);
        Slave = new ChipPorts(this, slave);
        Reset();
    }

    /// <summary>The master's two ports, for 0x20.</summary>
    public IBusTarget Master { get; }

    /// <summary>The slave's two ports, for 0xA0.</summary>
    public IBusTarget Slave { get; }

    /// <summary>
    /// INTR, the wire to the processor. Read without a lock, so it may be out of date by the time it is used:
    /// an <see cref="Acknowledge"/> that comes too late is answered with the spurious vector, as in hardware.
    /// </summary>
    public bool InterruptRequested => interruptRequested;

    /// <summary>
    /// Called after each change of <see cref="InterruptRequested"/>, with its value by then, on the thread that
    /// caused it; not under the pair's lock, but perhaps under that of the device that drove an input. Two threads
    /// may be calling at once and in either order, so a listener that must be sure looks at the property.
    /// Set it before the machine runs.
    /// </summary>
    public Action<bool>? OutputChanged { get; set; }

    /// <summary>The wire to an input. Any thread.</summary>
    /// <param name="irq">0–15; 2 is the cascade, whose wire leads nowhere (a PC has no IRQ 2; the slot pin is IRQ 9).</param>
    public InterruptLine Input(int irq) => lines[irq];

    /// <summary>Chooses level or edge triggering of every input, as ELCR 0x4D0 (low byte) and 0x4D1 do.</summary>
    /// <param name="levelMask">A set bit is a level-triggered input. The timer, keyboard, cascade, clock and coprocessor bits (0, 1, 2, 8, 13) cannot be set.</param>
    public void SetTriggerModes(ushort levelMask)
    {
        bool changed;
        lock (gate)
        {
            master.SetEdgeLevelControl((byte)(levelMask & 0xF8));
            slave.SetEdgeLevelControl((byte)((levelMask >> 8) & 0xDE));
            changed = Propagate();
        }

        Notify(changed);
    }

    /// <summary>The processor's interrupt acknowledge cycle.</summary>
    /// <returns>The vector; that of IR7 of the chip asked if the request has gone meanwhile.</returns>
    public byte Acknowledge()
    {
        byte vector;
        bool changed;
        lock (gate)
        {
            int input = master.Acknowledge();
            if (input != CascadeInput)
            {
                vector = master.Vector(input);
            }
            else
            {
                vector = slave.Vector(slave.Acknowledge());
                EndSlaveRequest();
            }

            changed = Propagate();
        }

        Notify(changed);
        return vector;
    }

    /// <summary>Power-up state. The inputs' levels remain, since their sources drive them.</summary>
    public void Reset()
    {
        bool changed;
        lock (gate)
        {
            slave.Reset();
            EndSlaveRequest();
            master.Reset();
            changed = Propagate();
        }

        Notify(changed);
    }

    /// <summary>The registers of one chip as they stand, for a debugger; changes nothing.</summary>
    /// <param name="ofSlave">Which of the two.</param>
    public (byte InterruptRequest, byte InService, byte InterruptMask) Peek(bool ofSlave)
    {
        lock (gate)
        {
            I8259 chip = ofSlave ? slave : master;
            return (chip.InterruptRequestRegister, chip.InServiceRegister, chip.InterruptMaskRegister);
        }
    }

    private void SetInput(int irq, bool asserted)
    {
        bool changed;
        lock (gate)
        {
            (irq < 8 ? master : slave).SetInput(irq & 7, asserted);
            changed = Propagate();
        }

        Notify(changed);
    }

    /// <summary>INT of a slave falls when it is acknowledged; the rise for a further request is a new edge for the master.</summary>
    private void EndSlaveRequest() => master.SetInput(CascadeInput, false);

    /// <summary>Carries the slave's output to the master and the master's to INTR; true if that changed. Under the lock.</summary>
    private bool Propagate()
    {
        master.SetInput(CascadeInput, slave.Output);
        bool output = master.Output;
        bool changed = output != interruptRequested;
        interruptRequested = output;
        return changed;
    }

    // Outside the lock, so that a listener may take locks of its own under which it calls Acknowledge.
    private void Notify(bool changed)
    {
        if (changed)
        {
            OutputChanged?.Invoke(interruptRequested);
        }
    }

    private sealed class InputLine(I8259Pair pair, int irq) : InterruptLine
    {
        public override void Set(bool asserted) => pair.SetInput(irq, asserted);
    }

    private sealed class ChipPorts(I8259Pair pair, I8259 chip) : ByteWindow(2)
    {
        private protected override byte ReadByte(int offset)
        {
            byte value;
            bool changed;
            lock (pair.gate)
            {
                // A poll is an acknowledge cycle to the chip polled.
                if (chip.Polled && chip == pair.slave)
                {
                    pair.EndSlaveRequest();
                }

                value = chip.Read(offset);
                changed = pair.Propagate();
            }

            pair.Notify(changed);
            return value;
        }

        private protected override void WriteByte(int offset, byte value)
        {
            bool changed;
            lock (pair.gate)
            {
                chip.Write(offset, value);
                changed = pair.Propagate();
            }

            pair.Notify(changed);
        }
    }
}
