using Emulator.Host.CommandLine;
using Emulator.Host.Machine;

namespace Emulator.Host.Loading;

/// <summary>The files a machine starts from, read and held for its resets.</summary>
internal sealed class BootFiles
{
    private readonly string _commandLine;
    private readonly IReadOnlyList<ModuleImage> _modules;

    private BootFiles(byte[]? firmware, byte[]? kernel, string kernelName, string commandLine, IReadOnlyList<ModuleImage> modules)
    {
        (Firmware, Kernel, KernelName, _commandLine, _modules) = (firmware, kernel, kernelName, commandLine, modules);
    }

    /// <summary>The image of <c>-bios</c>, or null.</summary>
    public byte[]? Firmware { get; }

    /// <summary>The image of <c>-kernel</c>, or null.</summary>
    public byte[]? Kernel { get; }

    /// <summary>What the expansion ROMs of functions hold.</summary>
    public IReadOnlyDictionary<DeviceDescription, byte[]> ExpansionRoms { get; private init; } = new Dictionary<DeviceDescription, byte[]>();

    private string KernelName { get; }

    /// <summary>Reads all of them; the error names the option and the file at fault.</summary>
    public static Result<BootFiles> Read(MachineDescription description)
    {
        var roms = new Dictionary<DeviceDescription, byte[]>();
        foreach (var device in description.Devices.Where(d => d.Model.IsFunction && d.Number("rombar") != 0 && d.Text("romfile").Length > 0))
        {
            if (!ExpansionRom.Read(device.Text("romfile")).Get(out var rom, out var wrong))
            {
                return new Failure($"-device {device.Label}: romfile={device.Text("romfile")}: {wrong}");
            }

            roms.Add(device, rom);
        }

        if (description.Firmware is { } firmware)
        {
            return !ImageFile.Read(firmware).Get(out var image, out var error) || (error = FirmwareImage.Check(image)) is not null
                ? new Failure($"-bios {firmware}: {error}")
                : new BootFiles(image, null, "", "", []) { ExpansionRoms = roms };
        }

        var path = description.Kernel!;
        if (!ImageFile.Read(path).Get(out var kernel, out var mistake))
        {
            return new Failure($"-kernel {path}: {mistake}");
        }

        var modules = new List<ModuleImage>();
        foreach (var module in description.Modules)
        {
            if (!ImageFile.Read(module.Path).Get(out var data, out mistake))
            {
                return new Failure($"-initrd {module.Path}: {mistake}");
            }

            modules.Add(new ModuleImage(module.CommandLine, data));
        }

        // As QEMU has it: the image's name as it was given, a space, the arguments.
        return new BootFiles(null, kernel, path, $"{path} {description.KernelCommandLine}", modules) { ExpansionRoms = roms };
    }

    /// <summary>Plans where the kernel and its modules go.</summary>
    public Result<BootImage> PlanKernel(MemoryLayout layout) =>
        MultibootLoader.Load(Kernel, _commandLine, _modules, layout).Get(out var boot, out var error)
            ? boot
            : new Failure($"-kernel {KernelName}: {error}");
}
