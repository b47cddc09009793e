using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>MODE SELECT (6) and (10) (SPC-3, 6.7 and 6.8): all of the list is looked at before anything is changed.</summary>
internal sealed class ScsiModeSelect : ScsiDiskCommand
{
    private const int PageFormat = 0x10;
    private const int SavePages = 0x01;
    private const int SubpageFormat = 0x40;
    private const int LongLba = 0x01;

    /// <inheritdoc/>
    public override void Begin(ScsiDiskTask task)
    {
        if ((task.Command[1] & (PageFormat | SavePages)) != PageFormat)
        {
            task.Fail(ScsiSense.InvalidField with { Field = 1 });
        }
        else
        {
            task.Want((int)task.Command.ListLength);
        }
    }

    /// <inheritdoc/>
    public override void Moved(ScsiDiskTask task, int moved)
    {
        var hasCache = task.Disk.Backing.HasWriteCache;
        if (moved < task.Command.ListLength)
        {
            task.Fail(ScsiSense.ParameterListLength);
        }
        else if (moved > 0 && Check(task, task.Buffer.Span[..moved], ref hasCache) is { } sense)
        {
            task.Fail(sense);
        }
        else if (task.Disk.Backing.HasWriteCache && !hasCache)
        {
            // From now on writes are stable when they end; those before are when this has.
            task.Disk.Backing.HasWriteCache = false;
            task.Flush();
        }
        else
        {
            task.Disk.Backing.HasWriteCache = hasCache;
            task.Good();
        }
    }

    /// <inheritdoc/>
    public override void Failed(ScsiDiskTask task) => task.Disk.Backing.HasWriteCache = true;

    private static ScsiSense? Check(ScsiDiskTask task, ReadOnlySpan<byte> list, ref bool hasCache)
    {
        var isLong = task.Command.Operation == (byte)ScsiOperationCode.ModeSelect10;
        var header = isLong ? 8 : 4;
        if (list.Length < header)
        {
            return ScsiSense.ParameterListLength;
        }

        var descriptor = isLong ? BinaryPrimitives.ReadUInt16BigEndian(list[6..]) : list[3];
        var isLongBlock = isLong && (list[4] & LongLba) != 0;
        if (descriptor != 0 && descriptor != (isLongBlock ? 16 : 8))
        {
            return ScsiSense.InvalidParameter with { Field = isLong ? 6 : 3 };
        }

        if (list.Length < header + descriptor)
        {
            return ScsiSense.ParameterListLength;
        }

        if (descriptor != 0 && !IsAsItIs(task.Disk, list.Slice(header, descriptor)))
        {
            return ScsiSense.InvalidParameter with { Field = header };
        }

        for (var place = header + descriptor; place < list.Length;)
        {
            if (CheckPage(task.Disk, list[place..], ref hasCache, out var length) is { } sense)
            {
                return sense with { Field = sense.Field + place };
            }

            place += length;
        }

        return null;
    }

    // The medium stays formatted as it is: any number that means all of it, and its own block length.
    private static bool IsAsItIs(ScsiDisk disk, ReadOnlySpan<byte> descriptor)
    {
        var isShort = descriptor.Length == 8;
        var blocks = isShort ? BinaryPrimitives.ReadUInt32BigEndian(descriptor) : BinaryPrimitives.ReadUInt64BigEndian(descriptor);
        var isAll = blocks == 0 || blocks == (ulong)disk.Backing.Blocks || blocks == (isShort ? uint.MaxValue : ulong.MaxValue);
        return isAll && BinaryPrimitives.ReadUInt32BigEndian(descriptor[^4..]) == disk.BlockSize;
    }

    private static ScsiSense? CheckPage(ScsiDisk disk, ReadOnlySpan<byte> list, ref bool hasCache, out int length)
    {
        length = list.Length < 2 ? 0 : 2 + list[1];
        if (list.Length < 2 || list.Length < length)
        {
            return ScsiSense.ParameterListLength;
        }

        var page = list[0] & 0x3F;
        if ((list[0] & SubpageFormat) != 0 || ScsiModePages.LengthOf(page) == 0)
        {
            return ScsiSense.InvalidParameter with { Field = 0 };
        }

        if (length != ScsiModePages.LengthOf(page))
        {
            return ScsiSense.InvalidParameter with { Field = 1 };
        }

        Span<byte> current = stackalloc byte[ScsiModePages.MaximumLength];
        Span<byte> changeable = stackalloc byte[ScsiModePages.MaximumLength];
        current.Clear();
        changeable.Clear();
        _ = ScsiModePages.Write(disk, page, ScsiPageControl.Current, current);
        _ = ScsiModePages.Write(disk, page, ScsiPageControl.Changeable, changeable);
        for (var index = 2; index < length; index++)
        {
            if (((list[index] ^ current[index]) & ~changeable[index]) != 0)
            {
                return ScsiSense.InvalidParameter with { Field = index };
            }
        }

        if (page == ScsiModePages.Caching)
        {
            hasCache = (list[ScsiModePages.CachingByte] & ScsiModePages.WriteCacheEnable) != 0;
        }

        return null;
    }
}
