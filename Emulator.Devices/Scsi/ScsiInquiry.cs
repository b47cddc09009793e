using System.Buffers.Binary;
using System.Text;

namespace Emulator.Devices;

/// <summary>INQUIRY (SPC-3, 6.4).</summary>
internal static class ScsiInquiry
{
    /// <summary>VERSION: SPC-3.</summary>
    public const byte Version = 0x05;

    /// <summary>RESPONSE DATA FORMAT 2, and HISUP: logical units are named as SAM-3 does.</summary>
    public const byte ResponseFormat = 0x12;

    /// <summary>Bytes of the part that every device has.</summary>
    public const int ShortLength = 36;

    private const int Length = 74;
    private const byte WideBus = 0x20;
    private const byte SynchronousTransfers = 0x10;
    private const byte CommandQueuing = 0x02;
    private const int EnableVitalProductData = 0x01;

    private static ReadOnlySpan<ushort> Standards => [0x0060, 0x0300, 0x04C0];   // SAM-3, SPC-3, SBC-3 (SPC-3).

    /// <summary>The reply.</summary>
    public static void Reply(ScsiDiskTask task, Span<byte> reply)
    {
        ref readonly var command = ref task.Command;
        if ((command[1] & EnableVitalProductData) != 0)
        {
            if (ScsiVitalProductData.Write(task.Disk, command[2], reply) is { } length)
            {
                task.Reply(length, command.Half(3));
            }
            else
            {
                task.Fail(ScsiSense.InvalidField with { Field = 2 });
            }
        }
        else if (command[2] != 0)
        {
            task.Fail(ScsiSense.InvalidField with { Field = 2 });
        }
        else
        {
            WriteStandard(task.Disk.Identity, reply);
            task.Reply(Length, command.Half(3));
        }
    }

    /// <summary>Writes a left-aligned ASCII field, filled up with spaces (SPC-3, 4.4.1).</summary>
    public static void WriteText(Span<byte> field, string text)
    {
        field.Fill((byte)' ');
        _ = Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
    }

    private static void WriteStandard(ScsiDiskIdentity identity, Span<byte> reply)
    {
        (reply[2], reply[3], reply[4], reply[7]) = (Version, ResponseFormat, Length - 5, WideBus | SynchronousTransfers | CommandQueuing);
        WriteText(reply[8..16], identity.Vendor);
        WriteText(reply[16..32], identity.Product);
        WriteText(reply[32..36], identity.Version);
        for (var index = 0; index < Standards.Length; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(reply[(58 + (2 * index))..], Standards[index]);
        }
    }
}
