using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Devices;

/// <summary>An I/O APIC: the 82093AA with 24 inputs, of version 20h, which has an EOI register as QEMU's does.</summary>
/// <remarks>
/// <para>
/// Thread-safe. Its output are messages in the format of PCI's (address and data), sent under its lock to a target that
/// takes none: so what one input says arrives in order.
/// </para>
/// <para>Not implemented: the serial APIC bus of the data sheet, and with it delivery status and arbitration.</para>
/// </remarks>
public sealed class IoApic : IBusTarget, IResettable
{
    /// <summary>Inputs and redirection entries.</summary>
    public const int Pins = 24;

    /// <summary>What its version register says.</summary>
    public const byte Version = 0x20;

    /// <summary>Where a PC has it.</summary>
    public const ulong DefaultBase = 0xFEC0_0000;

    /// <summary>Bytes of its window.</summary>
    public const ulong WindowSize = 0x1000;

    private const uint IdBits = 0x0F00_0000;
    private const ulong MessageBase = 0xFEE0_0000;
    private const ulong LogicalAddress = 1 << 2;
    private const uint AssertedLevel = 1 << 14;
    private const int FixedMode = 0;
    private const int LowestPriorityMode = 1;

    private readonly Lock gate = new();
    private readonly IMessageTarget messages;
    private readonly ulong[] entries = new ulong[Pins];
    private readonly InterruptLine[] lines = new InterruptLine[Pins];
    private uint levels;
    private uint id;
    private byte select;

    /// <summary>Makes it in its power-up state: every entry masked.</summary>
    /// <param name="messages">Where messages go: the local APICs.</param>
    public IoApic(IMessageTarget messages)
    {
        this.messages = messages;
        for (int pin = 0; pin < Pins; pin++)
        {
            lines[pin] = new InputLine(this, pin);
        }

        Reset();
    }

    /// <summary>The wire to an input. Any thread.</summary>
    /// <param name="pin">0–23.</param>
    public InterruptLine Input(int pin) => lines[pin];

    /// <summary>A processor has ended a level-triggered interrupt: inputs that are still active ask again. Any thread.</summary>
    public void EndOfInterrupt(byte vector)
    {
        lock (gate)
        {
            for (int pin = 0; pin < Pins; pin++)
            {
                ulong entry = entries[pin];
                if ((byte)entry == vector && (entry & RedirectionBits.RemoteRequest) != 0)
                {
                    entries[pin] = entry & ~RedirectionBits.RemoteRequest;
                    RequestLevel(pin);
                }
            }
        }
    }

    /// <summary>Power-up state. The inputs' levels remain, since their sources drive them.</summary>
    public void Reset()
    {
        lock (gate)
        {
            (select, id) = (0, 0);
            Array.Fill(entries, RedirectionBits.Masked);
        }
    }

    /// <summary>A redirection entry as a guest would read it; changes nothing.</summary>
    /// <param name="pin">0–23.</param>
    public ulong Peek(int pin)
    {
        lock (gate)
        {
            return entries[pin];
        }
    }

