namespace Emulator.Devices;

/// <summary>What is in the EEPROM of a board (8254x manual, 5.6): 64 words, which with the last of them add up to 0xBABA.</summary>
internal static class E1000Eeprom
{
    private const ushort Sum = 0xBABA;
    private const int Words = 64;

    /// <summary>A board's.</summary>
    /// <param name="address">The station address: the first three words.</param>
    /// <param name="subsystem">Vendor and board: words 0Ch and 0Bh.</param>
    /// <param name="device">The controller: words 0Eh and 0Dh.</param>
    public static MicrowireEeprom Create(MacAddress address, (ushort Vendor, ushort Id) subsystem, (ushort Vendor, ushort Id) device)
    {
        var words = new ushort[Words];
        words.AsSpan().Fill(0xFFFF);
        Span<byte> bytes = stackalloc byte[MacAddress.Size];
        address.CopyTo(bytes);
        for (var i = 0; i < 3; i++)
        {
            words[i] = (ushort)(bytes[i * 2] | (bytes[(i * 2) + 1] << 8));
        }

        // Compatibility, the board's assembly number, initialization control 1: nothing that asks for a special treatment.
        (words[0x03], words[0x08], words[0x09], words[0x0A]) = (0, 0, 0, 0x4408);
        (words[0x0B], words[0x0C]) = (subsystem.Id, subsystem.Vendor);
        (words[0x0D], words[0x0E]) = (device.Id, device.Vendor);

        // Initialization control 2 and 3, LEDs, no wake-up, no management.
        (words[0x0F], words[0x10], words[0x1F], words[0x20], words[0x24]) = (0x3040, 0, 0x0706, 0, 0);
        words[Words - 1] = 0;
        var sum = 0;
        foreach (var word in words)
        {
            sum += word;
        }

        words[Words - 1] = (ushort)(Sum - sum);
        return new MicrowireEeprom(words);
    }

    /// <summary>The first entry of the table of addresses, as it is loaded at a reset: the station's address, valid.</summary>
    public static ulong ReceiveAddress(MicrowireEeprom eeprom) => eeprom[0] | ((ulong)eeprom[1] << 16) | ((ulong)eeprom[2] << 32) | (1UL << 63);
}
