using System.IO.Hashing;

namespace Emulator.Devices;

/// <summary>The frame check sequence, CRC-32 (IEEE 802.3, 3.2.9), and the hash that multicast filters make of it.</summary>
public static class EthernetCrc
{
    /// <summary>The frame check sequence. Its bytes go onto the wire from the lowest.</summary>
    /// <param name="frame">The whole frame before it.</param>
    public static uint Compute(ReadOnlySpan<byte> frame) => Crc32.HashToUInt32(frame);

    /// <summary>The first six bits of the CRC over an address, in the order in which they leave the shift register: the index into a table of 64.</summary>
    /// <param name="address">Six bytes.</param>
    public static int MulticastHash(ReadOnlySpan<byte> address)
    {
        // The register holds them mirrored: its last is the first of the hash.
        var register = ~Compute(address[..MacAddress.Size]);
        var hash = 0;
        for (var bit = 0; bit < 6; bit++)
        {
            hash = (hash << 1) | (int)((register >> bit) & 1);
        }

        return hash;
    }
}
