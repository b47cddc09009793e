using Emulator.Host.CommandLine;

namespace Emulator.Host.Disks;

/// <summary>A <c>-drive</c> of the command line, checked against its kind.</summary>
public sealed class DriveDescription : PropertyValues
{
    internal DriveDescription(DriveKind kind)
        : base(kind.Name, kind.Properties) => Kind = kind;

    /// <summary>What devices name it by: its id, or what its interface and its number make of it.</summary>
    public string Id { get; internal set; } = "";

    /// <summary>Which controller, for <c>if=scsi</c>; else 0.</summary>
    public int Bus { get; internal set; }

    /// <summary>Its number on that.</summary>
    public int Unit { get; internal set; }

    /// <summary>True if the guest may change nothing.</summary>
    public bool IsReadOnly => IsOn("readonly");

    /// <summary>True if what the guest changes stays in memory.</summary>
    public bool IsSnapshot => IsOn("snapshot");

    /// <summary>True if nothing of the file is changed.</summary>
    public bool OpensReadOnly => IsReadOnly || IsSnapshot;

    /// <summary>True if a completed write may be lost without a flush, and the guest is told so, unless its device says otherwise.</summary>
    public bool HasWriteCache => Text("cache") is not ("writethrough" or "directsync");

    /// <summary>True if the host's page cache is left out.</summary>
    public bool IsDirect => Text("cache") is "none" or "directsync";

    /// <summary>True if flushes do nothing.</summary>
    public bool IsUnsafe => Text("cache") == "unsafe";

    /// <summary>True if what the guest discards is given back to the host.</summary>
    public bool Unmaps => Text("discard") is "unmap" or "on";

    internal DriveKind Kind { get; }
}
