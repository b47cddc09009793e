using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>REPORT LUNS (SPC-3, 6.21): the units of a target, in one pass over its places.</summary>
internal static class ScsiReportLuns
{
    /// <summary>The most that there can be to say.</summary>
    public const int MaximumLength = Header + (ScsiBus.UnitsPerTarget * Entry);

    private const int Header = 8;
    private const int Entry = 8;

    /// <summary>True if its fields may be as they are: a known SELECT REPORT, and room for the header and one unit.</summary>
    public static bool IsValid(in ScsiCommandBlock command) => command[2] <= 2 && command.ListLength >= 16;

    /// <summary>Writes the list into zeroes.</summary>
    /// <param name="bus">Where the units are.</param>
    /// <param name="target">Whose.</param>
    /// <param name="select">SELECT REPORT: 1 asks for well known units only, of which there is none.</param>
    /// <param name="reply">At least <see cref="MaximumLength"/> bytes.</param>
    /// <returns>How many bytes it takes.</returns>
    public static int Write(ScsiBus bus, int target, byte select, Span<byte> reply)
    {
        var length = Header;
        for (var lun = 0; lun < ScsiBus.UnitsPerTarget && select != 1; lun++)
        {
            if (bus.Unit(target, lun) is not null)
            {
                reply[length + 1] = (byte)lun;   // Peripheral device addressing, bus 0 (SAM-3).
                length += Entry;
            }
        }

        BinaryPrimitives.WriteInt32BigEndian(reply, length - Header);
        return length;
    }
}
