using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>REPORT SUPPORTED OPERATION CODES and TASK MANAGEMENT FUNCTIONS (SPC-4).</summary>
internal static class ScsiReportOperations
{
    private const int WithTimeouts = 0x80;
    private const int TimeoutsLength = 12;
    private const byte NotSupported = 1;
    private const byte Supported = 3;

    /// <summary>MAINTENANCE IN's REPORT SUPPORTED OPERATION CODES.</summary>
    public static void Operations(ScsiDiskTask task, Span<byte> reply)
    {
        ref readonly var command = ref task.Command;
        var hasTimeouts = (command[2] & WithTimeouts) != 0;
        var (code, action) = (command[3], command.Half(4));
        switch (command[2] & 7)
        {
            case 0:
                task.Reply(WriteAll(task.Disk, hasTimeouts, reply));
                break;
            case 1 when ScsiOperationTable.HasActions(code):
            case 2 when !ScsiOperationTable.HasActions(code):
                task.Fail(ScsiSense.InvalidField with { Field = 2 });
                break;
            case 1:
                task.Reply(WriteOne(ScsiOperationTable.Find(code, ScsiOperation.NoAction, task.Disk), hasTimeouts, reply));
                break;
            case 2 or 3:
                var wanted = ScsiOperationTable.HasActions(code) ? action : ScsiOperation.NoAction;
                task.Reply(WriteOne(ScsiOperationTable.Find(code, wanted, task.Disk), hasTimeouts, reply));
                break;
            default:
                task.Fail(ScsiSense.InvalidField with { Field = 2 });
                break;
        }
    }

    /// <summary>MAINTENANCE IN's REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS.</summary>
    public static void TaskManagement(ScsiDiskTask task, Span<byte> reply)
    {
        // ABORT TASK, ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET, TARGET RESET.
        reply[0] = 0x80 | 0x40 | 0x10 | 0x08 | 0x02;
        task.Reply(4);
    }

    private static int WriteAll(ScsiDisk disk, bool hasTimeouts, Span<byte> reply)
    {
        var length = 4;
        foreach (var operation in ScsiOperationTable.Rows)
        {
            if (ScsiOperationTable.IsThere(operation, disk))
            {
                var entry = reply[length..];
                var hasAction = operation.Action != ScsiOperation.NoAction;
                (entry[0], entry[5], entry[7]) = ((byte)operation.Code, (byte)((hasAction ? 1 : 0) | (hasTimeouts ? 2 : 0)), (byte)operation.Length);
                BinaryPrimitives.WriteUInt16BigEndian(entry[2..], (ushort)(hasAction ? operation.Action : 0));
                length += 8;
                length += hasTimeouts ? WriteTimeouts(reply[length..]) : 0;
            }
        }

        BinaryPrimitives.WriteInt32BigEndian(reply, length - 4);
        return length;
    }

    private static int WriteOne(ScsiOperation? operation, bool hasTimeouts, Span<byte> reply)
    {
        if (operation is null)
        {
            reply[1] = NotSupported;
            return 4;
        }

        reply[1] = (byte)(Supported | (hasTimeouts ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(reply[2..], (ushort)operation.Length);
        operation.WriteUsage(reply[4..]);
        var length = 4 + operation.Length;
        return length + (hasTimeouts ? WriteTimeouts(reply[length..]) : 0);
    }

    // No time is given for anything (SPC-4).
    private static int WriteTimeouts(Span<byte> descriptor)
    {
        BinaryPrimitives.WriteUInt16BigEndian(descriptor, TimeoutsLength - 2);
        return TimeoutsLength;
    }
}
