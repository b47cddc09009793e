namespace Emulator.Host.Disks.Nbd;

/// <summary>What a drive says of how to use a server.</summary>
/// <param name="Delay">How long requests wait for a server that has gone before they fail.</param>
internal sealed record NbdOptions(TimeSpan Delay)
{
    /// <summary>True if nothing is to be changed.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True if flushes do nothing.</summary>
    public bool IsUnsafe { get; init; }

    /// <summary>True if what is discarded is given back to the server.</summary>
    public bool Unmaps { get; init; }

    /// <summary>True if what is asked is to have ended when its start returns.</summary>
    public bool IsScheduled { get; init; }

    /// <summary>What is used of what a server can do.</summary>
    public NbdExport Restrict(NbdExport export) => export with
    {
        Flags = export.Flags
            & ~(IsUnsafe ? NbdExportFlags.Flush | NbdExportFlags.ForceUnitAccess : 0)
            & ~(Unmaps ? 0 : NbdExportFlags.Trim),
    };
}
