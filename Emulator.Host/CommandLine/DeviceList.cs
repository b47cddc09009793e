using Emulator.Devices;
using Emulator.Host.Disks;
using Emulator.Host.Network;
using Emulator.Memory;

namespace Emulator.Host.CommandLine;

/// <summary>The output of <c>emulator devices</c>.</summary>
internal static class DeviceList
{
    /// <summary>Writes each model with its properties, defaults and meanings.</summary>
    public static void Write(TextWriter output)
    {
        foreach (var model in DeviceCatalog.Models)
        {
            WriteProperties(output, model.Name, model.Meaning, model.Properties);
            WriteSites(output, model.Sites);
        }

        output.WriteLine("Every PCI function:");
        WriteSites(output, InterruptSites.All);
        foreach (var kind in NetdevCatalog.Kinds)
        {
            WriteProperties(output, $"-netdev {kind.Name}", kind.Meaning, kind.Properties);
        }

        WriteProperties(output, "-drive", "What is behind a disk; every driver takes", DriveKind.Common);
        foreach (var kind in DriveCatalog.Kinds)
        {
            WriteProperties(output, $"-drive driver={kind.Name}", kind.Meaning, kind.OwnProperties);
        }

        foreach (var kind in HostObjects.Kinds)
        {
            WriteProperties(output, $"-object {kind.Name}", kind.Meaning, kind.Properties);
        }
    }

    private static void WriteProperties(TextWriter output, string name, string meaning, IReadOnlyList<DeviceProperty> properties)
    {
        output.WriteLine($"{name}: {meaning}");
        var width = properties.Max(property => Form(property).Length);
        foreach (var property in properties)
        {
            var standard = property.Default.Length > 0 ? $" (default {property.Default})" : "";
            output.WriteLine($"  {Form(property).PadRight(width)}  {property.Meaning}{standard}");
        }
    }

    // What -mutate takes.
    private static void WriteSites(TextWriter output, IReadOnlyList<OrderingSite> sites)
    {
        foreach (var site in sites)
        {
            output.WriteLine($"  site {site.Name}{(site.HasPair ? "[:swap]" : "")} ({site.Shape}): {site.Obligation}; the driver {site.Driver}");
        }
    }

    private static string Form(DeviceProperty property) => $"{property.Name}={property.Expected}";
}
