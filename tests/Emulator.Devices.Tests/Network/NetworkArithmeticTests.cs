using System.Text;

namespace Emulator.Devices.Tests.Network;

public sealed class NetworkArithmeticTests
{
    [Fact]
    public void The_frame_check_sequence_is_the_CRC_of_the_standards_check_value() =>
        Assert.Equal(0xCBF43926, EthernetCrc.Compute(Encoding.ASCII.GetBytes("123456789")));

    /// <summary>By the shift register itself, bit by bit: the six bits that leave it first are its highest.</summary>
    [Fact]
    public void A_multicast_hash_is_the_first_six_bits_out_of_the_shift_register()
    {
        const int Seed = 20261127;
        var random = new Random(Seed);
        var address = new byte[6];
        for (var round = 0; round < 1000; round++)
        {
            random.NextBytes(address);
            var register = uint.MaxValue;
            foreach (var value in address)
            {
                for (var bit = 0; bit < 8; bit++)
                {
                    var feedback = (register >> 31) ^ ((uint)(value >> bit) & 1);
                    register = (register << 1) ^ (feedback != 0 ? 0x04C11DB7U : 0);
                }
            }

            Assert.Equal((int)(register >> 26), EthernetCrc.MulticastHash(address));
        }
    }

    [Fact]
    public void A_sum_is_that_of_the_example_of_RFC_1071() =>
        Assert.Equal(0xDDF2, InternetChecksum.Sum([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]));

    [Fact]
    public void Any_length_sums_as_words_do_one_by_one_and_sums_can_be_continued_at_even_places()
    {
        const int Seed = 3;
        var random = new Random(Seed);
        var bytes = new byte[3000];
        random.NextBytes(bytes);
        bytes.AsSpan(100, 500).Fill(0xFF);
        for (var length = 0; length < bytes.Length; length += 1 + (length / 40))
        {
            uint expected = 0;
            for (var i = 0; i < length; i++)
            {
                expected += (uint)bytes[i] << ((i & 1) == 0 ? 8 : 0);
                expected = (expected & 0xFFFF) + (expected >> 16);
            }

            var split = random.Next((length / 2) + 1) * 2;
            Assert.Equal(expected, InternetChecksum.Sum(bytes.AsSpan(0, length)));
            Assert.Equal(expected, InternetChecksum.Sum(bytes.AsSpan(split, length - split), InternetChecksum.Sum(bytes.AsSpan(0, split))));
        }
    }

    [Theory]
    [InlineData("52:54:00:12:34:56", "52:54:00:12:34:56")]
    [InlineData("0-1-2-a-B-ff", "00:01:02:0a:0b:ff")]
    public void An_address_is_six_bytes_in_hexadecimal(string text, string expected)
    {
        Assert.True(MacAddress.TryParse(text, out var address));
        Assert.Equal(expected, $"{address}");
        var bytes = new byte[6];
        address.CopyTo(bytes);
        Assert.Equal(address, MacAddress.Read(bytes));
        Assert.Equal(expected, string.Join(':', bytes.Select(b => $"{b:x2}")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("52:54:00:12:34")]
    [InlineData("52:54:00:12:34:56:78")]
    [InlineData("52:54:00:12:34:5g")]
    [InlineData("52:54:00:12:34:")]
    [InlineData("525:4:00:12:34:56")]
    [InlineData("52:54-00:12:34:56")]
    public void Anything_else_is_none(string text) => Assert.False(MacAddress.TryParse(text, out _));

    [Fact]
    public void Addresses_that_are_given_out_count_up() =>
        Assert.Equal(["52:54:00:12:34:56", "52:54:00:12:34:57"], [$"{MacAddress.Default(0)}", $"{MacAddress.Default(1)}"]);

    [Fact]
    public void The_first_bit_on_the_wire_says_that_it_is_a_group()
    {
        Assert.True(MacAddress.TryParse("01:00:5e:00:00:01", out var group));
        Assert.True(group.IsGroup);
        Assert.False(MacAddress.Default(0).IsGroup);
    }
}
