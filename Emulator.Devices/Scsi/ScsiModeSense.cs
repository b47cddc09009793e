using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>MODE SENSE (6) and (10) (SPC-3, 6.9 and 6.10).</summary>
internal static class ScsiModeSense
{
    private const int DisableBlockDescriptors = 0x08;
    private const int LongLbaAccepted = 0x10;
    private const byte WriteProtect = 0x80;
    private const byte DpoFua = 0x10;

    /// <summary>The reply.</summary>
    public static void Reply(ScsiDiskTask task, Span<byte> reply)
    {
        ref readonly var command = ref task.Command;
        var (control, page, subpage) = ((ScsiPageControl)(command[2] >> 6), command[2] & 0x3F, command[3]);
        if (control == ScsiPageControl.Saved)
        {
            task.Fail(ScsiSense.SavingNotSupported);
        }
        else if (page != ScsiModePages.All && ScsiModePages.LengthOf(page) == 0)
        {
            task.Fail(ScsiSense.InvalidField with { Field = 2 });
        }
        else if (subpage != 0 && subpage != 0xFF)
        {
            task.Fail(ScsiSense.InvalidField with { Field = 3 });
        }
        else
        {
            var isLong = command.Operation == (byte)ScsiOperationCode.ModeSense10;
            var length = WriteHeader(task, isLong, reply);
            foreach (var each in ScsiModePages.Pages)
            {
                if (page == ScsiModePages.All || page == each)
                {
                    length += ScsiModePages.Write(task.Disk, each, control, reply[length..]);
                }
            }

            if (isLong)
            {
                BinaryPrimitives.WriteUInt16BigEndian(reply, (ushort)(length - 2));
            }
            else
            {
                reply[0] = (byte)(length - 1);
            }

            task.Reply(length);
        }
    }

    // Mode parameter header and block descriptor (SPC-3, 7.4.3 and 7.4.4), but for the length.
    private static int WriteHeader(ScsiDiskTask task, bool isLong, Span<byte> reply)
    {
        var disk = task.Disk;
        var flags = (byte)(DpoFua | (disk.Backing.IsReadOnly ? WriteProtect : 0));
        var hasDescriptor = (task.Command[1] & DisableBlockDescriptors) == 0;
        var isLongBlock = isLong && hasDescriptor && (task.Command[1] & LongLbaAccepted) != 0;
        var (header, descriptor) = (isLong ? 8 : 4, !hasDescriptor ? 0 : isLongBlock ? 16 : 8);
        if (isLong)
        {
            (reply[3], reply[4], reply[7]) = (flags, (byte)(isLongBlock ? 1 : 0), (byte)descriptor);
        }
        else
        {
            (reply[2], reply[3]) = (flags, (byte)descriptor);
        }

        var body = reply[header..];
        if (isLongBlock)
        {
            BinaryPrimitives.WriteInt64BigEndian(body, disk.Backing.Blocks);
            BinaryPrimitives.WriteInt32BigEndian(body[12..], disk.BlockSize);
        }
        else if (hasDescriptor)
        {
            BinaryPrimitives.WriteUInt32BigEndian(body, (uint)Math.Min(disk.Backing.Blocks, uint.MaxValue));
            BinaryPrimitives.WriteInt32BigEndian(body[4..], disk.BlockSize);
        }

        return header + descriptor;
    }
}
