using System.Diagnostics.CodeAnalysis;
using Emulator.Cpu;
using Emulator.Devices;
using Emulator.Host.Console;
using Emulator.Host.Firmware;
using Emulator.Memory;
using Emulator.Pci;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Machine;

/// <summary>What is on the board, and the wires.</summary>
internal sealed partial class PcMachine
{
    [MemberNotNull(nameof(_bus), nameof(_bridge))]
    private MemoryLayout AddBridges(DmaOrdering ordering, ILogger<PciBus> logger)
    {
        _bus = new PciBus(Memory, Ports, logger) { DmaOrdering = ordering };
        _bridge = new I440FxHostBridge(_bus, _ram, _firmware);
        _ = new Piix3IsaBridge(
            _bus,
            [.. _isaLines.Select(line => line.AddSource())],
            _interrupts.SetTriggerModes,
            _ => _control.RequestReset());
        return new MemoryLayout(_bridge.LowMemorySize, _bridge.HighMemorySize);
    }

    /// <summary>An ISA interrupt's wire: to the input of its number at both controllers, but IRQ 0 to pin 2 of the I/O APIC.</summary>
    private SharedInterruptLine WireIsaInterrupt(int irq) => new(irq == I8259Pair.CascadeInput
        ? InterruptLine.Unconnected
        : new ForkedInterruptLine(_interrupts.Input(irq), _ioApic.Input(BoardDescription.InputOf(irq))));

    private void AddInterruptControllers()
    {
        _resettable.Add(_interrupts);
        Ports.Add("pic master", 0x20, 2, _interrupts.Master);
        Ports.Add("pic slave", 0xA0, 2, _interrupts.Slave);

        _resettable.Add(_ioApic);
        Memory.AddMmio("io apic", IoApic.DefaultBase, IoApic.WindowSize, _ioApic);
        Memory.AddMmio("local apics", ApicBus.WindowBase, ApicBus.WindowSize, _apics);
        _apics.EndOfInterrupt = _ioApic.EndOfInterrupt;
    }

    /// <summary>Carries the 8259 pair's INTR to every processor's LINT0; all but the first have the pin masked until the guest says otherwise.</summary>
    private void CarryPairOutput()
    {
        // Changes are announced in any order: whoever comes last brings the level as it then is.
        lock (_intr)
        {
            foreach (var vcpu in _vcpus)
            {
                vcpu.Apic.SetPin(LocalVector.Lint0, _interrupts.InterruptRequested);
            }
        }
    }

    private void AddLegacyDevices(int processors)
    {
        var timer = Keep(new I8254(_clock, _isaLines[0].AddSource()));
        Ports.Add("pit", 0x40, 4, timer);

        var cmos = Keep(new Mc146818(_clock, _isaLines[8].AddSource(), SwitchedOn));
        cmos.StoreProcessorCount(processors);
        cmos.StoreMemorySize(new CmosMemorySize(Layout.LowRamSize, Layout.HighRamSize));
        Ports.Add("cmos", 0x70, 2, cmos);

        Ports.Add("dma bytes", 0x00, 16, Keep(new I8237(wide: false)));
        Ports.Add("dma words", 0xC0, 32, Keep(new I8237(wide: true)));
        Ports.Add("dma pages", 0x80, 16, Keep(new DmaPageRegisters()));
        var power = Keep(new Piix4PowerManagement(_bus, _clock, _isaLines[FirmwareSetup.SystemControlInterrupt].AddSource()));
        power.Registers.PowerOffRequested = () => _control.RequestEnd(new MachineEnd(ExitStatus.Success));
        var apm = Keep(new ApmControl());
        apm.CommandWritten = power.Registers.HandOver;
        Ports.Add("apm", 0xB2, 2, apm);
        Ports.Add("system control b", 0x61, 1, Keep(new SystemControlPortB(timer, _clock)));

        // Line A20 is always on: what asks for it off can only read back that it asked.
        var portA = Keep(new SystemControlPortA());
        portA.ResetRequested = _control.RequestReset;
        Ports.Add("system control a", 0x92, 1, portA, priority: 1);

        var keyboard = Keep(new I8042(_isaLines[1].AddSource(), _isaLines[12].AddSource()));
        keyboard.ResetRequested = _control.RequestReset;
        Ports.Add("8042 data", 0x60, 1, keyboard.Data);
        Ports.Add("8042 command", 0x64, 1, keyboard.Command);
    }

    private void AddSerialPorts(MachineDescription description, IReadOnlyDictionary<string, CharacterPort> characters)
    {
        for (var i = 0; i < description.SerialPorts.Length; i++)
        {
            if (description.SerialPorts[i] is not { } id)
            {
                continue;
            }

            var (first, irq) = s_serialPorts[i];
            var character = Use(characters[id]);
            var uart = Keep(new Uart16550($"com{i + 1}", _clock, _isaLines[irq].AddSource(), character));
            Ports.Add($"com{i + 1}", first, 8, uart);
            _serialPorts.Add(new SerialPort(i + 1, first, irq));
            character.IsPatient = _schedule is not null;
            character.Attach(uart.Receive, _schedule is null ? uart.TransmitReady : () => { });
            uart.ReceiveReady += character.ReceiveReady;
            if (character.Script.Count > 0)
            {
                _ = Keep(new ScriptTypist(character.Script, _clock, uart.Receive));
            }
        }
    }

    private void AddDevices(MachineDescription description, IReadOnlyDictionary<string, CharacterPort> characters)
    {
        foreach (var device in description.Devices)
        {
            switch (device.Name)
            {
                case "isa-debug-exit":
                    var size = (int)device.Number("iosize")!.Value;
                    var exit = new IsaDebugExit(status => _control.RequestEnd(new MachineEnd(status & 0xFF)), size, device.Text("status") == "raw");
                    Ports.Add(device.Name, (ushort)device.Number("iobase")!.Value, size, exit, widest: 4);
                    break;

                case "isa-debugcon":
                    var character = Use(characters[device.Text("chardev")]);
                    var console = new IsaDebugConsole(character.Transmit, (byte)device.Number("readback")!.Value);
                    Ports.Add(device.Name, (ushort)device.Number("iobase")!.Value, 1, console);
                    break;

                default:
                    break;      // isa-serial is among the serial ports
            }
        }
    }

    private CharacterPort Use(CharacterPort character)
    {
        if (!_characters.Contains(character))
        {
            _characters.Add(character);
        }

        return character;
    }

    /// <summary>Notes what a reset and the end have to do with a device.</summary>
    private T Keep<T>(T device)
        where T : class
    {
        if (device is IResettable resettable)
        {
            _resettable.Add(resettable);
        }

        if (device is IDisposable disposable)
        {
            _disposable.Add(disposable);
        }

        return device;
    }
}
