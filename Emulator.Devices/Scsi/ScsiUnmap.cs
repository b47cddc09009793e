using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>UNMAP (SBC-3): the whole list is looked at, then its ranges are discarded one after the other.</summary>
internal sealed class ScsiUnmap : ScsiDiskCommand
{
    /// <summary>MAXIMUM UNMAP LBA COUNT, of all descriptors together.</summary>
    public const uint MaximumBlocks = 0x40_0000;

    /// <summary>MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT.</summary>
    public const uint MaximumDescriptors = 256;

    private const int Header = 8;
    private const int Descriptor = 16;

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task) => task.Want((int)task.Command.ListLength);

    /// <inheritdoc/>
    public override void Moved(ScsiDiskTask task, int moved)
    {
        if (moved < task.Command.ListLength)
        {
            task.Fail(ScsiSense.ParameterListLength);
        }
        else if (moved == 0)
        {
            task.Good();
        }
        else if (Check(task, task.Buffer.Span[..moved]) is { } sense)
        {
            task.Fail(sense);
        }
        else
        {
            Next(task);
        }
    }

    /// <inheritdoc/>
    public override void Ended(ScsiDiskTask task) => Next(task);

    private static ScsiSense? Check(ScsiDiskTask task, ReadOnlySpan<byte> list)
    {
        if (list.Length < Header || list.Length < Header + Count(list) * Descriptor)
        {
            return ScsiSense.ParameterListLength;
        }

        if (Count(list) > MaximumDescriptors)
        {
            return ScsiSense.InvalidParameter with { Field = 2 };
        }

        var total = 0L;
        for (var index = 0; index < Count(list); index++)
        {
            var (block, count) = Read(list, index);
            total += count;
            if (total > MaximumBlocks)
            {
                return ScsiSense.InvalidParameter with { Field = Header + (index * Descriptor) + 8 };
            }

            if (!task.Disk.Contains(block, count))
            {
                return ScsiSense.OutOfRange;
            }
        }

        return null;
    }

    private static void Next(ScsiDiskTask task)
    {
        var list = task.Buffer.Span;
        while (task.Position < Count(list))
        {
            var (block, count) = Read(list, task.Position++);
            if (count > 0)
            {
                task.SetRange(block, count);
                task.Ask(BlockOperation.Discard, count * task.Disk.BlockSize);
                return;
            }
        }

        task.Good();
    }

    // UNMAP BLOCK DESCRIPTOR DATA LENGTH; what is behind the last whole descriptor is ignored.
    private static int Count(ReadOnlySpan<byte> list) => BinaryPrimitives.ReadUInt16BigEndian(list[2..]) / Descriptor;

    private static (long Block, long Count) Read(ReadOnlySpan<byte> list, int index)
    {
        var descriptor = list[(Header + (index * Descriptor))..];
        return (BinaryPrimitives.ReadInt64BigEndian(descriptor), BinaryPrimitives.ReadUInt32BigEndian(descriptor[8..]));
    }
}
