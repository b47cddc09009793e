using System.Collections.Immutable;
using Emulator.Cpu;
using Emulator.Devices;
using Emulator.Host.Machine;
using Emulator.Pci;

namespace Emulator.Host.Firmware;

/// <summary>What the tables for operating systems say about a board: read once from the parts, so that no two tables disagree.</summary>
internal sealed record BoardDescription
{
    /// <summary>Where each processor's own interrupt controller is, after a reset.</summary>
    public const ulong LocalApicAddress = ApicBus.WindowBase;

    /// <summary>Where the I/O APIC is.</summary>
    public const ulong IoApicAddress = IoApic.DefaultBase;

    /// <summary>The I/O APIC's ID.</summary>
    public const byte IoApicId = 0;

    /// <summary>The local APIC input that the pair of 8259s is wired to.</summary>
    public const byte ExternalInterruptInput = 0;

    /// <summary>The local APIC input for NMI.</summary>
    public const byte NonMaskableInput = 1;

    /// <summary>The processors' APIC IDs; the first is the one that starts.</summary>
    public required ImmutableArray<byte> ApicIds { get; init; }

    /// <summary>EAX of CPUID leaf 1.</summary>
    public required uint ProcessorSignature { get; init; }

    /// <summary>EDX of CPUID leaf 1.</summary>
    public required uint ProcessorFeatures { get; init; }

    /// <summary>The I/O APIC inputs that PIRQA to PIRQD lead to; -1 for nowhere.</summary>
    public required ImmutableArray<int> PirqInputs { get; init; }

    /// <summary>The interrupt pins of the functions there are.</summary>
    public required ImmutableArray<PciPin> PciPins { get; init; }

    /// <summary>The memory windows of PCI, ascending.</summary>
    public required ImmutableArray<PhysicalRange> PciMemory { get; init; }

    /// <summary>The serial ports fitted.</summary>
    public required ImmutableArray<SerialPort> SerialPorts { get; init; }

    /// <summary>The I/O APIC input, which is also the number in ACPI's global space, of an ISA interrupt: the timer's is input 2.</summary>
    public static int InputOf(int isaInterrupt) => isaInterrupt == 0 ? 2 : isaInterrupt;

    /// <summary>True if an ISA interrupt is a level, active high, at the I/O APIC.</summary>
    public static bool IsShared(int isaInterrupt) => (FirmwareSetup.SharedInterrupts & (1 << isaInterrupt)) != 0;

    /// <summary>The ISA interrupts that exist, ascending: the cascade's is none.</summary>
    public static IEnumerable<int> IsaInterrupts => Enumerable.Range(0, 16).Where(irq => irq != 2);

    /// <summary>The I/O APIC input that a slot's pin leads to.</summary>
    /// <param name="slot">0 to 31.</param>
    /// <param name="pin">1 to 4 for INTA to INTD.</param>
    public int InputOf(int slot, int pin) => PirqInputs[PciInterruptRouter.Pirq(slot, pin)];

    /// <summary>Reads the board, once <see cref="FirmwareSetup"/> has set it up.</summary>
    /// <param name="bridge">The host bridge.</param>
    /// <param name="processors">How many.</param>
    /// <param name="signature">EAX of CPUID leaf 1.</param>
    /// <param name="features">EDX of CPUID leaf 1.</param>
    /// <param name="serialPorts">The serial ports fitted.</param>
    public static BoardDescription Of(I440FxHostBridge bridge, int processors, uint signature, uint features, ImmutableArray<SerialPort> serialPorts)
    {
        var bus = bridge.Bus!;
        var pins = ImmutableArray.CreateBuilder<PciPin>();
        foreach (var function in bus.Functions)
        {
            var pin = new PciPin(function.DevFn >> 3, function.Config.ReadByte(PciRegister.InterruptPin), function.Config.ReadByte(PciRegister.InterruptLine));
            if (pin.Pin != 0 && !pins.Any(other => (other.Slot, other.Pin) == (pin.Slot, pin.Pin)))
            {
                pins.Add(pin);
            }
        }

        return new BoardDescription
        {
            ApicIds = [.. Enumerable.Range(0, processors).Select(i => (byte)i)],
            ProcessorSignature = signature,
            ProcessorFeatures = features,
            PirqInputs = [.. Enumerable.Range(0, PciInterruptRouter.Pirqs).Select(bus.Interrupts.IsaInterrupt)],
            PciPins = pins.ToImmutable(),
            PciMemory = Windows(bridge),
            SerialPorts = serialPorts,
        };
    }

    // The window below 4 GiB, and one above around what was put there.
    private static ImmutableArray<PhysicalRange> Windows(I440FxHostBridge bridge)
    {
        var (start, end) = FirmwareSetup.MemoryWindow(bridge);
        var low = new PhysicalRange(start, end - start);
        var high = bridge.Bus!.Functions.SelectMany(function => function.Bars)
            .Where(bar => bar.Kind == PciBarKind.Memory64 && bar.Address >= MemoryLayout.HighMemory)
            .Select(bar => new PhysicalRange(bar.Address!.Value, bar.Size))
            .ToList();
        return high.Count == 0 ? [low] : [low, new PhysicalRange(high.Min(r => r.Start), high.Max(r => r.Last) - high.Min(r => r.Start) + 1)];
    }
}

/// <summary>An interrupt pin of a slot in use.</summary>
/// <param name="Slot">0 to 31.</param>
/// <param name="Pin">1 to 4 for INTA to INTD.</param>
/// <param name="IsaInterrupt">Where firmware has told its driver that it leads.</param>
internal readonly record struct PciPin(int Slot, int Pin, int IsaInterrupt);

/// <summary>A serial port.</summary>
/// <param name="Number">1 for COM1.</param>
/// <param name="Port">The first of its eight ports.</param>
/// <param name="IsaInterrupt">Its interrupt.</param>
internal readonly record struct SerialPort(int Number, ushort Port, int IsaInterrupt);
