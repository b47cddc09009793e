using Emulator.Memory;

namespace Emulator.Cpu;

/// <summary>
/// What carries interrupts to the local APICs: commands from one to the others, and posted messages from I/O APICs and
/// PCI functions to 0xFEE00000–0xFEEFFFFF.
/// </summary>
/// <remarks>
/// Any thread. Sending takes no lock and waits for nobody. A vCPU's accesses to its own APIC's page do not come here:
/// the thread around it serves them.
/// </remarks>
public sealed class ApicBus : IBusTarget, IMessageTarget, IDisposable
{
    /// <summary>Guest-physical address of the window.</summary>
    public const ulong WindowBase = 0xFEE0_0000;

    /// <summary>Bytes of the window.</summary>
    public const ulong WindowSize = 0x10_0000;

    /// <summary>Bytes of an APIC's page.</summary>
    public const ulong PageSize = 0x1000;

    /// <summary>The most processors there can be: an APIC ID is a byte, and 255 is all of them.</summary>
    public const int MostProcessors = 255;

    private readonly LocalApic[] _apics;
    private uint _turn;

    /// <summary>Makes the bus and a local APIC for each processor; the first is the bootstrap processor's.</summary>
    /// <param name="processors">1 to <see cref="MostProcessors"/>.</param>
    /// <param name="clock">The timers' time.</param>
    public ApicBus(int processors, IApicClock clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(processors, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(processors, MostProcessors);
        ArgumentNullException.ThrowIfNull(clock);
        _apics = new LocalApic[processors];
        for (var i = 0; i < processors; i++)
        {
            _apics[i] = new LocalApic(this, (byte)i, i == 0, clock);
        }
    }

    /// <summary>Called with the vector when a level-triggered interrupt ends, on the thread of the vCPU that ended it.</summary>
    public Action<byte>? EndOfInterrupt { get; set; }

    /// <summary>The APIC of a processor, by its number from 0, which is its APIC ID after a reset.</summary>
    public LocalApic this[int processor] => _apics[processor];

    /// <inheritdoc/>
    public void Message(ulong address, uint data)
    {
        // Start-up is no message of the bus's.
        if (InterruptMessage.TryParse(address, data, out var message) && message.Mode != DeliveryMode.StartUp)
        {
            Send(message);
        }
    }

    /// <summary>Sends to whom the destination means.</summary>
    public void Send(in InterruptMessage message)
    {
        if (message.Mode == DeliveryMode.LowestPriority)
        {
            Arbitrate(message, null)?.Deliver(message.Mode, message.Vector, message.IsLevel);
            return;
        }

        foreach (var apic in _apics)
        {
            if (apic.IsPresent && apic.Matches(message.Destination, message.IsLogical))
            {
                apic.Deliver(message.Mode, message.Vector, message.IsLevel);
            }
        }
    }

    /// <summary>Registers are behind a processor's own page only; here nothing can be read.</summary>
    public BusStatus Read(ulong offset, int size, out ulong value)
    {
        value = 0;
        return BusStatus.Unassigned;
    }

    /// <summary>A processor's aligned 32-bit write past its own page is a message like any other's.</summary>
    public BusStatus Write(ulong offset, int size, ulong value)
    {
        if (size != 4)
        {
            return BusStatus.Unassigned;
        }

        Message(WindowBase + offset, (uint)value);
        return BusStatus.Ok;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var apic in _apics)
        {
            apic.Dispose();
        }
    }

    /// <summary>Sends a command from ICR.</summary>
    internal void Send(LocalApic sender, DestinationShorthand shorthand, in InterruptMessage message)
    {
        switch (shorthand)
        {
            case DestinationShorthand.None:
                Send(message);
                break;
            case DestinationShorthand.Self:
                if (message.Mode == DeliveryMode.Fixed)
                {
                    sender.Deliver(message.Mode, message.Vector, false);
                }

                break;
            case DestinationShorthand.All or DestinationShorthand.AllButSelf when message.Mode == DeliveryMode.LowestPriority:
                var all = message with { Destination = InterruptMessage.Broadcast };
                Arbitrate(all, shorthand == DestinationShorthand.All ? null : sender)?.Deliver(message.Mode, message.Vector, false);
                break;
            default:
                foreach (var apic in _apics)
                {
                    if (apic.IsPresent && (apic != sender || shorthand == DestinationShorthand.All))
                    {
                        apic.Deliver(message.Mode, message.Vector, false);
                    }
                }

                break;
        }
    }

    /// <summary>The one of the destination with the lowest priority; of equals, each in turn.</summary>
    private LocalApic? Arbitrate(in InterruptMessage message, LocalApic? except)
    {
        LocalApic? lowest = null;
        var start = (int)(Interlocked.Increment(ref _turn) % (uint)_apics.Length);
        for (var i = 0; i < _apics.Length; i++)
        {
            var apic = _apics[(start + i) % _apics.Length];
            if (apic != except && apic.IsAccepting && apic.Matches(message.Destination, message.IsLogical)
                && (lowest is null || apic.ArbitrationPriority < lowest.ArbitrationPriority))
            {
                lowest = apic;
            }
        }

        return lowest;
    }
}
