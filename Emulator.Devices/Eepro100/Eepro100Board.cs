namespace Emulator.Devices;

/// <summary>What is on the board beside the controller: its EEPROM and, or inside it, an 82555 PHY.</summary>
internal static class Eepro100Board
{
    /// <summary>The PHY's address on the management bus.</summary>
    public const int PhyAddress = 1;

    private const int Words = 64;

    /// <summary>An EEPROM as it comes with the board (8255x manual, 4.5): address, connectors, controller, PHY, identity, checksum.</summary>
    /// <param name="variant">The controller.</param>
    /// <param name="address">The station's.</param>
    public static MicrowireEeprom CreateEeprom(Eepro100Variant variant, MacAddress address)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        address.CopyTo(bytes);
        var words = new ushort[Words];
        for (var i = 0; i < 3; i++)
        {
            words[i] = (ushort)(bytes[2 * i] | (bytes[(2 * i) + 1] << 8));
        }

        words[3] = 0x0203;
        words[5] = (ushort)(variant.Is82557 ? 0x0101 : 0x0201);
        words[6] = 0x0700 | PhyAddress;
        words[10] = 0x4000;
        words[11] = variant.SubsystemId;
        words[12] = variant.SubsystemVendorId;

        // All words together are BABAh.
        ushort sum = 0xBABA;
        foreach (var word in words)
        {
            sum -= word;
        }

        words[Words - 1] = sum;
        return new MicrowireEeprom(words);
    }

    /// <summary>The address that an EEPROM holds.</summary>
    /// <param name="eeprom">The board's.</param>
    public static MacAddress AddressIn(MicrowireEeprom eeprom)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        for (var i = 0; i < 3; i++)
        {
            (bytes[2 * i], bytes[(2 * i) + 1]) = ((byte)eeprom[i], (byte)(eeprom[i] >> 8));
        }

        return MacAddress.Read(bytes);
    }

    /// <summary>An 82555 with a partner that offers 100 Mb/s full duplex.</summary>
    public static MiiPhy CreatePhy()
    {
        Span<ushort> reset = stackalloc ushort[32];
        Span<ushort> writable = stackalloc ushort[32];
        (reset[(int)MiiRegister.Control], writable[(int)MiiRegister.Control]) = (0x3000, 0x7D80);
        reset[(int)MiiRegister.Status] = 0x7809;
        (reset[(int)MiiRegister.Identifier1], reset[(int)MiiRegister.Identifier2]) = (0x02A8, 0x0154);
        (reset[(int)MiiRegister.Advertisement], writable[(int)MiiRegister.Advertisement]) = (0x05E1, 0x3FE0);
        (reset[(int)MiiRegister.PartnerAbility], reset[(int)MiiRegister.Expansion]) = (0x45E1, 0x0001);

        // Status and control, which tells of 100 Mb/s and full duplex; special control; its address; LED switch.
        (reset[16], writable[16]) = (0x0003, 0xF000);
        writable[17] = 0xFFFF;
        reset[18] = PhyAddress;
        writable[27] = 0x0007;
        return new MiiPhy(reset, writable);
    }
}
