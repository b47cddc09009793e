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
            var width = model.Properties.Max(property => Form(property).Length);
            foreach (var property in model.Properties)
            {
                var standard = property.Default.Length > 0 ? $" (default {property.Default})" : "";
                output.WriteLine($"  {Form(property).PadRight(width)}  {property.Meaning}{standard}");
            }
        }

        foreach (var (kind, meaning) in HostObjects.Kinds)
        {
            output.WriteLine($"-object {kind},id=ID: {meaning}");
        }
    }

    private static string Form(DeviceProperty property) => $"{property.Name}={property.Expected}";
}
