using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>The mode pages of a disk (SPC-3, 7.4; SBC-3): one value can be changed, WCE.</summary>
internal static class ScsiModePages
{
    /// <summary>PAGE CODE of all of them.</summary>
    public const int All = 0x3F;

    /// <summary>WCE, in <see cref="CachingByte"/> of the caching page.</summary>
    public const byte WriteCacheEnable = 0x04;

    /// <summary>Where WCE is.</summary>
    public const int CachingByte = 2;

    /// <summary>The caching page.</summary>
    public const int Caching = 0x08;

    /// <summary>The longest page.</summary>
    public const int MaximumLength = 24;

    private const int ErrorRecovery = 0x01;
    private const int Format = 0x03;
    private const int Geometry = 0x04;
    private const int Control = 0x0A;
    private const int UsualRotation = 5400;

    /// <summary>The pages, in ascending order.</summary>
    public static ReadOnlySpan<byte> Pages => [ErrorRecovery, Format, Geometry, Caching, Control];

    /// <summary>Bytes of a page with its header, 0 if there is none.</summary>
    public static int LengthOf(int page) => page switch
    {
        ErrorRecovery or Control => 12,
        Format or Geometry => 24,
        Caching => 20,
        _ => 0,
    };

    /// <summary>Writes a page that there is into zeroes.</summary>
    /// <returns>How many bytes it takes.</returns>
    public static int Write(ScsiDisk disk, int page, ScsiPageControl control, Span<byte> reply)
    {
        var length = LengthOf(page);
        (reply[0], reply[1]) = ((byte)page, (byte)(length - 2));
        if (control == ScsiPageControl.Changeable)
        {
            reply[CachingByte] = page == Caching ? WriteCacheEnable : (byte)0;
            return length;
        }

        switch (page)
        {
            case ErrorRecovery:
                reply[2] = 0x80;   // AWRE: the host finds another place.
                break;
            case Format:
                BinaryPrimitives.WriteUInt16BigEndian(reply[10..], (ushort)ScsiGeometry.Of(disk.Backing.Blocks).Sectors);
                BinaryPrimitives.WriteUInt16BigEndian(reply[12..], (ushort)disk.BlockSize);
                reply[20] = 0x40;   // HSEC
                break;
            case Geometry:
                var geometry = ScsiGeometry.Of(disk.Backing.Blocks);
                (reply[2], reply[3], reply[4]) = ((byte)(geometry.Cylinders >> 16), (byte)(geometry.Cylinders >> 8), (byte)geometry.Cylinders);
                reply[5] = (byte)geometry.Heads;
                BinaryPrimitives.WriteUInt16BigEndian(reply[20..], (ushort)(disk.Identity.RotationRate > 1 ? disk.Identity.RotationRate : UsualRotation));
                break;
            case Caching:
                var hasCache = control == ScsiPageControl.Default ? disk.Backing.Properties.HasWriteCache : disk.Backing.HasWriteCache;
                reply[CachingByte] = hasCache ? WriteCacheEnable : (byte)0;
                break;
            default:
                reply[3] = 0x10;   // QUEUE ALGORITHM MODIFIER: tasks may be reordered.
                break;
        }

        return length;
    }
}

/// <summary>PAGE CONTROL of MODE SENSE (SPC-3, 6.9.3): which values.</summary>
internal enum ScsiPageControl
{
    /// <summary>Those in effect.</summary>
    Current,

    /// <summary>Ones where a value can be changed.</summary>
    Changeable,

    /// <summary>Those behind a reset.</summary>
    Default,

    /// <summary>Those kept for the next one: there are none.</summary>
    Saved,
}

/// <summary>Cylinders, heads and sectors for those who still ask; what SCSI controllers' BIOSes take.</summary>
/// <param name="Cylinders">24 bits.</param>
/// <param name="Heads">To a cylinder.</param>
/// <param name="Sectors">To a track.</param>
internal readonly record struct ScsiGeometry(int Cylinders, int Heads, int Sectors)
{
    private const long Small = 1024 * 64 * 32;

    /// <summary>For a number of blocks: 64 by 32 while 1024 cylinders of those are enough, else 255 by 63.</summary>
    public static ScsiGeometry Of(long blocks)
    {
        var (heads, sectors) = blocks <= Small ? (64, 32) : (255, 63);
        return new((int)Math.Min(blocks / (heads * sectors), 0xFF_FFFF), heads, sectors);
    }
}
