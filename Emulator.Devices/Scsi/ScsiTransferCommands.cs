namespace Emulator.Devices;

/// <summary>READ (SBC-3): a piece from the disk, then to the initiator.</summary>
internal sealed class ScsiRead : ScsiDiskCommand
{
    private const int ForceUnitAccess = 0x08;

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        ref readonly var command = ref task.Command;
        if (task.TakeRange(command.LogicalBlock, command.TransferLength))
        {
            // From the medium: what was written before is brought there first.
            if (command.Operation != (byte)ScsiOperationCode.Read6 && (command[1] & ForceUnitAccess) != 0 && task.Disk.Backing.HasWriteCache)
            {
                task.Flush();
            }
            else
            {
                ReadPiece(task);
            }
        }
    }

    /// <inheritdoc/>
    public override void Ended(ScsiDiskTask task)
    {
        if (task.LastOperation == BlockOperation.Flush)
        {
            ReadPiece(task);
        }
        else
        {
            task.Offer(task.Piece);
        }
    }

    /// <inheritdoc/>
    public override void Moved(ScsiDiskTask task, int moved)
    {
        if (moved == task.Data.Length && task.Advance(moved))
        {
            ReadPiece(task);
        }
        else
        {
            task.Good();
        }
    }

    private static void ReadPiece(ScsiDiskTask task) => task.Ask(BlockOperation.Read, task.Piece, task.Buffer[..task.Piece]);
}

/// <summary>WRITE and WRITE AND VERIFY (SBC-3): a piece from the initiator, then to the disk, and back if it is to be verified.</summary>
/// <param name="verifies">WRITE AND VERIFY.</param>
internal sealed class ScsiWrite(bool verifies) : ScsiDiskCommand
{
    private const int ForceUnitAccess = 0x08;

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        if (task.TakeRange(task.Command.LogicalBlock, task.Command.TransferLength))
        {
            task.Want(task.Piece);
        }
    }

    /// <inheritdoc/>
    public override void Moved(ScsiDiskTask task, int moved)
    {
        if (moved < task.Data.Length)
        {
            task.Fail(ScsiSense.DataPhase with { Information = task.Block });
        }
        else
        {
            var isForced = verifies || (task.Command.Operation != (byte)ScsiOperationCode.Write6 && (task.Command[1] & ForceUnitAccess) != 0);
            task.Ask(BlockOperation.Write, moved, task.Buffer[..moved], isForced);
        }
    }

    /// <inheritdoc/>
    public override void Ended(ScsiDiskTask task)
    {
        if (verifies && task.LastOperation == BlockOperation.Write)
        {
            task.Ask(BlockOperation.Read, task.Piece, task.Medium[..task.Piece]);
        }
        else if (!verifies || ScsiVerify.IsAsSent(task))
        {
            if (task.Advance(task.Piece))
            {
                task.Want(task.Piece);
            }
            else
            {
                task.Good();
            }
        }
    }
}

/// <summary>VERIFY (SBC-3): a piece from the disk is there, and with BYTCHK the same as the initiator's.</summary>
internal sealed class ScsiVerify : ScsiDiskCommand
{
    private const int ByteCheck = 0x02;

    /// <summary>Compares what the initiator sent with what was read, if the CDB says so.</summary>
    /// <returns>False if they differ: the task has failed.</returns>
    public static bool IsAsSent(ScsiDiskTask task)
    {
        if (!Compares(task))
        {
            return true;
        }

        var same = task.Buffer.Span[..task.Piece].CommonPrefixLength(task.Medium.Span[..task.Piece]);
        if (same < task.Piece)
        {
            task.Fail(ScsiSense.Miscompare with { Information = task.Block + (same / task.Disk.BlockSize) });
        }

        return same == task.Piece;
    }

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        if (task.TakeRange(task.Command.LogicalBlock, task.Command.TransferLength))
        {
            NextPiece(task);
        }
    }

    /// <inheritdoc/>
    public override void Moved(ScsiDiskTask task, int moved)
    {
        if (moved < task.Data.Length)
        {
            task.Fail(ScsiSense.DataPhase with { Information = task.Block });
        }
        else
        {
            ReadPiece(task);
        }
    }

    /// <inheritdoc/>
    public override void Ended(ScsiDiskTask task)
    {
        if (IsAsSent(task))
        {
            if (task.Advance(task.Piece))
            {
                NextPiece(task);
            }
            else
            {
                task.Good();
            }
        }
    }

    private static bool Compares(ScsiDiskTask task) => (task.Command[1] & ByteCheck) != 0;

    private static void NextPiece(ScsiDiskTask task)
    {
        if (Compares(task))
        {
            task.Want(task.Piece);
        }
        else
        {
            ReadPiece(task);
        }
    }

    private static void ReadPiece(ScsiDiskTask task) => task.Ask(BlockOperation.Read, task.Piece, task.Medium[..task.Piece]);
}
