using System.Collections.Immutable;
using Emulator.Host.Console;
using Emulator.Host.Disks;
using Emulator.Host.Machine;
using Emulator.Host.Network;
using Emulator.Memory;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.CommandLine;

/// <summary>Collects what the options say; the methods return what is wrong with a value, or null.</summary>
internal sealed class MachineDescriptionBuilder
{
    private const int MostSerialPorts = 4;

    private readonly List<CharacterDescription> _characters = [];
    private readonly List<string?> _serialPorts = [];
    private readonly List<DeviceDescription> _devices = [];
    private readonly List<ModuleDescription> _modules = [];
    private readonly List<HostObjectDescription> _objects = [];
    private readonly List<NetdevDescription> _netdevs = [];
    private readonly List<DriveDescription> _drives = [];
    private readonly List<string> _mutations = [];
    private ImmutableDictionary<OrderingSite, SiteMutation> _resolved = ImmutableDictionary<OrderingSite, SiteMutation>.Empty;
    private string? _kernel;
    private string? _kernelCommandLine;
    private string? _firmware;

    public string Name { get; set; } = "";

    public ulong MemorySize { get; set; } = MachineDescription.DefaultMemorySize;

    public int Processors { get; set; } = 1;

    public DmaOrdering DmaOrdering { get; set; }

    public bool NoDefaults { get; set; }

    public bool NoGraphic { get; set; }

    public bool NoReboot { get; set; }

    public ulong Seed { get; set; }

    public TimeSpan? Timeout { get; set; }

    public LogLevel LogLevel { get; set; } = LogLevel.Warning;

    public string? LogFile { get; set; }

    public TraceDescription? Trace { get; set; }

    public MemoryModel MemoryModel { get; set; }

    public ScheduleKind Schedule { get; set; }

    public string? AddMutations(string text)
    {
        _mutations.Add(text);
        return null;
    }

    public string? SetKernel(string path) => SetPath(path, out _kernel);

    public string? SetFirmware(string path) => SetPath(path, out _firmware);

    public string? SetKernelCommandLine(string text)
    {
        _kernelCommandLine = text;
        return null;
    }

    public string? SetModules(string text)
    {
        _modules.Clear();
        foreach (var piece in PropertyList.Split(text))
        {
            var commandLine = piece.TrimStart(' ');
            var space = commandLine.IndexOf(' ', StringComparison.Ordinal);
            var path = space < 0 ? commandLine : commandLine[..space];
            if (path.Length == 0)
            {
                return "a file name is missing; give \"FILE ARGUMENTS\", more of them after commas";
            }

            _modules.Add(new ModuleDescription(path, commandLine));
        }

        return null;
    }

    public string? AddDevice(string text)
    {
        if (!DeviceCatalog.Parse(text).Get(out var device, out var error))
        {
            return error;
        }

        if (device.Model.Properties.Any(p => p.Name == "chardev") && device.Text("chardev").Length == 0)
        {
            return $"property 'chardev' of '{device.Name}' is missing: chardev=ID";
        }

        _devices.Add(device);
        return null;
    }

    public string? AddObject(string text)
    {
        if (!HostObjects.Parse(text).Get(out var made, out var error))
        {
            return error;
        }

        if (_objects.Exists(other => other.Id == made.Id))
        {
            return $"property 'id': '{made.Id}' is taken; give another";
        }

        _objects.Add(made);
        return null;
    }

    public string? AddNetdev(string text)
    {
        if (!NetdevCatalog.Parse(text).Get(out var netdev, out var error))
        {
            return error;
        }

        if (_netdevs.Exists(other => other.Id == netdev.Id))
        {
            return $"property 'id': '{netdev.Id}' is taken; give another";
        }

        _netdevs.Add(netdev);
        return null;
    }

    public string? AddDrive(string text)
    {
        if (!DriveCatalog.Parse(text).Get(out var drive, out var error))
        {
            return error;
        }

        if (drive.IsGiven("id") && _drives.Exists(other => other.IsGiven("id") && other.Text("id") == drive.Text("id")))
        {
            return $"property 'id': '{drive.Text("id")}' is taken; give another";
        }

        _drives.Add(drive);
        return null;
    }

    public string? AddSerial(string text)
    {
        if (_serialPorts.Count == MostSerialPorts)
        {
            return $"there are only {MostSerialPorts} serial ports";
        }

        if (text == "none")
        {
            _serialPorts.Add(null);
            return null;
        }

        if (text.StartsWith("chardev:", StringComparison.Ordinal))
        {
            _serialPorts.Add(text["chardev:".Length..]);
            return null;
        }

        return AddCharacter(CharacterDescription.Parse(text, $"serial{_serialPorts.Count}"), _serialPorts.Add);
    }

    public string? AddDebugConsole(string text)
    {
        if (text == "none")
        {
            return null;
        }

        return AddCharacter(CharacterDescription.Parse(text, $"debugcon{_devices.Count}"), id => AddDevice($"isa-debugcon,chardev={id}"));
    }

    public string? AddCharacter(string text) => AddCharacter(CharacterDescription.ParseChardev(text), _ => { });

