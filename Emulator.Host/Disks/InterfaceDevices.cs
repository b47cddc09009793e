using Emulator.Host.CommandLine;

namespace Emulator.Host.Disks;

/// <summary>The devices that <c>if=virtio</c> and <c>if=scsi</c> stand for.</summary>
internal static class InterfaceDevices
{
    /// <summary>Adds them behind those that <c>-device</c> names; returns what is wrong, or null.</summary>
    /// <param name="drives">Every drive, numbered.</param>
    /// <param name="devices">Gets the devices.</param>
    public static string? Add(IReadOnlyList<DriveDescription> drives, ICollection<DeviceDescription> devices)
    {
        foreach (var drive in drives.Where(drive => drive.Text("if") == "virtio").OrderBy(drive => drive.Unit))
        {
            if (!DeviceCatalog.Create("virtio-blk-pci", [new Property("drive", drive.Id)]).Get(out var disk, out var mistake))
            {
                return mistake;
            }

            devices.Add(disk);
        }

        foreach (var bus in drives.Where(drive => drive.Text("if") == "scsi").OrderBy(drive => drive.Unit).GroupBy(drive => drive.Bus).OrderBy(bus => bus.Key))
        {
            if (!DeviceCatalog.Create("lsi53c895a", []).Get(out var controller, out var mistake))
            {
                return mistake;
            }

            devices.Add(controller);
            foreach (var drive in bus)
            {
                if (!DeviceCatalog.Create("scsi-hd", [new Property("drive", drive.Id), new Property("scsi-id", $"{drive.Unit}"), new Property("lun", "0")]).Get(out var disk, out mistake))
                {
                    return $"-drive id={drive.Id}: {mistake}";
                }

                disk.Controller = controller;
                devices.Add(disk);
            }
        }

        return null;
    }
}
