using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Emulator.Host.Testing.Teeth;

namespace Emulator.Host.Testing;

/// <summary>An entry of <c>guest-images/images.json</c>: one guest, one run.</summary>
public sealed record GuestImage
{
    /// <summary>Unique in the manifest.</summary>
    [JsonRequired]
    public string Name { get; init; } = "";

    /// <summary>The image, relative to the manifest.</summary>
    [JsonRequired]
    public string File { get; init; } = "";

    /// <summary>What it shows, in a line.</summary>
    public string Description { get; init; } = "";

    /// <summary>True to start it by <c>-bios</c>, false by <c>-kernel</c>.</summary>
    public bool Firmware { get; init; }

    /// <summary>How many vCPUs.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>RAM in MiB.</summary>
    public int Memory { get; init; } = 128;

    /// <summary>More words for the command line; QEMU must know them too if <see cref="Qemu"/> is true.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The kernel's command line; null for none.</summary>
    public string? Append { get; init; }

    /// <summary>Multiboot modules, "FILE ARGUMENTS" with the file relative to the manifest.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>
    /// DMA orderings that it is run under: for each O a run of its own, named <c>NAME@O</c>, with <c>-dma-ordering O</c> and with
    /// <c>ordering=O</c> on the kernel's command line. QEMU does not know them. A manifest has them no more once it is read.
    /// </summary>
    public IReadOnlyList<string> Orderings { get; init; } = [];

    /// <summary>
    /// Memory models that it is run in, each with every ordering: <c>NAME@M</c> or <c>NAME@O,M</c>, with <c>-memory-model M</c> and with
    /// <c>model=M</c> on the kernel's command line. QEMU does not know them. A manifest has them no more once it is read.
    /// </summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>For an ordering guest: what it must notice when it is broken on purpose. Runs of their own, by <c>emulator teeth</c>.</summary>
    public TeethEntry? Teeth { get; init; }

    /// <summary>Shared libraries of the host that it takes; where one is missing the guest is not run.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>What is typed on COM1.</summary>
    public string Stdin { get; init; } = "";

    /// <summary>The process's exit status; 1 is the guest's 0 through <c>isa-debug-exit</c>.</summary>
    public int ExpectStatus { get; init; } = 1;

    /// <summary>What COM1's output must contain.</summary>
    public IReadOnlyList<string> ExpectOutput { get; init; } = [];

    /// <summary>Seconds of wall time that the run may take.</summary>
    public double TimeoutSeconds { get; init; } = 60;

    /// <summary>False if QEMU cannot run it, or behaves otherwise by design.</summary>
    public bool Qemu { get; init; } = true;

    /// <summary>False if QEMU's output differs for a reason (a time of day, a check that TCG fails) and only the exit status is compared.</summary>
    public bool CompareOutput { get; init; } = true;

    /// <summary>Regular expressions: lines of the output that match one may differ from QEMU's, or be missing.</summary>
    public IReadOnlyList<string> Varies { get; init; } = [];

    /// <summary>Why <see cref="Qemu"/> or <see cref="CompareOutput"/> is false.</summary>
    public string? QemuReason { get; init; }

    /// <summary>The first of <see cref="Needs"/> that the host has not, as a reason not to run the guest; or null.</summary>
    internal string? Lacks() => Needs.FirstOrDefault(library => !NativeLibrary.TryLoad(library, out _)) is { } missing ? $"the host has no {missing}" : null;

    /// <summary>The runs that this entry asks for: itself, or one for each of <see cref="Orderings"/> in each of <see cref="Models"/>.</summary>
    internal IEnumerable<GuestImage> Expand()
    {
        IEnumerable<GuestImage> runs = Orderings.Count == 0 ? [this] : Orderings.Select(UnderOrdering);
        return Models.Count == 0 ? runs : runs.SelectMany(run => Models.Select(run.InModel));
    }

    private GuestImage UnderOrdering(string ordering) => With("-dma-ordering", "ordering", ordering, $"{Name}@{ordering}") with { Orderings = [] };

    private GuestImage InModel(string model) =>
        With("-memory-model", "model", model, Name.Contains('@', StringComparison.Ordinal) ? $"{Name},{model}" : $"{Name}@{model}") with { Models = [] };

    private GuestImage With(string option, string word, string value, string name) => this with
    {
        Name = name,
        Arguments = [option, value, .. Arguments],
        Append = string.IsNullOrEmpty(Append) ? $"{word}={value}" : $"{Append} {word}={value}",
    };
}
