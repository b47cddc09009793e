namespace Emulator.Devices.Tests.Network;

public sealed class MiiPhyTests
{
    private const int Control = (int)MiiRegister.Control;
    private const int Status = (int)MiiRegister.Status;
    private const int Up = (int)(MiiStatus.Link | MiiStatus.NegotiationComplete);

    private readonly MiiPhy _phy;

    public MiiPhyTests()
    {
        var reset = new ushort[32];
        var writable = new ushort[32];
        (reset[Control], reset[Status], reset[4]) = (0x1000, 0x7809, 0x01E1);
        (writable[Control], writable[4]) = (0xFFFF, 0x0FFF);
        _phy = new MiiPhy(reset, writable);
    }

    [Fact]
    public void With_a_carrier_there_is_a_link_once_negotiation_is_over()
    {
        Assert.Equal(0x7809, _phy[Status]);
        Assert.True(_phy.SetCarrier(true));
        Assert.Equal((true, false, 0x7809), (_phy.IsNegotiating, _phy.IsLinkUp, _phy[Status]));
        Assert.True(_phy.EndNegotiation());
        Assert.Equal((false, true, 0x7809 | Up), (_phy.IsNegotiating, _phy.IsLinkUp, _phy[Status]));
    }

    [Fact]
    public void A_link_that_was_lost_reads_as_lost_once()
    {
        Connect();
        _phy.Read(Status);
        Assert.Equal(Up, _phy.Read(Status) & Up);
        _phy.SetCarrier(false);
        Connect();
        Assert.Equal(0, _phy.Read(Status) & (int)MiiStatus.Link);
        Assert.Equal(Up, _phy.Read(Status) & Up);
    }

    [Theory]
    [InlineData(0x1200)]
    [InlineData(0x9000)]
    public void Negotiation_begins_anew_when_it_is_asked_for_and_the_bits_that_ask_read_as_0(int written)
    {
        Connect();
        Assert.True(_phy.Write(Control, (ushort)written));
        Assert.Equal((true, false, 0x1000), (_phy.IsNegotiating, _phy.IsLinkUp, _phy.Read(Control)));
        Assert.True(_phy.EndNegotiation());
    }

    [Fact]
    public void A_PHY_that_is_switched_off_has_no_link()
    {
        Connect();
        Assert.True(_phy.Write(Control, 0x1800));
        Assert.Equal((true, false, false), (_phy.IsPoweredDown, _phy.IsNegotiating, _phy.IsLinkUp));
        Assert.True(_phy.Write(Control, 0x1000));
        Assert.True(_phy.IsNegotiating);
    }

    [Fact]
    public void Without_negotiation_the_link_is_there_at_once_and_negotiation_never_complete()
    {
        _phy.Write(Control, 0x2100);
        _phy.SetCarrier(true);
        Assert.Equal((false, true), (_phy.IsNegotiating, _phy.IsLinkUp));
        Assert.Equal((int)MiiStatus.Link, _phy[Status] & Up);
    }

    [Fact]
    public void Only_writable_bits_are_written_and_a_reset_puts_them_back()
    {
        Assert.False(_phy.Write(4, 0xF5A5));
        Assert.Equal(0x05A5, _phy.Read(4));
        Assert.False(_phy.Write(2, 0x1234));
        Assert.Equal(0, _phy.Read(2));
        _phy.Write(Control, 0x8000);
        Assert.Equal(0x01E1, _phy.Read(4));
    }

    [Fact]
    public void The_end_of_a_negotiation_that_is_not_under_way_changes_nothing()
    {
        Assert.False(_phy.EndNegotiation());
        Connect();
        Assert.False(_phy.EndNegotiation());
        Assert.True(_phy.IsLinkUp);
    }

    private void Connect()
    {
        _phy.SetCarrier(true);
        _phy.EndNegotiation();
    }
}
