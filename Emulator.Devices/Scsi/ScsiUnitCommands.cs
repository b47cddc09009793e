using System.Buffers.Binary;
using System.Numerics;

namespace Emulator.Devices;

/// <summary>Commands that ask after the unit and its medium, and those that are there because drivers send them.</summary>
internal static class ScsiUnitCommands
{
    private const int PartialMedium = 0x01;

    /// <summary>TEST UNIT READY, RESERVE, RELEASE, PREVENT ALLOW MEDIUM REMOVAL, REZERO UNIT: what could stand against them has been looked at.</summary>
    public static void Nothing(ScsiDiskTask task) => task.Good();

    /// <summary>REQUEST SENSE (SPC-3, 6.27).</summary>
    public static void RequestSense(ScsiDiskTask task, Span<byte> reply) => task.Reply(task.Disk.TakeSense().Write(reply, (task.Command[1] & 1) != 0));

    /// <summary>SEEK: the place must be there.</summary>
    public static void Seek(ScsiDiskTask task)
    {
        if (task.TakeRange(task.Command.LogicalBlock, 1))
        {
            task.Good();
        }
    }

    /// <summary>SEND DIAGNOSTIC (SPC-3, 6.28): the default self-test.</summary>
    public static void SendDiagnostic(ScsiDiskTask task)
    {
        if (task.Command.Half(3) != 0)
        {
            task.Fail(ScsiSense.InvalidField with { Field = 3 });
        }
        else
        {
            task.Good();
        }
    }

    /// <summary>READ CAPACITY (10) (SBC-3).</summary>
    public static void ReadCapacity10(ScsiDiskTask task, Span<byte> reply)
    {
        if (IsPartial(task, task.Command[8]))
        {
            BinaryPrimitives.WriteUInt32BigEndian(reply, (uint)Math.Min(task.Disk.Backing.Blocks - 1, uint.MaxValue));
            BinaryPrimitives.WriteInt32BigEndian(reply[4..], task.Disk.BlockSize);
            task.Offer(8);
        }
    }

    /// <summary>READ CAPACITY (16) (SBC-3).</summary>
    public static void ReadCapacity16(ScsiDiskTask task, Span<byte> reply)
    {
        if (IsPartial(task, task.Command[14]))
        {
            var disk = task.Disk.Backing;
            BinaryPrimitives.WriteInt64BigEndian(reply, disk.Blocks - 1);
            BinaryPrimitives.WriteInt32BigEndian(reply[8..], task.Disk.BlockSize);
            reply[13] = (byte)BitOperations.Log2((uint)(disk.Properties.PhysicalBlockSize / task.Disk.BlockSize));
            reply[14] = (byte)(disk.CanDiscard ? 0x80 : 0);   // LBPME; LBPRZ is 0.
            task.Reply(32);
        }
    }

    /// <summary>REPORT LUNS (SPC-3, 6.21).</summary>
    public static void ReportLuns(ScsiDiskTask task, Span<byte> reply)
    {
        if (ScsiReportLuns.IsValid(task.Command))
        {
            task.Reply(ScsiReportLuns.Write(task.Disk.Bus!, task.Disk.Target, task.Command[2], reply));
        }
        else
        {
            task.Fail(ScsiSense.InvalidField);
        }
    }

    /// <summary>READ DEFECT DATA (10) (SBC-3): none, in the format that is asked for.</summary>
    public static void ReadDefectData10(ScsiDiskTask task, Span<byte> reply)
    {
        reply[1] = task.Command[2];
        task.Reply(4);
    }

    /// <summary>READ DEFECT DATA (12) (SBC-3).</summary>
    public static void ReadDefectData12(ScsiDiskTask task, Span<byte> reply)
    {
        reply[1] = task.Command[1];
        task.Reply(8);
    }

    // Only with PMI may there be a block, whose neighbourhood is the whole disk.
    private static bool IsPartial(ScsiDiskTask task, byte flags)
    {
        if ((flags & PartialMedium) == 0 && task.Command.LogicalBlock != 0)
        {
            task.Fail(ScsiSense.InvalidField with { Field = 2 });
            return false;
        }

        return true;
    }
}
