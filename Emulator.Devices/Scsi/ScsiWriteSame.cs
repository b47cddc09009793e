namespace Emulator.Devices;

/// <summary>WRITE SAME (SBC-3): one block from the initiator, or zeroes, to many places.</summary>
internal sealed class ScsiWriteSame : ScsiDiskCommand
{
    /// <summary>MAXIMUM WRITE SAME LENGTH.</summary>
    public const uint MaximumBlocks = 0x20_0000;

    private const int NoDataOut = 0x01;
    private const int UnmapBit = 0x08;
    private const long ZeroPiece = 32 << 20;

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        var (count, isNoData) = (task.Command.ListLength, HasNoData(task));
        if (MayUnmap(task) && !task.Disk.Backing.CanDiscard)
        {
            task.Fail(ScsiSense.InvalidField with { Field = 1 });
        }
        else if (count is 0 or > MaximumBlocks)
        {
            task.Fail(ScsiSense.InvalidField with { Field = task.Command.Operation == (byte)ScsiOperationCode.WriteSame16 ? 10 : 7 });
        }
        else if (task.TakeRange(task.Command.LogicalBlock, count))
        {
            if (isNoData)
            {
                Zero(task);
            }
            else
            {
                task.Want(task.Disk.BlockSize);
            }
        }
    }

    /// <inheritdoc/>
    public override void Moved(ScsiDiskTask task, int moved)
    {
        var blockSize = task.Disk.BlockSize;
        if (moved < blockSize)
        {
            task.Fail(ScsiSense.DataPhase);
        }
        else if (!task.Buffer.Span[..blockSize].ContainsAnyExcept((byte)0))
        {
            Zero(task);
        }
        else
        {
            for (var filled = blockSize; filled < task.Piece; filled += blockSize)
            {
                task.Buffer[..blockSize].CopyTo(task.Buffer[filled..]);
            }

            Write(task);
        }
    }

    /// <inheritdoc/>
    public override void Ended(ScsiDiskTask task)
    {
        var isZero = task.LastOperation == BlockOperation.WriteZeroes;
        if (!task.Advance(isZero ? ZeroLength(task) : task.Piece))
        {
            task.Good();
        }
        else if (isZero)
        {
            Zero(task);
        }
        else
        {
            Write(task);
        }
    }

    private static bool HasNoData(ScsiDiskTask task) => task.Command.Operation == (byte)ScsiOperationCode.WriteSame16 && (task.Command[1] & NoDataOut) != 0;

    private static bool MayUnmap(ScsiDiskTask task) => (task.Command[1] & UnmapBit) != 0;

    private static long ZeroLength(ScsiDiskTask task) => Math.Min(task.Remaining * task.Disk.BlockSize, ZeroPiece);

    private static void Zero(ScsiDiskTask task) => task.Ask(BlockOperation.WriteZeroes, ZeroLength(task), mayUnmap: MayUnmap(task));

    private static void Write(ScsiDiskTask task) => task.Ask(BlockOperation.Write, task.Piece, task.Buffer[..task.Piece]);
}
