namespace Emulator.Devices;

/// <summary>What a task asks of the disk, one thing at a time.</summary>
/// <param name="task">Whose it is; null for the unit's own flush.</param>
internal sealed class ScsiDiskRequest(ScsiDiskTask? task) : BlockRequest
{
    /// <summary>Whose it is; null for the unit's own flush.</summary>
    public ScsiDiskTask? Task => task;

    /// <summary>True from its start until it was taken back.</summary>
    public bool IsUnderWay { get; set; }
}
