using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>The ones' complement sum of IP, TCP and UDP (RFC 1071). Sums are of big-endian words and are folded to 16 bits.</summary>
public static class InternetChecksum
{
    /// <summary>Adds bytes to a sum; an odd last one counts as the upper half of a word.</summary>
    /// <param name="bytes">From an even place in what is summed.</param>
    /// <param name="sum">What was summed before.</param>
    public static ushort Sum(ReadOnlySpan<byte> bytes, uint sum = 0)
    {
        ulong total = sum;
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            total += BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }

        if (bytes.Length >= 2)
        {
            total += BinaryPrimitives.ReadUInt16BigEndian(bytes);
            bytes = bytes[2..];
        }

        if (bytes.Length == 1)
        {
            total += (uint)bytes[0] << 8;
        }

        return Fold(total);
    }

    /// <summary>Brings a sum of words to 16 bits, the carries added at the low end.</summary>
    /// <param name="sum">A sum.</param>
    public static ushort Fold(ulong sum)
    {
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }
}
