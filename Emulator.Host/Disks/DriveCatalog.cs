using System.Collections.Frozen;
using Emulator.Host.CommandLine;
using Emulator.Host.Disks.Nbd;

namespace Emulator.Host.Disks;

/// <summary>What <c>-drive</c> takes; the parser, the <c>devices</c> verb and the machine read this one table.</summary>
internal static class DriveCatalog
{
    // Where QEMU's if=scsi goes on to the next controller.
    private const int UnitsPerBus = 7;

    private static readonly string[] s_formats =
        ["qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels", "bochs", "cloop", "dmg", "luks"];

    /// <summary>The kinds.</summary>
    public static IReadOnlyList<DriveKind> Kinds { get; } =
    [
        FileBackEnd.Kind,
        MemoryKinds.Null,
        MemoryKinds.Ram,
        NbdKind.Nbd,
    ];

    private static readonly FrozenDictionary<string, DriveKind> s_byName = Kinds.ToFrozenDictionary(kind => kind.Name);

    /// <summary>Checks a <c>-drive</c> value.</summary>
    public static Result<DriveDescription> Parse(string text)
    {
        var list = PropertyList.Parse(text, headIsProperty: true);
        if (list.Head.Length > 0 || list.Properties.IsEmpty)
        {
            return new Failure($"'{list.Head}' is not a property; give its properties: if=none,id=ID,file=PATH");
        }

        var properties = list.Properties.Select(Normalize).ToArray();
        var drivers = properties.Where(property => property.Name == "driver").Select(property => property.Value ?? "").ToArray();
        var formats = drivers.Concat(properties.Where(property => property.Name == "format").Select(property => property.Value ?? ""));
        if (formats.FirstOrDefault(s_formats.Contains) is { } format)
        {
            return new Failure($"format '{format}' is not read here; let qemu-nbd -f {format} FILE serve it and give file=nbd://localhost");
        }

        if (!FindKind(drivers, properties.LastOrDefault(property => property.Name == "file")?.Value).Get(out var kind, out var unknown))
        {
            return new Failure(unknown);
        }

        var drive = new DriveDescription(kind);
        return (drive.Set("drive", properties.Where(property => property.Name != "driver")) ?? kind.Check(drive)) is { } mistake
            ? new Failure(mistake)
            : drive;
    }

    /// <summary>Gives each drive its number on its interface, and its id; returns what is wrong, or null.</summary>
    public static string? Number(IReadOnlyList<DriveDescription> drives)
    {
        var ids = drives.Where(drive => drive.IsGiven("id")).Select(drive => drive.Text("id")).ToHashSet();
        var taken = new HashSet<(string Interface, int Bus, int Unit)>();
        foreach (var drive in drives)
        {
            var type = drive.Text("if");
            var (perBus, index) = (type == "scsi" ? UnitsPerBus : int.MaxValue, (int?)drive.Number("index"));
            if (index is not null && (drive.IsGiven("bus") || drive.IsGiven("unit")))
            {
                return $"-drive {Label(drive)}: give 'index', or 'bus' and 'unit'";
            }

            drive.Bus = index / perBus ?? (int?)drive.Number("bus") ?? 0;
            drive.Unit = index % perBus ?? (int?)drive.Number("unit") ?? FirstFree(drive);
            if (!taken.Add((type, drive.Bus, drive.Unit)))
            {
                return $"-drive {Label(drive)}: there is one with if={type},bus={drive.Bus},unit={drive.Unit} already; give another index, or none";
            }

            drive.Id = drive.IsGiven("id") ? drive.Text("id") : type == "scsi" ? $"scsi{drive.Bus}-hd{drive.Unit}" : $"{type}{drive.Unit}";
            if (!drive.IsGiven("id") && !ids.Add(drive.Id))
            {
                return $"-drive {Label(drive)}: property 'id': '{drive.Id}' is taken; give another";
            }
        }

        return null;

        int FirstFree(DriveDescription drive)
        {
            var unit = 0;
            while (taken.Contains((drive.Text("if"), drive.Bus, unit)))
            {
                unit++;
            }

            return unit;
        }
    }

    /// <summary>Says what is wrong with how devices name drives, or null.</summary>
    public static string? CheckTakers(IReadOnlyCollection<DriveDescription> drives, IEnumerable<DeviceDescription> devices)
    {
        var takers = new Dictionary<string, DeviceDescription>();
        foreach (var device in devices.Where(device => device.Takes("drive")))
        {
            var id = device.Text("drive");
            if (drives.FirstOrDefault(drive => drive.Id == id) is not { } drive)
            {
                return $"-device {device.Name}: drive '{id}' is not there; add -drive file=PATH,if=none,id={id}";
            }

            if (!takers.TryAdd(id, device))
            {
                return $"-device {device.Name}: drive '{id}' is taken by {takers[id].Label}; give each its own"
                    + (drive.Text("if") == "none" ? "" : $", or if=none to -drive {Label(drive)}");
            }
        }

        return null;
    }

    // QEMU has a tree of nodes, where file.NAME is a property of what is below the format; here there is one node.
    private static Property Normalize(Property property) => property.Name switch
    {
        "read-only" => property with { Name = "readonly" },
        "driver" when property.Value == "raw" => property with { Name = "format" },
        _ when property.Name.StartsWith("file.", StringComparison.Ordinal) => property with { Name = property.Name["file.".Length..] },
        _ => property,
    };

    private static Result<DriveKind> FindKind(string[] drivers, string? file)
    {
        if (drivers is [.., var driver])
        {
            return s_byName.TryGetValue(driver, out var kind) ? kind : new Failure($"unknown driver '{driver}'{Suggestion.For(driver, s_byName.Keys)}");
        }

        // As in QEMU: a colon before the first slash.
        if (file is null || file.IndexOfAny([':', '/']) is not (>= 0 and var end) || file[end] != ':')
        {
            return FileBackEnd.Kind;
        }

        var protocol = file[..(end + 1)];
        return Kinds.FirstOrDefault(each => each.Protocols.Contains(protocol)) is { } found
            ? found
            : new Failure($"unknown protocol '{protocol}'; for a file of that name give file=./{file}");
    }

    private static string Label(DriveDescription drive) => drive.IsGiven("id") ? $"id={drive.Text("id")}" : drive.IsGiven("file") ? $"file={drive.Text("file")}" : drive.Name;
}
