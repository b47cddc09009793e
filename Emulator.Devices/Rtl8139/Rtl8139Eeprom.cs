using System.Buffers.Binary;

namespace Emulator.Devices;

/// <summary>What a 93C46 beside the controller has.</summary>
internal static class Rtl8139Eeprom
{
    private const int AddressAt = 7;

    /// <summary>One as it comes from the factory.</summary>
    /// <param name="address">The station's.</param>
    public static MicrowireEeprom Create(MacAddress address)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        address.CopyTo(bytes);
        var words = new ushort[64];
        (words[0], words[1], words[2]) = (0x8129, Rtl8139Function.Vendor, Rtl8139Function.Device);

        // Subsystem; MNGNT and MXLAT; MSR, BMCR and CONFIG3.
        (words[3], words[4], words[5], words[6]) = (0x1AF4, 0x1100, 0x4020, 0x0110);
        for (var i = 0; i < 3; i++)
        {
            words[AddressAt + i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(i * 2)..]);
        }


        // CONFIG0 and CONFIG1.
        words[10] = 0x0D00;
        return new MicrowireEeprom(words);
    }

    /// <summary>The station's address in it, as IDR has it.</summary>
    public static ulong AddressIn(MicrowireEeprom eeprom) =>
        eeprom[AddressAt] | ((ulong)eeprom[AddressAt + 1] << 16) | ((ulong)eeprom[AddressAt + 2] << 32);
}
