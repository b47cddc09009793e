namespace Emulator.Host.Testing;

/// <summary>The words that start a guest of the suite, the same for this emulator and for QEMU.</summary>
internal static class GuestCommandLine
{
    /// <summary>The folder of a machine that runs in the manifest's. A guest is told its image's path, and the seed of a deterministic run goes by
    /// every instruction that it spends on it: so named, a run is the same wherever the manifest is.</summary>
    public const string InFolder = ".";

    // In an argument: where the manifest is.
    private const string Folder = "{images}";

    /// <summary>The command line without the program's name.</summary>
    /// <param name="image">The guest.</param>
    /// <param name="folder">What its files are relative to.</param>
    public static IReadOnlyList<string> Build(GuestImage image, string folder)
    {
        var words = new List<string>
        {
            image.Firmware ? "-bios" : "-kernel", Path.Combine(folder, image.File),
            "-m", $"{image.Memory}",
            "-nodefaults", "-display", "none", "-no-reboot",
            "-serial", "stdio",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
        };
        if (image.Cpus > 1)
        {
            words.AddRange(["-smp", $"{image.Cpus}"]);
        }

        if (image.Append is { } append)
        {
            words.AddRange(["-append", append]);
        }

        if (image.Modules.Count > 0)
        {
            words.AddRange(["-initrd", string.Join(',', image.Modules.Select(m => Path.Combine(folder, m).Replace(",", ",,", StringComparison.Ordinal)))]);
        }

        words.AddRange(image.Arguments.Select(word => word.Replace(Folder, folder, StringComparison.Ordinal)));
        return words;
    }
}
