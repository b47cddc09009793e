namespace Emulator.Host.CommandLine;

/// <summary>The output of <c>emulator devices</c>.</summary>
internal static class DeviceList
{
    /// <summary>Writes each model with its properties, defaults and meanings.</summary>
    public static void Write(TextWriter output)
    {
        foreach (var model in DeviceCatalog.Models)
        {
            output.WriteLine($"{model.Name}: {model.Meaning}");
            foreach (var property in model.Properties)
            {
                var form = $"{property.Name}={property.Expected}";
                var standard = property.Default.Length > 0 ? $" (default {property.Default})" : "";
                output.WriteLine($"  {form,-24} {property.Meaning}{standard}");
            }
        }

        foreach (var (kind, meaning) in HostObjects.Kinds)
        {
            output.WriteLine($"-object {kind},id=ID: {meaning}");
        }
    }
}
