using System.Collections.Frozen;
using System.Globalization;
using Emulator.Host.Machine;
using Emulator.Memory;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.CommandLine;

/// <summary>The options of <c>emulator run</c>: QEMU's words where QEMU has them.</summary>
internal static class RunOptions
{
    private const ulong LeastMemory = 1UL << 20;

    private const ulong MostMemory = 63UL << 30;

    private static readonly string[] s_machines = ["pc", "pc-i440fx"];

    // In the order of ScheduleKind.
    private static readonly string[] s_schedules = ["parallel", "deterministic"];

    private static readonly string[] s_processorModels = ["qemu64", "max"];

    private static readonly FrozenDictionary<string, LogLevel> s_logLevels = new Dictionary<string, LogLevel>
    {
        ["trace"] = LogLevel.Trace,
        ["debug"] = LogLevel.Debug,
        ["info"] = LogLevel.Information,
        ["warning"] = LogLevel.Warning,
        ["error"] = LogLevel.Error,
        ["none"] = LogLevel.None,
    }.ToFrozenDictionary();

    /// <summary>The options in the order the help shows them.</summary>
    public static IReadOnlyList<RunOption> All { get; } =
    [
        new("kernel", "FILE", "Multiboot 1 image (ELF or with load addresses), or ELF64 for long mode", (b, v) => b.SetKernel(v)),
        new("bios", "FILE", "raw image that ends at 4 GiB; its last 128 KiB also end at 1 MiB", (b, v) => b.SetFirmware(v)),
        new("initrd", "FILE", "Multiboot modules: \"FILE ARGUMENTS\", more of them after commas", (b, v) => b.SetModules(v)),
        new("append", "TEXT", "the kernel's command line", (b, v) => b.SetKernelCommandLine(v)),
        new("machine", "MODEL", "pc: i440FX and PIIX3", SetMachine) { Aliases = ["M"] },
        new("m", "SIZE", "RAM, in M unless a suffix K, M, G or T says otherwise; 128M if not given", SetMemory),
        new("smp", "N", "processors, 1 to 255; cpus=, maxcpus=, sockets=, dies=, cores= and threads= must agree", SetProcessors),
        new("cpu", "MODEL", "qemu64 or max; both are the one model there is", SetProcessorModel),
        new("accel", "ENGINE", "interp: the interpreter", SetAccelerator),
        new("device", "NAME[,PROP=VALUE…]", "adds a device; 'emulator devices' lists them", (b, v) => b.AddDevice(v)),
        new("object", "KIND,id=ID[,…]", "iothread: a thread that devices share; filter-dump: a file of the frames on a wire", (b, v) => b.AddObject(v)),
        new("dma-ordering", "NAME", "the order of the devices' accesses to memory: full (the default), tracked, split, pci or relaxed", SetDmaOrdering),
        new("memory-model", "NAME", "what initiators see of each other's stores: host (the default), tso or weak", SetMemoryModel),
        new("schedule", "KIND", "parallel (the default), or deterministic: one thread at a time as -seed has them, and time is the count of instructions", SetSchedule),
        new("mutate", "SITE[,SITE:swap…]", "leaves out the fence at an ordering site, or swaps its pair of writes; all leaves out every one; 'emulator devices' lists them", (b, v) => b.AddMutations(v)),
        new("trace", "dma,file=PATH", "writes down every DMA access, and vCPUs' to the same memory with vcpu=on (docs/traces.md); at most limit=SIZE", SetTrace),
        new("serial", "BACKEND", "COM1, then COM2 … COM4: stdio, null, none, file:PATH, tcp:HOST:PORT[,server][,nowait], unix:PATH[,server][,nowait], pty, script:PATH", (b, v) => b.AddSerial(v)),
        new("chardev", "KIND,id=ID[,…]", "a character back end for a device: stdio, null, file, socket, pty", (b, v) => b.AddCharacter(v)),
        new("debugcon", "BACKEND", "port 0xe9 to a back end as for -serial", (b, v) => b.AddDebugConsole(v)),
        new("nodefaults", "no COM1 unless -serial asks for it", b => b.NoDefaults = true),
        new("nographic", "no display, and -serial stdio unless -serial says otherwise", b => b.NoGraphic = true),
        new("display", "none", "no display, which is all there is", (_, v) => OnlyNone("display", v)),
        new("vga", "none", "no graphics adapter, which is all there is", (_, v) => OnlyNone("graphics adapter", v)),
        new("monitor", "none", "no monitor, which is all there is", (_, v) => OnlyNone("monitor", v)),
        new("netdev", "KIND,id=ID[,PROP=VALUE…]", "what is behind the controller that names it by netdev=; 'emulator devices' lists the kinds", (b, v) => b.AddNetdev(v)),
        new("drive", "if=none|virtio|scsi,id=ID,file=PATH[,PROP=VALUE…]", "what is behind the disk that names it by drive=; 'emulator devices' lists the kinds", (b, v) => b.AddDrive(v)),
        new("nic", "none", "no network adapter but those that -device adds", (_, v) => OnlyNone("network adapter", v)) { Aliases = ["net"] },
        new("parallel", "none", "no parallel port, which is all there is", (_, v) => OnlyNone("parallel port", v)),
        new("name", "NAME", "what the machine is called", SetName),
        new("no-reboot", "a guest's reset ends the process with status 0", b => b.NoReboot = true),
        new("seed", "N", "seed of what -memory-model and -schedule leave open; 0 if not given", SetSeed),
        new("timeout", "SECONDS", "ends the run with status 124", SetTimeout),
        new("log", "LEVEL", "trace, debug, info, warning, error or none; warning if not given", SetLogLevel),
        new("D", "FILE", "writes the log to a file", SetLogFile),
    ];

