namespace Emulator.Devices.Tests.Network;

public sealed class MicrowireEepromTests
{
    private readonly ushort[] _words = [.. Enumerable.Range(0, 64).Select(i => (ushort)(0xA500 + i))];
    private readonly MicrowireEeprom _eeprom;

    public MicrowireEepromTests() => _eeprom = new MicrowireEeprom(_words);

    [Fact]
    public void A_read_is_a_dummy_zero_and_sixteen_bits_from_the_highest()
    {
        Send(0b110, 3);
        Send(0x2A, 6);
        Assert.False(_eeprom.DataOut);
        Assert.Equal(0xA52A, Receive());
    }

    [Fact]
    public void Clocking_on_reads_the_words_behind_and_wraps()
    {
        Send(0b110, 3);
        Send(0x3F, 6);
        Assert.Equal([0xA53F, 0xA500, 0xA501], [Receive(), Receive(), Receive()]);
    }

    [Fact]
    public void Zeros_before_the_start_bit_do_not_matter()
    {
        Send(0, 5);
        Send(0b110, 3);
        Send(1, 6);
        Assert.Equal(0xA501, Receive());
    }

    [Fact]
    public void Nothing_is_written_until_writing_is_enabled()
    {
        Write(5, 0x1234);
        Assert.Equal(0xA505, _words[5]);
        Extended(0b11);
        Write(5, 0x1234);
        Assert.Equal(0x1234, _words[5]);
        Extended(0b00);
        Write(5, 0x5678);
        Assert.Equal(0x1234, _words[5]);
    }

    [Fact]
    public void Erasing_sets_all_bits_of_a_word_or_of_all()
    {
        Extended(0b11);
        Send(0b111, 3);
        Send(7, 6);
        Deselect();
        Assert.Equal((0xFFFF, 0xA508), (_words[7], _words[8]));
        Extended(0b10);
        Assert.All(_words, word => Assert.Equal(0xFFFF, word));
    }

    [Fact]
    public void Write_all_writes_all()
    {
        Extended(0b11);
        Send(0b100, 3);
        Send(0b010000, 6);
        Send(0xBEEF, 16);
        Deselect();
        Assert.All(_words, word => Assert.Equal(0xBEEF, word));
    }

    [Fact]
    public void Losing_select_gives_a_command_up()
    {
        Send(0b110, 3);
        Send(1, 3);
        Deselect();
        Assert.True(_eeprom.DataOut);
        Send(0b110, 3);
        Send(2, 6);
        Assert.Equal(0xA502, Receive());
    }

    [Fact]
    public void A_larger_one_has_eight_address_bits()
    {
        var words = new ushort[256];
        words[200] = 0xCAFE;
        var eeprom = new MicrowireEeprom(words);
        Send(eeprom, 0b110, 3);
        Send(eeprom, 200, 8);
        Assert.Equal(0xCAFE, Receive(eeprom));
    }

    [Fact]
    public void Any_levels_on_the_pins_are_survived()
    {
        const int Seed = 20261127;
        var random = new Random(Seed);
        for (var i = 0; i < 200_000; i++)
        {
            var pins = random.Next(32);
            _eeprom.SetPins(pins >= 2, (pins & 1) != 0, (pins & 4) != 0);
        }

        Deselect();
        Send(0b110, 3);
        Send(9, 6);
        Assert.Equal(_words[9], Receive());
    }

    [Fact]
    public void There_is_no_other_size() => Assert.Throws<ArgumentException>(() => new MicrowireEeprom(new ushort[63]));

    private void Write(uint address, uint value)
    {
        Send(0b101, 3);
        Send(address, 6);
        Send(value, 16);
        Deselect();
    }

    private void Extended(uint operation)
    {
        Send(0b100, 3);
        Send(operation << 4, 6);
        Deselect();
    }

    private void Deselect() => _eeprom.SetPins(false, false, false);

    private void Send(uint bits, int count) => Send(_eeprom, bits, count);

    private ushort Receive() => Receive(_eeprom);

    private static void Send(MicrowireEeprom eeprom, uint bits, int count)
    {
        eeprom.SetPins(true, false, false);
        for (var i = count - 1; i >= 0; i--)
        {
            var bit = ((bits >> i) & 1) != 0;
            eeprom.SetPins(true, false, bit);
            eeprom.SetPins(true, true, bit);
        }

        eeprom.SetPins(true, false, false);
    }

    private static ushort Receive(MicrowireEeprom eeprom)
    {
        var value = 0;
        for (var i = 0; i < 16; i++)
        {
            eeprom.SetPins(true, true, false);
            value = (value << 1) | (eeprom.DataOut ? 1 : 0);
            eeprom.SetPins(true, false, false);
        }

        return (ushort)value;
    }
}
