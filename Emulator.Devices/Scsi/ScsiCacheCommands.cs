namespace Emulator.Devices;

/// <summary>SYNCHRONIZE CACHE (SBC-3): everything is made stable, whatever part the CDB names.</summary>
/// <remarks>With IMMED too the status comes when it is done: an error that came later could not be told.</remarks>
internal sealed class ScsiSynchronizeCache : ScsiDiskCommand
{
    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        var (block, count) = (task.Command.LogicalBlock, (long)task.Command.ListLength);
        if (task.IsInRange(block, count))
        {
            task.Flush();
        }
    }
}

/// <summary>START STOP UNIT (SBC-3): what is in the cache is stable before the medium stops.</summary>
internal sealed class ScsiStartStop : ScsiDiskCommand
{
    private const int IsStart = 0x01;

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        if ((task.Command[4] & IsStart) != 0)
        {
            task.Disk.IsStopped = false;
            task.Good();
        }
        else
        {
            task.Flush();
        }
    }

    /// <inheritdoc/>
    public override void Ended(ScsiDiskTask task)
    {
        task.Disk.IsStopped = true;
        task.Good();
    }
}
