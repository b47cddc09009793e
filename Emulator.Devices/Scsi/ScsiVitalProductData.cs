using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>The pages of vital product data (SPC-3, 7.6; SBC-3).</summary>
internal static class ScsiVitalProductData
{
    private const int Header = 4;
    private const byte SupportedPages = 0x00;
    private const byte UnitSerialNumber = 0x80;
    private const byte DeviceIdentification = 0x83;
    private const byte BlockLimits = 0xB0;
    private const byte BlockDeviceCharacteristics = 0xB1;
    private const byte LogicalBlockProvisioning = 0xB2;
    private const int BlockPageLength = 0x3C;

    private static ReadOnlySpan<byte> Pages =>
        [SupportedPages, UnitSerialNumber, DeviceIdentification, BlockLimits, BlockDeviceCharacteristics, LogicalBlockProvisioning];

    /// <summary>Writes a page into zeroes.</summary>
    /// <returns>How many bytes it takes, or null if there is no such page.</returns>
    public static int? Write(ScsiDisk disk, byte page, Span<byte> reply)
    {
        if (!Has(disk, page))
        {
            return null;
        }

        var body = reply[Header..];
        var length = page switch
        {
            SupportedPages => WriteList(disk, body),
            UnitSerialNumber => WriteSerial(disk, body),
            DeviceIdentification => WriteDesignators(disk, body),
            BlockLimits => WriteLimits(disk, body),
            BlockDeviceCharacteristics => WriteCharacteristics(disk, body),
            _ => WriteProvisioning(disk, body),
        };
        reply[1] = page;
        BinaryPrimitives.WriteUInt16BigEndian(reply[2..], (ushort)length);
        return Header + length;
    }

    private static bool Has(ScsiDisk disk, byte page) => page switch
    {
        UnitSerialNumber => disk.Backing.Properties.Serial.Length > 0,
        _ => Pages.Contains(page),
    };

    private static int WriteList(ScsiDisk disk, Span<byte> body)
    {
        var count = 0;
        foreach (var page in Pages)
        {
            if (Has(disk, page))
            {
                body[count++] = page;
            }
        }

        return count;
    }

    private static int WriteSerial(ScsiDisk disk, Span<byte> body)
    {
        var serial = disk.Backing.Properties.Serial;
        ScsiInquiry.WriteText(body[..serial.Length], serial);
        return serial.Length;
    }

    // T10 vendor identification, with what is unique for the vendor behind it; and the world wide name, if it has one.
    private static int WriteDesignators(ScsiDisk disk, Span<byte> body)
    {
        var (identity, serial) = (disk.Identity, disk.Backing.Properties.Serial);
        var unique = serial.Length > 0 ? serial : identity.DeviceId;
        var name = 8 + 16 + unique.Length;
        (body[0], body[1], body[3]) = (0x02, 0x01, (byte)name);
        ScsiInquiry.WriteText(body.Slice(4, 8), identity.Vendor);
        ScsiInquiry.WriteText(body.Slice(12, 16), identity.Product);
        ScsiInquiry.WriteText(body.Slice(28, unique.Length), unique);
        if (identity.WorldWideName == 0)
        {
            return 4 + name;
        }

        var next = body[(4 + name)..];
        (next[0], next[1], next[3]) = (0x01, 0x03, 8);
        BinaryPrimitives.WriteUInt64BigEndian(next[4..], identity.WorldWideName);
        return 4 + name + 4 + 8;
    }

    private static int WriteLimits(ScsiDisk disk, Span<byte> body)
    {
        var granularity = disk.Backing.Properties.PhysicalBlockSize / disk.BlockSize;
        body[0] = 0x01;   // WSNZ: WRITE SAME does not take 0 for the rest of the disk.
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)Math.Min(granularity, ushort.MaxValue));
        if (disk.Backing.CanDiscard)
        {
            BinaryPrimitives.WriteUInt32BigEndian(body[16..], ScsiUnmap.MaximumBlocks);
            BinaryPrimitives.WriteUInt32BigEndian(body[20..], ScsiUnmap.MaximumDescriptors);
            BinaryPrimitives.WriteInt32BigEndian(body[24..], granularity);
            body[28] = 0x80;   // UGAVALID: aligned to block 0.
        }

        BinaryPrimitives.WriteUInt64BigEndian(body[32..], ScsiWriteSame.MaximumBlocks);
        return BlockPageLength;
    }

    private static int WriteCharacteristics(ScsiDisk disk, Span<byte> body)
    {
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)disk.Identity.RotationRate);
        return BlockPageLength;
    }

    private static int WriteProvisioning(ScsiDisk disk, Span<byte> body)
    {
        if (disk.Backing.CanDiscard)
        {
            // LBPU, LBPWS, LBPWS10; LBPRZ is 0, since a discard promises nothing; thin.
            (body[1], body[2]) = (0xE0, 0x02);
        }

        return 4;
    }
}
