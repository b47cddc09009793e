using Emulator.Pci;

namespace Emulator.Devices.Tests.Rtl8139;

/// <summary>Bus mastering, power states, the timer, the link.</summary>
public sealed class Rtl8139PowerAndTimeTests
{
    [Fact]
    public void With_bus_mastering_off_a_packet_waits_on_the_wire_and_comes_when_it_is_on()
    {
        using var board = Rtl8139Board.Started();
        board.Nic.SetMaster(false);
        board.Send(Frames.ToStation(100));
        board.Transmit(0, Frames.Broadcast(60));
        Assert.True(board.IsRingEmpty);
        Assert.Null(board.Nic.TryReceive());
        board.Nic.SetMaster(true);
        board.Nic.Settle();
        Assert.Equal(104, board.TakeFromRing().Packet.Length);
        Assert.Equal(60, board.Nic.Receive().Length);
        Assert.Equal((Rtl8139Cause)0, board.Causes & Rtl8139Cause.SystemError);
    }

    [Fact]
    public void With_bus_mastering_off_descriptors_wait_as_well()
    {
        using var board = Rtl8139Board.StartedCPlus();
        Rtl8139CPlusTests.Give(board, 1, 1536);
        board.Nic.SetMaster(false);
        board.Send(Frames.ToStation(100));
        board.TransmitCPlus(0, Frames.Broadcast(60));
        Assert.Null(board.Nic.TryReceive());
        board.Nic.SetMaster(true);
        Assert.Equal(60, board.Nic.Receive().Length);
        board.Nic.Settle();
        Assert.Equal(104U, board.Word(Rtl8139Board.Descriptors, 0) & Rtl8139Descriptor.ReceiveSize);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void In_D1_and_D2_nothing_moves_and_in_D0_it_goes_on(int state)
    {
        using var board = Rtl8139Board.Started();
        board.Write(Rtl8139Register.InterruptMask, (ulong)Rtl8139Cause.ReceiveOk, 2);
        board.Send(Frames.ToStation(100));
        Assert.True(board.Nic.Interrupts);
        board.SetPower(state);
        Assert.False(board.Nic.Interrupts);
        Assert.Equal(0xFFFF_FFFFUL, board.Read(Rtl8139Register.Address));
        board.Write(Rtl8139Register.InterruptMask, 0, 2);
        board.SetPower(0);
        Assert.True(board.Nic.Interrupts);
        Assert.Equal(104, board.TakeFromRing().Packet.Length);
        board.Send(Frames.ToStation(101));
        Assert.Equal(105, board.TakeFromRing().Packet.Length);
    }

    [Fact]
    public void D3_stops_DMA_and_the_way_out_is_a_reset()
    {
        using var board = Rtl8139Board.Started();
        board.SetPower(3);
        Assert.Equal(3U, board.Nic.Config(0x54, 2));
        board.Send(Frames.ToStation(100));
        Assert.Equal(new byte[16], board.Nic.Bytes(Rtl8139Board.Ring, 16));
        board.SetPower(0);
        Assert.Equal(0x01UL, board.Read(Rtl8139Register.Command, 1));
        Assert.Equal(0UL, board.Read(Rtl8139Register.ReceiveConfiguration));
        board.Start();
        board.Send(Frames.ToStation(101));
        Assert.Equal(105, board.TakeFromRing().Packet.Length);
    }

    [Fact]
    public void The_capability_says_D1_and_D2_and_no_PME()
    {
        using var board = new Rtl8139Board();
        Assert.Equal(0x50U, board.Nic.Config(PciRegister.CapabilitiesPointer, 1));
        Assert.Equal(0x0602_0001U, board.Nic.Config(0x50, 4));
    }

    [Fact]
    public void A_reset_of_the_bus_in_D3_brings_it_back()
    {
        using var board = Rtl8139Board.Started();
        board.SetPower(3);
        board.Nic.Bus.Reset();
        board.Nic.PlaceWindows();
        board.Start();
        board.Send(Frames.ToStation(100));
        Assert.Equal(104, board.TakeFromRing().Packet.Length);
    }

    [Fact]
    public void TCTR_counts_33_MHz_and_a_write_starts_it_from_0()
    {
        using var board = new Rtl8139Board();
        board.Nic.Advance(1_000_000);
        Assert.Equal(33_000UL, board.Read(Rtl8139Register.TimerCount));
        board.Write(Rtl8139Register.TimerCount, 12345);
        Assert.Equal(0UL, board.Read(Rtl8139Register.TimerCount));
        board.Nic.Advance(1_000);
        Assert.Equal(33UL, board.Read(Rtl8139Register.TimerCount));
    }

    [Fact]
    public void TimerInt_interrupts_when_the_count_is_reached_and_again_when_it_has_gone_round()
    {
        using var board = new Rtl8139Board();
        board.Negotiate();
        board.Write(Rtl8139Register.InterruptStatus, 0xFFFF, 2);
        board.Write(Rtl8139Register.InterruptMask, (ulong)Rtl8139Cause.Timeout, 2);
        board.Write(Rtl8139Register.TimerCount, 0);
        board.Write(Rtl8139Register.TimerInterrupt, 33_000);
        board.Nic.Advance(999_999);
        Assert.False(board.Nic.Interrupts);
        board.Nic.Advance(1);
        Assert.True(board.Nic.Interrupts);
        Assert.Equal(Rtl8139Cause.Timeout, board.Causes);
        board.Write(Rtl8139Register.InterruptStatus, (ulong)Rtl8139Cause.Timeout, 2);

        // 2 to the 32nd clocks are 130 s.
        board.Nic.Advance(130_150_524_000);
        Assert.False(board.Nic.Interrupts);
        board.Nic.Advance(1_000);
        Assert.True(board.Nic.Interrupts);

        board.Write(Rtl8139Register.InterruptStatus, (ulong)Rtl8139Cause.Timeout, 2);
        board.Write(Rtl8139Register.TimerInterrupt, 0);
        board.Nic.Advance(300_000_000_000);
        Assert.False(board.Nic.Interrupts);
    }

    [Fact]
    public void There_is_a_link_when_negotiation_is_over_and_it_goes_with_the_plug()
    {
        using var board = new Rtl8139Board();
        board.Write(Rtl8139Register.InterruptMask, (ulong)Rtl8139Cause.LinkChange, 2);
        Assert.Equal((0x14UL, 0x7809UL), (board.Read(Rtl8139Register.MediaStatus, 1), board.Read(Rtl8139Register.BasicModeStatus, 2)));
        board.Negotiate();
        Assert.True(board.Nic.Interrupts);
        _ = board.Read(Rtl8139Register.BasicModeStatus, 2);
        Assert.Equal((0x10UL, 0x782DUL), (board.Read(Rtl8139Register.MediaStatus, 1), board.Read(Rtl8139Register.BasicModeStatus, 2)));
        Assert.Equal(0x45E1UL, board.Read(Rtl8139Register.PartnerAbility, 2));
        Assert.Equal(0x0FC8UL, board.Read(Rtl8139Register.LinkConfiguration, 2));
        Assert.Equal(0x07C8UL, board.Read(Rtl8139Register.LinkConfiguration, 2));

        board.Write(Rtl8139Register.InterruptStatus, 0xFFFF, 2);
        board.Nic.BackEnd.SetUp(false);
        board.Nic.Settle();
        Assert.True(board.Nic.Interrupts);
        Assert.Equal(0x14UL, board.Read(Rtl8139Register.MediaStatus, 1));
        board.Nic.BackEnd.SetUp(true);
        board.Nic.Settle();
        board.Negotiate();
        Assert.Equal(0x10UL, board.Read(Rtl8139Register.MediaStatus, 1));
    }

    [Fact]
    public void A_driver_may_negotiate_anew_without_unlocking()
    {
        using var board = new Rtl8139Board();
        board.Negotiate();
        board.Write(Rtl8139Register.BasicModeControl, (ulong)MiiControl.RestartNegotiation, 2);
        Assert.Equal(0x14UL, board.Read(Rtl8139Register.MediaStatus, 1));
        Assert.Equal((ulong)Rtl8139Media.ControlReset, board.Read(Rtl8139Register.BasicModeControl, 2));
        board.Negotiate();
        Assert.Equal(0x10UL, board.Read(Rtl8139Register.MediaStatus, 1));
    }

    [Fact]
    public void A_link_that_a_driver_forces_to_10_Mbps_says_so()
    {
        using var board = new Rtl8139Board();
        board.Unlock();
        board.Write(Rtl8139Register.BasicModeControl, 0, 2);
        board.Nic.Settle();
        Assert.Equal(0x18UL, board.Read(Rtl8139Register.MediaStatus, 1));
    }
}
