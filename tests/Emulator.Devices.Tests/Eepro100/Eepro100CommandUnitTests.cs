using System.Buffers.Binary;

namespace Emulator.Devices.Tests;

/// <summary>The list of command blocks, and each command.</summary>
public class Eepro100CommandUnitTests
{
    public static TheoryData<ushort> Commands => [0, 1, 2, 3, 5, 6, 7];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_completes_with_C_and_OK(ushort command)
    {
        using var nic = new Eepro100Driver();
        Assert.Equal(Eepro100Driver.Done, nic.Do(command, [22, 0x20, 0, 0, 0, 0, 0x32, 0]));
        Assert.Equal(0, nic.CommandUnit);
        Assert.Equal(Eepro100Cause.CommandUnitNotActive, nic.Causes);
    }

    [Fact]
    public void Only_the_status_word_of_a_block_is_written()
    {
        using var nic = new Eepro100Driver();
        nic.Put(0, Eepro100Driver.Nop | Eepro100Driver.EndOfList, 0x1234_5678, 1, 2, 3, 4);
        var before = nic.Board.Bytes(Eepro100Driver.Block(0), 64);
        nic.Start();
        nic.Settle();
        var after = nic.Board.Bytes(Eepro100Driver.Block(0), 64);
        Assert.Equal(before[2..], after[2..]);
    }