    /// <inheritdoc/>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        switch ((IoApicRegister)offset)
        {
            case IoApicRegister.Select:
                value = Volatile.Read(ref select);
                return size <= 4 ? BusStatus.Ok : BusStatus.InvalidSize;
            case IoApicRegister.Window when size == 4:
                value = ReadSelected();
                return BusStatus.Ok;
            case IoApicRegister.EndOfInterrupt when size == 4:
                return BusStatus.Ok;    // write-only
            case IoApicRegister.Window or IoApicRegister.EndOfInterrupt:
                return BusStatus.InvalidSize;
            default:
                return BusStatus.InvalidRegister;
        }
    }

    /// <inheritdoc/>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        switch ((IoApicRegister)offset)
        {
            case IoApicRegister.Select when size <= 4:
                Volatile.Write(ref select, (byte)value);
                return BusStatus.Ok;
            case IoApicRegister.Window when size == 4:
                WriteSelected((uint)value);
                return BusStatus.Ok;
            case IoApicRegister.EndOfInterrupt when size == 4:
                EndOfInterrupt((byte)value);
                return BusStatus.Ok;
            case IoApicRegister.Select or IoApicRegister.Window or IoApicRegister.EndOfInterrupt:
                return BusStatus.InvalidSize;
            default:
                return BusStatus.InvalidRegister;
        }
    }

    private ulong ReadSelected()
    {
        lock (gate)
        {
            int entry = select - (int)IoApicIndex.RedirectionTable;
            return (IoApicIndex)select switch
            {
                IoApicIndex.Id or IoApicIndex.Arbitration => id,
                IoApicIndex.Version => ((Pins - 1) << 16) | Version,
                >= IoApicIndex.RedirectionTable when entry < Pins * 2 => (uint)(entries[entry / 2] >> (entry % 2 * 32)),
                _ => 0,
            };
        }
    }

    private void WriteSelected(uint value)
    {
        lock (gate)
        {
            int entry = select - (int)IoApicIndex.RedirectionTable;
            if (select == (int)IoApicIndex.Id)
            {
                id = value & IdBits;
            }
            else if (entry is >= 0 and < Pins * 2)
            {
                WriteEntry(entry / 2, entry % 2 * 32, value);
            }
        }
    }

    private void WriteEntry(int pin, int shift, uint value)
    {
        ulong written = ((ulong)uint.MaxValue << shift) & RedirectionBits.Writable;
        ulong entry = (entries[pin] & ~written) | (((ulong)value << shift) & written);
        if ((entry & RedirectionBits.Level) == 0)
        {
            // Systems switch to edge and back to have done with an interrupt whose end was lost.
            entry &= ~RedirectionBits.RemoteRequest;
        }

        entries[pin] = entry;
        RequestLevel(pin);
    }

    private void SetInput(int pin, bool asserted)
    {
        lock (gate)
        {
            uint bit = 1u << pin;
            bool rises = asserted && (levels & bit) == 0;
            levels = asserted ? levels | bit : levels & ~bit;
            if ((entries[pin] & RedirectionBits.Level) != 0)
            {
                RequestLevel(pin);
            }
            else if (rises && (entries[pin] & RedirectionBits.Masked) == 0)
            {
                // An edge at a masked input is not remembered (data sheet, 3.2.4, bit 16).
                Send(entries[pin]);
            }
        }
    }

    /// <summary>Sends for an active level-triggered input, unless it waits for the end of its last interrupt. Under the lock.</summary>
    private void RequestLevel(int pin)
    {
        const ulong Asks = RedirectionBits.Level;
        ulong entry = entries[pin];
        if ((levels >> pin & 1) == 0 || (entry & (RedirectionBits.Level | RedirectionBits.Masked | RedirectionBits.RemoteRequest)) != Asks)
        {
            return;
        }

        // Only what has a vector is ever ended.
        if ((int)(entry >> RedirectionBits.ModeShift & 7) is FixedMode or LowestPriorityMode)
        {
            entries[pin] = entry | RedirectionBits.RemoteRequest;
        }

        Send(entry);
    }

    private void Send(ulong entry)
    {
        ulong address = MessageBase
            | (entry >> RedirectionBits.DestinationShift << 12)
            | ((entry & RedirectionBits.Logical) != 0 ? LogicalAddress : 0);
        uint data = (uint)(entry & (RedirectionBits.Vector | (7 << RedirectionBits.ModeShift)))
            | ((entry & RedirectionBits.Level) != 0 ? (uint)RedirectionBits.Level | AssertedLevel : 0);
        messages.Message(address, data);
    }

    private sealed class InputLine(IoApic chip, int pin) : InterruptLine
    {
        public override void Set(bool asserted) => chip.SetInput(pin, asserted);
    }
}
