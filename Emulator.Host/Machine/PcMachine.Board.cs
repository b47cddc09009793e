using Emulator.Devices;
using Emulator.Host.Console;
using Emulator.Memory;
using Emulator.Pci;

namespace Emulator.Host.Machine;

/// <summary>What is on the board, and the wires.</summary>
internal sealed partial class PcMachine
{
    private MemoryLayout AddBridges()
    {
        Memory.AddRam("low", 0, _ram, 0, 0xA0000);
        Memory.AddRam("ext", 0xC0000, _ram, 0xC0000, _ram.Size-0xC0000);
        return new MemoryLayout(_ram.Size);
    }

    private void AddLegacyDevices(MachineDescription description)
    {
        Ports.Add("pic master", 0x20, 2, _interrupts.Master);
        Ports.Add("pic slave", 0xA0, 2, _interrupts.Slave);
        var timer = Keep(new I8254(_clock, _isaLines[0].AddSource()));
        Ports.Add("pit", 0x40, 4, timer);
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
            if (!character.IsListenedTo)
            {
                // The first device on a shared back end gets the input.
                character.Attach(uart.Receive, uart.TransmitReady);
                uart.ReceiveReady += character.ReceiveReady;
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
                    Ports.Add(device.Name, (ushort)device.Number("iobase")!.Value, 1, new IsaDebugConsole(character.Transmit, (byte)device.Number("readback")!.Value));
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