    /// <summary>The whole, if its parts agree.</summary>
    public Result<MachineDescription> Build()
    {
        if (_serialPorts.Count == 0 && (NoGraphic || !NoDefaults))
        {
            var kind = NoGraphic && !NoDefaults ? CharacterKind.Stdio : CharacterKind.Null;
            _characters.Add(new CharacterDescription { Id = "serial0", Kind = kind });
            _serialPorts.Add("serial0");
        }

        return (CheckBoot() ?? PlaceSerialDevices() ?? CheckCharacters() ?? PlaceDisks() ?? CheckFunctions() ?? ResolveMutations()) is { } error
            ? new Failure(error)
            : new MachineDescription
            {
                Name = Name,
                Kernel = _kernel,
                KernelCommandLine = _kernelCommandLine ?? "",
                Modules = [.. _modules],
                Firmware = _firmware,
                MemorySize = MemorySize,
                Processors = Processors,
                DmaOrdering = DmaOrdering,
                Characters = [.. _characters],
                SerialPorts = [.. _serialPorts],
                Devices = [.. _devices],
                IoThreads = [.. ObjectsOf(HostObjects.IoThread).Select(thread => thread.Id)],
                Netdevs = [.. _netdevs],
                Drives = [.. _drives],
                FrameDumps = [.. ObjectsOf(HostObjects.FilterDump)],
                NoReboot = NoReboot,
                Timeout = Timeout,
                Seed = Seed,
                Trace = Trace,
                MemoryModel = MemoryModel,
                Schedule = Schedule,
                Mutations = _resolved,
                LogLevel = LogLevel,
                LogFile = LogFile,
            };
    }

    private string? CheckBoot() => (_kernel, _firmware) switch
    {
        (null, null) => "nothing to start: give -kernel FILE or -bios FILE",
        (not null, not null) => "-bios: not together with -kernel; give one of them",
        (null, _) when _modules.Count > 0 => "-initrd: only together with -kernel",
        (null, _) when _kernelCommandLine is not null => "-append: only together with -kernel",
        _ => null,
    };

    /// <summary>Gives each <c>-device isa-serial</c> its place among the ports.</summary>
    private string? PlaceSerialDevices()
    {
        foreach (var device in _devices.Where(d => d.Name == "isa-serial"))
        {
            var index = (int?)device.Number("index") ?? FirstFreePort();
            if (index >= MostSerialPorts)
            {
                return $"-device isa-serial: there are only {MostSerialPorts} serial ports";
            }

            while (_serialPorts.Count <= index)
            {
                _serialPorts.Add(null);
            }

            if (_serialPorts[index] is { } taken && !IsDefaultPort(taken))
            {
                return $"-device isa-serial: property 'index': COM{index + 1} is taken; give another index";
            }

            _serialPorts[index] = device.Text("chardev");
        }

        return null;
    }

    private int FirstFreePort()
    {
        var free = _serialPorts.FindIndex(p => p is null || IsDefaultPort(p));
        return free < 0 ? _serialPorts.Count : free;
    }

    /// <summary>The port that is there without being asked for gives way to one that is.</summary>
    private bool IsDefaultPort(string id) => id == "serial0" && _characters.Exists(c => c.Id == id && c.Kind == CharacterKind.Null);

    private string? CheckCharacters()
    {
        var used = new HashSet<string>();
        var users = _serialPorts.OfType<string>().Concat(_devices.Where(d => d.Name == "isa-debugcon").Select(d => d.Text("chardev")));
        foreach (var id in users)
        {
            var character = _characters.Find(c => c.Id == id);
            if (character is null)
            {
                return $"chardev '{id}' is not there; add -chardev KIND,id={id}";
            }

            if (!used.Add(id) && !character.IsShared)
            {
                return $"chardev '{id}' is used twice; give it mux=on or each device its own";
            }
        }

        return _characters.Count(c => c.Kind == CharacterKind.Stdio) > 1
            ? "stdio is used twice; only one character back end can have it"
            : null;
    }

    /// <summary>Makes the devices that <c>if=</c> asks for, and gives those of SCSI their places.</summary>
    private string? PlaceDisks() =>
        DriveCatalog.Number(_drives) ?? InterfaceDevices.Add(_drives, _devices) ?? DriveCatalog.CheckTakers(_drives, _devices) ?? ScsiPlace.Assign(_devices);

    private string? CheckFunctions()
    {
        var functions = _devices.Where(device => device.Model.IsFunction);
        if (functions.Select(device => device.Text("iothread")).FirstOrDefault(id => id.Length > 0 && !ObjectsOf(HostObjects.IoThread).Any(thread => thread.Id == id)) is { } missing)
        {
            return $"iothread '{missing}' is not there; add -object iothread,id={missing}";
        }

        return NetdevCatalog.CheckWires(_netdevs, _devices, ObjectsOf(HostObjects.FilterDump)) ?? PciPlace.Assign(functions);
    }

    private IEnumerable<HostObjectDescription> ObjectsOf(HostObjectKind kind) => _objects.Where(each => each.Kind == kind);

    // Behind every -device, wherever it stood on the command line.
    private string? ResolveMutations()
    {
        var sites = MutationList.SitesOf(_devices.Where(d => d.Model.IsFunction).Select(d => d.Model)).ToArray();
        foreach (var text in _mutations)
        {
            if (!MutationList.Parse(text, sites).Get(out var mutations, out var mistake))
            {
                return $"-mutate {text}: {mistake}";
            }

            foreach (var (site, mutation) in mutations)
            {
                _resolved = _resolved.SetItem(site, mutation);
            }
        }

        return null;
    }

    private string? AddCharacter(Result<CharacterDescription> parsed, Action<string> use)
    {
        if (!parsed.Get(out var description, out var error))
        {
            return error;
        }

        if (_characters.Exists(c => c.Id == description.Id))
        {
            return $"property 'id': '{description.Id}' is taken; give another";
        }

        _characters.Add(description);
        use(description.Id);
        return null;
    }

    private static string? SetPath(string path, out string? target)
    {
        target = path;
        return path.Length == 0 ? "a file name is missing" : null;
    }
}
