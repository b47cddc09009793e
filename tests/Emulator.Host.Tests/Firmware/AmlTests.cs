using Emulator.Host.Firmware;

namespace Emulator.Host.Tests.Firmware;

public sealed class AmlTests
{
    [Theory]
    [InlineData(0UL, "00")]
    [InlineData(1UL, "01")]
    [InlineData(2UL, "0A02")]
    [InlineData(0xFFUL, "0AFF")]
    [InlineData(0x100UL, "0B0001")]
    [InlineData(0x1_0000UL, "0C00000100")]
    [InlineData(0x1_0000_0000UL, "0E0000000001000000")]
    public void Integers_take_the_shortest_form(ulong value, string expected) => Assert.Equal(expected, Convert.ToHexString(Aml.Integer(value)));

    [Theory]
    [InlineData("_SB", "5F53425F")]
    [InlineData("\\_SB", "5C5F53425F")]
    [InlineData("\\_SB.PCI0", "5C2E5F53425F50434930")]
    [InlineData("_SB.PCI0.ISA", "2F035F53425F504349304953415F")]
    public void Names_are_of_four_characters(string path, string expected) => Assert.Equal(expected, Convert.ToHexString(Aml.Path(path)));

    [Theory]
    [InlineData("")]
    [InlineData("ABCDE")]
    [InlineData("1ABC")]
    [InlineData("abc")]
    [InlineData("A..B")]
    public void What_is_no_name_is_refused(string path) => Assert.Throws<ArgumentException>(() => Aml.Path(path));

    [Theory]
    [InlineData("PNP0A03", "0C41D00A03")]
    [InlineData("PNP0501", "0C41D00501")]
    public void Identifiers_are_compressed(string id, string expected) => Assert.Equal(expected, Convert.ToHexString(Aml.EisaId(id)));

    [Theory]
    [InlineData("PNP0")]
    [InlineData("pnp0A03")]
    [InlineData("PNP0A0X")]
    public void What_is_no_identifier_is_refused(string id) => Assert.Throws<ArgumentException>(() => Aml.EisaId(id));

    [Theory]
    [InlineData(0, "01")]
    [InlineData(62, "3F")]
    [InlineData(63, "4104")]
    [InlineData(4093, "4FFF")]
    [InlineData(4094, "810001")]
    [InlineData(1_048_572, "8FFFFF")]
    [InlineData(1_048_573, "C1000001")]
    public void A_length_counts_itself(int content, string expected) =>
        Assert.Equal(expected, Convert.ToHexString(Aml.Sized(new byte[content]).AsSpan(0, expected.Length / 2)));

    [Fact]
    public void Terms_are_put_together_of_terms()
    {
        Assert.Equal("08" + "58595A5F" + "0A05", Convert.ToHexString(Aml.Name("XYZ", Aml.Integer(5))));
        Assert.Equal("1205020A0501", Convert.ToHexString(Aml.Package(Aml.Integer(5), Aml.Integer(1))));
        Assert.Equal("11050A020708", Convert.ToHexString(Aml.Buffer([7, 8])));
        Assert.Equal("0D486900", Convert.ToHexString(Aml.String("Hi")));
        Assert.Equal("1409" + "5F535441" + "00" + "A40A0F", Convert.ToHexString(Aml.Method("_STA", 0, Aml.Return(Aml.Integer(15)))));
        Assert.Equal("5B8205" + "44455630", Convert.ToHexString(Aml.Device("DEV0")));
        Assert.Equal("100D5C5F53425F" + "08" + "41424344" + "0A02", Convert.ToHexString(Aml.Scope("\\_SB", Aml.Name("ABCD", Aml.Integer(2)))));
    }

    [Fact]
    public void Resources_have_the_bytes_that_every_PC_has()
    {
        Assert.Equal("110D0A0A" + "4701600060000101" + "7900", Convert.ToHexString(new AmlResources().Ports(0x60, 1).ToBuffer()));
        Assert.Equal("11080A05" + "220200" + "7900", Convert.ToHexString(new AmlResources().Irq(1).ToBuffer()));
        Assert.Equal("1115" + "0A12" + "880D00020C000000" + "0000FF0000000001" + "7900", Convert.ToHexString(new AmlResources().BusNumbers(0, 255).ToBuffer()));
    }
}
