namespace Emulator.Devices.Tests;

/// <summary>The receive unit: descriptors in both structures, states, what it stores of a frame.</summary>
public class Eepro100ReceiveTests
{
    // C, OK, and: bytes 12 and 13 are a type.
    private const ushort Good = 0xA020;

    [Fact]
    public void A_frame_is_behind_its_descriptor_with_its_count()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(4);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(333);
        nic.Board.Send(frame);
        nic.Settle();
        Assert.Equal((Good, 4), (nic.FrameStatus(), nic.ReceiveUnit));
        Assert.Equal(frame, nic.Stored());
        Assert.Equal(0xC000U | 333, (uint)nic.Board.Load(Eepro100Driver.Frame(0) + 12, 2));
        Assert.Equal(Eepro100Cause.FrameReceived, nic.Causes);
    }

    [Fact]
    public void Only_status_and_count_of_a_descriptor_are_written()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(2);
        nic.StartReceiving();
        var before = nic.Board.Bytes(Eepro100Driver.Frame(0), 16);
        nic.Board.Send(Eepro100Driver.FrameToMe());
        nic.Settle();
        var after = nic.Board.Bytes(Eepro100Driver.Frame(0), 16);
        Assert.Equal(before[2..12], after[2..12]);
        Assert.Equal(before[14..], after[14..]);
    }

    [Fact]
    public void Frames_fill_the_ring_and_then_the_wire_holds_them_until_the_driver_starts_again()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(4);
        nic.StartReceiving();
        for (byte i = 0; i < 6; i++)
        {
            nic.Board.Send(Eepro100Driver.FrameToMe(60, i));
        }

        nic.Settle();
        Assert.Equal(2, nic.ReceiveUnit);
        Assert.Equal(Eepro100Cause.FrameReceived | Eepro100Cause.ReceiveNotReady, nic.Causes);
        Assert.Equal([14, 15, 16, 17], Enumerable.Range(0, 4).Select(i => (int)nic.Stored(i)[14]));
        nic.PutRing(4);
        nic.StartReceiving();
        nic.Settle();
        Assert.Equal((Good, Good, 0), (nic.FrameStatus(0), nic.FrameStatus(1), nic.FrameStatus(2)));
        Assert.Equal([18, 19], Enumerable.Range(0, 2).Select(i => (int)nic.Stored(i)[14]));
    }

    [Fact]
    public void An_EL_descriptor_with_size_0_stays_as_it_is()
    {
        using var nic = new Eepro100Driver();
        nic.PutDescriptor(0, 0, Eepro100Driver.Frame(1));
        nic.PutDescriptor(1, Eepro100Driver.EndOfList, Eepro100Driver.Frame(2), size: 0);
        var before = nic.Board.Bytes(Eepro100Driver.Frame(1), 64);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 1));
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 2));
        nic.Settle();
        Assert.Equal(2, nic.ReceiveUnit);
        Assert.Equal(before, nic.Board.Bytes(Eepro100Driver.Frame(1), 64));
        Assert.Equal(Eepro100Cause.FrameReceived | Eepro100Cause.ReceiveNotReady, nic.Causes);

        // The driver has put others behind it, and takes the mark away.
        nic.PutRing(4);
        nic.StartReceiving(1);
        nic.Settle();
        Assert.Equal(16, nic.Stored(1)[14]);
    }

    [Fact]
    public void The_last_but_one_may_lose_its_EL_while_the_unit_runs()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(3);
        nic.PutDescriptor(1, Eepro100Driver.EndOfList, Eepro100Driver.Frame(2), size: 0);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 1));
        nic.Settle();
        nic.PutDescriptor(1, 0, Eepro100Driver.Frame(2));
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 2));
        nic.Settle();
        Assert.Equal((Good, 16, 4), (nic.FrameStatus(1), nic.Stored(1)[14], nic.ReceiveUnit));
    }

    [Fact]
    public void S_suspends_and_a_resume_goes_on()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(3);
        nic.PutDescriptor(0, Eepro100Driver.Suspend, Eepro100Driver.Frame(1));
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 1));
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 2));
        nic.Settle();
        Assert.Equal((1, 0), (nic.ReceiveUnit, nic.FrameStatus(1)));
        Assert.Equal(Eepro100Cause.FrameReceived | Eepro100Cause.ReceiveNotReady, nic.Causes);
        nic.Board.Store(Eepro100Driver.Frame(0) + 2, 0, 2);
        nic.Command(Eepro100ReceiveUnitCommand.Resume);
        nic.Settle();
        Assert.Equal((4, Good), (nic.ReceiveUnit, nic.FrameStatus(1)));
    }

    [Fact]
    public void An_abort_makes_it_idle_and_frames_go_by()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(3);
        nic.StartReceiving();
        nic.Settle();
        nic.Command(Eepro100ReceiveUnitCommand.Abort);
        nic.Settle();
        Assert.Equal((0, Eepro100Cause.ReceiveNotReady), (nic.ReceiveUnit, nic.Causes));
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 1));
        nic.Settle();
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 2));
        nic.Settle();
        Assert.Equal((16, 0), (nic.Stored()[14], nic.FrameStatus(1)));
    }

    [Fact]
    public void A_frame_longer_than_its_descriptor_is_cut_off_and_not_OK()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(2, size: 100);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(200);
        nic.Board.Store(Eepro100Driver.Frame(0) + 116, 0xCCCCCCCC);
        nic.Board.Send(frame);
        nic.Settle();
        Assert.Equal(0x8220, nic.FrameStatus());
        Assert.Equal(frame[..100], nic.Stored());
        Assert.Equal(0xCCCCCCCCUL, nic.Board.Load(Eepro100Driver.Frame(0) + 116));
    }

    [Fact]
    public void A_short_frame_from_the_wire_is_padded_as_a_real_sender_would_have()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(2);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(42);
        nic.Board.Send(frame);
        nic.Settle();
        Assert.Equal([.. frame, .. new byte[18]], nic.Stored());
    }

    [Theory]
    [InlineData(1514, false, true)]
    [InlineData(1518, false, false)]
    [InlineData(1518, true, true)]
    [InlineData(3000, true, true)]
    public void Frames_longer_than_1518_bytes_are_stored_if_configured(int length, bool allowed, bool stored)
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[18] |= (byte)(allowed ? 0x08 : 0));
        nic.PutRing(2, size: 3100);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(length);
        nic.Board.Send(frame);
        nic.Settle();
        Assert.Equal(stored ? Good : 0, nic.FrameStatus());
        Assert.Equal(stored ? frame : [], nic.Stored());
    }

    [Fact]
    public void Padding_behind_a_length_is_stripped_if_configured()
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[18] |= 0x01);
        nic.PutRing(3);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe();
        (frame[12], frame[13]) = (0, 10);
        nic.Board.Send(frame);
        nic.Board.Send(Eepro100Driver.FrameToMe());
        nic.Settle();
        Assert.Equal((0xA000, 24, 60), (nic.FrameStatus(0), nic.Count(0), nic.Count(1)));
    }

    [Fact]
    public void Flexible_descriptors_take_their_frames_from_one_list_of_buffers()
    {
        using var nic = new Eepro100Driver();
        for (var i = 0; i < 4; i++)
        {
            nic.PutDescriptor(i, Eepro100Driver.Flexible, Eepro100Driver.Frame(i + 1), size: 0, buffer: i == 0 ? Buffer(0) : 0xFFFFFFFF);
        }

        PutBuffers(nic, 5, 100);
        nic.StartReceiving();
        Assert.All((byte[])[1, 2], first => nic.Board.Send(Eepro100Driver.FrameToMe(150, first)));
        nic.Settle();
        Assert.Equal((Good, Good, 4), (nic.FrameStatus(0), nic.FrameStatus(1), nic.ReceiveUnit));
        Assert.Equal((ulong)Buffer(2), nic.Board.Load(Eepro100Driver.Frame(1) + 8));
        Assert.Equal([0x4064, 0xC032, 0x4064, 0xC032, 0], Enumerable.Range(0, 5).Select(i => (int)nic.Board.Load(Buffer(i), 2)));
        Assert.Equal(Eepro100Driver.FrameToMe(150, 2), (byte[])[.. nic.Board.Bytes(Data(2), 100), .. nic.Board.Bytes(Data(3), 50)]);

        // One buffer is left, and the list ends with it: the frame is cut off, and the next one waits for more.
        nic.Board.Send(Eepro100Driver.FrameToMe(150, 3));
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 4));
        nic.Settle();
        Assert.Equal((0x8220, 10, 0), (nic.FrameStatus(2), nic.ReceiveUnit, nic.FrameStatus(3)));
        PutBuffer(nic, 5, 100, isLast: true);
        PutBuffer(nic, 4, 100, isLast: false);
        nic.Command(Eepro100ReceiveUnitCommand.BufferResume);
        nic.Settle();
        Assert.Equal((Good, 0xC03CUL), (nic.FrameStatus(3), nic.Board.Load(Buffer(5), 2)));
    }

    [Fact]
    public void A_flexible_descriptor_with_room_keeps_the_head_of_the_frame()
    {
        using var nic = new Eepro100Driver();
        nic.PutDescriptor(0, Eepro100Driver.Flexible, Eepro100Driver.Frame(1), size: 14, buffer: Buffer(0));
        PutBuffers(nic, 2, 1000);
        nic.StartReceiving();
        var frame = Eepro100Driver.FrameToMe(500);
        nic.Board.Send(frame);
        nic.Settle();
        Assert.Equal((Good, 14), (nic.FrameStatus(), nic.Count()));
        Assert.Equal(frame, (byte[])[.. nic.Stored(), .. nic.Board.Bytes(Data(0), 486)]);
    }

    [Fact]
    public void Without_bus_mastering_frames_wait()
    {
        using var nic = new Eepro100Driver();
        nic.PutRing(4);
        nic.StartReceiving();
        nic.Board.SetMaster(false);
        nic.Board.Send(Eepro100Driver.FrameToMe(60, 1));
        nic.Settle();
        Assert.Equal((4, 0), (nic.ReceiveUnit, nic.FrameStatus()));
        nic.Board.SetMaster(true);
        nic.Settle();
        Assert.Equal((Good, 15), (nic.FrameStatus(), nic.Stored()[14]));
    }

    private static uint Buffer(int number) => 0x8000 + (uint)(number * 16);

    private static uint Data(int number) => Eepro100Driver.Buffers + (uint)(number * 0x1000);

    private static void PutBuffers(Eepro100Driver nic, int count, ushort size)
    {
        for (var i = 0; i < count; i++)
        {
            PutBuffer(nic, i, size, i == count - 1);
        }
    }

    private static void PutBuffer(Eepro100Driver nic, int number, ushort size, bool isLast)
    {
        nic.Board.Store(Buffer(number), 0);
        nic.Board.Store(Buffer(number) + 4, Buffer(number + 1));
        nic.Board.Store(Buffer(number) + 8, Data(number));
        nic.Board.Store(Buffer(number) + 12, size | (isLast ? 0x8000U : 0));
    }
}
