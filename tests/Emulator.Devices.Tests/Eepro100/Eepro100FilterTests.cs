using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>Which frames are received, as addresses and configuration bytes say; and loopback, which shows what a wire would not carry.</summary>
public class Eepro100FilterTests
{
    private const string Own = "52:54:00:12:34:56";
    private const string Other = "52:54:00:12:34:99";
    private const string Local = "50:54:00:12:34:56";
    private const string Broadcast = "ff:ff:ff:ff:ff:ff";
    private const string Listed = "01:00:5e:00:00:01";
    private const string Unlisted = "01:00:5e:00:00:05";

    [Theory]
    [InlineData(Own, 0, 0, 0xA020)]
    [InlineData(Other, 0, 0, 0)]
    [InlineData(Broadcast, 0, 0, 0xA022)]
    [InlineData(Listed, 0, 0, 0xA022)]
    [InlineData(Unlisted, 0, 0, 0)]
    [InlineData(Broadcast, 15, 0x02, 0)]
    [InlineData(Other, 15, 0x01, 0xA026)]
    [InlineData(Own, 15, 0x01, 0xA020)]
    [InlineData(Unlisted, 15, 0x01, 0xA026)]
    [InlineData(Broadcast, 15, 0x03, 0xA026)]
    [InlineData(Local, 0, 0, 0)]
    [InlineData(Local, 15, 0x10, 0xA020)]
    [InlineData(Unlisted, 21, 0x08, 0xA022)]
    [InlineData(Other, 21, 0x08, 0)]
    public void A_frame_is_received_or_not(string destination, int index, byte bits, ushort status)
    {
        using var nic = new Eepro100Driver();
        var listed = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(listed, 6);
        Eepro100Driver.Address(Listed).CopyTo(listed.AsSpan(2));
        nic.Do(Eepro100Driver.MulticastSetup, listed);
        nic.ConfigureWith(bytes => bytes[index] |= bits);
        nic.PutRing(2);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameTo(Eepro100Driver.Address(destination)));
        nic.Settle();
        Assert.Equal(status, nic.FrameStatus());
    }

    [Fact]
    public void With_IAMODE_the_hash_lets_individual_addresses_through()
    {
        using var nic = new Eepro100Driver();
        var other = Eepro100Driver.Address(Other);
        byte[] listed = [6, 0, 0, 0, 0, 0, 0, 0];
        other.CopyTo(listed.AsSpan(2));
        nic.Do(Eepro100Driver.MulticastSetup, listed);
        nic.ConfigureWith(bytes => bytes[20] |= 0x40);
        nic.PutRing(2);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameTo(other));
        nic.Settle();
        Assert.Equal(0xA022, nic.FrameStatus());
    }

    [Fact]
    public void The_individual_address_setup_replaces_the_EEPROMs_until_a_reset()
    {
        using var nic = new Eepro100Driver();
        var other = Eepro100Driver.Address(Other);
        var bytes = new byte[6];
        other.CopyTo(bytes);
        nic.Do(Eepro100Driver.AddressSetup, bytes);
        Check(nic, other, Eepro100Driver.Mac);
        nic.Reset();
        Check(nic, Eepro100Driver.Mac, other);

        static void Check(Eepro100Driver nic, MacAddress mine, MacAddress notMine)
        {
            nic.PutRing(4);
            nic.StartReceiving();
            nic.Board.Send(Eepro100Driver.FrameTo(notMine, 60, 1));
            nic.Board.Send(Eepro100Driver.FrameTo(mine, 60, 2));
            nic.Settle();
            Assert.Equal((16, 0), (nic.Stored()[14], nic.FrameStatus(1)));
        }
    }

    [Fact]
    public void A_configuration_shorter_than_it_could_be_leaves_the_rest()
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[15] |= 1);
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.Configure, [8, 8, 0, 0, 0, 0, 0x32, 3, 1, 0, 0, 0, 0, 0, 0, 0]));
        nic.PutRing(2);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameTo(Eepro100Driver.Address(Other)));
        nic.Settle();
        Assert.Equal(0xA026, nic.FrameStatus());
    }

    [Fact]
    public void The_check_sequence_is_stored_behind_the_data_if_configured()
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[18] |= 0x04);
        nic.PutRing(2);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(100);
        nic.Board.Send(frame);
        nic.Settle();
        var crc = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(crc, EthernetCrc.Compute(frame));
        Assert.Equal([.. frame, .. crc], nic.Stored());
    }

    [Theory]
    [InlineData(0x40)]
    [InlineData(0x80)]
    [InlineData(0xC0)]
    public void In_loopback_what_is_sent_comes_back_and_nothing_else_is_received(byte mode)
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[10] |= mode);
        nic.PutRing(4);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 1));
        nic.Settle();
        var frame = Eepro100Driver.FrameToMe(120, 2);
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        nic.Settle();
        Assert.Equal(frame, nic.Stored());
        Assert.Equal(0, nic.FrameStatus(1));
        Assert.Null(nic.Board.TryReceive());
    }

    [Fact]
    public void The_PHYs_loopback_does_the_same()
    {
        using var nic = new Eepro100Driver();
        nic.Write(Eepro100Register.MdiControl, 0x04200000U | (ushort)(MiiControl.Loopback | MiiControl.SpeedLow | MiiControl.FullDuplex));
        nic.PutRing(2);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(120, 2);
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        nic.Settle();
        Assert.Equal(frame, nic.Stored());
    }

    [Theory]
    [InlineData(false, 0, 1)]
    [InlineData(true, 0x8820, 1)]
    public void A_frame_with_a_wrong_check_sequence_is_counted_and_stored_if_configured(bool saves, ushort status, int count)
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => (bytes[10], bytes[6]) = ((byte)(bytes[10] | 0x40), (byte)(bytes[6] | (saves ? 0x80 : 0))));
        nic.PutRing(2);
        nic.StartReceiving();
        nic.PutFrame(0, Eepro100Driver.NoCrc | Eepro100Driver.EndOfList, Eepro100Driver.FrameToMe(100));
        nic.Start();
        nic.Settle();
        Assert.Equal((status, (ulong)count), (nic.FrameStatus(), Counter(nic, 40)));
    }

    [Theory]
    [InlineData(true, 0, 1)]
    [InlineData(false, 0x80A0, 1)]
    public void A_frame_of_less_than_64_bytes_is_counted_and_stored_if_configured(bool discards, ushort status, int count)
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes =>
        {
            bytes[7] = (byte)((bytes[7] & 0xFE) | (discards ? 1 : 0));
            bytes[10] |= 0x40;
            bytes[18] &= 0xFD;
        });
        nic.PutRing(2);
        nic.StartReceiving();
        nic.PutFrame(0, Eepro100Driver.EndOfList, Eepro100Driver.FrameToMe(20));
        nic.Start();
        nic.Settle();
        Assert.Equal((status, (ulong)count), (nic.FrameStatus(), Counter(nic, 60)));
    }

    private static ulong Counter(Eepro100Driver nic, uint offset)
    {
        nic.Command(Eepro100CommandUnitCommand.LoadStatisticsAddress, 0x8000);
        nic.Command(Eepro100CommandUnitCommand.DumpStatistics);
        nic.Settle();
        return nic.Board.Load(0x8000 + offset);
    }
}