    [Fact]
    public void A_list_is_done_in_order_to_its_end_and_I_interrupts()
    {
        using var nic = new Eepro100Driver();
        nic.Put(0, Eepro100Driver.Nop);
        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.Interrupt);
        nic.Put(2, Eepro100Driver.Nop | Eepro100Driver.EndOfList);
        nic.Put(3, Eepro100Driver.Nop);
        nic.Start();
        nic.Settle();
        Assert.Equal([0xA000, 0xA000, 0xA000, 0], Enumerable.Range(0, 4).Select(i => (int)nic.Status(i)));
        Assert.Equal(Eepro100Cause.CommandUnitNotActive | Eepro100Cause.CommandExecuted, nic.Causes);
    }

    [Fact]
    public void Addresses_are_relative_to_the_base()
    {
        using var nic = new Eepro100Driver();
        nic.Command(Eepro100CommandUnitCommand.LoadBase, Eepro100Driver.Blocks);
        nic.Put(0, Eepro100Driver.Nop, 0x100);
        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.EndOfList);
        nic.Command(Eepro100CommandUnitCommand.Start, 0);
        nic.Settle();
        Assert.Equal(Eepro100Driver.Done, nic.Status(1));
    }

    [Fact]
    public void A_suspended_unit_goes_on_when_S_is_cleared_and_it_is_resumed()
    {
        using var nic = new Eepro100Driver();
        nic.Put(0, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.Start();
        nic.Settle();
        Assert.Equal((1, Eepro100Driver.Done), (nic.CommandUnit, nic.Status()));
        Assert.Equal(Eepro100Cause.CommandUnitNotActive, nic.Causes);

        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.SetFlags(0, Eepro100Driver.Nop);
        nic.Settle();
        Assert.Equal(0, nic.Status(1));
        nic.Resume();
        nic.Settle();
        Assert.Equal((1, Eepro100Driver.Done), (nic.CommandUnit, nic.Status(1)));
    }

    [Fact]
    public void A_resume_with_S_still_set_leaves_it_suspended()
    {
        using var nic = new Eepro100Driver();
        nic.Put(0, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.EndOfList);
        nic.Start();
        nic.Settle();
        nic.Acknowledge();
        nic.Resume();
        nic.Settle();
        Assert.Equal((1, 0), (nic.CommandUnit, nic.Status(1)));
        Assert.Equal((Eepro100Cause)0, nic.Causes);
    }

    [Fact]
    public void A_static_resume_does_not_look_at_S()
    {
        using var nic = new Eepro100Driver();
        nic.Put(0, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.EndOfList);
        nic.Start();
        nic.Settle();
        nic.Command(Eepro100CommandUnitCommand.StaticResume);
        nic.Settle();
        Assert.Equal((0, Eepro100Driver.Done), (nic.CommandUnit, nic.Status(1)));
    }

    [Fact]
    public void A_resume_of_an_idle_unit_is_nothing()
    {
        using var nic = new Eepro100Driver();
        nic.Do(Eepro100Driver.Nop);
        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.EndOfList);
        nic.SetFlags(0, Eepro100Driver.Nop);
        nic.Resume();
        nic.Settle();
        Assert.Equal((0, 0), (nic.CommandUnit, nic.Status(1)));
    }

    [Fact]
    public void With_CI_only_idle_interrupts()
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[6] |= 0x08);
        nic.Acknowledge();
        nic.Put(0, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.Start();
        nic.Settle();
        Assert.Equal((1, (Eepro100Cause)0), (nic.CommandUnit, nic.Causes));
        nic.Do(Eepro100Driver.Nop);
        Assert.Equal(Eepro100Cause.CommandUnitNotActive, nic.Causes);
    }

    [Fact]
    public void A_simplified_block_sends_the_frame_behind_it()
    {
        using var nic = new Eepro100Driver();
        var frame = Eepro100Driver.FrameTo(MacAddress.Default(5), 100);
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        Assert.Equal(frame, nic.Board.Receive());
        nic.Settle();
        Assert.Equal(Eepro100Driver.Done, nic.Status());
    }

    [Fact]
    public void A_flexible_block_sends_what_is_behind_it_and_then_its_buffers()
    {
        using var nic = new Eepro100Driver();
        var frame = Eepro100Driver.FrameTo(MacAddress.Default(5), 200);
        nic.PutBuffers(0, Eepro100Driver.EndOfList, 0x8000, 0xFF, frame.AsSpan(0, 20));
        nic.PutBuffer(0x8000, Eepro100Driver.Buffers, 100);
        nic.PutBuffer(0x8008, Eepro100Driver.Buffers + 0x1000, 80, isLast: true);
        nic.PutBuffer(0x8010, Eepro100Driver.Buffers, 100);
        nic.Board.Put(Eepro100Driver.Buffers, frame.AsSpan(20, 100));
        nic.Board.Put(Eepro100Driver.Buffers + 0x1000, frame.AsSpan(120));
        nic.Start();
        Assert.Equal(frame, nic.Board.Receive());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_extended_block_has_its_first_two_buffer_descriptors_inside(byte count)
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[6] &= 0xEF);
        var frame = Eepro100Driver.FrameTo(MacAddress.Default(5), count * 60);
        nic.Board.Put(Eepro100Driver.Buffers, frame);
        nic.PutBuffers(0, Eepro100Driver.EndOfList, 0x8000, count);
        nic.PutBuffer(Eepro100Driver.Block(0) + 16, Eepro100Driver.Buffers, 60);
        nic.PutBuffer(Eepro100Driver.Block(0) + 24, Eepro100Driver.Buffers + 60, 60);
        nic.PutBuffer(0x8000, Eepro100Driver.Buffers + 120, 60);
        nic.Start();
        Assert.Equal(frame, nic.Board.Receive());
    }

    [Theory]
    [InlineData("i82557c", 0x7E)]
    [InlineData("i82559c", 0x00)]
    public void A_short_frame_is_padded_as_configured(string name, byte padding)
    {
        using var nic = new Eepro100Driver(Eepro100Variant.All.Single(v => v.Name == name));
        var frame = Eepro100Driver.FrameTo(MacAddress.Default(5), 20);
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        Assert.Equal([.. frame, .. Enumerable.Repeat(padding, 40)], nic.Board.Receive());
        nic.ConfigureWith(bytes => bytes[18] &= 0xFD);
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        Assert.Equal(frame, nic.Board.Receive());
    }

    [Fact]
    public void The_source_address_is_inserted_if_configured()
    {
        using var nic = new Eepro100Driver();
        nic.ConfigureWith(bytes => bytes[10] &= 0xF7);
        var frame = Eepro100Driver.FrameTo(MacAddress.Default(5));
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        Eepro100Driver.Mac.CopyTo(frame.AsSpan(6));
        Assert.Equal(frame, nic.Board.Receive());
    }

    [Fact]
    public void With_NC_the_frame_brings_its_own_check_sequence_and_a_wrong_one_is_lost()
    {
        using var nic = new Eepro100Driver();
        var frame = Eepro100Driver.FrameTo(MacAddress.Default(5), 100);
        byte[] whole = [.. frame, 0, 0, 0, 0];
        nic.PutFrame(0, Eepro100Driver.NoCrc | Eepro100Driver.EndOfList, whole);
        nic.Start();
        nic.Settle();
        Assert.Null(nic.Board.TryReceive());
        BinaryPrimitives.WriteUInt32LittleEndian(whole.AsSpan(100), EthernetCrc.Compute(frame));
        nic.PutFrame(0, Eepro100Driver.NoCrc | Eepro100Driver.EndOfList, whole);
        nic.Start();
        Assert.Equal(frame, nic.Board.Receive());
    }

    [Fact]
    public void A_full_wire_makes_the_unit_wait_and_nothing_is_lost()
    {
        using var nic = new Eepro100Driver();
        PutEndlessRing(nic);
        nic.Start();
        nic.Settle();
        Assert.Equal(2, nic.CommandUnit);
        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal((byte)((i % 4) + 14), nic.Board.Receive()[14]);
        }

        nic.Reset();
    }

    [Fact]
    public void Who_waits_for_room_on_a_wire_that_is_unplugged_waits_no_longer()
    {
        using var nic = new Eepro100Driver();
        PutEndlessRing(nic);
        nic.Start();

        // The wire is full when the unit is at the same block for as long as everything else has its turn.
        Deadline.Until(() => IsStill(nic), "the wire is full");
        nic.Board.Store(Eepro100Driver.Block(0), 0, 2);
        nic.Board.BackEnd.SetUp(false);
        Deadline.Until(() => nic.Status() != 0, "it goes on");
        nic.Reset();

        static bool IsStill(Eepro100Driver nic)
        {
            for (var i = 0; i < 4; i++)
            {
                nic.Board.Store(Eepro100Driver.Block(i), 0, 2);
            }

            nic.Settle();
            return Enumerable.Range(0, 4).All(i => nic.Status(i) == 0);
        }
    }

    [Theory]
    [InlineData("i82557b", 0x32, 64)]
    [InlineData("i82557b", 0x16, 64)]
    [InlineData("i82559c", 0x32, 64)]
    [InlineData("i82559c", 0x12, 76)]
    [InlineData("i82559c", 0x36, 80)]
    public void Statistics_are_as_long_as_configured_and_end_with_a_word_that_says_they_are_there(string name, byte byte6, int size)
    {
        using var nic = new Eepro100Driver(Eepro100Variant.All.Single(v => v.Name == name));
        nic.ConfigureWith(bytes => bytes[6] = byte6);
        nic.PutFrame(0, 0, Eepro100Driver.FrameTo(MacAddress.Default(5)));
        nic.PutFrame(1, Eepro100Driver.EndOfList, Eepro100Driver.FrameTo(MacAddress.Default(5)));
        nic.Start();
        nic.PutRing(2);
        nic.StartReceiving();
        nic.Board.Send(Eepro100Driver.FrameToMe());
        nic.Settle();
        nic.Command(Eepro100CommandUnitCommand.LoadStatisticsAddress, 0x8000);
        nic.Command(Eepro100CommandUnitCommand.DumpStatistics);
        nic.Settle();
        Assert.Equal((2UL, 1UL, 0xA005UL), (nic.Board.Load(0x8000), nic.Board.Load(0x8000 + 36), nic.Board.Load(0x8000 + (ulong)size)));
        nic.Command(Eepro100CommandUnitCommand.DumpAndResetStatistics);
        nic.Settle();
        Assert.Equal((2UL, 0xA007UL), (nic.Board.Load(0x8000), nic.Board.Load(0x8000 + (ulong)size)));
        nic.Command(Eepro100CommandUnitCommand.DumpStatistics);
        nic.Settle();
        Assert.Equal(0UL, nic.Board.Load(0x8000));
    }

    [Fact]
    public void DUMP_writes_596_bytes_with_the_address()
    {
        using var nic = new Eepro100Driver();
        nic.Board.Store(0x8000 + 596, 0xCCCCCCCC);
        Assert.Equal(Eepro100Driver.Done, nic.Do(Eepro100Driver.Dump, [0x00, 0x80, 0, 0]));
        Assert.Equal(Eepro100Driver.Mac, MacAddress.Read(nic.Board.Bytes(0x8000 + 32, 6)));
        Assert.Equal(0xCCCCCCCCUL, nic.Board.Load(0x8000 + 596));
    }

    [Fact]
    public void A_frame_that_cannot_be_read_is_an_underrun_and_the_82557_can_interrupt_for_it()
    {
        using var nic = new Eepro100Driver(Eepro100Variant.I82557B);
        nic.ConfigureWith(bytes => bytes[6] |= 0x04);
        nic.Acknowledge();
        nic.PutBuffers(0, Eepro100Driver.EndOfList, 0x8000, 1);
        nic.PutBuffer(0x8000, (uint)NicBoard<Eepro100Function>.Nowhere, 100);
        nic.Start();
        nic.Settle();
        Assert.Equal(0x9000, nic.Status());
        Assert.Equal(Eepro100Cause.CommandUnitNotActive | Eepro100Cause.CommandExecuted, nic.Causes);
    }

    [Fact]
    public void Starting_an_active_unit_begins_anew_behind_the_block_it_is_at()
    {
        using var nic = new Eepro100Driver();
        nic.Put(0, Eepro100Driver.Nop, Eepro100Driver.Block(0));
        nic.Put(5, Eepro100Driver.Nop | Eepro100Driver.EndOfList);
        nic.Start();
        nic.Start(5);
        nic.Settle();
        Assert.Equal((0, Eepro100Driver.Done), (nic.CommandUnit, nic.Status(5)));
    }

    [Fact]
    public void Without_bus_mastering_the_unit_waits_and_then_goes_on()
    {
        using var nic = new Eepro100Driver();
        nic.Board.SetMaster(false);
        var frame = Eepro100Driver.FrameTo(MacAddress.Default(5));
        nic.PutFrame(0, Eepro100Driver.EndOfList, frame);
        nic.Start();
        nic.Settle();
        Assert.Equal((2, 0), (nic.CommandUnit, nic.Status()));
        nic.Board.SetMaster(true);
        Assert.Equal(frame, nic.Board.Receive());
        nic.Settle();
        Assert.Equal((0, Eepro100Driver.Done), (nic.CommandUnit, nic.Status()));
    }

    [Fact]
    public void A_resume_without_bus_mastering_is_not_lost()
    {
        using var nic = new Eepro100Driver();
        nic.Put(0, Eepro100Driver.Nop | Eepro100Driver.Suspend);
        nic.Put(1, Eepro100Driver.Nop | Eepro100Driver.EndOfList);
        nic.Start();
        nic.Settle();
        nic.Board.SetMaster(false);
        nic.SetFlags(0, Eepro100Driver.Nop);
        nic.Resume();
        nic.Settle();
        Assert.Equal(0, nic.Status(1));
        nic.Board.SetMaster(true);
        nic.Settle();
        Assert.Equal((0, Eepro100Driver.Done), (nic.CommandUnit, nic.Status(1)));
    }

    // Four blocks that are sent again and again.
    private static void PutEndlessRing(Eepro100Driver nic)
    {
        for (byte i = 0; i < 4; i++)
        {
            nic.PutFrame(i, 0, Eepro100Driver.FrameTo(MacAddress.Default(5), 200, i));
        }

        nic.Board.Store(Eepro100Driver.Block(3) + 4, Eepro100Driver.Block(0));
    }
}