    private static string? SetMachine(MachineDescriptionBuilder builder, string value)
    {
        var list = PropertyList.Parse(value, headIsProperty: true);
        var model = list.Head;
        foreach (var property in list.Properties)
        {
            switch (property.Name)
            {
                case "type":
                    model = property.Value ?? "";
                    break;
                case "accel":
                    if (SetAccelerator(builder, property.Value ?? "") is { } error)
                    {
                        return error;
                    }

                    break;
                default:
                    return $"machine 'pc' has no property '{property.Name}'{Suggestion.For(property.Name, ["type", "accel"])}";
            }
        }

        return model is "" or "pc" || model.StartsWith("pc-i440fx", StringComparison.Ordinal)
            ? null
            : $"unknown machine '{model}'{Suggestion.For(model, s_machines)}";
    }

    private static string? SetMemory(MachineDescriptionBuilder builder, string value)
    {
        var list = PropertyList.Parse(value, headIsProperty: true);
        var size = list.Head;
        foreach (var property in list.Properties)
        {
            if (property.Name != "size")
            {
                return $"unknown property '{property.Name}'; valid: size";
            }

            size = property.Value ?? "";
        }

        if (!Numbers.TryParseSize(size, 20, out var bytes))
        {
            return $"'{size}' is not a size; give a number with K, M, G or T behind it, such as 256M";
        }

        if (bytes is < LeastMemory or > MostMemory)
        {
            return $"'{size}' is not a size between {Numbers.FormatSize(LeastMemory)} and {Numbers.FormatSize(MostMemory)}";
        }

        builder.MemorySize = (bytes + 8191) & ~8191UL;
        return null;
    }

    private static string? SetProcessors(MachineDescriptionBuilder builder, string value)
    {
        var mistake = ProcessorTopology.Parse(value, out var processors);
        builder.Processors = processors;
        return mistake;
    }

    private static string? SetProcessorModel(MachineDescriptionBuilder builder, string value)
    {
        _ = builder;
        var list = PropertyList.Parse(value);
        return !s_processorModels.Contains(list.Head) ? $"unknown processor model '{list.Head}'{Suggestion.For(list.Head, s_processorModels)}"
            : list.Properties.Length > 0 ? $"unknown property '{list.Properties[0].Name}'; processor features cannot be chosen"
            : null;
    }

    private static string? SetAccelerator(MachineDescriptionBuilder builder, string value)
    {
        _ = builder;
        return value == "interp" ? null : $"unknown accelerator '{value}'{Suggestion.For(value, ["interp"])}";
    }

    private static string? OnlyNone(string what, string value) =>
        value == "none" ? null : $"unknown {what} '{value}'; valid: none";

    private static string? SetName(MachineDescriptionBuilder builder, string value)
    {
        builder.Name = PropertyList.Split(value)[0];
        return null;
    }

    private static string? SetDmaOrdering(MachineDescriptionBuilder builder, string value)
    {
        if (DmaOrderings.TryParse(value, out var ordering, out var error))
        {
            builder.DmaOrdering = ordering;
        }

        return error;
    }

    private static string? SetMemoryModel(MachineDescriptionBuilder builder, string value)
    {
        if (MemoryModels.TryParse(value, out var model, out var error))
        {
            builder.MemoryModel = model;
        }

        return error;
    }

    private static string? SetSchedule(MachineDescriptionBuilder builder, string value)
    {
        var index = Array.IndexOf(s_schedules, value);
        builder.Schedule = (ScheduleKind)Math.Max(index, 0);
        return index >= 0 ? null : $"unknown schedule '{value}'{Suggestion.For(value, s_schedules)}";
    }

    private static string? SetTrace(MachineDescriptionBuilder builder, string value)
    {
        if (TraceOption.Parse(value).Get(out var trace, out var error))
        {
            builder.Trace = trace;
        }

        return error;
    }

    private static string? SetSeed(MachineDescriptionBuilder builder, string value)
    {
        if (!Numbers.TryParse(value, out var seed))
        {
            return $"'{value}' is not a number between 0 and 2^64 - 1";
        }

        builder.Seed = seed;
        return null;
    }

    private static string? SetTimeout(MachineDescriptionBuilder builder, string value)
    {
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        if (!double.TryParse(value, Style, CultureInfo.InvariantCulture, out var seconds) || seconds is not (> 0 and <= 1_000_000))
        {
            return $"'{value}' is not a number of seconds between 0 and 1000000";
        }

        builder.Timeout = TimeSpan.FromSeconds(seconds);
        return null;
    }

    private static string? SetLogLevel(MachineDescriptionBuilder builder, string value)
    {
        if (!s_logLevels.TryGetValue(value, out var level))
        {
            return $"unknown log level '{value}'{Suggestion.For(value, ["trace", "debug", "info", "warning", "error", "none"])}";
        }

        builder.LogLevel = level;
        return null;
    }

    private static string? SetLogFile(MachineDescriptionBuilder builder, string value)
    {
        builder.LogFile = value;
        return value.Length == 0 ? "a file name is missing" : null;
    }
}
