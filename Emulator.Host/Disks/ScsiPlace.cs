using System.Globalization;
using Emulator.Devices;
using Emulator.Host.CommandLine;

namespace Emulator.Host.Disks;

/// <summary>Where SCSI devices go: a controller, a target and a logical unit number, chosen as QEMU does where the command line does not say.</summary>
internal static class ScsiPlace
{
    private const int OwnTarget = 7;

    /// <summary>The words.</summary>
    public static DeviceProperty[] Properties { get; } =
    [
        DeviceProperty.Text("bus", "", "the controller's id and '.0'; the first one with room if not given", "ID.0"),
        DeviceProperty.Number("channel", 0, 0, 0, "a controller has one"),
        DeviceProperty.Number("scsi-id", ulong.MaxValue, 0, ScsiBus.Targets - 1, "its target; the first one free if not given"),
        DeviceProperty.Number("lun", ulong.MaxValue, 0, ScsiBus.UnitsPerTarget - 1, "its logical unit; 0, or the first one free at scsi-id, if not given"),
    ];

    /// <summary>Gives each SCSI device its place, those that ask for one first; returns what is wrong, or null.</summary>
    public static string? Assign(IReadOnlyList<DeviceDescription> devices)
    {
        var controllers = devices.Where(device => device.Model.HasScsiBus).ToArray();
        var names = NameBuses(controllers);
        var taken = new Dictionary<(DeviceDescription Controller, int Target, int Lun), DeviceDescription>();
        foreach (var device in devices.Where(device => device.Model.IsScsiUnit).OrderBy(device => device.IsGiven("scsi-id") ? 0 : 1))
        {
            IEnumerable<DeviceDescription> candidates = device.Controller is { } chosen ? [chosen] : controllers;
            if (device.IsGiven("bus"))
            {
                var bus = device.Text("bus");
                if (!names.TryGetValue(bus, out var named))
                {
                    return $"-device {device.Name}: bus '{bus}' is not there"
                        + (names.Count > 0 ? Suggestion.For(bus, names.Keys) : "; add -device lsi53c895a,id=ID and give bus=ID.0");
                }

                candidates = [named];
            }

            if (!candidates.Any())
            {
                return $"-device {device.Name}: there is no SCSI controller; add -device lsi53c895a";
            }

            if (device.Number("scsi-id") == OwnTarget)
            {
                return $"-device {device.Name}: property 'scsi-id': {OwnTarget} is the controller's own; give another";
            }

            var places = candidates.SelectMany(controller => Places(device).Select(place => (controller, place.Target, place.Lun)));
            if (places.Where(place => !taken.ContainsKey(place)).Select(place => ((DeviceDescription, int, int)?)place).FirstOrDefault() is not { } found)
            {
                return places.Count() == 1
                    ? string.Create(CultureInfo.InvariantCulture, $"-device {device.Name}: {taken[places.First()].Label} is at scsi-id={places.First().Target},lun={places.First().Lun} already; give another place")
                    : $"-device {device.Name}: there is no place free on the bus; add another -device lsi53c895a";
            }

            (device.Controller, device.Target, device.Lun) = found;
            taken.Add(found, device);
        }

        return null;
    }

    // A bus is called after its controller's id, or scsi.0, scsi.1, … in order for those that have none.
    private static Dictionary<string, DeviceDescription> NameBuses(DeviceDescription[] controllers)
    {
        var names = new Dictionary<string, DeviceDescription>();
        var unnamed = 0;
        foreach (var controller in controllers)
        {
            _ = names.TryAdd(controller.IsGiven("id") ? $"{controller.Text("id")}.0" : $"scsi.{unnamed++}", controller);
        }

        return names;
    }

    private static IEnumerable<(int Target, int Lun)> Places(DeviceDescription device) => (device.Number("scsi-id"), device.Number("lun")) switch
    {
        (null, var lun) => Enumerable.Range(0, ScsiBus.Targets).Where(target => target != OwnTarget).Select(target => (target, (int)(lun ?? 0))),
        ({ } target, null) => Enumerable.Range(0, ScsiBus.UnitsPerTarget).Select(lun => ((int)target, lun)),
        ({ } target, { } lun) => [((int)target, (int)lun)],
    };
}
