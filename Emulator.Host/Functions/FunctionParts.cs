using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Functions;

/// <summary>What a PCI function's model is given to make the function from.</summary>
/// <param name="device">What the command line says.</param>
/// <param name="threads">The machine's I/O threads.</param>
internal sealed class FunctionParts(DeviceDescription device, IoThreads threads)
{
    /// <summary>The command line's properties.</summary>
    public DeviceDescription Device => device;

    /// <summary>What messages call it: its id, or its model's name and its place.</summary>
    public string Name => device.Text("id") is { Length: > 0 } id ? id : $"{device.Name} at {PciPlace.Format(device.DevFn)}";

    /// <summary>The thread it does its work on: the one it names, or one of its own.</summary>
    public IoThread Thread => device.Text("iothread") is { Length: > 0 } id ? threads[id] : threads.Add(Name);
}
