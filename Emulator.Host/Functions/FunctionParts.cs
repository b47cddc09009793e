using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Disks;
using Emulator.Host.Network;

namespace Emulator.Host.Functions;

/// <summary>What a PCI function's model is given to make the function from.</summary>
/// <param name="device">What the command line says.</param>
/// <param name="threads">The machine's I/O threads.</param>
/// <param name="networks">What is behind its network controllers.</param>
/// <param name="drives">What is behind its disks.</param>
/// <param name="clock">The machine's time.</param>
internal sealed class FunctionParts(DeviceDescription device, IoThreads threads, Networks networks, Drives drives, IClock clock)
{
    /// <summary>The command line's properties.</summary>
    public DeviceDescription Device => device;

    /// <summary>The machine's time.</summary>
    public IClock Clock => clock;

    /// <summary>What messages call it: its id, or its model's name and its place.</summary>
    public string Name => device.Text("id") is { Length: > 0 } id ? id : $"{device.Name} at {PciPlace.Format(device.DevFn)}";

    /// <summary>The thread it does its work on: the one it names, or one of its own.</summary>
    public IoThread Thread => device.Text("iothread") is { Length: > 0 } id ? threads[id] : threads.Add(Name);

    /// <summary>A network controller's end of the wire to the back end that <c>netdev=</c> names; without one, nothing is in its socket.</summary>
    public NetworkPort Port => device.Text("netdev") is { Length: > 0 } id ? networks.Take(id) : NetworkPort.CreateUnconnected();

    /// <summary>The disk that <c>drive=</c> names. Once a controller.</summary>
    public Disk Disk => drives.Take(device);

    /// <summary>A network controller's address: <c>mac=</c>, or the next one of those that are given out. Once a controller.</summary>
    public MacAddress Mac => MacAddress.TryParse(device.Text("mac"), out var address) ? address : networks.NextAddress();
}
