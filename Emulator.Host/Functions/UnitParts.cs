using Emulator.Devices;
using Emulator.Host.CommandLine;
using Emulator.Host.Disks;

namespace Emulator.Host.Functions;

/// <summary>What a SCSI device's model is given to make the logical unit from.</summary>
/// <param name="device">What the command line says.</param>
/// <param name="drives">What is behind the machine's disks.</param>
internal sealed class UnitParts(DeviceDescription device, Drives drives)
{
    /// <summary>The command line's properties.</summary>
    public DeviceDescription Device => device;

    /// <summary>What messages call it: its id, or its model's name and its place.</summary>
    public string Name => device.Text("id") is { Length: > 0 } id ? id : $"{device.Name} at {device.Target}:{device.Lun}";

    /// <summary>The disk that <c>drive=</c> names. Once a unit.</summary>
    public Disk Disk => drives.Take(device);
}
