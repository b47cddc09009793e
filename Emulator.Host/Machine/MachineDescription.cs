using System.Collections.Immutable;
using Emulator.Host.CommandLine;
using Emulator.Host.Console;
using Emulator.Host.Disks;
using Emulator.Host.Network;
using Emulator.Memory;
using Microsoft.Extensions.Logging;

namespace Emulator.Host.Machine;

/// <summary>Everything a command line says about a machine, checked but not yet built.</summary>
public sealed record MachineDescription
{
    /// <summary>RAM if <c>-m</c> is not given, as in QEMU.</summary>
    public const ulong DefaultMemorySize = 128UL << 20;

    /// <summary>What the machine is called in messages (<c>-name</c>).</summary>
    public string Name { get; init; } = "";

    /// <summary>The Multiboot or ELF64 image to start, or null.</summary>
    public string? Kernel { get; init; }

    /// <summary>The kernel's command line, without the image's name.</summary>
    public string KernelCommandLine { get; init; } = "";

    /// <summary>What <c>-initrd</c> names, in order.</summary>
    public ImmutableArray<ModuleDescription> Modules { get; init; } = [];

    /// <summary>The raw image that ends below 4 GiB, or null.</summary>
    public string? Firmware { get; init; }

    /// <summary>RAM in bytes, a multiple of 8 KiB.</summary>
    public ulong MemorySize { get; init; } = DefaultMemorySize;

    /// <summary>How many vCPUs.</summary>
    public int Processors { get; init; } = 1;

    /// <summary>What the PCI bus puts between the accesses of a function that says nothing else.</summary>
    public DmaOrdering DmaOrdering { get; init; } = DmaOrdering.Full;

    /// <summary>What initiators see of each other's stores.</summary>
    public MemoryModel MemoryModel { get; init; }

    /// <summary>How its threads run.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>Ordering sites that are broken on purpose.</summary>
    public ImmutableDictionary<OrderingSite, SiteMutation> Mutations { get; init; } = ImmutableDictionary<OrderingSite, SiteMutation>.Empty;

    /// <summary>Character back ends by what refers to them; the machine opens each once.</summary>
    public ImmutableArray<CharacterDescription> Characters { get; init; } = [];

    /// <summary>COM1 to COM4: an id in <see cref="Characters"/>, or null where no port is fitted.</summary>
    public ImmutableArray<string?> SerialPorts { get; init; } = [];

    /// <summary>What <c>-device</c> names, in order.</summary>
    public ImmutableArray<DeviceDescription> Devices { get; init; } = [];

    /// <summary>The I/O threads that <c>-object</c> names.</summary>
    public ImmutableArray<string> IoThreads { get; init; } = [];

    /// <summary>What <c>-netdev</c> names, in order.</summary>
    public ImmutableArray<NetdevDescription> Netdevs { get; init; } = [];

    /// <summary>What <c>-drive</c> names, in order.</summary>
    public ImmutableArray<DriveDescription> Drives { get; init; } = [];

    /// <summary>What is recorded of frames.</summary>
    public ImmutableArray<HostObjectDescription> FrameDumps { get; init; } = [];

    /// <summary>What is recorded of DMA, or null.</summary>
    public TraceDescription? Trace { get; init; }

    /// <summary>True if a guest's reset ends the process with status 0.</summary>
    public bool NoReboot { get; init; }

    /// <summary>How long the machine may run, or null.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Seed of what the memory model and the schedule leave open.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>Where the log goes; null is standard error.</summary>
    public string? LogFile { get; init; }
}

/// <summary>One of <c>-initrd</c>'s files.</summary>
/// <param name="Path">The file.</param>
/// <param name="CommandLine">The module's string: the path and what stood behind it.</param>
public sealed record ModuleDescription(string Path, string CommandLine);
